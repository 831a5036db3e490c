package com.fernmoor.picks.pick;

import com.fernmoor.picks.messages.OrderAccepted;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

@Repository
class PickRepository {

    private static final String INSERT_PICK =
            "INSERT INTO picks (id, order_id, zone, priority, status, created_at) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String INSERT_LINE =
            "INSERT INTO pick_lines (pick_id, line_no, sku, name, quantity, weight_grams) VALUES (?, ?, ?, ?, ?, ?)";

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
        var createdAt = pick.createdAt().atOffset(ZoneOffset.UTC);
        List<Object> values =
                List.of(pick.id(), pick.orderId(), pick.zone(), pick.priority(), pick.status(), createdAt);
        jdbc.sql(INSERT_PICK).params(values).update();
    }

    void insertLines(long pickId, List<OrderAccepted.Line> lines) {
        int lineNo = 0;
        for (OrderAccepted.Line line : lines) {
            lineNo++;
            List<Object> values =
                    Arrays.asList(pickId, lineNo, line.sku(), line.name(), line.quantity(), line.weightGrams());
            jdbc.sql(INSERT_LINE).params(values).update();
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
