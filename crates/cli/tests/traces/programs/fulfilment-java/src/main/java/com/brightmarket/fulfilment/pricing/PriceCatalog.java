package com.brightmarket.fulfilment.pricing;

import java.util.HashMap;
import java.util.Map;

public class PriceCatalog {
    private final Map<String, Integer> cents = new HashMap<>();

    public PriceCatalog() {
        cents.put("LAMP-1", 1999);
        cents.put("DESK-2", 18900);
        cents.put("CORD-9", 450);
    }

    public Integer priceOf(String sku) {
        return cents.get(sku);
    }
}
