package com.fernmoor.invoices;

import com.google.gson.JsonParseException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.WakeupException;

/** Reads dispatches and issues an invoice for each. */
final class InvoiceConsumer implements Runnable {

    private static final Logger LOG = Logger.getLogger(InvoiceConsumer.class.getName());
    private static final int ATTEMPTS = 5;

    private final Consumer<String, String> consumer;
    private final InvoiceStore store;
    private final String topic;
    private final Duration pause;
    private volatile boolean stopped;

    InvoiceConsumer(Consumer<String, String> consumer, InvoiceStore store, String topic, Duration pause) {
        this.consumer = consumer;
        this.store = store;
        this.topic = topic;
        this.pause = pause;
    }

    @Override
    public void run() {
        consumer.subscribe(List.of(topic));
        LOG.info("Waiting for dispatches on " + topic);
        try {
            while (!stopped) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(1));
                for (ConsumerRecord<String, String> record : records) {
                    process(record);
                }
                if (!records.isEmpty()) {
                    consumer.commitSync();
                }
            }
        } catch (WakeupException e) {
            if (!stopped) {
                throw e;
            }
        } finally {
            consumer.close();
            LOG.info("Stopped");
        }
    }

    void stop() {
        stopped = true;
        consumer.wakeup();
    }

    private void process(ConsumerRecord<String, String> record) {
        Dispatch dispatch;
        try {
            dispatch = Dispatch.parse(record.value());
        } catch (JsonParseException e) {
            LOG.log(Level.WARNING, "Unreadable record at " + place(record) + ", left out: " + e.getMessage());
            return;
        }
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                issue(dispatch);
                return;
            } catch (SQLException e) {
                LOG.log(
                        Level.SEVERE,
                        "No invoice for " + place(record) + " (attempt " + attempt + " of " + ATTEMPTS + ")",
                        e);
                sleep();
            }
        }
        LOG.severe("Gave up on " + place(record) + ", to be invoiced by hand");
    }

    private void issue(Dispatch dispatch) throws SQLException {
        Optional<String> number = store.issue(dispatch.shipmentNo());
        if (number.isPresent()) {
            LOG.info("Invoice " + number.get() + " issued for shipment " + dispatch.shipmentNo());
        } else {
            LOG.fine("Shipment " + dispatch.shipmentNo() + " has its invoice");
        }
    }

    private void sleep() {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
        }
    }

    private static String place(ConsumerRecord<String, String> record) {
        return record.topic() + "[" + record.partition() + "]:" + record.offset();
    }
}
