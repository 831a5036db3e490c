package com.brightmarket.fulfilment.shipping;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

public class CarrierRates {
    private final Map<String, String> byTariff;

    public CarrierRates(String table) {
        byTariff = Stream.of(table.split(";")).map(row -> row.split("=")).collect(Collectors.toMap(r -> r[0], r -> r[1]));
    }

    public int baseOf(String tariff) {
        String text = byTariff.getOrDefault(tariff, "0");
        return parse(text);
    }

    private int parse(String text) {
        return Integer.parseInt(text.replace(".", ""));
    }
}
