package com.fernmoor.orders.messages;

/** shipments.created.v1, keyed by shipment number. */
public record ShipmentCreated(String shipmentNo, long orderId, String parcelNo, String carrier) {}
