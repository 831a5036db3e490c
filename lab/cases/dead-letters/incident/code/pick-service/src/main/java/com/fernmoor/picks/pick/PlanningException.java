package com.fernmoor.picks.pick;

/** The order can't be planned, now or later. */
public class PlanningException extends RuntimeException {

    public PlanningException() {
        super("Order could not be planned");
    }
}
