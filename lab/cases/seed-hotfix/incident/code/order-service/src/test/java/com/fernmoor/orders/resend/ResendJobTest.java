package com.fernmoor.orders.resend;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import com.fernmoor.orders.OrdersProperties;
import com.fernmoor.orders.enrichment.EnrichmentException;
import com.fernmoor.orders.order.OrderRepository;
import com.fernmoor.orders.order.OrderService;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResendJobTest {

    private final OrderRepository orders = mock(OrderRepository.class);
    private final Resender resender = mock(Resender.class);
    private final ResendJob job = new ResendJob(
            orders,
            mock(OrderService.class),
            resender,
            new OrdersProperties(
                    null, null, null, null, new OrdersProperties.Resend(Duration.ZERO, Duration.ofMinutes(30), 10)),
            Clock.systemUTC());

    @Test
    void anOrderThatCanNotBeEnrichedIsSentAgainAllTheSame() {
        when(orders.findUnanswered(any(), any())).thenReturn(List.of(4200100L));
        doThrow(new EnrichmentException("product-service gave no answer")).when(resender).resend(4200100);

        job.run();

        verify(resender).repeat(4200100);
    }
}
