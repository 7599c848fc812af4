-- The event log: append only, dense positions, one writer at a time.

-- The services' rights. A login role gets them by becoming a member. Roles belong to the whole
-- server, so another database's migration may create it at the same moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'docket_service') THEN
        CREATE ROLE docket_service NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- Whoever migrates hands tables over to docket_service, so that role must be one to act as. From
-- PostgreSQL 16 on, its creator is a member who may only let others in, and lets himself in here.
DO $$
BEGIN
    IF NOT pg_has_role(
        current_user, 'docket_service',
        CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END
    ) THEN
        EXECUTE format('GRANT docket_service TO %I', current_user);
    END IF;
END
$$;

CREATE SCHEMA log;

CREATE TABLE log.events (
    position       bigint      PRIMARY KEY,
    stream         text        COLLATE "C" NOT NULL,
    version        int         NOT NULL,
    event_id       uuid        NOT NULL,
    event_type     text        COLLATE "C" NOT NULL,
    schema_version smallint    NOT NULL,
    recorded_at    timestamptz NOT NULL,
    data           jsonb       NOT NULL,
    metadata       jsonb       NOT NULL,
    CONSTRAINT events_stream_version UNIQUE (stream, version),
    CONSTRAINT events_event_id UNIQUE (event_id)
);

CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log.events is append-only' USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;

CREATE TRIGGER events_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

-- Also where session_replication_role = replica silences ordinary triggers.
ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_immutable;

-- Appends many commands in one statement: one round trip, one flush to disk.
--
-- A command is a stream, the version that the stream must be at, and its events. `streams` and
-- `expected` have one entry per command, the other arrays one per event, in order: `commands` says
-- which command (from 1) the event is of, `versions` which place in the stream it is to take. No id
-- may occur twice in one call.
--
-- Each command is accepted or refused as a whole and on its own; it sees those before it as done.
-- It gets an outcome and a number:
--   1  appended          position of its last event (of the log's last when it has none)
--   2  already appended  position of its last event: its ids stand at its place
--   3  conflict          the version that the stream is at
--   4  id in use         0: one of its ids belongs to another event
--
-- The advisory lock is held until the commit is visible to all, so positions become visible in
-- order and without a gap. VOLATILE: every query below takes its snapshot after the lock.
CREATE FUNCTION log.append(
    streams text[], expected int[],
    commands int[], versions int[], ids uuid[], types text[], schema_versions smallint[],
    data jsonb[], metadata jsonb[],
    OUT outcomes smallint[], OUT numbers bigint[]
) LANGUAGE plpgsql VOLATILE
-- Every access is by index, whatever the arguments. A plan made while the table was small must not
-- scan it when it has grown, and none needs to be made again.
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    command record;
    head    bigint;
    last    bigint;
    reached int[] := array_fill(NULL::int, ARRAY[cardinality(streams)]);
    version int;
BEGIN
    outcomes := array_fill(0::smallint, ARRAY[cardinality(streams)]);
    numbers := array_fill(0::bigint, ARRAY[cardinality(streams)]);
    PERFORM pg_advisory_xact_lock(4918273650);
    SELECT coalesce(max(e.position), 0) INTO head FROM log.events e;
    last := head;

    FOR command IN
        SELECT c.n, c.expected, c.first, coalesce(newest.version, 0) AS version,
               coalesce(own.size, 0) AS size, coalesce(own.held, 0) AS held,
               own.position, own.in_place AND own.stream = c.stream AS in_place
        FROM (
            SELECT u.*, min(u.n) OVER (PARTITION BY u.stream) AS first
            FROM unnest(streams, expected) WITH ORDINALITY AS u (stream, expected, n)
        ) c
        LEFT JOIN LATERAL (
            SELECT e.version FROM log.events e
            WHERE e.stream = c.stream ORDER BY e.version DESC LIMIT 1
        ) newest ON true
        LEFT JOIN (
            -- One of several streams is enough: in a single stream, versions tell the place.
            SELECT u.command, count(*) AS size, count(found.position) AS held,
                   max(found.position) AS position, min(found.stream) AS stream,
                   bool_and(coalesce(found.version = u.version, false))
                       AND min(found.stream) = max(found.stream) AS in_place
            FROM unnest(commands, versions, ids) AS u (command, version, id)
            LEFT JOIN LATERAL (
                SELECT e.position, e.stream, e.version FROM log.events e
                WHERE e.event_id = u.id LIMIT 1
            ) found ON true
            GROUP BY u.command
        ) own ON own.command = c.n
        ORDER BY c.n
    LOOP
        version := coalesce(reached[command.first], command.version);
        IF command.held > 0 THEN
            IF command.in_place THEN
                outcomes[command.n] := 2;
                numbers[command.n] := command.position;
            ELSE
                outcomes[command.n] := 4;
            END IF;
        ELSIF command.expected <> version THEN
            outcomes[command.n] := 3;
            numbers[command.n] := version;
        ELSE
            last := last + command.size;
            reached[command.first] := version + command.size;
            outcomes[command.n] := 1;
            numbers[command.n] := last;
        END IF;
    END LOOP;

    IF last > head THEN
        INSERT INTO log.events
        SELECT head + row_number() OVER (ORDER BY e.n), c.stream, e.version, e.id, e.type,
               e.schema_version, clock_timestamp(), e.data, e.metadata
        FROM unnest(commands, versions, ids, types, schema_versions, data, metadata)
             WITH ORDINALITY AS e (command, version, id, type, schema_version, data, metadata, n)
        JOIN unnest(streams, outcomes) WITH ORDINALITY AS c (stream, outcome, n)
             ON c.n = e.command
        WHERE c.outcome = 1;
        PERFORM pg_notify('docket_log', last::text);
    END IF;
END
$$;

GRANT USAGE ON SCHEMA log TO docket_service;
GRANT SELECT, INSERT ON log.events TO docket_service;
