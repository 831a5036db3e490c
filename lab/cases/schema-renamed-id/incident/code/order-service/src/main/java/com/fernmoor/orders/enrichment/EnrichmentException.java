package com.fernmoor.orders.enrichment;

public class EnrichmentException extends RuntimeException {

    public EnrichmentException(String message) {
        super(message);
    }

    public EnrichmentException(String message, Throwable cause) {
        super(message, cause);
    }
}
