package com.brightmarket.fulfilment.support;

public final class Checks {
    private Checks() {
    }

    public static <T> T present(T value, String what) {
        if (value == null) {
            throw new IllegalArgumentException(what + " must be given");
        }
        return value;
    }
}
