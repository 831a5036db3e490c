package com.fernmoor.orders.order;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** How many orders came over each channel. */
@Repository
class ChannelStats {

    private final JdbcClient jdbc;

    ChannelStats(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void count(String channel) {
        jdbc.sql("UPDATE channel_stats SET accepted = accepted + 1 WHERE channel = ?").param(channel).update();
    }
}
