package com.brightcart.pick;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/** Turns accepted orders into picks and tells the shop that they are ready. */
@Component
public class PickConsumer {

    private static final Logger log = LoggerFactory.getLogger(PickConsumer.class);

    private final PickStore store;
    private final ZonePlanner zones;
    private final KafkaTemplate<String, String> kafka;
    private final ObjectMapper json;

    public PickConsumer(PickStore store, ZonePlanner zones, KafkaTemplate<String, String> kafka, ObjectMapper json) {
        this.store = store;
        this.zones = zones;
        this.kafka = kafka;
        this.json = json;
    }

    @KafkaListener(topics = "orders.accepted.v1", groupId = "pick-service")
    public void onOrderAccepted(ConsumerRecord<String, String> record) throws Exception {
        JsonNode order = json.readTree(record.value());
        long orderId = order.get("orderId").asLong();
        log.info("Planning pick for order {} ({} lines)", orderId, order.get("lines").size());
        if (store.alreadyReady(orderId)) {
            log.info("Order {} has been planned before, nothing to do", orderId);
            return;
        }
        String zone = zones.zoneFor(order);
        String pickNo = store.insert(orderId, zone);
        kafka.send("picks.ready.v1", record.key(), PickReady.of(orderId, pickNo, zone).toJson());
        log.info("Pick {} for order {} is ready in zone {}", pickNo, orderId, zone);
    }
}
