-- What has been taken in from Kafka: how far, and what could not be read.

CREATE SCHEMA inbound;

-- The next record of each partition. Moves together with the rows that the records before it make, so that it,
-- and not what the brokers remember, says where to go on.
CREATE TABLE inbound.offsets (
    topic       text    COLLATE "C" NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL CHECK (next_offset >= 0),
    PRIMARY KEY (topic, partition)
);

-- Records that were put aside. `value` is cut off where it is very long.
CREATE TABLE inbound.parked (
    topic         text        COLLATE "C" NOT NULL,
    partition     integer     NOT NULL,
    record_offset bigint      NOT NULL,
    key           bytea,
    value         bytea,
    reason        text        NOT NULL,
    parked_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, record_offset)
);

GRANT USAGE ON SCHEMA inbound TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA inbound TO docket_service;
