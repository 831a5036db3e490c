package com.fernmoor.orders.order;

/** The stations of an order, in the order in which it passes them. */
public enum OrderStatus {
    RECEIVED,
    ACCEPTED,
    READY_TO_PICK,
    IN_SHIPMENT,
    SHIPPED,
    CANCELLED;

    boolean isBefore(OrderStatus other) {
        return compareTo(other) < 0;
    }
}
