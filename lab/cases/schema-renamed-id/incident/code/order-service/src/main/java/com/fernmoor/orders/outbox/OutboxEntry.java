package com.fernmoor.orders.outbox;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A message that is written with the change it tells of, and sent afterwards. */
@Entity
@Table(name = "outbox")
class OutboxEntry {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Long id;

    private long aggregateId;
    private String topic;
    private String payload;
    private String traceParent;
    private Instant createdAt;
    private Instant publishedAt;

    protected OutboxEntry() {}

    OutboxEntry(long aggregateId, String topic, String payload, String traceParent, Instant createdAt) {
        this.aggregateId = aggregateId;
        this.topic = topic;
        this.payload = payload;
        this.traceParent = traceParent;
        this.createdAt = createdAt;
    }

    void published(Instant now) {
        publishedAt = now;
    }

    Long getId() {
        return id;
    }

    long getAggregateId() {
        return aggregateId;
    }

    String getTopic() {
        return topic;
    }

    String getPayload() {
        return payload;
    }

    String getTraceParent() {
        return traceParent;
    }

    Instant getPublishedAt() {
        return publishedAt;
    }
}
