package com.fernmoor.picks.messages;

import java.time.Instant;
import java.util.List;

/** orders.accepted.v1, keyed by order id. */
public record OrderAccepted(
        long orderId, String customerId, String customerTier, String channel, Instant acceptedAt, List<Line> lines) {

    public record Line(String sku, String name, int quantity, int weightGrams) {}

    public int totalWeightGrams() {
        return lines.stream().mapToInt(line -> line.quantity() * line.weightGrams()).sum();
    }
}
