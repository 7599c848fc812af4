-- History: the index by which auditors find events, and the record of what they have read.

SET LOCAL ROLE docket_service;

-- Projection `history`: a row for every event. What happened is read from the log itself; this only finds
-- it. The end of a ban and the review of a report name neither user nor live stream: they have those of
-- the event that began the ban or the report. Every index ends with what answers are ordered by, or finds
-- the few events that belong together.
CREATE TABLE projections.history (
    position       bigint           PRIMARY KEY,
    event_id       uuid             NOT NULL,
    event_type     text COLLATE "C" NOT NULL,
    subject_id     text COLLATE "C" NOT NULL,  -- the ban or the report
    live_stream_id text COLLATE "C",
    user_id        text COLLATE "C",           -- who is banned, or who reported
    creator_id     text COLLATE "C",           -- whose live stream is reported
    actor_id       text COLLATE "C",           -- who caused it; null: Docket itself
    report_id      text COLLATE "C",           -- the report behind a new ban
    correlation_id text COLLATE "C" NOT NULL,
    causation_id   uuid,
    occurred_at    timestamptz      NOT NULL
);
CREATE INDEX ON projections.history (event_type, position);
CREATE INDEX ON projections.history (live_stream_id, position);
CREATE INDEX ON projections.history (user_id, position);
CREATE INDEX ON projections.history (creator_id, position) WHERE creator_id IS NOT NULL;
CREATE INDEX ON projections.history (actor_id, position) WHERE actor_id IS NOT NULL;
CREATE INDEX ON projections.history (event_id);
CREATE INDEX ON projections.history (subject_id, position);
CREATE INDEX ON projections.history (correlation_id);
CREATE INDEX ON projections.history (causation_id) WHERE causation_id IS NOT NULL;
CREATE INDEX ON projections.history (report_id) WHERE report_id IS NOT NULL;

-- Projection `history`: between which positions the events lie that occurred in an hour (UTC). The log is
-- in the order of its writing, which is only nearly that of time; this says exactly where a time is to be
-- looked for, in a few rows. Least and greatest, as sums, can be written by several at once.
CREATE TABLE projections.history_hours (
    hour  timestamptz PRIMARY KEY,
    first bigint      NOT NULL,
    last  bigint      NOT NULL
);

RESET ROLE;

-- What auditors have read: who, what and when, written before the answer is given. The services may add to
-- it and neither read nor change it; nobody changes it, as with the log.
CREATE SCHEMA audit;

CREATE TABLE audit.reads (
    id             uuid             PRIMARY KEY,
    actor          text COLLATE "C" NOT NULL,
    roles          text[]           NOT NULL,
    route          text COLLATE "C" NOT NULL,  -- its template, as in the OpenAPI document
    filter         jsonb            NOT NULL,  -- {"path": {…}, "query": {…}}
    at             timestamptz      NOT NULL,
    correlation_id text COLLATE "C" NOT NULL
);

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit.reads is append-only' USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;

CREATE TRIGGER reads_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.reads
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Also where session_replication_role = replica silences ordinary triggers.
ALTER TABLE audit.reads ENABLE ALWAYS TRIGGER reads_immutable;

GRANT USAGE ON SCHEMA audit TO docket_service;
GRANT INSERT ON audit.reads TO docket_service;
