CREATE TABLE channel_stats (
    channel  varchar(20) NOT NULL,
    accepted bigint      NOT NULL,
    CONSTRAINT channel_stats_pkey PRIMARY KEY (channel)
);

INSERT INTO channel_stats (channel, accepted)
VALUES ('WEB', 0), ('APP', 0), ('STORE', 0), ('KIOSK', 0), ('PARTNER', 0);
