package com.fernmoor.orders.resend;

import com.fernmoor.orders.enrichment.Enrichment;
import com.fernmoor.orders.enrichment.EnrichmentService;
import com.fernmoor.orders.order.Order;
import com.fernmoor.orders.order.OrderService;
import com.fernmoor.orders.order.OrderStatus;
import com.fernmoor.orders.outbox.Outbox;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Sends one accepted order again, with data as fresh as at the first time. */
@Component
class Resender {

    private static final Logger log = LoggerFactory.getLogger(Resender.class);

    private final OrderService orders;
    private final EnrichmentService enrichment;
    private final Outbox outbox;
    private final TransactionTemplate transaction;
    private final Clock clock;

    Resender(
            OrderService orders,
            EnrichmentService enrichment,
            Outbox outbox,
            TransactionTemplate transaction,
            Clock clock) {
        this.orders = orders;
        this.enrichment = enrichment;
        this.outbox = outbox;
        this.transaction = transaction;
        this.clock = clock;
    }

    void resend(long id) {
        Enrichment enriched = enrichment.enrich(orders.find(id));
        transaction.executeWithoutResult(status -> {
            Order order = orders.find(id);
            if (order.getStatus() == OrderStatus.ACCEPTED) {
                order.resent(clock.instant());
                outbox.orderAccepted(order, enriched);
                log.info("Order {} is ACCEPTED since {}, sending it again", id, order.getStatusChangedAt());
            }
        });
    }
}
