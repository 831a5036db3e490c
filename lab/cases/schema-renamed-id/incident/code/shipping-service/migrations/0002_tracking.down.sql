ALTER TABLE shipments DROP COLUMN dispatched_at;
ALTER TABLE shipments DROP COLUMN tracking;
