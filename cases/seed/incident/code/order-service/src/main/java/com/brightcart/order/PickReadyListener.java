package com.brightcart.order;

import com.fasterxml.jackson.databind.JsonNode;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

@Component
public class PickReadyListener {

    private final OrderService service;

    public PickReadyListener(OrderService service) {
        this.service = service;
    }

    @KafkaListener(topics = "picks.ready.v1", groupId = "order-service")
    public void onReady(JsonNode event) {
        service.markReady(event.get("orderId").asLong(), event.get("pickNo").asText());
    }

    @KafkaListener(topics = "shipments.dispatched.v1", groupId = "order-service")
    public void onDispatched(JsonNode event) {
        service.markShipped(event.get("orderId").asLong(), event.get("trackingNo").asText());
    }
}
