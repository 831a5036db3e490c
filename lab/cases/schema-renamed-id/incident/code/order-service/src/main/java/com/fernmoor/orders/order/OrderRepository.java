package com.fernmoor.orders.order;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

public interface OrderRepository extends JpaRepository<Order, Long> {

    Optional<Order> findByShipmentNo(String shipmentNo);

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
