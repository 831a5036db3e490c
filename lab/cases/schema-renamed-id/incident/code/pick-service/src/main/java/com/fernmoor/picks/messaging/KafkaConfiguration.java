package com.fernmoor.picks.messaging;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fernmoor.picks.PicksProperties;
import com.fernmoor.picks.messages.OrderAccepted;
import com.fernmoor.picks.messages.PickReady;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
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
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.ExponentialBackOffWithMaxRetries;
import org.springframework.kafka.support.serializer.DelegatingByTypeSerializer;
import org.springframework.kafka.support.serializer.ErrorHandlingDeserializer;
import org.springframework.kafka.support.serializer.JsonDeserializer;
import org.springframework.kafka.support.serializer.JsonSerializer;

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

    /** Messages go out as JSON; what could not be read goes to the dead-letter topic byte by byte. */
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
    CommonErrorHandler errorHandler(KafkaOperations<String, Object> kafka, PicksProperties properties) {
        var deadLetters = new DeadLetterPublishingRecoverer(
                kafka, (record, e) -> new TopicPartition(record.topic() + ".dlt", -1));
        var backOff = new ExponentialBackOffWithMaxRetries(properties.retry().attempts() - 1);
        backOff.setInitialInterval(properties.retry().initialInterval().toMillis());
        var handler = new DefaultErrorHandler(deadLetters, backOff);
        handler.setRetryListeners(new DeliveryLog());
        return handler;
    }
}
