-- Everything that flowkit keeps.
--
-- Ids are 16 bytes, times and durations are microseconds, JSON is text, types of state are their
-- codes. An index is followed by the queries that need it, as noun::function.

-- A flow as the database knows it: by its name.
CREATE TABLE flow (
    id      BLOB NOT NULL PRIMARY KEY,  -- flow::read
    name    TEXT NOT NULL UNIQUE,       -- flow::create, flow::read_by_name, flow::filter
    tags    TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;

CREATE TABLE flow_run (
    id                        BLOB NOT NULL PRIMARY KEY,  -- flow_run::read, ::update, ::filter
    flow_id                   BLOB NOT NULL,
    name                      TEXT NOT NULL,
    state_type                INTEGER NOT NULL,
    state_name                TEXT NOT NULL,
    state                     TEXT,
    flow_version              TEXT,
    parameters                TEXT NOT NULL,
    tags                      TEXT NOT NULL,
    parent_task_run_id        BLOB,
    policy                    TEXT NOT NULL,
    idempotency_key           TEXT,
    run_count                 INTEGER NOT NULL,
    expected_start_time       INTEGER,
    next_scheduled_start_time INTEGER,
    start_time                INTEGER,
    end_time                  INTEGER,
    run_time                  INTEGER NOT NULL,
    program                   TEXT,
    on_crash                  TEXT NOT NULL,
    notes                     TEXT,
    -- Whether task_run_count may miss what a dead process had still to write; see count.rs.
    counts_are_stale          INTEGER NOT NULL DEFAULT 0,
    created                   INTEGER NOT NULL,
    updated                   INTEGER NOT NULL
) STRICT;

-- flow_run::filter, ::count, history::read by flow
CREATE INDEX flow_run_flow ON flow_run (flow_id, id, state_type, parent_task_run_id);
-- flow_run::filter, ::count, history::read by state
CREATE INDEX flow_run_state_type ON flow_run (state_type, id, parent_task_run_id);
-- flow_run::filter by name, narrow
CREATE INDEX flow_run_name ON flow_run (name, id);
-- flow_run::filter by or in the order of the start
CREATE INDEX flow_run_start ON flow_run (start_time);
-- flow_run::filter by or in the order of the planned start, run_history::of_flow_runs
CREATE INDEX flow_run_expected ON flow_run (expected_start_time);
-- flow_run::filter by or in the order of the next start
CREATE INDEX flow_run_next ON flow_run (next_scheduled_start_time);
-- flow_run::find_by_key
CREATE UNIQUE INDEX flow_run_key ON flow_run (flow_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- flow_run::filter by parent, ::orphan_children, subflow::read
CREATE INDEX flow_run_parent ON flow_run (parent_task_run_id) WHERE parent_task_run_id IS NOT NULL;
-- retention::ended_flow_runs, flow_run::filter by or in the order of the end
CREATE INDEX flow_run_end ON flow_run (end_time);

-- The tags of flow runs once more, to find runs by them among very many.
CREATE TABLE flow_run_tag (
    tag         TEXT NOT NULL,
    flow_run_id BLOB NOT NULL,
    PRIMARY KEY (tag, flow_run_id)  -- flow_run::filter by tag, flow_run_tag::newest
) WITHOUT ROWID, STRICT;

-- flow_run_tag::delete
CREATE INDEX flow_run_tag_run ON flow_run_tag (flow_run_id);

-- All states that a flow run has had.
CREATE TABLE flow_run_state (
    flow_run_id BLOB NOT NULL,
    position    INTEGER NOT NULL,
    state       TEXT NOT NULL,
    PRIMARY KEY (flow_run_id, position)  -- flow_run_state::add, ::read, ::delete
) WITHOUT ROWID, STRICT;

-- What all runs of one task share. Rows are never deleted: processes remember their ids.
CREATE TABLE task (
    id          INTEGER NOT NULL PRIMARY KEY,  -- joined by task_run::*
    digest      BLOB NOT NULL UNIQUE,          -- task::keep
    key         TEXT NOT NULL,
    name        TEXT NOT NULL,
    version     TEXT NOT NULL,
    description TEXT,
    tags        TEXT NOT NULL,
    policy      TEXT NOT NULL
) STRICT;

-- One row a task run, its states inside. One outside a flow run has its own id as flow_run_id.
-- Every further index that a finished row touches costs each commit some microseconds.
CREATE TABLE task_run (
    flow_run_id         BLOB NOT NULL,
    id                  BLOB NOT NULL,
    state_type          INTEGER NOT NULL,
    state_name          TEXT NOT NULL,
    task_id             INTEGER NOT NULL,
    name                TEXT NOT NULL,
    dynamic_key         TEXT NOT NULL,
    states              TEXT NOT NULL,
    run_count           INTEGER NOT NULL,
    flow_run_run_count  INTEGER NOT NULL,
    expected_start_time INTEGER,
    start_time          INTEGER,
    end_time            INTEGER,
    run_time            INTEGER NOT NULL,
    parent_task_run_id  BLOB,
    input_hash          BLOB,
    task_inputs         TEXT,
    extra_tags          TEXT,
    cache_key           TEXT,
    cache_expiration    INTEGER,
    result              TEXT,
    PRIMARY KEY (flow_run_id, id)  -- task_run::filter, ::recorded, ::delete_first, count::recount
) WITHOUT ROWID, STRICT;

-- task_run::read, ::states, ::filter without a flow run, timeline::read
CREATE UNIQUE INDEX task_run_id ON task_run (id);
-- task_run::filter by run time; shorter ones are not ranked, so that most rows stay out of it
CREATE INDEX task_run_slow ON task_run (flow_run_id, run_time) WHERE run_time >= 1000;
-- task_run::unfinished; holds only rows that were written before their end
-- not `IN (…)`, for which SQLite fills a temporary table with every row that is written
CREATE INDEX task_run_unfinished ON task_run (flow_run_id, state_type)
    WHERE state_type NOT BETWEEN 3 AND 6;
-- task_run::filter by an end that is not a good one, timeline::read; most rows stay out of it
CREATE INDEX task_run_failed ON task_run (flow_run_id, state_type)
    WHERE state_type BETWEEN 4 AND 6;
-- task_run::cached
CREATE INDEX task_run_cache ON task_run (cache_key, end_time) WHERE cache_key IS NOT NULL;
-- retention::delete_task_runs
CREATE INDEX task_run_alone ON task_run (end_time) WHERE flow_run_id = id;

-- What clients of the API call the task runs that they made.
CREATE TABLE task_run_key (
    flow_run_id BLOB NOT NULL,
    dynamic_key TEXT NOT NULL,
    task_key    TEXT NOT NULL,
    task_run_id BLOB NOT NULL,
    PRIMARY KEY (flow_run_id, dynamic_key, task_key)  -- task_run_key::find, ::delete
) WITHOUT ROWID, STRICT;

-- task_run_key::is_known
CREATE INDEX task_run_key_id ON task_run_key (task_run_id);

-- How many task runs of a flow run are in each type of state.
CREATE TABLE task_run_count (
    flow_run_id BLOB NOT NULL,
    state_type  INTEGER NOT NULL,
    task_runs   INTEGER NOT NULL,
    PRIMARY KEY (flow_run_id, state_type)  -- count::read, ::add, ::clear
) WITHOUT ROWID, STRICT;

-- Lines that runs wrote. The owner is the flow run, or the task run of a line outside one.
CREATE TABLE log (
    owner_id    BLOB NOT NULL,
    id          BLOB NOT NULL,
    task_run_id BLOB,
    level       INTEGER NOT NULL,
    timestamp   INTEGER NOT NULL,
    name        TEXT NOT NULL,
    message     TEXT NOT NULL,
    fields      TEXT,
    PRIMARY KEY (owner_id, id)  -- log::filter, ::delete_some
) WITHOUT ROWID, STRICT;

-- retention::delete_logs
CREATE INDEX log_timestamp ON log (timestamp);

-- What was told to a server or decided by it, but for what task runs do.
CREATE TABLE event (
    occurred    INTEGER NOT NULL,
    id          BLOB NOT NULL,
    received    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource    TEXT NOT NULL,
    related     TEXT NOT NULL,
    payload     TEXT NOT NULL,
    follows     BLOB,
    PRIMARY KEY (occurred, id)  -- event::put, ::candidates, ::delete_old
) WITHOUT ROWID, STRICT;

-- event::candidates of one resource
CREATE INDEX event_resource ON event (resource_id, occurred, id);

CREATE TABLE artifact (
    id          BLOB NOT NULL PRIMARY KEY,  -- artifact::read, ::put, ::update, ::delete, ::filter
    key         TEXT,
    type        TEXT NOT NULL,
    description TEXT,
    data        TEXT NOT NULL,
    flow_run_id BLOB,
    task_run_id BLOB,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL
) STRICT;

-- artifact::read_latest, ::filter by key or for the newest of each key
CREATE INDEX artifact_key ON artifact (key, id) WHERE key IS NOT NULL;
-- artifact::filter by flow run, ::delete_of_flow_run
CREATE INDEX artifact_flow_run ON artifact (flow_run_id) WHERE flow_run_id IS NOT NULL;
-- artifact::filter by task run
CREATE INDEX artifact_task_run ON artifact (task_run_id) WHERE task_run_id IS NOT NULL;

CREATE TABLE variable (
    id      BLOB NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,  -- variable::*
    value   TEXT NOT NULL,
    tags    TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;

CREATE TABLE concurrency_limit (
    id      BLOB NOT NULL PRIMARY KEY,
    scope   TEXT NOT NULL,
    name    TEXT NOT NULL,
    slots   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    UNIQUE (scope, name)  -- concurrency_limit::*
) STRICT;

-- Slots that are held, each until its time.
CREATE TABLE slot (
    limit_id   BLOB NOT NULL,
    holder     BLOB NOT NULL,
    slots      INTEGER NOT NULL,
    held_until INTEGER NOT NULL,
    PRIMARY KEY (limit_id, holder)  -- slot::take, concurrency_limit::*
) WITHOUT ROWID, STRICT;

-- slot::release, ::renew
CREATE INDEX slot_holder ON slot (holder);

-- Which process executes which flow run.
CREATE TABLE lease (
    flow_run_id BLOB NOT NULL PRIMARY KEY,  -- lease::*
    holder      BLOB NOT NULL,
    host        TEXT NOT NULL,
    pid         INTEGER NOT NULL,
    lock_file   TEXT,
    held_until  INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- lease::renew, ::wanted
CREATE INDEX lease_holder ON lease (holder);

-- Which flow runs a server is told of, and how far that has got.
CREATE TABLE report (
    flow_run_id     BLOB NOT NULL PRIMARY KEY,  -- report::*
    target          TEXT NOT NULL,
    -- Whether the server knows the run as it is here.
    is_done         INTEGER NOT NULL,
    -- The run's id there, where it is another one.
    remote_id       BLOB,
    -- How many of its states are told.
    states          INTEGER NOT NULL,
    -- Which log line was told last, and how many are told.
    last_log        BLOB,
    logs            INTEGER NOT NULL,
    -- When the artifact was changed that was told last.
    artifacts_until INTEGER NOT NULL,
    -- Which process tells of it, so that no two do.
    holder          BLOB,
    host            TEXT,
    pid             INTEGER,
    lock_file       TEXT,
    held_until      INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- report::due
CREATE INDEX report_due ON report (target, flow_run_id) WHERE is_done = 0;

-- Changed by a flush that has to survive the loss of power, since a commit that changes nothing
-- is not waited for.
CREATE TABLE barrier (
    id      INTEGER NOT NULL PRIMARY KEY,
    flushes INTEGER NOT NULL
) STRICT;
INSERT INTO barrier (id, flushes) VALUES (1, 0);
