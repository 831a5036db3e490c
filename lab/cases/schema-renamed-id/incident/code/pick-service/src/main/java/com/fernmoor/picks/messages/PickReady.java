package com.fernmoor.picks.messages;

/** picks.ready.v1, keyed by order id. */
public record PickReady(long orderId, long pickId, String zone, String status) {}
