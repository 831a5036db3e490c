package com.brightmarket.fulfilment.order;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

public class OrderBook {
    private final Map<String, Order> open = new LinkedHashMap<>();

    public void add(Order order) {
        open.put(order.number(), order);
    }

    public Optional<Order> find(String number) {
        return Optional.ofNullable(open.get(number));
    }

    public List<String> dropEmpty() {
        List<String> dropped = new ArrayList<>();
        for (Map.Entry<String, Order> entry : open.entrySet()) {
            if (entry.getValue().lines().isEmpty()) {
                open.remove(entry.getKey());
                dropped.add(entry.getKey());
            }
        }
        return dropped;
    }
}
