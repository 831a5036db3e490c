package com.fernmoor.orders.order;

import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

@Entity
@Table(name = "orders")
public class Order {

    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "order_ids")
    @SequenceGenerator(name = "order_ids", sequenceName = "order_ids", allocationSize = 1)
    private Long id;

    private String customerId;
    private String customerTier;
    private String channel;

    @Enumerated(EnumType.STRING)
    private OrderStatus status;

    private Instant statusChangedAt;
    private String shipmentNo;
    private Instant lastSentAt;
    private Instant createdAt;
    private Instant updatedAt;

    @Version
    private int version;

    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "order_lines", joinColumns = @JoinColumn(name = "order_id"))
    @OrderColumn(name = "line_no")
    private List<OrderLine> lines = new ArrayList<>();

    protected Order() {}

    public Order(String customerId, String channel, List<OrderLine> lines, Instant now) {
        this.customerId = customerId;
        this.channel = channel;
        this.lines.addAll(lines);
        this.createdAt = now;
        moveTo(OrderStatus.RECEIVED, now);
    }

    /** The order is enriched and its message is on the way. */
    public void accept(String tier, Instant now) {
        require(OrderStatus.RECEIVED);
        customerTier = tier;
        lastSentAt = now;
        moveTo(OrderStatus.ACCEPTED, now);
    }

    /** The message was sent once more; the status stays what it is. */
    public void resent(Instant now) {
        require(OrderStatus.ACCEPTED);
        lastSentAt = now;
        updatedAt = now;
    }

    /** @return false if the order was further already, which happens after a re-send */
    public boolean readyToPick(Instant now) {
        return advanceTo(OrderStatus.READY_TO_PICK, now);
    }

    /**
     * @return false if the order was further already
     * @throws IllegalOrderStateException if the warehouse's report is still to come
     */
    public boolean inShipment(String number, Instant now) {
        if (status.isBefore(OrderStatus.READY_TO_PICK)) {
            throw new IllegalOrderStateException(id, status);
        }
        if (!advanceTo(OrderStatus.IN_SHIPMENT, now)) {
            return false;
        }
        shipmentNo = number;
        return true;
    }

    /** @return false if the order was further already */
    public boolean shipped(Instant now) {
        return advanceTo(OrderStatus.SHIPPED, now);
    }

    public void cancel(Instant now) {
        if (!status.isBefore(OrderStatus.IN_SHIPMENT)) {
            throw new IllegalOrderStateException(id, status);
        }
        moveTo(OrderStatus.CANCELLED, now);
    }

    private boolean advanceTo(OrderStatus next, Instant now) {
        if (!status.isBefore(next)) {
            return false;
        }
        moveTo(next, now);
        return true;
    }

    private void require(OrderStatus expected) {
        if (status != expected) {
            throw new IllegalOrderStateException(id, status);
        }
    }

    private void moveTo(OrderStatus next, Instant now) {
        status = next;
        statusChangedAt = now;
        updatedAt = now;
    }

    public Long getId() {
        return id;
    }

    public String getCustomerId() {
        return customerId;
    }

    public String getChannel() {
        return channel;
    }

    public OrderStatus getStatus() {
        return status;
    }

    public Instant getStatusChangedAt() {
        return statusChangedAt;
    }

    public String getShipmentNo() {
        return shipmentNo;
    }

    public Instant getLastSentAt() {
        return lastSentAt;
    }

    public List<OrderLine> getLines() {
        return List.copyOf(lines);
    }
}
