CREATE TABLE IF NOT EXISTS counters (
    name  VARCHAR(40) NOT NULL,
    value BIGINT      NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS invoices (
    invoice_no  VARCHAR(20) NOT NULL,
    shipment_no VARCHAR(40) NOT NULL,
    issued_at   DATETIME    NOT NULL,
    PRIMARY KEY (invoice_no),
    CONSTRAINT uq_invoices_shipment UNIQUE (shipment_no)
);
