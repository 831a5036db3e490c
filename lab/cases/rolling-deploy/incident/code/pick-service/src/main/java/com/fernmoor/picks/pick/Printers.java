package com.fernmoor.picks.pick;

import java.util.Set;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Which printer a pick's label comes out of. */
@Component
class Printers {

    private static final Set<String> HEAVY = Set.of("B", "C", "D");

    private final String shelfPrinter;
    private final String heavyPrinter;

    Printers(
            @Value("${picks.printers.shelf}") String shelfPrinter,
            @Value("${picks.printers.heavy:}") String heavyPrinter) {
        this.shelfPrinter = shelfPrinter;
        this.heavyPrinter = heavyPrinter;
    }

    String printerFor(String zone) {
        if (!HEAVY.contains(zone)) {
            return shelfPrinter;
        }
        if (heavyPrinter.isEmpty()) {
            throw new IllegalStateException("Required property picks.printers.heavy is not set");
        }
        return heavyPrinter;
    }
}
