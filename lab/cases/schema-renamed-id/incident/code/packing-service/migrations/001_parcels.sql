-- A parcel is one closed carton with a label. One pick becomes one parcel.
CREATE TABLE parcels (
  parcel_no     VARCHAR(16)  NOT NULL PRIMARY KEY,
  order_id      BIGINT       NOT NULL,
  pick_id       BIGINT       NOT NULL,
  zone          VARCHAR(8)   NOT NULL,
  weight_grams  INT          NOT NULL,
  state         VARCHAR(16)  NOT NULL,
  packed_at     DATETIME(3)  NOT NULL,
  announced_at  DATETIME(3)  NULL,
  UNIQUE KEY uk_parcels_pick (pick_id),
  KEY ix_parcels_order (order_id)
) ENGINE = InnoDB;

-- Numbers are printed on labels, so they are never given out twice, not even after a rollback.
CREATE SEQUENCE parcel_numbers START WITH 73100211 INCREMENT BY 1 CACHE 50;
