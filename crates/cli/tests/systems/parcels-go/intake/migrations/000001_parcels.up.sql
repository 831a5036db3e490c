CREATE TABLE parcels (
    id BIGSERIAL PRIMARY KEY,
    barcode TEXT NOT NULL UNIQUE,
    phase TEXT NOT NULL DEFAULT 'scanned'
);
