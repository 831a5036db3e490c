package com.fernmoor.orders.enrichment;

import java.util.List;

/** What other services know about an order's customer and goods. */
public record Enrichment(String customerTier, List<Line> lines) {

    public record Line(String sku, String name, int quantity, int weightGrams) {}
}
