package com.fernmoor.orders.order;

import jakarta.persistence.Embeddable;

@Embeddable
public record OrderLine(String sku, int quantity) {}
