package com.brightmarket.fulfilment.pricing;

import com.brightmarket.fulfilment.order.Order;
import com.brightmarket.fulfilment.order.OrderLine;

public class PricingService {
    private final PriceCatalog catalog;
    private final Discounts discounts = new Discounts();

    public PricingService(PriceCatalog catalog) {
        this.catalog = catalog;
    }

    public int total(Order order) {
        int sum = 0;
        for (OrderLine line : order.lines()) {
            int unit = catalog.priceOf(line.sku());
            sum += unit * line.quantity();
        }
        return discounts.apply(sum, order.lines().size());
    }
}
