package at.paketo.hub;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

@Repository
public class ManifestStore {

    private static final String INSERT =
            "INSERT INTO manifests (manifest_no, truck, day, tour, stored_at) VALUES (?, ?, ?, 1, SYSTIMESTAMP)";
    private static final String EXPECT =
            "INSERT INTO arrivals (arrival_id, parcel_no, manifest_no, expected_at) VALUES (arrival_seq.NEXTVAL, ?, ?, ?)";

    private final JdbcTemplate jdbc;

    public ManifestStore(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Transactional
    public void save(Manifest manifest) {
        jdbc.update(INSERT, manifest.no(), manifest.truck(), manifest.day());
        List<Object[]> rows = manifest.parcels().stream()
                .map(parcel -> new Object[] {parcel, manifest.no(), manifest.expectedAt()})
                .toList();
        jdbc.batchUpdate(EXPECT, rows);
    }
}
