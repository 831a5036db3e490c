package com.fernmoor.orders.order;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

public interface OrderRepository extends JpaRepository<Order, Long> {

    Optional<Order> findByShipmentNo(String shipmentNo);

    /** Version 0 is the order as it came in, version 1 as it was accepted. */
    @Modifying
    @Query(
            value = """
                    UPDATE orders
                    SET status = 'READY_TO_PICK', version = 2, status_changed_at = :now, updated_at = :now
                    WHERE id = :orderId AND version = 1""",
            nativeQuery = true)
    int readyToPick(long orderId, Instant now);

    @Query("""
            select o.id from Order o
            where o.status = com.fernmoor.orders.order.OrderStatus.RECEIVED and o.createdAt < :before
            order by o.id""")
    List<Long> findNotEnriched(Instant before, Limit limit);

    @Query("""
            select o.id from Order o
            where o.status = com.fernmoor.orders.order.OrderStatus.ACCEPTED and o.lastSentAt < :before
            order by o.id""")
    List<Long> findUnanswered(Instant before, Limit limit);
}
