-- The read models, and how far each of them has come.
--
-- Everything here is made from the log and can be made again. Times are the events' own (occurredAt),
-- never the clock's; only checkpoints.updated_at and parked.parked_at tell when the projector worked.
-- The projector rebuilds a table beside the live one and swaps them, so the service role owns all of
-- it. Indexes have no names of their own: a rebuilt table gets the same ones from LIKE.

CREATE SCHEMA projections AUTHORIZATION docket_service;
-- Where a rebuild builds, and where `verify` replays the log to compare.
CREATE SCHEMA projections_next AUTHORIZATION docket_service;
CREATE SCHEMA projections_check AUTHORIZATION docket_service;

SET LOCAL ROLE docket_service;

-- How far each projection has come. `owner` is the fence: whoever takes over, flips a rebuild or
-- retries parked events counts it up, and a writer that holds an older one can no longer move.
CREATE TABLE projections.checkpoints (
    name       text COLLATE "C" PRIMARY KEY,
    version    integer     NOT NULL,
    position   bigint      NOT NULL DEFAULT 0,
    owner      bigint,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Events that a projection could not take, and all later ones of their streams. Empty in health.
CREATE TABLE projections.parked (
    projection text COLLATE "C" NOT NULL,
    position   bigint           NOT NULL,
    stream     text COLLATE "C" NOT NULL,
    event_id   text COLLATE "C" NOT NULL,
    reason     text             NOT NULL,
    parked_at  timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, position)
);

