package com.fernmoor.invoices;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.Optional;

/** Invoices in the database. One connection, opened again when it broke; used by one thread. */
final class InvoiceStore implements AutoCloseable {

    private static final String COUNTER = "invoice";

    private final Config config;
    private final Clock clock;
    private Connection connection;

    InvoiceStore(Config config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    void createTables() throws SQLException, IOException {
        try (Statement statement = connection().createStatement()) {
            for (String sql : schema().split(";")) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
        connection().commit();
    }

    /** @return the new invoice's number, or nothing if the shipment has one already */
    Optional<String> issue(String shipmentNo) throws SQLException {
        Connection c = connection();
        try {
            if (exists(c, shipmentNo)) {
                c.rollback();
                return Optional.empty();
            }
            LocalDateTime now = LocalDateTime.now(clock);
            String number = String.format("R%d-%06d", now.getYear(), nextNumber(c));
            insert(c, number, shipmentNo, now);
            c.commit();
            return Optional.of(number);
        } catch (SQLException e) {
            discard();
            throw e;
        }
    }

    private static boolean exists(Connection c, String shipmentNo) throws SQLException {
        try (PreparedStatement select = c.prepareStatement("SELECT 1 FROM invoices WHERE shipment_no = ?")) {
            select.setString(1, shipmentNo);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** Invoice numbers must have no gaps, hence a row and not a sequence. */
    private static long nextNumber(Connection c) throws SQLException {
        try (PreparedStatement update = c.prepareStatement("UPDATE counters SET value = value + 1 WHERE name = ?")) {
            update.setString(1, COUNTER);
            if (update.executeUpdate() == 0) {
                try (PreparedStatement first = c.prepareStatement("INSERT INTO counters (name, value) VALUES (?, 1)")) {
                    first.setString(1, COUNTER);
                    first.executeUpdate();
                }
            }
        }
        try (PreparedStatement select = c.prepareStatement("SELECT value FROM counters WHERE name = ?")) {
            select.setString(1, COUNTER);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static void insert(Connection c, String number, String shipmentNo, LocalDateTime at) throws SQLException {
        try (PreparedStatement insert =
                c.prepareStatement("INSERT INTO invoices (invoice_no, shipment_no, issued_at) VALUES (?, ?, ?)")) {
            insert.setString(1, number);
            insert.setString(2, shipmentNo);
            insert.setTimestamp(3, Timestamp.valueOf(at));
            insert.executeUpdate();
        }
    }

    private Connection connection() throws SQLException {
        if (connection == null) {
            connection = DriverManager.getConnection(config.dbUrl, config.dbUser, config.dbPassword);
            connection.setAutoCommit(false);
        }
        return connection;
    }

    private void discard() {
        try {
            if (connection != null) {
                connection.rollback();
                connection.close();
            }
        } catch (SQLException ignored) {
            // it is thrown away anyhow
        }
        connection = null;
    }

    private static String schema() throws IOException {
        try (InputStream in = InvoiceStore.class.getResourceAsStream("/schema.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        discard();
    }
}
