-- The stations' scales and trolleys are certified up to ten kilograms.
ALTER TABLE parcels ADD CONSTRAINT ck_parcels_weight CHECK (weight_grams <= 10000);
