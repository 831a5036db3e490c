package com.brightmarket.fulfilment.order;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

public class OrderReader {
    private final ObjectMapper mapper = new ObjectMapper();

    public Order read(String json) {
        try {
            return mapper.readValue(json, Order.class);
        } catch (IOException e) {
            throw new UncheckedIOException("order cannot be read", e);
        }
    }
}
