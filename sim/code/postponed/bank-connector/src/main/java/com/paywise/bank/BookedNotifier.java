package com.paywise.bank;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/** Tells payouts which transfers the bank has booked. */
@Component
public class BookedNotifier {

    private static final Logger log = LoggerFactory.getLogger(BookedNotifier.class);
    private static final String TOPIC = "transfers.booked";

    private final KafkaTemplate<String, BookedEvent> kafka;

    public BookedNotifier(KafkaTemplate<String, BookedEvent> kafka) {
        this.kafka = kafka;
    }

    public void notifyBooked(Transfer transfer) throws InterruptedException {
        try {
            kafka.send(TOPIC, Long.toString(transfer.no()), BookedEvent.of(transfer)).get(125, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.info("notification for transfer {} postponed: {}", transfer.no(), e.getCause().toString());
        }
    }
}
