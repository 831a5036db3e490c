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
    private final HallDisplays displays;
    private final String topic;

    PickReadyPublisher(KafkaTemplate<String, Object> kafka, HallDisplays displays, PicksProperties properties) {
        this.kafka = kafka;
        this.displays = displays;
        this.topic = properties.topics().pickReady();
    }

    /** Returns when the broker has it. */
    void publish(Pick pick) {
        try {
            displays.call(pick);
            var message = new PickReady(pick.orderId(), pick.id(), pick.zone(), pick.status());
            var sent = kafka.send(topic, String.valueOf(pick.orderId()), message).join();
            log.info("Pick {} reported as {}", pick.id(), sent.getRecordMetadata());
        } catch (CompletionException e) {
            throw new KafkaException("Pick " + pick.id() + " could not be reported", e.getCause());
        } catch (RuntimeException e) {
            // a display that is off must not keep a pick back
            log.debug("No display for pick {}", pick.id(), e);
        }
    }
}
