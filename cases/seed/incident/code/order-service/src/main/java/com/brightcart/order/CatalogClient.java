package com.brightcart.order;

import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

@Component
public class CatalogClient {

    private final RestClient http;

    public CatalogClient(RestClient.Builder builder) {
        this.http = builder.baseUrl("http://catalog-service:8080").build();
    }

    public EnrichedOrder enrich(Order order) {
        try {
            List<Product> products = http.post().uri("/v1/products:lookup").body(order.skus()).retrieve().body(Product.LIST);
            Customer customer = http.get().uri("/v1/customers/{id}", order.customerId()).retrieve().body(Customer.class);
            return EnrichedOrder.of(order, products, customer);
        } catch (RestClientException e) {
            throw new CatalogException("no product data for order " + order.id(), e);
        }
    }
}
