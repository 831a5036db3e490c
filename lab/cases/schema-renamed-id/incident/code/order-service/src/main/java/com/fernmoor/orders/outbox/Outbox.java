package com.fernmoor.orders.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fernmoor.orders.OrdersProperties;
import com.fernmoor.orders.enrichment.Enrichment;
import com.fernmoor.orders.messages.OrderAccepted;
import com.fernmoor.orders.order.Order;
import io.micrometer.tracing.Tracer;
import java.time.Clock;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Writes messages to be sent, as part of the caller's transaction. */
@Component
public class Outbox {

    private final OutboxRepository entries;
    private final ObjectMapper json;
    private final Tracer tracer;
    private final OrdersProperties properties;
    private final Clock clock;

    public Outbox(
            OutboxRepository entries,
            ObjectMapper json,
            Tracer tracer,
            OrdersProperties properties,
            Clock clock) {
        this.entries = entries;
        this.json = json;
        this.tracer = tracer;
        this.properties = properties;
        this.clock = clock;
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void orderAccepted(Order order, Enrichment enrichment) {
        var lines = enrichment.lines().stream()
                .map(line -> new OrderAccepted.Line(line.sku(), line.name(), line.quantity(), line.weightGrams()))
                .toList();
        var message = new OrderAccepted(
                order.getId(),
                order.getCustomerId(),
                enrichment.customerTier(),
                order.getChannel(),
                order.getStatusChangedAt(),
                lines);
        entries.save(new OutboxEntry(
                order.getId(), properties.topics().accepted(), write(message), traceParent(), clock.instant()));
    }

    private String write(Object message) {
        try {
            return json.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Message can't be written as JSON", e);
        }
    }

    private String traceParent() {
        var span = tracer.currentSpan();
        if (span == null) {
            return null;
        }
        return "00-%s-%s-01".formatted(span.context().traceId(), span.context().spanId());
    }
}
