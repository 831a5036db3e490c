package com.brightcart.pick;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Takes over the open picks of a warehouse that moves to this system. */
@Component
public class WmsImport {

    private static final Logger log = LoggerFactory.getLogger(WmsImport.class);

    private final JdbcTemplate jdbc;

    public WmsImport(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    public void run(String warehouse, List<WmsPick> picks) {
        for (WmsPick pick : picks) {
            jdbc.update(
                    "INSERT INTO picks (order_id, pick_no, zone, state, source, created_at) VALUES (?, ?, ?, 'OPEN', ?, ?)",
                    pick.orderNumber(), pick.pickNumber(), pick.zone(), warehouse, pick.createdAt());
        }
        log.info("Took over {} open picks from {}", picks.size(), warehouse);
    }
}
