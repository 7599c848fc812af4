-- What the expiry process manager knows: the bans that will run out, and how far it has read the log.

CREATE SCHEMA expiry;

-- One row per temporary ban that is still active. Filled and emptied from the log.
CREATE TABLE expiry.pending_expiries (
    ban_id         text        COLLATE "C" PRIMARY KEY,
    expires_at     timestamptz NOT NULL,
    -- Of the event that created the ban: what the event that ends it was caused by and belongs to.
    event_id       text        COLLATE "C" NOT NULL,
    correlation_id text        COLLATE "C" NOT NULL
);
CREATE INDEX pending_expiries_expires_at ON expiry.pending_expiries (expires_at);

-- One row, moved together with the rows above. Several instances share it: whoever finds it moved
-- since he read it has lost the race and writes nothing.
CREATE TABLE expiry.checkpoint (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    position bigint  NOT NULL
);
INSERT INTO expiry.checkpoint (position) VALUES (0);

GRANT USAGE ON SCHEMA expiry TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA expiry TO docket_service;
