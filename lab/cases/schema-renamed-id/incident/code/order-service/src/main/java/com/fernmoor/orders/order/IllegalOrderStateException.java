package com.fernmoor.orders.order;

public class IllegalOrderStateException extends RuntimeException {

    public IllegalOrderStateException(Long orderId, OrderStatus status) {
        super("Order " + orderId + " is " + status);
    }
}
