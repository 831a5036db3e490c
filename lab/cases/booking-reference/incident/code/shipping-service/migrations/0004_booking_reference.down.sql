ALTER TABLE shipments DROP COLUMN booking_ref;
