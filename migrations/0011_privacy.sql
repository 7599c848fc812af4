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

-- What was erased. It does not say whose texts they were.
CREATE TABLE privacy.erasures (
    id           uuid        PRIMARY KEY,
    erased_at    timestamptz NOT NULL,
    requested_by text        COLLATE "C" NOT NULL,
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

-- Whoever writes opened texts into tables holds this lock shared, from before he reads the keys until he
-- has committed; an erasure holds it alone. So no text lands behind an erasure.
CREATE FUNCTION privacy.writing() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(4918273651)
$$;

-- Destroys the key of a person, and what has been opened with it: texts in the read models, among them
-- those being rebuilt or verified, and what the directory knows of the person. All or nothing.
--
-- `held` says that a legal hold is in the way; nothing was done then. Otherwise `keys` are the destroyed
-- ones, and `scrubbed` counts the changed rows of each table.
CREATE FUNCTION privacy.erase(
    erasure_id uuid, person text, requester text, moment timestamptz,
    OUT held boolean, OUT keys uuid[], OUT scrubbed jsonb
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    place    text;
    counted  bigint;
    bans     bigint := 0;
    reports  bigint := 0;
    users    bigint;
    parked   bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4918273651);
    held := EXISTS (
        SELECT FROM privacy.legal_holds h WHERE h.user_id = person AND h.released_at IS NULL
    );
    IF held THEN RETURN; END IF;

    WITH gone AS (DELETE FROM privacy.subject_keys k WHERE k.subject = person RETURNING k.id)
    SELECT coalesce(array_agg(gone.id), '{}') INTO keys FROM gone;
    DELETE FROM privacy.legal_holds h WHERE h.user_id = person;

    -- Whose a text is: see events/src/personal.rs.
    FOREACH place IN ARRAY ARRAY['projections', 'projections_next', 'projections_check'] LOOP
        IF to_regclass(place || '.bans') IS NOT NULL THEN
            EXECUTE format(
                'UPDATE %I.bans SET reason = NULL WHERE target_user_id = $1 AND reason IS NOT NULL', place
            ) USING person;
            GET DIAGNOSTICS counted = ROW_COUNT;
            IF place = 'projections' THEN bans := counted; END IF;
        END IF;
        IF to_regclass(place || '.reports') IS NOT NULL THEN
            EXECUTE format(
                'UPDATE %I.reports SET description = NULL, admin_notes = NULL, user_agent = NULL,
                     ip_address = NULL
                 WHERE reporter_id = $1 AND num_nonnulls(description, admin_notes, user_agent, ip_address) > 0',
                place
            ) USING person;
            GET DIAGNOSTICS counted = ROW_COUNT;
            IF place = 'projections' THEN reports := counted; END IF;
        END IF;
    END LOOP;

    UPDATE directory.users AS u SET channel_id = u.id, username = '', name = '', surname = '',
        profile_photo = NULL, availability_status = '', deleted = true,
        updated_at = greatest(u.updated_at, moment)
    WHERE u.id = person;
    GET DIAGNOSTICS users = ROW_COUNT;
    -- Records of the person that could not be read, and were put aside as they came.
    DELETE FROM inbound.parked p WHERE p.key = convert_to(person, 'UTF8');
    GET DIAGNOSTICS parked = ROW_COUNT;

    scrubbed := jsonb_build_object(
        'bans', bans, 'reports', reports, 'users', users, 'parkedRecords', parked
    );
    INSERT INTO privacy.erasures (id, erased_at, requested_by, keys, scrubbed)
    VALUES (erasure_id, moment, requester, keys, scrubbed);
END
$$;

GRANT USAGE ON SCHEMA privacy TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON privacy.subject_keys TO docket_service;
GRANT SELECT, INSERT, UPDATE (retired_at) ON privacy.master_keys TO docket_service;
GRANT SELECT, INSERT ON privacy.erasures TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON privacy.legal_holds TO docket_service;
