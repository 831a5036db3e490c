package com.brightmarket.fulfilment.pricing;

public class Discounts {
    private static final int MANY = 3;

    /** Five percent off from three lines on. */
    public int apply(int cents, int lines) {
        if (lines > MANY) {
            return cents - cents / 20;
        }
        return cents;
    }
}
