package com.fernmoor.picks.messaging;

import static net.logstash.logback.argument.StructuredArguments.kv;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.kafka.listener.RetryListener;

/** Says what becomes of records that could not be processed. */
class DeliveryLog implements RetryListener {

    private static final Logger log = LoggerFactory.getLogger(DeliveryLog.class);

    @Override
    public void failedDelivery(ConsumerRecord<?, ?> record, Exception e, int attempt) {
        log.warn(
                "Attempt {} of {} failed: {}",
                attempt,
                kv("record", coordinates(record)),
                NestedExceptionUtils.getMostSpecificCause(e).getMessage());
    }

    @Override
    public void recovered(ConsumerRecord<?, ?> record, Exception e) {
        log.error("{} moved to the dead-letter topic", kv("record", coordinates(record)), e);
    }

    @Override
    public void recoveryFailed(ConsumerRecord<?, ?> record, Exception original, Exception failure) {
        log.error("{} could not be moved to the dead-letter topic", kv("record", coordinates(record)), failure);
    }

    private static String coordinates(ConsumerRecord<?, ?> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}
