package com.fernmoor.picks.pick;

public class UnknownTierException extends RuntimeException {

    public UnknownTierException(String tier) {
        super("No priority for customer tier " + tier + " in tier_priorities");
    }
}
