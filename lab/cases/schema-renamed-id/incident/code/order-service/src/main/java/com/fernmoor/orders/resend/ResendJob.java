package com.fernmoor.orders.resend;

import com.fernmoor.orders.OrdersProperties;
import com.fernmoor.orders.enrichment.EnrichmentException;
import com.fernmoor.orders.order.OrderRepository;
import com.fernmoor.orders.order.OrderService;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.data.domain.Limit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Looks after orders that don't get on: not enriched yet, or accepted and never answered. */
@Component
class ResendJob {

    private static final Logger log = LoggerFactory.getLogger(ResendJob.class);

    private final OrderRepository orders;
    private final OrderService service;
    private final Resender resender;
    private final OrdersProperties.Resend settings;
    private final Clock clock;

    ResendJob(
            OrderRepository orders,
            OrderService service,
            Resender resender,
            OrdersProperties properties,
            Clock clock) {
        this.orders = orders;
        this.service = service;
        this.resender = resender;
        this.settings = properties.resend();
        this.clock = clock;
    }

    @Scheduled(fixedDelayString = "${orders.resend.every}", initialDelayString = "${orders.resend.every}")
    void run() {
        Instant before = clock.instant().minus(settings.after());
        int enriched = retryEnrichment(before);
        int resent = resendUnanswered(before);
        if (enriched + resent > 0) {
            log.info("Re-send job: {} orders enriched, {} orders sent again", enriched, resent);
        }
    }

    private int retryEnrichment(Instant before) {
        int count = 0;
        for (long id : orders.findNotEnriched(before, Limit.of(settings.batchSize()))) {
            try (var ignored = MDC.putCloseable("orderId", String.valueOf(id))) {
                count += service.tryAccept(id) ? 1 : 0;
            } catch (RuntimeException e) {
                log.warn("Order {} can't be accepted now", id, e);
            }
        }
        return count;
    }

    private int resendUnanswered(Instant before) {
        List<Long> unanswered = orders.findUnanswered(before, Limit.of(settings.batchSize()));
        int count = 0;
        for (long id : unanswered) {
            try (var ignored = MDC.putCloseable("orderId", String.valueOf(id))) {
                resender.resend(id);
                count++;
            } catch (EnrichmentException e) {
                log.error("Enrichment of order {} failed, it is not sent again in this run", id, e);
            } catch (RuntimeException e) {
                log.warn("Order {} can't be sent again now", id, e);
            }
        }
        return count;
    }
}
