package com.fernmoor.orders.enrichment;

import com.fernmoor.orders.order.Order;
import com.fernmoor.orders.order.OrderLine;
import java.util.List;
import org.springframework.stereotype.Service;

@Service
public class EnrichmentService {

    private final ProductClient products;
    private final CustomerClient customers;

    public EnrichmentService(ProductClient products, CustomerClient customers) {
        this.products = products;
        this.customers = customers;
    }

    /** @throws EnrichmentException if a product or the customer can't be had now */
    public Enrichment enrich(Order order) {
        Customer customer = customers.get(order.getCustomerId());
        List<Enrichment.Line> lines = order.getLines().stream().map(this::enrich).toList();
        return new Enrichment(customer.tier(), lines);
    }

    private Enrichment.Line enrich(OrderLine line) {
        Product product = products.get(line.sku());
        return new Enrichment.Line(line.sku(), product.name(), line.quantity(), product.weightGrams());
    }
}
