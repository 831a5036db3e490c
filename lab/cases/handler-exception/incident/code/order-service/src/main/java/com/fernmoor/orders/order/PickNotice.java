package com.fernmoor.orders.order;

import java.util.Map;
import org.springframework.stereotype.Component;

/** What a customer reads when the warehouse starts with the order. */
@Component
class PickNotice {

    private static final Map<String, String> TEXTS = Map.of(
            "WEB", "We are packing your order %d.",
            "APP", "Order %d is being packed.",
            "STORE", "Your order %d will be at the store soon.",
            "KIOSK", "Order %d will be at the counter in a moment.");

    String textFor(Order order) {
        return TEXTS.get(order.getChannel()).formatted(order.getId());
    }
}
