package com.brightmarket.fulfilment.shipping;

public class ShippingException extends RuntimeException {
    public ShippingException(String message, Throwable cause) {
        super(message, cause);
    }
}
