package com.fernmoor.orders.enrichment;

import com.fernmoor.orders.OrdersProperties;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

@Component
class CustomerClient {

    private final RestClient http;

    CustomerClient(RestClient.Builder http, OrdersProperties properties) {
        this.http = http.baseUrl(properties.customerUrl().toString()).build();
    }

    Customer get(String customerId) {
        try {
            return http.get().uri("/customers/{id}", customerId).retrieve().body(Customer.class);
        } catch (HttpClientErrorException.NotFound e) {
            throw new EnrichmentException("No customer " + customerId + " in customer-service", e);
        } catch (RestClientException e) {
            throw new EnrichmentException("customer-service gave no answer for " + customerId, e);
        }
    }
}
