-- Records that could not be handled, kept until somebody looks. Replaces the dead-letter topic nobody read.
CREATE TABLE parked_records (
    id         bigserial   PRIMARY KEY,
    topic      text        NOT NULL,
    part       integer     NOT NULL,
    "offset"   bigint      NOT NULL,
    value      text,
    reason     text        NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT parked_records_position_key UNIQUE (topic, part, "offset")
);
