package com.brightmarket.fulfilment.pricing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.brightmarket.fulfilment.order.Order;
import com.brightmarket.fulfilment.order.OrderLine;
import java.util.List;
import org.junit.jupiter.api.Test;

class PricingServiceTest {
    private final Discounts discounts = new Discounts();

    @Test
    void threeLinesAreDiscounted() {
        int paid = discounts.apply(2000, 3);
        assertEquals(1900, paid);
    }

    @Test
    void unknownArticlesAreRefused() {
        PricingService service = new PricingService(new PriceCatalog());
        Order order = new Order("1", "north", null, null, List.of(new OrderLine("SOFA-7", 1)));
        assertEquals(0, service.total(order));
    }
}
