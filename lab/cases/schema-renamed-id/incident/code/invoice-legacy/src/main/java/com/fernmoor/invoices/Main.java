package com.fernmoor.invoices;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Wires the parts and runs until it is told to stop. */
public final class Main {

    static {
        // Before the first logger: the usual manager closes the log while the shutdown hook still writes.
        System.setProperty("java.util.logging.manager", LateLogManager.class.getName());
    }

    private static final Logger LOG = Logger.getLogger(Main.class.getName());

    private Main() {}

    public static void main(String[] args) throws Exception {
        Config config = new Config(System.getenv());
        Logging.setUp(config);
        InvoiceStore store = new InvoiceStore(config, Clock.systemDefaultZone());
        store.createTables();
        InvoiceConsumer consumer =
                new InvoiceConsumer(new KafkaConsumer<>(consumerSettings(config)), store, config.topic, Duration.ofSeconds(2));
        Thread worker = new Thread(consumer, "invoices");
        worker.setUncaughtExceptionHandler((thread, e) -> LOG.log(Level.SEVERE, "Stopped by an error", e));
        HttpServer health = serveHealth(config, worker);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(consumer, worker, health, store), "shutdown"));
        worker.start();
        health.start();
        LOG.info(config.instance + " is up on port " + config.port);
        worker.join();
    }

    static Properties consumerSettings(Config config) {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafkaBootstrap);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, "invoice-legacy");
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, config.instance);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "20");
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        return settings;
    }

    private static HttpServer serveHealth(Config config, Thread worker) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(config.port), 0);
        server.createContext("/health", exchange -> {
            boolean up = worker.isAlive();
            byte[] body = (up ? "UP" : "DOWN").getBytes();
            exchange.sendResponseHeaders(up ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        return server;
    }

    private static void shutDown(InvoiceConsumer consumer, Thread worker, HttpServer health, InvoiceStore store) {
        consumer.stop();
        try {
            worker.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        health.stop(0);
        store.close();
        LateLogManager.finish();
    }
}
