package com.fernmoor.picks;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Everything under {@code picks.*} in the configuration. */
@ConfigurationProperties("picks")
public record PicksProperties(Topics topics, Retry retry) {

    public record Topics(String ordersAccepted, String pickReady) {}

    /** How often a record is tried in all, with pauses that double. */
    public record Retry(Duration initialInterval, int attempts) {}
}
