CREATE SEQUENCE order_ids START WITH 4200017;

CREATE TABLE orders (
    id                bigint                   NOT NULL,
    customer_id       varchar(40)              NOT NULL,
    customer_tier     varchar(20),
    channel           varchar(20)              NOT NULL,
    status            varchar(20)              NOT NULL,
    status_changed_at timestamp with time zone NOT NULL,
    shipment_no       varchar(40),
    created_at        timestamp with time zone NOT NULL,
    updated_at        timestamp with time zone NOT NULL,
    version           integer                  NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (id)
);

CREATE INDEX orders_status_idx ON orders (status, status_changed_at);
CREATE INDEX orders_shipment_no_idx ON orders (shipment_no);

CREATE TABLE order_lines (
    order_id bigint      NOT NULL,
    line_no  integer     NOT NULL,
    sku      varchar(40) NOT NULL,
    quantity integer     NOT NULL,
    CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_no),
    CONSTRAINT order_lines_order_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT order_lines_quantity_check CHECK (quantity > 0)
);
