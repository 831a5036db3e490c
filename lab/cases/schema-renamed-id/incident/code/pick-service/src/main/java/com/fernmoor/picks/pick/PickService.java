package com.fernmoor.picks.pick;

import static net.logstash.logback.argument.StructuredArguments.kv;

import com.fernmoor.picks.messages.OrderAccepted;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class PickService {

    private static final Logger log = LoggerFactory.getLogger(PickService.class);

    private final PickRepository picks;
    private final Warehouse warehouse;
    private final Clock clock;

    public PickService(PickRepository picks, Warehouse warehouse, Clock clock) {
        this.picks = picks;
        this.warehouse = warehouse;
        this.clock = clock;
    }

    /** Orders are sent again until they are answered, so a known one gets the pick that it has. */
    @Transactional
    public Pick pickFor(OrderAccepted order) {
        Optional<Pick> known = picks.findByOrderId(order.orderId());
        if (known.isPresent()) {
            log.info("Order has its pick already, {} {}", kv("orderId", order.orderId()), kv("pickId", known.get().id()));
            return known.get();
        }
        return create(order);
    }

    @Transactional(readOnly = true)
    public Optional<Pick> find(long orderId) {
        return picks.findByOrderId(orderId);
    }

    private Pick create(OrderAccepted order) {
        int priority = warehouse.priorityFor(order.customerTier());
        String zone = warehouse.zoneFor(order.totalWeightGrams());
        var pick = new Pick(
                picks.nextId(), order.orderId(), zone, priority, Pick.READY_TO_PICK, clock.instant());
        picks.insert(pick);
        picks.insertLines(pick.id(), order.lines());
        log.info(
                "Pick created, {} {} {}",
                kv("orderId", order.orderId()),
                kv("pickId", pick.id()),
                kv("zone", zone));
        return pick;
    }
}
