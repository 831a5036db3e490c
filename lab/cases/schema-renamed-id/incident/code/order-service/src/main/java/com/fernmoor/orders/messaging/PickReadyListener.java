package com.fernmoor.orders.messaging;

import com.fernmoor.orders.messages.PickReady;
import com.fernmoor.orders.order.OrderProgress;
import org.slf4j.MDC;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

@Component
class PickReadyListener {

    private final OrderProgress progress;

    PickReadyListener(OrderProgress progress) {
        this.progress = progress;
    }

    @KafkaListener(id = "pick-ready", idIsGroup = false, topics = "${orders.topics.pick-ready}")
    void onPickReady(PickReady message) {
        try (var ignored = MDC.putCloseable("orderId", String.valueOf(message.orderId()))) {
            progress.readyToPick(message.orderId(), message.pickId());
        }
    }
}
