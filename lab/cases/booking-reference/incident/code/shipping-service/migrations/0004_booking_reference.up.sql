-- What a carrier's invoice names a shipment by: at most fourteen characters.
ALTER TABLE shipments ADD COLUMN booking_ref varchar(14);
ALTER TABLE shipments ADD CONSTRAINT shipments_booking_ref_key UNIQUE (booking_ref);
