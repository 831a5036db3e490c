package com.fernmoor.invoices;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LineFormatterTest {

    @Test
    void writesOneLineAndTheTrace() {
        LogRecord record = new LogRecord(Level.SEVERE, "No invoice");
        record.setLoggerName("com.fernmoor.invoices.InvoiceConsumer");
        record.setThrown(new IllegalStateException("gone"));

        String[] lines = new LineFormatter().format(record).split("\n");

        assertTrue(lines[0].matches("\\d\\d\\.\\d\\d\\.\\d{4} [\\d:]{8},\\d{3} SEVERE  InvoiceConsumer: No invoice"), lines[0]);
        assertTrue(lines[1].startsWith("java.lang.IllegalStateException: gone"), lines[1]);
    }
}
