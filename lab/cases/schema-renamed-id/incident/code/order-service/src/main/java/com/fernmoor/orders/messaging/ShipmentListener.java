package com.fernmoor.orders.messaging;

import com.fernmoor.orders.messages.ShipmentCreated;
import com.fernmoor.orders.messages.ShipmentDispatched;
import com.fernmoor.orders.order.OrderProgress;
import org.slf4j.MDC;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

@Component
class ShipmentListener {

    private final OrderProgress progress;

    ShipmentListener(OrderProgress progress) {
        this.progress = progress;
    }

    /** May overtake the warehouse's report; then the error handler tries again a little later. */
    @KafkaListener(id = "shipment-created", idIsGroup = false, topics = "${orders.topics.shipment-created}")
    void onCreated(ShipmentCreated message) {
        try (var ignored = MDC.putCloseable("orderId", String.valueOf(message.orderId()))) {
            progress.inShipment(message.orderId(), message.shipmentNo());
        }
    }

    /** May overtake the other message of the same shipment; the same goes for it. */
    @KafkaListener(id = "shipment-dispatched", idIsGroup = false, topics = "${orders.topics.shipment-dispatched}")
    void onDispatched(ShipmentDispatched message) {
        progress.shipped(message.shipmentNo(), message.tracking());
    }
}
