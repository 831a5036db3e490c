package com.fernmoor.picks.pick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import com.fernmoor.picks.messages.OrderAccepted;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PickServiceTest {

    private static final Instant NOW = Instant.parse("2026-05-04T08:00:00Z");
    private static final OrderAccepted ORDER = new OrderAccepted(
            4200100,
            "C-1",
            "GOLD",
            "WEB",
            NOW,
            List.of(new OrderAccepted.Line("SKU-1", "Lamp", 3, 900), new OrderAccepted.Line("SKU-2", "Bulb", 2, 50)));

    private final PickRepository picks = mock(PickRepository.class);
    private final Warehouse warehouse = mock(Warehouse.class);
    private final PickService service = new PickService(picks, warehouse, Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void plansANewOrderByWeightAndTier() {
        when(picks.findByOrderId(4200100)).thenReturn(Optional.empty());
        when(picks.nextId()).thenReturn(730001L);
        when(warehouse.zoneFor(2800)).thenReturn("B");
        when(warehouse.priorityFor("GOLD")).thenReturn(1);

        var pick = service.pickFor(ORDER);

        assertThat(pick).isEqualTo(new Pick(730001, 4200100, "B", 1, Pick.READY_TO_PICK, NOW));
        verify(picks).insert(pick);
        verify(picks).insertLines(730001, ORDER.lines());
    }

    @Test
    void aKnownOrderKeepsItsPick() {
        var known = new Pick(730001, 4200100, "B", 1, Pick.READY_TO_PICK, NOW.minusSeconds(600));
        when(picks.findByOrderId(4200100)).thenReturn(Optional.of(known));

        assertThat(service.pickFor(ORDER)).isEqualTo(known);
        verify(picks, never()).insert(any());
    }

    @Test
    void anUnknownTierIsNotGuessed() {
        when(picks.findByOrderId(4200100)).thenReturn(Optional.empty());
        when(warehouse.priorityFor("GOLD")).thenThrow(new UnknownTierException("GOLD"));

        assertThatThrownBy(() -> service.pickFor(ORDER)).isInstanceOf(UnknownTierException.class);
        verify(picks, never()).insertLines(anyLong(), any());
    }
}
