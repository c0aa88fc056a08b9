-- Everything that flowkit keeps, as migrations/sqlite/0001_first.sql has it; what is said there is
-- not said again.
--
-- Ids are 16 bytes, times and durations are microseconds, JSON is text, types of state are their
-- codes.

CREATE TABLE flow (
    id      BYTEA NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    tags    TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE flow_run (
    id                        BYTEA NOT NULL PRIMARY KEY,
    flow_id                   BYTEA NOT NULL,
    name                      TEXT NOT NULL,
    state_type                SMALLINT NOT NULL,
    state_name                TEXT NOT NULL,
    state                     TEXT,
    flow_version              TEXT,
    parameters                TEXT NOT NULL,
    tags                      TEXT NOT NULL,
    parent_task_run_id        BYTEA,
    policy                    TEXT NOT NULL,
    idempotency_key           TEXT,
    run_count                 INTEGER NOT NULL,
    expected_start_time       BIGINT,
    next_scheduled_start_time BIGINT,
    start_time                BIGINT,
    end_time                  BIGINT,
    run_time                  BIGINT NOT NULL,
    program                   TEXT,
    on_crash                  TEXT NOT NULL,
    notes                     TEXT,
    counts_are_stale          SMALLINT NOT NULL DEFAULT 0,
    created                   BIGINT NOT NULL,
    updated                   BIGINT NOT NULL
);

CREATE INDEX flow_run_flow ON flow_run (flow_id, id, state_type, parent_task_run_id);
CREATE INDEX flow_run_state_type ON flow_run (state_type, id, parent_task_run_id);
CREATE INDEX flow_run_name ON flow_run (name, id);
-- Which end those without a start come at is a part of the order.
CREATE INDEX flow_run_start ON flow_run (start_time, id);
CREATE INDEX flow_run_start_last ON flow_run (start_time DESC NULLS LAST, id DESC);
CREATE INDEX flow_run_expected ON flow_run (expected_start_time);
CREATE INDEX flow_run_next ON flow_run (next_scheduled_start_time);
CREATE UNIQUE INDEX flow_run_key ON flow_run (flow_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX flow_run_parent ON flow_run (parent_task_run_id) WHERE parent_task_run_id IS NOT NULL;
CREATE INDEX flow_run_end ON flow_run (end_time);

-- Parts of names are found among very many where the server has this extension and lets its owner
-- of the database have it; elsewhere all names are looked through.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX flow_run_part_of_name ON flow_run USING gin (name gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    NULL;
END
$$;

CREATE TABLE flow_run_tag (
    tag         TEXT NOT NULL,
    flow_run_id BYTEA NOT NULL,
    PRIMARY KEY (tag, flow_run_id)
);

CREATE INDEX flow_run_tag_run ON flow_run_tag (flow_run_id);

CREATE TABLE flow_run_state (
    flow_run_id BYTEA NOT NULL,
    position    INTEGER NOT NULL,
    state       TEXT NOT NULL,
    PRIMARY KEY (flow_run_id, position)
);

CREATE TABLE task (
    id          BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest      BYTEA NOT NULL UNIQUE,
    key         TEXT NOT NULL,
    name        TEXT NOT NULL,
    version     TEXT NOT NULL,
    description TEXT,
    tags        TEXT NOT NULL,
    policy      TEXT NOT NULL
);

CREATE TABLE task_run (
    flow_run_id         BYTEA NOT NULL,
    id                  BYTEA NOT NULL,
    state_type          SMALLINT NOT NULL,
    state_name          TEXT NOT NULL,
    task_id             BIGINT NOT NULL,
    name                TEXT NOT NULL,
    dynamic_key         TEXT NOT NULL,
    states              TEXT NOT NULL,
    run_count           INTEGER NOT NULL,
    flow_run_run_count  INTEGER NOT NULL,
    expected_start_time BIGINT,
    start_time          BIGINT,
    end_time            BIGINT,
    run_time            BIGINT NOT NULL,
    parent_task_run_id  BYTEA,
    input_hash          BYTEA,
    task_inputs         TEXT,
    extra_tags          TEXT,
    cache_key           TEXT,
    cache_expiration    BIGINT,
    result              TEXT,
    PRIMARY KEY (flow_run_id, id)
);

CREATE UNIQUE INDEX task_run_id ON task_run (id);
CREATE INDEX task_run_slow ON task_run (flow_run_id, run_time) WHERE run_time >= 1000;
CREATE INDEX task_run_unfinished ON task_run (flow_run_id, state_type)
    WHERE state_type NOT BETWEEN 3 AND 6;
CREATE INDEX task_run_failed ON task_run (flow_run_id, state_type)
    WHERE state_type BETWEEN 4 AND 6;
CREATE INDEX task_run_cache ON task_run (cache_key, end_time) WHERE cache_key IS NOT NULL;
CREATE INDEX task_run_alone ON task_run (end_time) WHERE flow_run_id = id;

CREATE TABLE task_run_key (
    flow_run_id BYTEA NOT NULL,
    dynamic_key TEXT NOT NULL,
    task_key    TEXT NOT NULL,
    task_run_id BYTEA NOT NULL,
    PRIMARY KEY (flow_run_id, dynamic_key, task_key)
);

CREATE INDEX task_run_key_id ON task_run_key (task_run_id);

CREATE TABLE task_run_count (
    flow_run_id BYTEA NOT NULL,
    state_type  SMALLINT NOT NULL,
    task_runs   BIGINT NOT NULL,
    PRIMARY KEY (flow_run_id, state_type)
);

CREATE TABLE log (
    owner_id    BYTEA NOT NULL,
    id          BYTEA NOT NULL,
    task_run_id BYTEA,
    level       SMALLINT NOT NULL,
    timestamp   BIGINT NOT NULL,
    name        TEXT NOT NULL,
    message     TEXT NOT NULL,
    fields      TEXT,
    PRIMARY KEY (owner_id, id)
);

CREATE INDEX log_timestamp ON log (timestamp);

CREATE TABLE event (
    occurred    BIGINT NOT NULL,
    id          BYTEA NOT NULL,
    received    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource    TEXT NOT NULL,
    related     TEXT NOT NULL,
    payload     TEXT NOT NULL,
    follows     BYTEA,
    PRIMARY KEY (occurred, id)
);

CREATE INDEX event_resource ON event (resource_id, occurred, id);

CREATE TABLE artifact (
    id          BYTEA NOT NULL PRIMARY KEY,
    key         TEXT,
    type        TEXT NOT NULL,
    description TEXT,
    data        TEXT NOT NULL,
    metadata    TEXT,
    flow_run_id BYTEA,
    task_run_id BYTEA,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL
);

CREATE INDEX artifact_key ON artifact (key, id) WHERE key IS NOT NULL;
CREATE INDEX artifact_flow_run ON artifact (flow_run_id) WHERE flow_run_id IS NOT NULL;
CREATE INDEX artifact_task_run ON artifact (task_run_id) WHERE task_run_id IS NOT NULL;

CREATE TABLE variable (
    id      BYTEA NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    value   TEXT NOT NULL,
    tags    TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE concurrency_limit (
    id      BYTEA NOT NULL PRIMARY KEY,
    scope   TEXT NOT NULL,
    name    TEXT NOT NULL,
    slots   BIGINT NOT NULL,
    is_active BIGINT NOT NULL DEFAULT 1,
    decay   BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    UNIQUE (scope, name)
);

CREATE TABLE flow_run_input (
    flow_run_id BYTEA NOT NULL,
    key         TEXT NOT NULL,
    id          BYTEA NOT NULL,
    value       TEXT NOT NULL,
    sender      TEXT,
    created     BIGINT NOT NULL,
    PRIMARY KEY (flow_run_id, key)
);

CREATE TABLE saved_search (
    id      BYTEA NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    filters TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE configuration (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE block_type (
    id                BYTEA NOT NULL PRIMARY KEY,
    name              TEXT NOT NULL,
    slug              TEXT NOT NULL UNIQUE,
    logo_url          TEXT,
    documentation_url TEXT,
    description       TEXT,
    code_example      TEXT,
    is_protected      BIGINT NOT NULL,
    created           BIGINT NOT NULL,
    updated           BIGINT NOT NULL
);

CREATE TABLE block_schema (
    id            BYTEA NOT NULL PRIMARY KEY,
    checksum      TEXT NOT NULL,
    version       TEXT NOT NULL,
    block_type_id BYTEA NOT NULL,
    fields        TEXT NOT NULL,
    capabilities  TEXT NOT NULL,
    created       BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    UNIQUE (checksum, version)
);

CREATE TABLE block_document (
    id              BYTEA NOT NULL PRIMARY KEY,
    name            TEXT NOT NULL,
    sealed          TEXT NOT NULL,
    digest          BYTEA,
    block_schema_id BYTEA NOT NULL,
    block_type_id   BYTEA NOT NULL,
    is_anonymous    BIGINT NOT NULL,
    created         BIGINT NOT NULL,
    updated         BIGINT NOT NULL,
    UNIQUE (block_type_id, name)
);

CREATE UNIQUE INDEX block_document_same ON block_document (block_schema_id, digest)
    WHERE digest IS NOT NULL;

CREATE TABLE api_key (
    id      BYTEA NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    hash    TEXT NOT NULL UNIQUE,
    expires BIGINT,
    created BIGINT NOT NULL
);

CREATE TABLE slot (
    limit_id   BYTEA NOT NULL,
    holder     BYTEA NOT NULL,
    slots      BIGINT NOT NULL,
    held_until BIGINT NOT NULL,
    PRIMARY KEY (limit_id, holder)
);

CREATE INDEX slot_holder ON slot (holder);

CREATE TABLE lease (
    flow_run_id BYTEA NOT NULL PRIMARY KEY,
    holder      BYTEA NOT NULL,
    host        TEXT NOT NULL,
    pid         BIGINT NOT NULL,
    lock_file   TEXT,
    held_until  BIGINT NOT NULL
);

CREATE INDEX lease_holder ON lease (holder);

CREATE TABLE report (
    flow_run_id     BYTEA NOT NULL PRIMARY KEY,
    target          TEXT NOT NULL,
    is_done         SMALLINT NOT NULL,
    remote_id       BYTEA,
    states          BIGINT NOT NULL,
    last_log        BYTEA,
    logs            BIGINT NOT NULL,
    artifacts_until BIGINT NOT NULL,
    holder          BYTEA,
    host            TEXT,
    pid             BIGINT,
    lock_file       TEXT,
    held_until      BIGINT NOT NULL
);

CREATE INDEX report_due ON report (target, flow_run_id) WHERE is_done = 0;
