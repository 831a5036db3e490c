package com.fernmoor.orders.order;

public class OrderNotFoundException extends RuntimeException {

    public OrderNotFoundException(Object key) {
        super("No order " + key);
    }
}