-- Projection `bans`: every ban there ever was. Active: revoked_at is null and expires_at is null or
-- lies ahead. One that ran out has revoke_cause 'expired' and revoked_at = updated_at = expires_at,
-- whenever the event came. revoked_by is null then. position: of the last event that touched the row.
CREATE TABLE projections.bans (
    id             text COLLATE "C" PRIMARY KEY,
    live_stream_id text COLLATE "C" NOT NULL,
    target_user_id text COLLATE "C" NOT NULL,
    action_type    text COLLATE "C" NOT NULL,  -- BLOCK | CHAT_ONLY
    reason         text,
    created_by     text COLLATE "C" NOT NULL,
    created_at     timestamptz      NOT NULL,
    expires_at     timestamptz,
    report_id      text COLLATE "C",
    revoked_at     timestamptz,
    revoked_by     text COLLATE "C",
    revoke_cause   text COLLATE "C",           -- manual | expired | superseded
    updated_at     timestamptz      NOT NULL,
    position       bigint           NOT NULL
);
CREATE INDEX ON projections.bans (created_at, id);
CREATE INDEX ON projections.bans (live_stream_id, created_at, id);
CREATE INDEX ON projections.bans (target_user_id, created_at, id);
CREATE INDEX ON projections.bans (created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX ON projections.bans (live_stream_id, created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX ON projections.bans (target_user_id, live_stream_id) WHERE revoked_at IS NULL;
-- The lists of those that ran out, noticed or not, and of those that somebody ended. The conditions
-- are the queries' own words.
CREATE INDEX ON projections.bans (created_at, id)
    WHERE expires_at IS NOT NULL AND (revoke_cause IS NULL OR revoke_cause = 'expired');
CREATE INDEX ON projections.bans (created_at, id) WHERE revoke_cause IN ('manual', 'superseded');
-- Those whose time has run out and whose event is still to come: what the counts below must be
-- corrected by.
CREATE INDEX ON projections.bans (expires_at, live_stream_id)
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- Projection `bans`: how many there are, in all (live_stream_id '') and per live stream, so that a
-- list's total need not be counted. state: unrevoked | manual | expired | superseded. Active bans =
-- unrevoked minus those in projections.bans with revoked_at null and expires_at <= now.
CREATE TABLE projections.ban_counts (
    live_stream_id text COLLATE "C" NOT NULL,
    action_type    text COLLATE "C" NOT NULL,
    state          text COLLATE "C" NOT NULL,
    bans           bigint           NOT NULL,
    PRIMARY KEY (live_stream_id, action_type, state)
);

-- Projection `reports`: every report there ever was.
CREATE TABLE projections.reports (
    id                      text COLLATE "C" PRIMARY KEY,
    reporter_id             text COLLATE "C" NOT NULL,
    live_stream_id          text COLLATE "C" NOT NULL,
    stream_creator_id       text COLLATE "C" NOT NULL,
    stream_title            text             NOT NULL,
    stream_status_at_report text COLLATE "C" NOT NULL,
    type                    text COLLATE "C" NOT NULL,
    description             text,
    status                  text COLLATE "C" NOT NULL,  -- pending | under_review | resolved | rejected
    reviewed_by             text COLLATE "C",
    admin_notes             text,
    resolved_at             timestamptz,
    is_archived             boolean          NOT NULL,
    user_agent              text,
    ip_address              text COLLATE "C",
    platform                text COLLATE "C",           -- as answers show it: ios, android, web …
    created_at              timestamptz      NOT NULL,
    updated_at              timestamptz      NOT NULL,
    position                bigint           NOT NULL
);
CREATE INDEX ON projections.reports (is_archived, created_at, id);
CREATE INDEX ON projections.reports (is_archived, status, created_at, id);
CREATE INDEX ON projections.reports (is_archived, type, created_at, id);
CREATE INDEX ON projections.reports (live_stream_id, is_archived, created_at, id);
CREATE INDEX ON projections.reports (reporter_id, created_at, id);

-- Projection `reports`: how many there are of each kind (at most 56 rows), for the queue's totals.
CREATE TABLE projections.report_counts (
    status      text COLLATE "C" NOT NULL,
    type        text COLLATE "C" NOT NULL,
    is_archived boolean          NOT NULL,
    reports     bigint           NOT NULL,
    PRIMARY KEY (status, type, is_archived)
);

-- Projection `reports`: a row for every live stream ever reported; `open` counts its reports that are
-- pending or under review and not archived. Read in order of (open desc, live_stream_id) it leads
-- the queue's order most_reported.
CREATE TABLE projections.stream_report_counts (
    live_stream_id text COLLATE "C" PRIMARY KEY,
    open           bigint NOT NULL
);
CREATE INDEX ON projections.stream_report_counts (open DESC, live_stream_id);

-- Projection `statistics`: what happened in each hour (UTC).
--   reports_filed    key = type
--   reports_decided  key = type:status, status resolved | rejected; a report is decided once
--   bans_created     key = action type
--   bans_revoked     key = cause
CREATE TABLE projections.statistics_hourly (
    hour   timestamptz      NOT NULL,
    metric text COLLATE "C" NOT NULL,
    key    text COLLATE "C" NOT NULL,
    count  bigint           NOT NULL,
    PRIMARY KEY (hour, metric, key)
);

-- Projection `statistics`: how many reports of a type were neither decided nor archived at the end of
-- each hour in which that number was touched. The backlog at a time that is a whole hour = for each
-- type, the row with the greatest hour before it (none: 0).
CREATE TABLE projections.backlog_hourly (
    type text COLLATE "C" NOT NULL,
    hour timestamptz      NOT NULL,
    open bigint           NOT NULL,
    PRIMARY KEY (type, hour)
);

-- Projection `statistics`: what it must remember of each report, and how long its decision took
-- (whole seconds from filed_at to decided_at; both null while it is open).
CREATE TABLE projections.decisions (
    report_id   text COLLATE "C" PRIMARY KEY,
    type        text COLLATE "C" NOT NULL,
    filed_at    timestamptz      NOT NULL,
    is_archived boolean          NOT NULL,
    decided_at  timestamptz,
    seconds     bigint
);
CREATE INDEX ON projections.decisions (decided_at) INCLUDE (seconds) WHERE decided_at IS NOT NULL;

-- The same ledgers for what is built and replayed beside the live tables.
CREATE TABLE projections_next.checkpoints (LIKE projections.checkpoints INCLUDING ALL);
CREATE TABLE projections_next.parked (LIKE projections.parked INCLUDING ALL);
CREATE TABLE projections_check.checkpoints (LIKE projections.checkpoints INCLUDING ALL);
CREATE TABLE projections_check.parked (LIKE projections.parked INCLUDING ALL);

RESET ROLE;
