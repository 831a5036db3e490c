package com.fernmoor.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fernmoor.orders.enrichment.Enrichment;
import com.fernmoor.orders.enrichment.EnrichmentException;
import com.fernmoor.orders.enrichment.EnrichmentService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.http.HttpStatus;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.kafka.test.utils.KafkaTestUtils;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

/** The whole service over HTTP and Kafka. Runs on H2, or on the database that DB_URL names. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureObservability(metrics = false)
@EmbeddedKafka(
        partitions = 2,
        topics = {"orders.accepted.v1", "picks.ready.v1", "shipments.created.v1", "shipments.dispatched.v1"},
        bootstrapServersProperty = "spring.kafka.bootstrap-servers")
class OrderFlowTest {

    private static final Enrichment ENRICHMENT =
            new Enrichment("SILVER", List.of(new Enrichment.Line("SKU-9", "Kettle", 1, 1200)));

    @Autowired TestRestTemplate http;
    @Autowired KafkaTemplate<String, String> kafka;
    @Autowired EmbeddedKafkaBroker broker;
    @Autowired ObjectMapper json;
    @MockitoBean EnrichmentService enrichment;

    private Consumer<String, String> accepted;
    private final List<ConsumerRecord<String, String>> seen = new ArrayList<>();

    @BeforeEach
    void listen() {
        var properties = KafkaTestUtils.consumerProps("test-" + System.nanoTime(), "false", broker);
        properties.put("key.deserializer", org.apache.kafka.common.serialization.StringDeserializer.class);
        accepted = new DefaultKafkaConsumerFactory<String, String>(properties).createConsumer();
        broker.consumeFromAnEmbeddedTopic(accepted, "orders.accepted.v1");
    }

    @AfterEach
    void close() {
        accepted.close();
    }

    @Test
    void anOrderGoesItsWay() throws Exception {
        when(enrichment.enrich(any())).thenReturn(ENRICHMENT);

        long id = place("WEB");
        assertThat(status(id)).isEqualTo("ACCEPTED");

        var record = awaitRecords(id, 1).get(0);
        JsonNode message = json.readTree(record.value());
        assertThat(message.at("/id").asLong()).isEqualTo(id);
        assertThat(message.at("/customerTier").asText()).isEqualTo("SILVER");
        assertThat(message.at("/lines/0/name").asText()).isEqualTo("Kettle");
        assertThat(record.headers().lastHeader("schemaVersion").value()).isEqualTo("1".getBytes());
        assertThat(record.headers().lastHeader("traceparent")).isNotNull();

        kafka.send("picks.ready.v1", "" + id, "{\"orderId\":%d,\"pickId\":5,\"zone\":\"A\",\"status\":\"READY_TO_PICK\"}".formatted(id));
        awaitStatus(id, "READY_TO_PICK");
        kafka.send("shipments.created.v1", "77", "{\"shipmentNo\":77%d,\"orderId\":%d,\"parcelNo\":\"P-1\",\"carrier\":\"DPD\"}".formatted(id, id));
        awaitStatus(id, "IN_SHIPMENT");
        kafka.send("shipments.dispatched.v1", "77", "{\"shipmentNo\":77%d,\"tracking\":\"T-1\",\"dispatchedAt\":\"2026-05-04T08:00:00Z\"}".formatted(id));
        awaitStatus(id, "SHIPPED");
    }

    @Test
    void anOrderWithoutAnswerIsSentAgain() {
        when(enrichment.enrich(any())).thenReturn(ENRICHMENT);

        long id = place("APP");

        awaitRecords(id, 2);
        assertThat(status(id)).isEqualTo("ACCEPTED");
    }

    @Test
    void aFailedEnrichmentIsTriedAgain() {
        when(enrichment.enrich(any())).thenThrow(new EnrichmentException("down")).thenReturn(ENRICHMENT);

        long id = place("STORE");
        assertThat(status(id)).isEqualTo("RECEIVED");

        awaitStatus(id, "ACCEPTED");
        awaitRecords(id, 1);
    }

    @Test
    void anUnreadableReportHoldsUpNoOther() {
        when(enrichment.enrich(any())).thenReturn(ENRICHMENT);
        long id = place("WEB");

        kafka.send("picks.ready.v1", 0, "x", "no json");
        kafka.send("picks.ready.v1", 0, "" + id, "{\"orderId\":%d,\"pickId\":6}".formatted(id));

        awaitStatus(id, "READY_TO_PICK");
    }

    @Test
    void refusesAnOrderWithoutLines() {
        var answer = http.postForEntity("/api/orders", Map.of("customerId", "C-1", "channel", "WEB", "lines", List.of()), String.class);
        assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.BAD_REQUEST);
    }

    @Test
    void cancelsAndSaysSo() {
        when(enrichment.enrich(any())).thenReturn(ENRICHMENT);
        long id = place("WEB");
        http.delete("/api/orders/" + id);
        assertThat(status(id)).isEqualTo("CANCELLED");
        assertThat(http.getForEntity("/api/orders/1", String.class).getStatusCode()).isEqualTo(HttpStatus.NOT_FOUND);
        assertThat(http.getForEntity("/health", String.class).getStatusCode()).isEqualTo(HttpStatus.OK);
    }

    private long place(String channel) {
        var request = Map.of(
                "customerId", "C-10",
                "channel", channel,
                "lines", List.of(Map.of("sku", "SKU-9", "quantity", 1)));
        var answer = http.postForEntity("/api/orders", request, JsonNode.class);
        assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.CREATED);
        return answer.getBody().get("orderId").asLong();
    }

    private String status(long id) {
        return http.getForObject("/api/orders/" + id, JsonNode.class).get("status").asText();
    }

    private void awaitStatus(long id, String status) {
        await().atMost(Duration.ofSeconds(15)).until(() -> status(id), status::equals);
    }

    private List<ConsumerRecord<String, String>> awaitRecords(long id, int count) {
        await().atMost(Duration.ofSeconds(15)).until(() -> {
            accepted.poll(Duration.ofMillis(100)).forEach(seen::add);
            return recordsOf(id).size() >= count;
        });
        return recordsOf(id);
    }

    private List<ConsumerRecord<String, String>> recordsOf(long id) {
        return seen.stream().filter(record -> record.key().equals("" + id)).toList();
    }
}
