package com.brightcart.order;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

@Component
public class OrderPublisher {

    private static final Logger log = LoggerFactory.getLogger(OrderPublisher.class);
    private static final String TOPIC = "orders.accepted.v1";

    private final KafkaTemplate<String, String> kafka;
    private final ObjectMapper json;

    public OrderPublisher(KafkaTemplate<String, String> kafka, ObjectMapper json) {
        this.kafka = kafka;
        this.json = json;
    }

    public void publish(EnrichedOrder order) {
        kafka.send(TOPIC, Long.toString(order.orderId()), json.valueToTree(order).toString());
        log.debug("Published order {} to {}", order.orderId(), TOPIC);
    }
}
