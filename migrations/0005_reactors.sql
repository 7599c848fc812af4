-- What acts on the world after events, and how far each has come. Never rebuilt.

CREATE SCHEMA reactors;

-- `owner` is the fence: whoever takes a reactor over counts it up, and who holds an older number can no
-- longer move it. `log_id` says which log the position is of.
CREATE TABLE reactors.checkpoints (
    name       text COLLATE "C" PRIMARY KEY,
    position   bigint           NOT NULL DEFAULT 0,
    owner      bigint           NOT NULL DEFAULT 0,
    log_id     text COLLATE "C",
    updated_at timestamptz      NOT NULL DEFAULT now()
);

GRANT USAGE ON SCHEMA reactors TO docket_service;
GRANT SELECT, INSERT, UPDATE ON reactors.checkpoints TO docket_service;
