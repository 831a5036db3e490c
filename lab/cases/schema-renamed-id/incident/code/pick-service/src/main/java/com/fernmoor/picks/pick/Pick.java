package com.fernmoor.picks.pick;

import java.time.Instant;

/** The warehouse's task to collect the goods of one order. */
public record Pick(long id, long orderId, String zone, int priority, String status, Instant createdAt) {

    public static final String READY_TO_PICK = "READY_TO_PICK";
}
