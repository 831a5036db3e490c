package com.fernmoor.orders.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderTest {

    private static final Instant MORNING = Instant.parse("2026-05-04T08:00:00Z");
    private static final Instant LATER = MORNING.plusSeconds(600);

    private final Order order = new Order("C-100", "WEB", List.of(new OrderLine("SKU-1", 2)), MORNING);

    @Test
    void passesItsStationsInOrder() {
        order.accept("GOLD", LATER);
        assertThat(order.readyToPick(LATER)).isTrue();
        assertThat(order.inShipment("S-1", LATER)).isTrue();
        assertThat(order.shipped(LATER)).isTrue();

        assertThat(order.getStatus()).isEqualTo(OrderStatus.SHIPPED);
        assertThat(order.getShipmentNo()).isEqualTo("S-1");
        assertThat(order.getStatusChangedAt()).isEqualTo(LATER);
    }

    @Test
    void aRepeatedAnswerChangesNothing() {
        order.accept("GOLD", LATER);
        order.readyToPick(LATER);

        assertThat(order.readyToPick(LATER.plusSeconds(60))).isFalse();
        assertThat(order.getStatusChangedAt()).isEqualTo(LATER);
    }

    @Test
    void anAnswerThatComesLateDoesNotSetItBack() {
        order.accept("GOLD", LATER);
        order.readyToPick(LATER);
        order.inShipment("S-1", LATER);

        assertThat(order.readyToPick(LATER)).isFalse();
        assertThat(order.getStatus()).isEqualTo(OrderStatus.IN_SHIPMENT);
    }

    @Test
    void aShipmentWaitsForTheWarehouse() {
        order.accept("GOLD", LATER);

        assertThatThrownBy(() -> order.inShipment("S-1", LATER)).isInstanceOf(IllegalOrderStateException.class);
        assertThat(order.getStatus()).isEqualTo(OrderStatus.ACCEPTED);
    }

    @Test
    void sendingAgainKeepsTheTimeOfAcceptance() {
        order.accept("GOLD", MORNING);
        order.resent(LATER);

        assertThat(order.getStatusChangedAt()).isEqualTo(MORNING);
        assertThat(order.getLastSentAt()).isEqualTo(LATER);
    }

    @Test
    void whatIsOnItsWayIsNotCancelled() {
        order.accept("GOLD", LATER);
        order.readyToPick(LATER);
        order.inShipment("S-1", LATER);

        assertThatThrownBy(() -> order.cancel(LATER)).isInstanceOf(IllegalOrderStateException.class);
    }

    @Test
    void aCancelledOrderStaysCancelled() {
        order.cancel(LATER);

        assertThat(order.readyToPick(LATER)).isFalse();
        assertThat(order.getStatus()).isEqualTo(OrderStatus.CANCELLED);
    }
}
