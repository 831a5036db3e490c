package com.fernmoor.orders.messaging;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.ExponentialBackOffWithMaxRetries;
import org.springframework.kafka.support.converter.RecordMessageConverter;
import org.springframework.kafka.support.converter.StringJsonMessageConverter;

@Configuration(proxyBeanMethods = false)
class KafkaConfiguration {

    private static final Logger log = LoggerFactory.getLogger(KafkaConfiguration.class);

    /** Listeners are never asked for by another bean, so laziness would leave them out. */
    @Bean
    static LazyInitializationExcludeFilter listenersAreEager() {
        return LazyInitializationExcludeFilter.forBeanTypes(PickReadyListener.class, ShipmentListener.class);
    }

    @Bean
    RecordMessageConverter jsonMessageConverter(ObjectMapper json) {
        return new StringJsonMessageConverter(json);
    }

    /** Reports are repeated by their senders, so a record that fails four times is left behind. */
    @Bean
    CommonErrorHandler errorHandler() {
        var backOff = new ExponentialBackOffWithMaxRetries(3);
        backOff.setInitialInterval(300);
        backOff.setMultiplier(3);
        return new DefaultErrorHandler(KafkaConfiguration::giveUp, backOff);
    }

    private static void giveUp(ConsumerRecord<?, ?> record, Exception cause) {
        log.error("Gave up on {}-{}@{}", record.topic(), record.partition(), record.offset(), cause);
    }
}
