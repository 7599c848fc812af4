-- A position means nothing without its log: each checkpoint remembers which one it is a position of, as
-- the position and id of that log's first event. Null while nothing was read.

ALTER TABLE projections.checkpoints ADD COLUMN log_id text COLLATE "C";
ALTER TABLE projections_next.checkpoints ADD COLUMN log_id text COLLATE "C";
ALTER TABLE projections_check.checkpoints ADD COLUMN log_id text COLLATE "C";
ALTER TABLE expiry.checkpoint ADD COLUMN log_id text COLLATE "C";
