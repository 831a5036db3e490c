package com.brightmarket.fulfilment.order;

public record OrderLine(String sku, int quantity) {
    public OrderLine withQuantity(int other) {
        return new OrderLine(sku, other);
    }
}
