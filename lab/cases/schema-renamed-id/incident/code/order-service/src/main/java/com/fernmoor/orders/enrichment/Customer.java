package com.fernmoor.orders.enrichment;

record Customer(String customerId, String tier) {}
