package com.brightmarket.fulfilment.order;

public record Address(String street, String postcode, String country) {
}
