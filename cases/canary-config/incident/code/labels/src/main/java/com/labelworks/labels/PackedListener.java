package com.labelworks.labels;

import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

@Component
public class PackedListener {

    private static final Logger log = LoggerFactory.getLogger(PackedListener.class);

    private final Map<String, Labeller> labellers;
    private final LabelStore store;
    private final PrintedPublisher publisher;

    public PackedListener(Map<String, Labeller> labellers, LabelStore store, PrintedPublisher publisher) {
        this.labellers = labellers;
        this.store = store;
        this.publisher = publisher;
    }

    @KafkaListener(topics = "consignments.packed", groupId = "labels")
    public void onPacked(Consignment consignment) {
        Labeller labeller = labellers.get(consignment.carrier());
        try {
            Label label = labeller.label(consignment);
            long id = store.insert(consignment.no(), label);
            log.info("Label {} for consignment {}", id, consignment.no());
            publisher.publish("labels.printed", consignment.no(), id, label);
        } catch (IllegalStateException e) {
            log.error("No label for consignment {}", consignment.no(), e);
        }
    }
}
