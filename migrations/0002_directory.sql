-- The latest snapshot of each user and live stream. The platform owns them; we keep a copy.

CREATE SCHEMA directory;

CREATE TABLE directory.users (
    id                  text        COLLATE "C" PRIMARY KEY,
    channel_id          text        COLLATE "C" NOT NULL,
    username            text        COLLATE "C" NOT NULL,
    name                text        NOT NULL,
    surname             text        NOT NULL,
    profile_photo       jsonb,
    availability_status text        NOT NULL,
    deleted             boolean     NOT NULL DEFAULT false,
    updated_at          timestamptz NOT NULL
);
CREATE INDEX users_channel_id ON directory.users (channel_id);
CREATE INDEX users_username ON directory.users (username);

CREATE TABLE directory.live_streams (
    id            text        COLLATE "C" PRIMARY KEY,
    live_chat_id  text        COLLATE "C" NOT NULL,
    title         text        NOT NULL,
    status        text        COLLATE "C" NOT NULL,
    creator_id    text        COLLATE "C" NOT NULL,
    moderator_ids text[]      COLLATE "C" NOT NULL DEFAULT '{}',
    updated_at    timestamptz NOT NULL
);
CREATE INDEX live_streams_live_chat_id ON directory.live_streams (live_chat_id);
CREATE INDEX live_streams_creator_id ON directory.live_streams (creator_id);
CREATE INDEX live_streams_moderator_ids ON directory.live_streams USING gin (moderator_ids);

GRANT USAGE ON SCHEMA directory TO docket_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA directory TO docket_service;
