package com.fernmoor.orders.outbox;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

interface OutboxRepository extends JpaRepository<OutboxEntry, Long> {

    /** Locks what it returns; entries that another instance is sending are left out. */
    @Query(
            value = """
                    SELECT * FROM outbox
                    WHERE published_at IS NULL
                    ORDER BY id
                    LIMIT :limit
                    FOR UPDATE SKIP LOCKED""",
            nativeQuery = true)
    List<OutboxEntry> lockUnpublished(int limit);
}
