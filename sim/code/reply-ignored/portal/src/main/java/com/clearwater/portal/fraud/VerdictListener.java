package com.clearwater.portal.fraud;

import com.fasterxml.jackson.databind.JsonNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Applies what the fraud check has found. */
@Component
public class VerdictListener {

    private static final Logger log = LoggerFactory.getLogger(VerdictListener.class);

    private final JdbcTemplate jdbc;

    public VerdictListener(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Transactional
    @KafkaListener(topics = "fraud.verdicts", groupId = "portal")
    public void onVerdict(JsonNode event) {
        long claimId = event.get("claimId").asLong();
        String verdict = event.get("verdict").asText();
        log.info("Verdict {} for claim {} received", verdict, claimId);
        String state = "CLEAR".equals(verdict) ? "CLEARED" : "REFERRED";
        jdbc.update(
                "UPDATE claims SET state = ?, version = version + 1, updated_at = now() WHERE claim_id = ? AND version = ?",
                state, claimId, event.get("version").asInt());
    }
}
