package com.fernmoor.orders.enrichment;

record Product(String sku, String name, int weightGrams) {}
