-- Indexes for the dashboard: which bans of a live stream end next, and live streams by how their titles begin.

-- A title may be longer than an index entry. What is looked for has 128 characters at most.
CREATE INDEX live_streams_title ON directory.live_streams ((left(lower(title), 128) COLLATE "C"));

SET LOCAL ROLE docket_service;

-- Those of all live streams are in the order of their ends already.
CREATE INDEX ON projections.bans (live_stream_id, expires_at, id)
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

RESET ROLE;
