package com.brightmarket.fulfilment.config;

import java.util.Map;

public final class Tariffs {
    public static final Map<String, Integer> DAYS = load("standard:3,express:1,freight");

    private Tariffs() {
    }

    private static Map<String, Integer> load(String text) {
        Map<String, Integer> out = new java.util.HashMap<>();
        for (String part : text.split(",")) {
            String[] pair = part.split(":");
            out.put(pair[0], Integer.valueOf(pair[1]));
        }
        return out;
    }
}
