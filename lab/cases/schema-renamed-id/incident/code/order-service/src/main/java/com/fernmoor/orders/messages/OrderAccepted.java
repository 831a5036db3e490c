package com.fernmoor.orders.messages;

import java.time.Instant;
import java.util.List;

/** orders.accepted.v1, keyed by order id. */
public record OrderAccepted(
        long id,
        String customerId,
        String customerTier,
        String channel,
        Instant acceptedAt,
        List<Line> lines) {

    public static final String SCHEMA_VERSION = "1";

    public record Line(String sku, String name, int quantity, int weightGrams) {}
}
