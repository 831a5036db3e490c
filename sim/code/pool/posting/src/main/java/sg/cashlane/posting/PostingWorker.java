package sg.cashlane.posting;

import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** Posts authorized payments to the journal, on threads of its own. */
@Component
public class PostingWorker {

    private static final Logger log = LoggerFactory.getLogger(PostingWorker.class);

    private final ExecutorService workers;
    private final JournalWriter journal;
    private final PostedPublisher publisher;

    public PostingWorker(ExecutorService workers, JournalWriter journal, PostedPublisher publisher) {
        this.workers = workers;
        this.journal = journal;
        this.publisher = publisher;
    }

    @KafkaListener(topics = "payments.authorized", groupId = "posting")
    public void onAuthorized(Payment payment) {
        workers.submit(() -> post(payment));
    }

    private void post(Payment payment) {
        log.info("posting payment {}", payment.ref());
        try {
            long id = journal.write(payment);
            log.info("journal entry {} written", id);
            publisher.publish("payments.posted", payment.ref(), id);
        } catch (RuntimeException e) {
            log.error("posting failed", e);
        }
    }
}
