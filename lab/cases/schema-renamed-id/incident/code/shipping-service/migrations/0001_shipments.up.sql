-- A shipment is one parcel booked with one carrier. Our number is what carrier and customer care talk about.
CREATE SEQUENCE shipment_numbers START WITH 58204001;

CREATE TABLE shipments (
    shipment_no   text        PRIMARY KEY,
    order_id      bigint      NOT NULL,
    parcel_no     text        NOT NULL,
    carrier       text        NOT NULL,
    weight_grams  integer     NOT NULL,
    state         text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    requested_at  timestamptz,
    CONSTRAINT shipments_parcel_no_key UNIQUE (parcel_no)
);
CREATE INDEX shipments_order_id_idx ON shipments (order_id);
