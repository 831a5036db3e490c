package com.fernmoor.picks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.kafka.test.utils.KafkaTestUtils;

/** The whole service over Kafka. Runs on H2, or on the database that DB_URL names. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureObservability(metrics = false)
@EmbeddedKafka(
        partitions = 2,
        topics = {"orders.accepted.v1", "orders.accepted.v1.dlt", "picks.ready.v1"},
        bootstrapServersProperty = "spring.kafka.bootstrap-servers")
class PickFlowTest {

    private static final AtomicLong ORDER_IDS = new AtomicLong(System.currentTimeMillis());

    @Autowired KafkaTemplate<String, Object> kafka;
    @Autowired EmbeddedKafkaBroker broker;
    @Autowired TestRestTemplate http;
    @Autowired ObjectMapper json;
    @Autowired JdbcClient jdbc;

    private final long orderId = ORDER_IDS.incrementAndGet();
    private final List<ConsumerRecord<String, String>> seen = new ArrayList<>();
    private Consumer<String, String> consumer;

    @BeforeEach
    void listen() {
        var properties = KafkaTestUtils.consumerProps("test-" + System.nanoTime(), "false", broker);
        properties.put("key.deserializer", StringDeserializer.class);
        consumer = new DefaultKafkaConsumerFactory<String, String>(properties).createConsumer();
        broker.consumeFromEmbeddedTopics(consumer, "picks.ready.v1", "orders.accepted.v1.dlt");
    }

    @AfterEach
    void close() {
        consumer.close();
    }

    @Test
    void anAcceptedOrderGetsAPickAndAnAnswer() throws Exception {
        send(order("GOLD", 800));

        JsonNode answer = json.readTree(awaitRecords("picks.ready.v1", 1).get(0).value());
        assertThat(answer.at("/orderId").asLong()).isEqualTo(orderId);
        assertThat(answer.at("/zone").asText()).isEqualTo("A");
        assertThat(answer.at("/status").asText()).isEqualTo("READY_TO_PICK");

        var pick = http.getForObject("/api/picks?orderId=" + orderId, JsonNode.class);
        assertThat(pick.at("/id").asLong()).isEqualTo(answer.at("/pickId").asLong());
        assertThat(pick.at("/priority").asInt()).isEqualTo(1);
    }

    @Test
    void anOrderThatIsSentAgainIsAnsweredAgain() throws Exception {
        send(order("STANDARD", 5000));
        send(order("STANDARD", 5000));

        var answers = awaitRecords("picks.ready.v1", 2);
        assertThat(answers.get(0).value()).isEqualTo(answers.get(1).value());
        assertThat(count("picks")).isEqualTo(1);
        assertThat(count("pick_lines pl JOIN picks p ON p.id = pl.pick_id")).isEqualTo(1);
    }

    @Test
    void whatCanNotBePickedIsADeadLetter() {
        send(order("PLATINUM", 800));

        var letter = awaitRecords("orders.accepted.v1.dlt", 1).get(0);
        assertThat(letter.value()).contains("\"orderId\":" + orderId);
        assertThat(new String(letter.headers().lastHeader("kafka_dlt-exception-message").value(), StandardCharsets.UTF_8))
                .contains("PLATINUM");
        assertThat(count("picks")).isZero();
    }

    @Test
    void whatCanNotBeReadIsADeadLetterAsItIs() {
        send("{\"orderId\":\"many\"}".getBytes(StandardCharsets.UTF_8));
        send(order("SILVER", 8000));

        assertThat(awaitRecords("orders.accepted.v1.dlt", 1).get(0).value()).isEqualTo("{\"orderId\":\"many\"}");
        assertThat(awaitRecords("picks.ready.v1", 1).get(0).value()).contains("\"zone\":\"B\"");
    }

    @Test
    void isHealthy() {
        assertThat(http.getForEntity("/health", String.class).getStatusCode()).isEqualTo(HttpStatus.OK);
    }

    private byte[] order(String tier, int weightGrams) {
        return """
                {"orderId":%d,"customerId":"C-1","customerTier":"%s","channel":"WEB","acceptedAt":"2026-05-04T08:00:00Z",
                 "lines":[{"sku":"SKU-1","name":"Lamp","quantity":1,"weightGrams":%d}]}"""
                .formatted(orderId, tier, weightGrams)
                .getBytes(StandardCharsets.UTF_8);
    }

    private void send(byte[] value) {
        kafka.send("orders.accepted.v1", "" + orderId, value);
    }

    private int count(String from) {
        return jdbc.sql("SELECT count(*) FROM " + from + " WHERE order_id = ?").param(orderId).query(Integer.class).single();
    }

    private List<ConsumerRecord<String, String>> awaitRecords(String topic, int count) {
        await().atMost(Duration.ofSeconds(15)).until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(seen::add);
            return records(topic).size() >= count;
        });
        return records(topic);
    }

    private List<ConsumerRecord<String, String>> records(String topic) {
        return seen.stream()
                .filter(record -> record.topic().equals(topic) && record.key().equals("" + orderId))
                .toList();
    }
}
