-- The Merkle tree over the log, and the last checkpoint of it that was signed.
--
-- All of it but the checkpoint follows from the log. It is RFC 9162's tree, whose leaves are the events in
-- the order of the log, in the tiles of C2SP tlog-tiles. How far it has come, and in which log, is in
-- reactors.checkpoints under the name 'tree'; that row moves in the same transaction.

CREATE SCHEMA tree;

-- hashes: up to 256 of 32 bytes. Tiles of level 0 hold leaves, those of each other level the roots of
-- finished tiles below. A tile only ever grows, until it is finished.
CREATE TABLE tree.tiles (
    level  smallint NOT NULL,
    index  bigint   NOT NULL,
    hashes bytea    NOT NULL,
    PRIMARY KEY (level, index)
);
-- Hashes cannot be compressed, so nobody shall try.
ALTER TABLE tree.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Which event a leaf is of. The engine's positions need not be dense, so this is also where the entries of
-- a tile begin and end.
CREATE TABLE tree.leaves (
    index    bigint PRIMARY KEY,
    position bigint NOT NULL,
    event_id uuid   NOT NULL
);
-- Not unique: that no two events have one id is the log's promise, not the tree's.
CREATE INDEX ON tree.leaves (event_id);

-- The one tree. checkpoint: a C2SP signed note, of this size or less; null while nothing was signed.
CREATE TABLE tree.head (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    size       bigint  NOT NULL DEFAULT 0,
    checkpoint text
);

GRANT USAGE ON SCHEMA tree TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON tree.tiles, tree.leaves, tree.head TO docket_service;
