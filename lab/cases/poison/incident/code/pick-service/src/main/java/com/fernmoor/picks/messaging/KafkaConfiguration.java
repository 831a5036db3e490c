package com.fernmoor.picks.messaging;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fernmoor.picks.PicksProperties;
import com.fernmoor.picks.messages.OrderAccepted;
import com.fernmoor.picks.messages.PickReady;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.kafka.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.serializer.DelegatingByTypeSerializer;
import org.springframework.kafka.support.serializer.ErrorHandlingDeserializer;
import org.springframework.kafka.support.serializer.JsonDeserializer;
import org.springframework.kafka.support.serializer.JsonSerializer;
import org.springframework.util.backoff.FixedBackOff;

@Configuration(proxyBeanMethods = false)
class KafkaConfiguration {

    /** The listener is never asked for by another bean, so laziness would leave it out. */
    @Bean
    static LazyInitializationExcludeFilter listenerIsEager() {
        return LazyInitializationExcludeFilter.forBeanTypes(OrderAcceptedListener.class);
    }

    @Bean
    ConsumerFactory<?, ?> consumerFactory(KafkaProperties properties, ObjectMapper json) {
        var deserializer = new JsonDeserializer<>(OrderAccepted.class, json, false);
        return new DefaultKafkaConsumerFactory<>(
                properties.buildConsumerProperties(null),
                new StringDeserializer(),
                new ErrorHandlingDeserializer<>(deserializer));
    }

    /** Messages go out as JSON, bytes as they are. */
    @Bean
    ProducerFactory<?, ?> producerFactory(KafkaProperties properties, ObjectMapper json) {
        Serializer<Object> asJson = new JsonSerializer<>(json).noTypeInfo();
        var serializer = new DelegatingByTypeSerializer(Map.of(
                byte[].class, new ByteArraySerializer(),
                OrderAccepted.class, asJson,
                PickReady.class, asJson));
        return new DefaultKafkaProducerFactory<>(
                properties.buildProducerProperties(null), new StringSerializer(), serializer);
    }

    @Bean
    CommonErrorHandler errorHandler(PicksProperties properties) {
        long pause = properties.retry().pause().toMillis();
        var handler = new DefaultErrorHandler(new FixedBackOff(pause, FixedBackOff.UNLIMITED_ATTEMPTS));
        handler.setClassifications(Map.of(), true);
        handler.setRetryListeners(new DeliveryLog());
        return handler;
    }
}
