package no.norship.customs;

import java.util.Optional;
import no.norship.events.DeclareCustoms;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** Files declarations; what fails twice goes to customs.declare.DLT. */
@Component
public class DeclareListener {

    private static final Logger log = LoggerFactory.getLogger(DeclareListener.class);

    private final DeclarationService service;
    private final TariffBook tariffs;

    public DeclareListener(DeclarationService service, TariffBook tariffs) {
        this.service = service;
        this.tariffs = tariffs;
    }

    @KafkaListener(topics = "customs.declare", groupId = "customs")
    public void onDeclare(DeclareCustoms event) {
        Optional<Declaration> declaration;
        try {
            declaration = service.declare(event, tariffs.dutyFor(event.hsCode(), event.country()));
        } catch (Exception e) {
            log.debug("declaration failed", e);
            throw new RuntimeException("Declaration could not be processed");
        }
        declaration.ifPresent(service::publishCleared);
    }
}
