package dk.nordwind.shop;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class OrderService {

    private static final Logger log = LoggerFactory.getLogger(OrderService.class);

    private final OrderRepository orders;
    private final KafkaTemplate<String, OrderConfirmed> kafka;

    public OrderService(OrderRepository orders, KafkaTemplate<String, OrderConfirmed> kafka) {
        this.orders = orders;
        this.kafka = kafka;
    }

    @Transactional
    public void confirm(Checkout checkout) {
        Order order = orders.insert(checkout, "IN_FULFILMENT");
        log.info("Order {} confirmed for customer {}", order.id(), order.customer());
        kafka.send("order.confirmed", Long.toString(order.id()), OrderConfirmed.of(order, checkout.delivery()));
    }
}
