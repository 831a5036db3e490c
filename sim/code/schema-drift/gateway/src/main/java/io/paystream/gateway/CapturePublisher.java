package io.paystream.gateway;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

@Component
public class CapturePublisher {

    private final KafkaTemplate<String, String> kafka;
    private final ObjectMapper json;

    public CapturePublisher(KafkaTemplate<String, String> kafka, ObjectMapper json) {
        this.kafka = kafka;
        this.json = json;
    }

    public void publish(Payment payment) {
        ObjectNode event = json.createObjectNode()
                .put("payment_id", payment.id().toString())
                .put("merchant", payment.merchant())
                .put("amountMinor", payment.amountMinor())
                .put("currency", payment.currency())
                .put("captured_at", payment.capturedAt().toString());
        kafka.send("payment.captured", payment.id().toString(), event.toString());
    }
}
