DROP TABLE shipments;
DROP SEQUENCE shipment_numbers;
