package com.fernmoor.picks;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Everything under {@code picks.*} in the configuration. */
@ConfigurationProperties("picks")
public record PicksProperties(Topics topics, Retry retry) {

    public record Topics(String ordersAccepted, String pickReady) {}

    /** The pause between two attempts at a record. */
    public record Retry(Duration pause) {}
}
