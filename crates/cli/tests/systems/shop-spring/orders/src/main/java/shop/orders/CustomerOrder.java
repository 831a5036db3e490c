package shop.orders;

import jakarta.persistence.*;
import java.util.UUID;

@Entity
@Table(name = "customer_order")
public class CustomerOrder {
    @Id
    private UUID id;
    @Column(nullable = false, unique = true)
    private String number;
    @Enumerated(EnumType.STRING)
    private OrderStatus status = OrderStatus.PLACED;

    public void reserved() {
        this.status = OrderStatus.RESERVED;
    }
}
