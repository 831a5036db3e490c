package com.fernmoor.picks.messaging;

import com.fernmoor.picks.messages.OrderAccepted;
import com.fernmoor.picks.pick.Pick;
import com.fernmoor.picks.pick.PickService;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

@Component
class OrderAcceptedListener {

    private final PickService picks;
    private final PickReadyPublisher publisher;

    OrderAcceptedListener(PickService picks, PickReadyPublisher publisher) {
        this.picks = picks;
        this.publisher = publisher;
    }

    /** Answers after the pick is committed; if the answer fails, the record comes again and finds its pick. */
    @KafkaListener(id = "orders-accepted", idIsGroup = false, topics = "${picks.topics.orders-accepted}")
    void onOrderAccepted(OrderAccepted order) {
        Pick pick = picks.pickFor(order);
        publisher.publish(pick);
    }
}
