package com.fernmoor.orders.order;

import com.fernmoor.orders.enrichment.Enrichment;
import com.fernmoor.orders.enrichment.EnrichmentException;
import com.fernmoor.orders.enrichment.EnrichmentService;
import com.fernmoor.orders.outbox.Outbox;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** What can be done with an order from outside: place it, look at it, cancel it. */
@Service
public class OrderService {

    private static final Logger log = LoggerFactory.getLogger(OrderService.class);

    private final OrderRepository orders;
    private final EnrichmentService enrichment;
    private final Outbox outbox;
    private final TransactionTemplate transaction;
    private final Clock clock;

    public OrderService(
            OrderRepository orders,
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

    /** Keeps the order first, so that it is not lost if it can't be enriched now. */
    public long place(String customerId, String channel, List<OrderLine> lines) {
        Order order = transaction.execute(
                status -> orders.save(new Order(customerId, channel, lines, clock.instant())));
        long id = order.getId();
        try (var ignored = MDC.putCloseable("orderId", String.valueOf(id))) {
            log.info("Received order {} over {} with {} lines", id, channel, lines.size());
            tryAccept(id);
        }
        return id;
    }

    /** Enriches and accepts; what fails here is tried again by the re-send job. */
    public boolean tryAccept(long id) {
        try {
            accept(id);
            return true;
        } catch (EnrichmentException e) {
            log.error("Enrichment of order {} failed, it will be retried", id, e);
            return false;
        }
    }

    private void accept(long id) {
        // The calls to other services stay outside of the transaction.
        Enrichment enriched = enrichment.enrich(find(id));
        transaction.executeWithoutResult(status -> {
            Order order = find(id);
            order.accept(enriched.customerTier(), clock.instant());
            outbox.orderAccepted(order, enriched);
        });
        log.info("Order {} accepted, customer tier {}", id, enriched.customerTier());
    }

    public Order find(long id) {
        return orders.findById(id).orElseThrow(() -> new OrderNotFoundException(id));
    }

    public void cancel(long id) {
        transaction.executeWithoutResult(status -> find(id).cancel(clock.instant()));
        log.info("Order {} cancelled", id);
    }
}
