package com.brightmarket.fulfilment.shipping;

import com.brightmarket.fulfilment.order.Order;
import java.util.ArrayList;
import java.util.List;

public class ShippingPlanner {
    private final CarrierRates rates;

    public ShippingPlanner(CarrierRates rates) {
        this.rates = rates;
    }

    public List<Parcel> plan(List<Order> orders) {
        List<Parcel> parcels = new ArrayList<>();
        orders.forEach(order -> {
            // Orders that are picked up have no address.
            parcels.add(new Parcel(order.number(), order.address()));
        });
        return parcels;
    }

    public int cost(Order order, String tariff) {
        try {
            int base = rates.baseOf(tariff);
            return base + 10 * order.lines().size();
        } catch (RuntimeException e) {
            throw new ShippingException("no cost for order " + order.number(), e);
        }
    }
}
