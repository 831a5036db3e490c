package com.brightmarket.fulfilment.order;

import java.util.List;

public record Order(String number, String region, String pickupPoint, Address address, List<OrderLine> lines) {
    public boolean isPickup() {
        return pickupPoint != null;
    }

    public OrderLine heaviest() {
        return lines.get(lines.size() - 1);
    }
}
