package shop.orders;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

@Component
class OrderEvents {
    private final KafkaTemplate<String, OrderPlaced> template;
    private final String placed;

    OrderEvents(KafkaTemplate<String, OrderPlaced> template, @Value("${app.kafka.topics.placed}") String placed) {
        this.template = template;
        this.placed = placed;
    }

    void publish(CustomerOrder order) {
        template.send(placed, order.id().toString(), new OrderPlaced(order));
    }

    @RetryableTopic(attempts = "3")
    @KafkaListener(topics = "${app.kafka.topics.stock-reserved}")
    void onReserved(StockReserved event) {
        orders.findById(event.orderId()).ifPresent(CustomerOrder::reserved);
    }

    @Scheduled(fixedDelayString = "PT1M")
    void resend() {
        orders.findByStatus(OrderStatus.PLACED).forEach(this::publish);
    }
}
