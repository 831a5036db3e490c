package com.fernmoor.invoices;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Sends everything to one file, and what is wrong to the console as well. */
final class Logging {

    // The log manager holds loggers weakly; without this the level would be lost.
    private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

    private Logging() {}

    static void setUp(Config config) throws IOException {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        Files.createDirectories(Path.of(config.logDir));
        FileHandler file = new FileHandler(config.logDir + "/" + config.instance.replace("%", "%%") + ".log", true);
        file.setEncoding("UTF-8");
        file.setFormatter(new LineFormatter());
        root.addHandler(file);
        ConsoleHandler console = new ConsoleHandler();
        console.setLevel(Level.WARNING);
        console.setFormatter(new LineFormatter());
        root.addHandler(console);
        KAFKA.setLevel(Level.WARNING);
    }
}
