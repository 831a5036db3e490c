package com.fernmoor.picks.messaging;

import com.fernmoor.picks.PicksProperties;
import com.fernmoor.picks.messages.PickReady;
import com.fernmoor.picks.pick.Pick;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

@Component
class PickReadyPublisher {

    private static final Logger log = LoggerFactory.getLogger(PickReadyPublisher.class);

    private final KafkaTemplate<String, Object> kafka;
    private final String topic;

    PickReadyPublisher(KafkaTemplate<String, Object> kafka, PicksProperties properties) {
        this.kafka = kafka;
        this.topic = properties.topics().pickReady();
    }

    /** Returns when the broker has it. */
    void publish(Pick pick) {
        var message = new PickReady(pick.orderId(), pick.id(), pick.zone(), pick.status());
        try {
            var sent = kafka.send(topic, String.valueOf(pick.orderId()), message).join();
            log.info("Pick {} reported as {}", pick.id(), sent.getRecordMetadata());
        } catch (CompletionException e) {
            throw new KafkaException("Pick " + pick.id() + " could not be reported", e.getCause());
        }
    }
}
