-- Which carton a zone packs into, and what it weighs empty and usually filled.
CREATE TABLE cartons (
  code           VARCHAR(12) NOT NULL PRIMARY KEY,
  zone           VARCHAR(8)  NOT NULL,
  tare_grams     INT         NOT NULL,
  content_grams  INT         NOT NULL,
  max_grams      INT         NOT NULL,
  UNIQUE KEY uk_cartons_zone (zone)
) ENGINE = InnoDB;

INSERT INTO cartons (code, zone, tare_grams, content_grams, max_grams) VALUES
  ('BX-S1', 'A', 120,  900,  5000),
  ('BX-M2', 'B', 180, 2100, 10000),
  ('BX-L3', 'C', 260, 4800, 20000),
  ('BX-X4', 'D', 410, 9500, 31500);

ALTER TABLE parcels ADD COLUMN carton VARCHAR(12) NULL AFTER zone;
