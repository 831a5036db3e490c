package com.fernmoor.orders;

import brave.baggage.BaggageFields;
import brave.baggage.CorrelationScopeConfig.SingleCorrelationField;
import brave.baggage.CorrelationScopeCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Trace and span go into the log under the names that ECS has for them. */
@Configuration(proxyBeanMethods = false)
class TracingConfiguration {

    @Bean
    CorrelationScopeCustomizer ecsFieldNames() {
        return builder -> builder.clear()
                .add(SingleCorrelationField.newBuilder(BaggageFields.TRACE_ID).name("trace.id").build())
                .add(SingleCorrelationField.newBuilder(BaggageFields.SPAN_ID).name("span.id").build());
    }
}
