-- What the carrier confirms. A tracking code belongs to one shipment: the customer's link depends on it.
ALTER TABLE shipments ADD COLUMN tracking text;
ALTER TABLE shipments ADD COLUMN dispatched_at timestamptz;
ALTER TABLE shipments ADD CONSTRAINT shipments_tracking_key UNIQUE (tracking);
