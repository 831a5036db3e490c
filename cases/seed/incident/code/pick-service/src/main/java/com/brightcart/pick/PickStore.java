package com.brightcart.pick;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

@Repository
public class PickStore {

    private final JdbcTemplate jdbc;

    public PickStore(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    public boolean alreadyReady(long orderId) {
        Integer found = jdbc.queryForObject(
                "SELECT count(*) FROM picks WHERE order_id = ? AND state <> 'OPEN'", Integer.class, orderId);
        return found != null && found > 0;
    }

    public String insert(long orderId, String zone) {
        String pickNo = jdbc.queryForObject("SELECT 'P-' || nextval('pick_no_seq')", String.class);
        jdbc.update(
                "INSERT INTO picks (order_id, pick_no, zone, state, source, created_at) VALUES (?, ?, ?, 'READY', 'SHOP', now())",
                orderId, pickNo, zone);
        return pickNo;
    }
}
