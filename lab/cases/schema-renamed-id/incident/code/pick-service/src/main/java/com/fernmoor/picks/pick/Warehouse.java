package com.fernmoor.picks.pick;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What the warehouse is made of and how it works off its picks. */
@Repository
class Warehouse {

    private final JdbcClient jdbc;

    Warehouse(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The zone for the lightest goods that still takes this weight. */
    String zoneFor(int weightGrams) {
        return jdbc.sql("""
                        SELECT code FROM zones
                        WHERE max_weight_grams IS NULL OR max_weight_grams >= :weight
                        ORDER BY COALESCE(max_weight_grams, 2147483647), code
                        LIMIT 1""")
                .param("weight", weightGrams)
                .query(String.class)
                .single();
    }

    int priorityFor(String customerTier) {
        return jdbc.sql("SELECT priority FROM tier_priorities WHERE tier = :tier")
                .param("tier", customerTier)
                .query(Integer.class)
                .optional()
                .orElseThrow(() -> new UnknownTierException(customerTier));
    }
}
