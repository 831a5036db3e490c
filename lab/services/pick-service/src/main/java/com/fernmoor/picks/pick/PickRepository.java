package com.fernmoor.picks.pick;

import com.fernmoor.picks.messages.OrderAccepted;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

@Repository
class PickRepository {

    private final JdbcClient jdbc;

    PickRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    long nextId() {
        return jdbc.sql("SELECT nextval('pick_ids')").query(Long.class).single();
    }

    Optional<Pick> findByOrderId(long orderId) {
        return jdbc.sql("SELECT id, order_id, zone, priority, status, created_at FROM picks WHERE order_id = :orderId")
                .param("orderId", orderId)
                .query(PickRepository::toPick)
                .optional();
    }

    void insert(Pick pick) {
        jdbc.sql("""
                        INSERT INTO picks (id, order_id, zone, priority, status, created_at)
                        VALUES (:id, :orderId, :zone, :priority, :status, :createdAt)""")
                .param("id", pick.id())
                .param("orderId", pick.orderId())
                .param("zone", pick.zone())
                .param("priority", pick.priority())
                .param("status", pick.status())
                .param("createdAt", pick.createdAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    void insertLines(long pickId, List<OrderAccepted.Line> lines) {
        for (int i = 0; i < lines.size(); i++) {
            OrderAccepted.Line line = lines.get(i);
            jdbc.sql("""
                            INSERT INTO pick_lines (pick_id, line_no, sku, name, quantity, weight_grams)
                            VALUES (:pickId, :lineNo, :sku, :name, :quantity, :weightGrams)""")
                    .param("pickId", pickId)
                    .param("lineNo", i + 1)
                    .param("sku", line.sku())
                    .param("name", line.name())
                    .param("quantity", line.quantity())
                    .param("weightGrams", line.weightGrams())
                    .update();
        }
    }

    private static Pick toPick(ResultSet row, int rowNumber) throws SQLException {
        return new Pick(
                row.getLong("id"),
                row.getLong("order_id"),
                row.getString("zone"),
                row.getInt("priority"),
                row.getString("status"),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }
}
