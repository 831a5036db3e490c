package com.fernmoor.orders.outbox;

import com.fernmoor.orders.OrdersProperties;
import com.fernmoor.orders.messages.OrderAccepted;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.support.SendResult;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Sends what is in the outbox, oldest first, and remembers what was sent. */
@Component
class OutboxRelay {

    private static final Logger log = LoggerFactory.getLogger(OutboxRelay.class);

    private final OutboxRepository entries;
    private final KafkaTemplate<String, String> kafka;
    private final OrdersProperties properties;
    private final Clock clock;
    private final String source;

    OutboxRelay(
            OutboxRepository entries,
            KafkaTemplate<String, String> kafka,
            OrdersProperties properties,
            Clock clock,
            @Value("${spring.application.name}") String source) {
        this.entries = entries;
        this.kafka = kafka;
        this.properties = properties;
        this.clock = clock;
        this.source = source;
    }

    @Scheduled(fixedDelayString = "${orders.outbox.poll-every}")
    @Transactional
    public void sendPending() {
        List<OutboxEntry> pending = entries.lockUnpublished(properties.outbox().batchSize());
        List<CompletableFuture<SendResult<String, String>>> sends = new ArrayList<>();
        for (OutboxEntry entry : pending) {
            sends.add(send(entry));
        }
        for (int i = 0; i < pending.size(); i++) {
            confirm(pending.get(i), sends.get(i));
        }
    }

    /** What fails at once, as a record that is too large does, is reported like what fails later. */
    private CompletableFuture<SendResult<String, String>> send(OutboxEntry entry) {
        try {
            return kafka.send(toRecord(entry));
        } catch (KafkaException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void confirm(OutboxEntry entry, CompletableFuture<SendResult<String, String>> send) {
        try {
            var sent = send.join().getRecordMetadata();
            entry.published(clock.instant());
            log.info("Outbox entry {} sent to {}", entry.getId(), sent);
        } catch (CompletionException e) {
            log.error("Outbox entry {} not sent to {}, next try follows", entry.getId(), entry.getTopic(), e.getCause());
        }
    }

    private ProducerRecord<String, String> toRecord(OutboxEntry entry) {
        var record = new ProducerRecord<>(
                entry.getTopic(), String.valueOf(entry.getAggregateId()), entry.getPayload());
        header(record, "source", source);
        header(record, "schemaVersion", OrderAccepted.SCHEMA_VERSION);
        if (entry.getTraceParent() != null) {
            header(record, "traceparent", entry.getTraceParent());
        }
        return record;
    }

    private static void header(ProducerRecord<String, String> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
