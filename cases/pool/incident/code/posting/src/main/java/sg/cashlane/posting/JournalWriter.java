package sg.cashlane.posting;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

@Repository
public class JournalWriter {

    private final JdbcTemplate jdbc;

    public JournalWriter(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    public long write(Payment payment) {
        long id = Ids.next();
        jdbc.update(
                "INSERT INTO journal (journal_id, payment_ref, account, posted_at) VALUES (?, ?, ?, now())",
                id, payment.ref(), payment.account());
        return id;
    }
}
