package com.fernmoor.invoices;

import java.util.logging.LogManager;

/** Keeps the handlers open at shutdown until the service has said its last words. */
public final class LateLogManager extends LogManager {

    private static LateLogManager instance;

    public LateLogManager() {
        remember(this);
    }

    @Override
    public void reset() {
        // called by the JVM's own hook, too early for us
    }

    static void finish() {
        if (instance != null) {
            instance.resetNow();
        }
    }

    private static void remember(LateLogManager manager) {
        instance = manager;
    }

    private void resetNow() {
        super.reset();
    }
}
