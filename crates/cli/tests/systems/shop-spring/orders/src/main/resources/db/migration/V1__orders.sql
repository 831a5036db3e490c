CREATE TABLE customer_order (
  id          uuid PRIMARY KEY,
  number      varchar(32) NOT NULL,
  status      varchar(24) NOT NULL,
  CONSTRAINT uq_order_number UNIQUE (number)
);
