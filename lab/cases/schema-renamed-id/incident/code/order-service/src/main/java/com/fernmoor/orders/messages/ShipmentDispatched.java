package com.fernmoor.orders.messages;

import java.time.Instant;

/** shipments.dispatched.v1, keyed by shipment number; it does not know the order. */
public record ShipmentDispatched(String shipmentNo, String tracking, Instant dispatchedAt) {}
