package com.fernmoor.orders.order;

import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Applies what the warehouse and shipping report back. Every step may arrive more than once. */
@Service
public class OrderProgress {

    private static final Logger log = LoggerFactory.getLogger(OrderProgress.class);

    private final OrderRepository orders;
    private final Clock clock;

    public OrderProgress(OrderRepository orders, Clock clock) {
        this.orders = orders;
        this.clock = clock;
    }

    @Transactional
    public void readyToPick(long orderId, long pickId) {
        Order order = orders.findById(orderId).orElseThrow(() -> new OrderNotFoundException(orderId));
        if (order.readyToPick(clock.instant())) {
            log.info("Order {} is ready to pick as pick {}", orderId, pickId);
        } else {
            log.info("Order {} is {} already, pick {} changes nothing", orderId, order.getStatus(), pickId);
        }
    }

    @Transactional
    public void inShipment(long orderId, String shipmentNo) {
        Order order = orders.findById(orderId).orElseThrow(() -> new OrderNotFoundException(orderId));
        if (order.inShipment(shipmentNo, clock.instant())) {
            log.info("Order {} goes out with shipment {}", orderId, shipmentNo);
        } else {
            log.info("Order {} is {} already, shipment {} changes nothing", orderId, order.getStatus(), shipmentNo);
        }
    }

    @Transactional
    public void shipped(String shipmentNo, String tracking) {
        Order order = orders.findByShipmentNo(shipmentNo)
                .orElseThrow(() -> new OrderNotFoundException("with shipment " + shipmentNo));
        if (order.shipped(clock.instant())) {
            log.info("Shipment {} left the house, tracking {}", shipmentNo, tracking);
        }
    }
}
