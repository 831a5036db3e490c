CREATE TABLE zones (
    code             varchar(8)  NOT NULL,
    description      varchar(80) NOT NULL,
    max_weight_grams integer,
    CONSTRAINT zones_pkey PRIMARY KEY (code)
);

INSERT INTO zones (code, description, max_weight_grams) VALUES
    ('A', 'shelves, small parts', 2000),
    ('B', 'shelves', 10000),
    ('C', 'pallets', 31500),
    ('D', 'bulky goods', NULL);

CREATE SEQUENCE pick_ids START WITH 730001;

CREATE TABLE picks (
    id         bigint                   NOT NULL,
    order_id   bigint                   NOT NULL,
    zone       varchar(8)               NOT NULL,
    status     varchar(20)              NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT picks_pkey PRIMARY KEY (id),
    CONSTRAINT picks_order_id_key UNIQUE (order_id),
    CONSTRAINT picks_zone_fkey FOREIGN KEY (zone) REFERENCES zones (code)
);

CREATE TABLE pick_lines (
    pick_id      bigint       NOT NULL,
    line_no      integer      NOT NULL,
    sku          varchar(40)  NOT NULL,
    name         varchar(120) NOT NULL,
    quantity     integer      NOT NULL,
    weight_grams integer      NOT NULL,
    CONSTRAINT pick_lines_pkey PRIMARY KEY (pick_id, line_no),
    CONSTRAINT pick_lines_pick_fkey FOREIGN KEY (pick_id) REFERENCES picks (id),
    CONSTRAINT pick_lines_quantity_check CHECK (quantity > 0)
);
