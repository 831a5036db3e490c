package com.brightmarket.fulfilment.events;

import com.brightmarket.fulfilment.order.Order;
import com.brightmarket.fulfilment.order.OrderLine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class EventDispatcher implements AutoCloseable {
    private final ExecutorService workers = Executors.newFixedThreadPool(2);

    public CompletableFuture<String> summarise(Order order) {
        return CompletableFuture.supplyAsync(() -> order.heaviest(), workers)
            .thenApply(OrderLine::sku)
            .thenApply(sku -> order.number() + " with " + sku);
    }

    public int inAll(List<Order> orders) {
        return orders.parallelStream().mapToInt(o -> o.lines().stream().mapToInt(OrderLine::quantity).sum()).sum();
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
