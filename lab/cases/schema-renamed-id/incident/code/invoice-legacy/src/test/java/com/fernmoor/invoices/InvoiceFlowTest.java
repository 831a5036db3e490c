package com.fernmoor.invoices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** From the topic to the table. Runs on H2, or on the database that DB_URL names. */
class InvoiceFlowTest {

    private static final EmbeddedKafkaKraftBroker BROKER =
            new EmbeddedKafkaKraftBroker(1, 1, "shipments.dispatched.v1");
    private static final String RUN = "S" + System.currentTimeMillis();

    @BeforeAll
    static void start() {
        BROKER.afterPropertiesSet();
    }

    @AfterAll
    static void stop() {
        BROKER.destroy();
    }

    @Test
    void issuesOneInvoiceForEachShipment() throws Exception {
        Config config = config();
        try (InvoiceStore store = new InvoiceStore(config, Clock.systemDefaultZone())) {
            store.createTables();
            InvoiceConsumer consumer = new InvoiceConsumer(
                    new KafkaConsumer<>(Main.consumerSettings(config)), store, config.topic, Duration.ofMillis(10));
            Thread worker = new Thread(consumer);
            worker.start();

            send("{\"shipmentNo\":\"" + RUN + "-1\",\"tracking\":\"T1\"}");
            send("not json");
            send("{\"shipmentNo\":\"" + RUN + "-2\",\"tracking\":\"T2\"}");
            send("{\"shipmentNo\":\"" + RUN + "-1\",\"tracking\":\"T1\"}");
            List<String> numbers = awaitInvoices(config, 2);
            consumer.stop();
            worker.join(10_000);

            assertEquals(2, numbers.stream().distinct().count());
            assertTrue(numbers.get(0).matches("R\\d{4}-\\d{6}"), numbers.get(0));
        }
    }

    private static Config config() {
        Map<String, String> env = new HashMap<>(System.getenv());
        env.put("KAFKA_BOOTSTRAP", BROKER.getBrokersAsString());
        env.putIfAbsent("DB_URL", "jdbc:h2:mem:invoices;MODE=MariaDB;DB_CLOSE_DELAY=-1;NON_KEYWORDS=VALUE");
        return new Config(env);
    }

    private static void send(String value) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", BROKER.getBrokersAsString());
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("shipments.dispatched.v1", value)).get();
        }
    }

    private static List<String> awaitInvoices(Config config, int count) throws Exception {
        Instant end = Instant.now().plusSeconds(20);
        List<String> numbers = invoices(config);
        while (numbers.size() < count && Instant.now().isBefore(end)) {
            Thread.sleep(100);
            numbers = invoices(config);
        }
        assertEquals(count, numbers.size());
        return numbers;
    }

    private static List<String> invoices(Config config) throws Exception {
        try (Connection c = DriverManager.getConnection(config.dbUrl, config.dbUser, config.dbPassword);
                var select = c.prepareStatement("SELECT invoice_no FROM invoices WHERE shipment_no LIKE ?")) {
            select.setString(1, RUN + "%");
            List<String> numbers = new ArrayList<>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    numbers.add(rows.getString(1));
                }
            }
            return numbers;
        }
    }
}
