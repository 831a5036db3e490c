package com.fernmoor.invoices;

import java.util.Map;

/** What the service is told by its environment. */
final class Config {

    final String kafkaBootstrap;
    final String dbUrl;
    final String dbUser;
    final String dbPassword;
    final int port;
    final String instance;
    final String logDir;
    final String topic;

    Config(Map<String, String> env) {
        kafkaBootstrap = env.getOrDefault("KAFKA_BOOTSTRAP", "localhost:9092");
        dbUrl = env.getOrDefault("DB_URL", "jdbc:mariadb://localhost:3306/invoices");
        dbUser = env.getOrDefault("DB_USER", "invoices");
        dbPassword = env.getOrDefault("DB_PASSWORD", "invoices");
        port = Integer.parseInt(env.getOrDefault("PORT", "8086"));
        instance = env.getOrDefault("INSTANCE", "invoice-legacy-1");
        logDir = env.getOrDefault("LOG_DIR", "logs");
        topic = env.getOrDefault("INVOICE_TOPIC", "shipments.dispatched.v1");
    }
}
