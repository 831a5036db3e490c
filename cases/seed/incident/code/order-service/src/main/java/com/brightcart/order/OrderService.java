package com.brightcart.order;

import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Takes orders in, enriches them with product and customer data, and hands them to the warehouse. */
@Service
public class OrderService {

    private static final Logger log = LoggerFactory.getLogger(OrderService.class);

    private final OrderRepository orders;
    private final CatalogClient catalog;
    private final OrderPublisher publisher;
    private final Clock clock;

    public OrderService(OrderRepository orders, CatalogClient catalog, OrderPublisher publisher, Clock clock) {
        this.orders = orders;
        this.catalog = catalog;
        this.publisher = publisher;
        this.clock = clock;
    }

    @Transactional
    public Order accept(OrderRequest request) {
        Order order = orders.insert(request, "ACCEPTED", clock.instant());
        log.info("Order {} accepted: {} lines for customer {}", order.id(), order.lines().size(), order.customerId());
        return order;
    }

    /** Enriches the order and publishes it; whoever calls this retries on failure. */
    public boolean enrichAndPublish(Order order, int attempt) {
        EnrichedOrder enriched;
        try {
            enriched = catalog.enrich(order);
        } catch (CatalogException e) {
            log.error("Enrichment of order {} failed (attempt {}): product and customer data incomplete", order.id(), attempt, e);
            return false;
        }
        publisher.publish(enriched);
        return true;
    }

    @Transactional
    public void markReady(long orderId, String pickNo) {
        orders.updateStatus(orderId, "READY_TO_PICK", clock.instant());
        log.info("Order {} is READY_TO_PICK (pick {})", orderId, pickNo);
    }

    @Transactional
    public void markShipped(long orderId, String trackingNo) {
        orders.updateStatus(orderId, "SHIPPED", clock.instant());
        log.info("Order {} is SHIPPED, tracking {}", orderId, trackingNo);
    }
}
