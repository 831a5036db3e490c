package com.brightcart.order;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Picks up orders that have stayed in ACCEPTED for too long and sends them again. */
@Component
public class ResendJob {

    private static final Logger log = LoggerFactory.getLogger(ResendJob.class);
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final OrderRepository orders;
    private final OrderService service;
    private final Clock clock;

    public ResendJob(OrderRepository orders, OrderService service, Clock clock) {
        this.orders = orders;
        this.service = service;
        this.clock = clock;
    }

    @Scheduled(cron = "0 */10 * * * *")
    public void resend() {
        List<Order> waiting = orders.findByStatusOlderThan("ACCEPTED", clock.instant().minus(PATIENCE));
        if (waiting.isEmpty()) {
            return;
        }
        log.warn("{} orders still ACCEPTED after {} minutes, sending them again", waiting.size(), PATIENCE.toMinutes());
        for (Order order : waiting) {
            orders.touch(order.id(), clock.instant());
            // ORD-2291: data may have been incomplete at the first attempt, so enrich anew before sending
            service.enrichAndPublish(order, order.resends() + 1);
        }
    }
}
