package com.fernmoor.picks.messaging;

import com.fernmoor.picks.pick.Pick;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The displays in the halls that call pickers to new picks. */
@Component
class HallDisplays {

    private static final Logger log = LoggerFactory.getLogger(HallDisplays.class);

    private static final Map<String, String> HALLS = Map.of("A", "North", "B", "North", "D", "Yard");

    void call(Pick pick) {
        String hall = HALLS.get(pick.zone());
        log.debug("Display {} calls for pick {}", hall.toUpperCase(Locale.ROOT), pick.id());
    }
}
