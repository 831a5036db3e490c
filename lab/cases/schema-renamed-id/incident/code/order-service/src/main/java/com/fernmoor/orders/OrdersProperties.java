package com.fernmoor.orders;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/** Everything under {@code orders.*} in the configuration. */
@ConfigurationProperties("orders")
@Validated
public record OrdersProperties(
        @NotNull @Valid Topics topics,
        @NotNull URI productUrl,
        @NotNull URI customerUrl,
        @NotNull @Valid Outbox outbox,
        @NotNull @Valid Resend resend) {

    public record Topics(
            @NotBlank String accepted,
            @NotBlank String pickReady,
            @NotBlank String shipmentCreated,
            @NotBlank String shipmentDispatched) {}

    public record Outbox(@NotNull Duration pollEvery, @Positive int batchSize) {}

    public record Resend(@NotNull Duration every, @NotNull Duration after, @Positive int batchSize) {}
}
