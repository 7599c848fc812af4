-- Keys of persons, and their erasure. Personal texts in events are sealed with the key of the person that
-- they belong to; destroying the key makes them unreadable in the log, in every backup of it and in every
-- archive, without touching an event.

CREATE SCHEMA privacy;

-- One living key for each person. `wrapped` is the key, sealed with the master key of that name, which only
-- the configuration holds.
CREATE TABLE privacy.subject_keys (
    id         uuid        PRIMARY KEY,
    subject    text        COLLATE "C" NOT NULL,
    master_key text        COLLATE "C" NOT NULL,
    wrapped    bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT subject_keys_subject UNIQUE (subject)
);
CREATE INDEX subject_keys_master_key ON privacy.subject_keys (master_key);

-- The master keys by their names. `proof` is something that is known, wrapped by the key: whoever has
-- another key under the same name cannot open it, and learns that before anything is lost to the mistake.
-- Once it is retired, a master key wraps nothing more, whatever a file somewhere still says.
CREATE TABLE privacy.master_keys (
    name       text        COLLATE "C" PRIMARY KEY,
    proof      bytea       NOT NULL,
    retired_at timestamptz
);

-- What was erased. It does not say whose texts they were. log_position: of the last event in the log when
-- the erasure began; what any event up to there held sealed of the person is unreadable.
CREATE TABLE privacy.erasures (
    id           uuid        PRIMARY KEY,
    erased_at    timestamptz NOT NULL,
    requested_by text        COLLATE "C" NOT NULL,
    log_position bigint      NOT NULL CHECK (log_position >= 0),
    keys         uuid[]      NOT NULL,
    scrubbed     jsonb       NOT NULL
);

-- Persons whose texts must be kept. Who is released stays in the list until erased.
CREATE TABLE privacy.legal_holds (
    id          uuid        PRIMARY KEY,
    user_id     text        COLLATE "C" NOT NULL,
    reason      text        NOT NULL,
    placed_by   text        COLLATE "C" NOT NULL,
    placed_at   timestamptz NOT NULL,
    released_by text        COLLATE "C",
    released_at timestamptz
);
CREATE UNIQUE INDEX legal_holds_in_force ON privacy.legal_holds (user_id) WHERE released_at IS NULL;

-- Whether the person was erased. Names that the platform told before that, and names of somebody whom it
-- calls deleted, are not taken in again (crates/directory/src/users.rs).
ALTER TABLE directory.users ADD COLUMN erased boolean NOT NULL DEFAULT false;

-- Whoever writes opened texts into tables, or places a legal hold, holds this lock shared, from before he
-- reads what he goes by until he has committed; an erasure holds it alone. So no text lands behind an
-- erasure, and of a hold and an erasure one knows of the other.
CREATE FUNCTION privacy.writing() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(4918273651)
$$;

-- Destroys the key of a person, and what has been opened with it: texts in the read models, among them
-- those being rebuilt or verified, and what the directory knows of the person. All or nothing. `until` is
-- the position of the last event in the log.
--
-- `held_since` is when a legal hold was placed that is in the way; nothing was done then. Otherwise `keys`
-- are the destroyed ones, and `scrubbed` counts the rows of each table that told something.
CREATE FUNCTION privacy.erase(
    erasure_id uuid, person text, requester text, moment timestamptz, until bigint,
    OUT held_since timestamptz, OUT keys uuid[], OUT scrubbed jsonb
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    place    text;
    bans     bigint;
    reports  bigint;
    users    bigint;
    parked   bigint;
    holds    bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4918273651);
    SELECT h.placed_at INTO held_since FROM privacy.legal_holds h
    WHERE h.user_id = person AND h.released_at IS NULL;
    IF held_since IS NOT NULL THEN RETURN; END IF;

    WITH gone AS (DELETE FROM privacy.subject_keys k WHERE k.subject = person RETURNING k.id)
    SELECT coalesce(array_agg(gone.id), '{}') INTO keys FROM gone;
    DELETE FROM privacy.legal_holds h WHERE h.user_id = person;
    GET DIAGNOSTICS holds = ROW_COUNT;

    -- Whose a text is: see events/src/personal.rs. The live tables come last, as for whoever swaps what was
    -- rebuilt for what is read; what is swapped or dropped meanwhile is not there any more.
    FOREACH place IN ARRAY ARRAY['projections_next', 'projections_check', 'projections'] LOOP
        BEGIN
            EXECUTE format(
                'UPDATE %I.bans SET reason = NULL WHERE target_user_id = $1 AND reason IS NOT NULL', place
            ) USING person;
            GET DIAGNOSTICS bans = ROW_COUNT;
        EXCEPTION WHEN undefined_table THEN NULL;
        END;
        BEGIN
            EXECUTE format(
                'UPDATE %I.reports SET description = NULL, admin_notes = NULL, user_agent = NULL,
                     ip_address = NULL
                 WHERE reporter_id = $1 AND num_nonnulls(description, admin_notes, user_agent, ip_address) > 0',
                place
            ) USING person;
            GET DIAGNOSTICS reports = ROW_COUNT;
        EXCEPTION WHEN undefined_table THEN NULL;
        END;
    END LOOP;

    -- The row stays, or is made, with a time that whatever was told before is older than.
    UPDATE directory.users u SET erased = true WHERE u.id = person AND NOT u.erased;
    GET DIAGNOSTICS users = ROW_COUNT;
    INSERT INTO directory.users AS u (id, channel_id, username, name, surname, profile_photo,
        availability_status, deleted, erased, updated_at)
    VALUES (person, person, '', '', '', NULL, 'unknown', true, true, moment + interval '1 ms')
    ON CONFLICT (id) DO UPDATE SET channel_id = excluded.channel_id, username = excluded.username,
        name = excluded.name, surname = excluded.surname, profile_photo = excluded.profile_photo,
        availability_status = excluded.availability_status, deleted = true, erased = true,
        updated_at = greatest(u.updated_at + interval '1 ms', excluded.updated_at);
    -- Records that could not be read, and were put aside as they came: the person's own, and any other
    -- about users that names the person.
    DELETE FROM inbound.parked p
    WHERE p.key = convert_to(person, 'UTF8') OR (
        p.topic LIKE '%platform.users.v1'
        AND position(convert_to('"' || person || '"', 'UTF8') IN p.value) > 0
    );
    GET DIAGNOSTICS parked = ROW_COUNT;

    scrubbed := jsonb_build_object(
        'bans', bans, 'reports', reports, 'users', users, 'parkedRecords', parked, 'legalHolds', holds
    );
    INSERT INTO privacy.erasures (id, erased_at, requested_by, log_position, keys, scrubbed)
    VALUES (erasure_id, moment, requester, until, keys, scrubbed);
END
$$;

GRANT USAGE ON SCHEMA privacy TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON privacy.subject_keys TO docket_service;
GRANT SELECT, INSERT, UPDATE (retired_at) ON privacy.master_keys TO docket_service;
GRANT SELECT, INSERT ON privacy.erasures TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON privacy.legal_holds TO docket_service;
