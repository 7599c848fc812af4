-- How far projections have come that are fed by Kafka, and a backlog that several of them can write.

SET LOCAL ROLE docket_service;

-- A projection that is fed by Kafka has a row here for every partition of the topic. Everything up to
-- `position` that is of this partition is in the tables, and the partition is read on from `next_offset`.
-- Both move in the transaction that writes the rows. The position decides: a record at or below it is
-- in the tables already, wherever it stands. projections.checkpoints.position is the least of them.
-- A projection that is fed by the log has no row here.
CREATE TABLE projections.partitions (
    projection  text COLLATE "C" NOT NULL,
    partition   integer          NOT NULL,
    next_offset bigint           NOT NULL,
    position    bigint           NOT NULL,
    updated_at  timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, partition)
);

-- Records of the topic that are no event of the log: put aside and shown, whoever wrote them. A rebuild
-- forgets them, since nothing of them can be missing afterwards.
CREATE TABLE projections.foreign_records (
    projection    text COLLATE "C" NOT NULL,
    partition     integer          NOT NULL,
    record_offset bigint           NOT NULL,
    reason        text             NOT NULL,
    found_at      timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, partition, record_offset)
);

-- Projection `statistics`, version 2: by how much the number of reports of a type that were neither
-- decided nor archived changed in each hour (UTC) in which it was touched. The backlog at a time that is
-- a whole hour = for each type, the sum of the changes of all hours before it. Sums alone can be written
-- by several at once: a total per hour would depend on what others have written and not committed.
CREATE TABLE projections.backlog_changes (
    type   text COLLATE "C" NOT NULL,
    hour   timestamptz      NOT NULL,
    change bigint           NOT NULL,
    PRIMARY KEY (type, hour)
);

-- Version 1 kept projections.backlog_hourly, which stays for services that are not replaced yet.
COMMENT ON TABLE projections.backlog_hourly IS
    'Superseded by backlog_changes; nobody writes it any more. To be dropped by a later release.';

RESET ROLE;
