package at.paketo.hub;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** Takes note of what is on its way to the hub. */
@Component
public class ManifestListener {

    private static final Logger log = LoggerFactory.getLogger(ManifestListener.class);

    private final ManifestStore store;

    public ManifestListener(ManifestStore store) {
        this.store = store;
    }

    @KafkaListener(topics = "manifest.closed", groupId = "hub")
    public void onClosed(Manifest manifest) {
        log.info("Manifest {} announced, {} parcels", manifest.no(), manifest.parcels().size());
        try {
            store.save(manifest);
        } catch (DataAccessException e) {
            log.error("Manifest {} could not be stored", manifest.no(), e);
        }
    }
}
