package com.fernmoor.picks.pick;

import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Says how many picks wait in each zone. */
@Component
class ZoneLoad {

    private static final Logger log = LoggerFactory.getLogger(ZoneLoad.class);

    private final JdbcClient jdbc;

    ZoneLoad(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Scheduled(fixedRateString = "${picks.zone-load-every}", initialDelayString = "${picks.zone-load-every}")
    void report() {
        Map<String, Long> waiting = jdbc.sql("SELECT zone FROM picks WHERE status = 'READY_TO_PICK'")
                .query(String.class)
                .stream()
                .collect(Collectors.groupingBy(zone -> zone, Collectors.counting()));
        log.info("Picks waiting by zone: {}", waiting);
    }
}
