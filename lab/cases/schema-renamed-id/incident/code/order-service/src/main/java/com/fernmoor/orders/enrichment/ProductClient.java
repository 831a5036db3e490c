package com.fernmoor.orders.enrichment;

import com.fernmoor.orders.OrdersProperties;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

@Component
class ProductClient {

    private final RestClient http;

    ProductClient(RestClient.Builder http, OrdersProperties properties) {
        this.http = http.baseUrl(properties.productUrl().toString()).build();
    }

    Product get(String sku) {
        try {
            return http.get().uri("/products/{sku}", sku).retrieve().body(Product.class);
        } catch (HttpClientErrorException.NotFound e) {
            throw new EnrichmentException("No product " + sku + " in product-service", e);
        } catch (RestClientException e) {
            throw new EnrichmentException("product-service gave no answer for " + sku, e);
        }
    }
}
