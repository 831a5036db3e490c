package com.fernmoor.orders.enrichment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.requestTo;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withResourceNotFound;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withServiceUnavailable;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withSuccess;

import com.fernmoor.orders.OrdersProperties;
import com.fernmoor.orders.order.Order;
import com.fernmoor.orders.order.OrderLine;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.web.client.RestClient;

class EnrichmentServiceTest {

    private static final OrdersProperties PROPERTIES =
            new OrdersProperties(null, URI.create("http://products"), URI.create("http://customers"), null, null);

    private final RestClient.Builder http = RestClient.builder();
    private final MockRestServiceServer server = MockRestServiceServer.bindTo(http).build();
    private final EnrichmentService enrichment = new EnrichmentService(
            new ProductClient(http.clone(), PROPERTIES), new CustomerClient(http.clone(), PROPERTIES));

    private final Order order = new Order("C-7", "WEB", List.of(new OrderLine("SKU-1", 3)), Instant.EPOCH);

    @Test
    void addsTierAndGoods() {
        server.expect(requestTo("http://customers/customers/C-7"))
                .andRespond(withSuccess("{\"customerId\":\"C-7\",\"name\":\"A\",\"tier\":\"GOLD\"}", MediaType.APPLICATION_JSON));
        server.expect(requestTo("http://products/products/SKU-1"))
                .andRespond(withSuccess("{\"sku\":\"SKU-1\",\"name\":\"Lamp\",\"weightGrams\":900}", MediaType.APPLICATION_JSON));

        assertThat(enrichment.enrich(order))
                .isEqualTo(new Enrichment("GOLD", List.of(new Enrichment.Line("SKU-1", "Lamp", 3, 900))));
    }

    @Test
    void saysWhichProductIsUnknown() {
        server.expect(requestTo("http://customers/customers/C-7"))
                .andRespond(withSuccess("{\"customerId\":\"C-7\",\"tier\":\"GOLD\"}", MediaType.APPLICATION_JSON));
        server.expect(requestTo("http://products/products/SKU-1")).andRespond(withResourceNotFound());

        assertThatThrownBy(() -> enrichment.enrich(order))
                .isInstanceOf(EnrichmentException.class)
                .hasMessage("No product SKU-1 in product-service");
    }

    @Test
    void wrapsAnOutage() {
        server.expect(requestTo("http://customers/customers/C-7")).andRespond(withServiceUnavailable());

        assertThatThrownBy(() -> enrichment.enrich(order))
                .isInstanceOf(EnrichmentException.class)
                .hasMessageContaining("C-7")
                .hasRootCauseInstanceOf(org.springframework.web.client.HttpServerErrorException.class);
    }
}
