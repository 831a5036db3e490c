-- Which orders are picked first; 1 is the most urgent.
CREATE TABLE tier_priorities (
    tier     varchar(20) NOT NULL,
    priority integer     NOT NULL,
    CONSTRAINT tier_priorities_pkey PRIMARY KEY (tier)
);

INSERT INTO tier_priorities (tier, priority) VALUES ('GOLD', 1), ('SILVER', 2), ('STANDARD', 3);

ALTER TABLE picks ADD COLUMN priority integer DEFAULT 3 NOT NULL;
