-- The first schema. PostgreSQL's twin has the same tables and columns; a test compares them.
-- Times (`*_us`) are whole microseconds since 1970-01-01T00:00Z. Booleans are 0 and 1. `snapshot` and `payload` are JSON.

-- One row: how many events and messages there are. Whoever appends raises it first, so places in the log have no gaps.
CREATE TABLE log_head (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    size      INTEGER NOT NULL CHECK (size >= 0),
    messages  INTEGER NOT NULL CHECK (messages >= 0)
) STRICT;
INSERT INTO log_head (one, size, messages) VALUES (1, 0, 0);

-- The record. `leaf` holds the exact bytes that are hashed.
CREATE TABLE events (
    seq      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    stream   TEXT NOT NULL,
    version  INTEGER NOT NULL CHECK (version >= 0),
    at_us    INTEGER NOT NULL,
    leaf     BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id);
CREATE UNIQUE INDEX events_stream_version ON events (stream, version) WHERE version > 0;
CREATE INDEX events_stream ON events (stream, seq);

CREATE TABLE checkpoints (
    size  INTEGER PRIMARY KEY,
    note  TEXT NOT NULL
) STRICT;

-- Projections: what the events add up to, and the columns that questions are asked by.
CREATE TABLE requests (
    id           TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    state        TEXT NOT NULL,
    is_open      INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    automatic    INTEGER NOT NULL CHECK (automatic IN (0, 1)),
    requester    TEXT NOT NULL,
    beneficiary  TEXT NOT NULL,
    entitlement  TEXT NOT NULL,
    filed_us     INTEGER NOT NULL,
    snapshot     TEXT NOT NULL
) STRICT;
CREATE INDEX requests_filed ON requests (filed_us, id);
CREATE INDEX requests_beneficiary ON requests (beneficiary, filed_us, id);
CREATE INDEX requests_requester ON requests (requester, filed_us, id);
CREATE INDEX requests_entitlement ON requests (entitlement, filed_us, id);
CREATE INDEX requests_open ON requests (filed_us, id) WHERE is_open = 1;
CREATE INDEX requests_automatic ON requests (filed_us, id) WHERE automatic = 1;

-- Who may decide the open step of a pending request now.
CREATE TABLE request_waiting (
    request  TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    person   TEXT NOT NULL,
    PRIMARY KEY (person, request)
) STRICT;
CREATE INDEX request_waiting_request ON request_waiting (request);

CREATE TABLE grants (
    id           TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    state        TEXT NOT NULL,
    is_open      INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    request      TEXT NOT NULL,
    beneficiary  TEXT NOT NULL,
    entitlement  TEXT NOT NULL,
    ends_us      INTEGER,
    snapshot     TEXT NOT NULL
) STRICT;
CREATE INDEX grants_beneficiary ON grants (beneficiary, id);
CREATE INDEX grants_entitlement ON grants (entitlement, id);
CREATE INDEX grants_open_end ON grants (ends_us, id) WHERE is_open = 1;
CREATE INDEX grants_open ON grants (id) WHERE is_open = 1;

CREATE TABLE tasks (
    id        TEXT PRIMARY KEY,
    version   INTEGER NOT NULL,
    state     TEXT NOT NULL,
    is_open   INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    due_us    INTEGER NOT NULL,
    snapshot  TEXT NOT NULL
) STRICT;

-- Who may do an open task.
CREATE TABLE task_waiting (
    task    TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    person  TEXT NOT NULL,
    PRIMARY KEY (person, task)
) STRICT;
CREATE INDEX task_waiting_task ON task_waiting (task);

-- The durable queue. `due_us` is when a job may be claimed: its time while it waits, the lease's end while somebody holds it, nothing
-- once it is done or dead.
CREATE TABLE jobs (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    payload     TEXT NOT NULL,
    dedupe_key  TEXT NOT NULL UNIQUE,
    state       TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
    run_at_us   INTEGER NOT NULL,
    due_us      INTEGER,
    lease       TEXT,
    attempts    INTEGER NOT NULL DEFAULT 0,
    last_error  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX jobs_due ON jobs (due_us, id) WHERE due_us IS NOT NULL;
CREATE INDEX jobs_queued ON jobs (due_us) WHERE state = 'queued';
CREATE INDEX jobs_dead ON jobs (run_at_us, id) WHERE state = 'dead';

-- Personal words, erasable: the record holds only their salted digests.
CREATE TABLE texts (
    id     TEXT PRIMARY KEY,
    owner  TEXT NOT NULL,
    at_us  INTEGER NOT NULL,
    salt   BLOB NOT NULL,
    body   BLOB NOT NULL
) STRICT;
CREATE INDEX texts_owner ON texts (owner, at_us);

-- Facts, policy sets, understandings: kept once under their SHA-256 digest.
CREATE TABLE artifacts (
    digest  TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    bytes   BLOB NOT NULL
) STRICT;

CREATE TABLE conversations (
    id        TEXT PRIMARY KEY,
    version   INTEGER NOT NULL,
    person    TEXT NOT NULL,
    surface   TEXT NOT NULL,
    snapshot  TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_person ON conversations (person, surface, id);

CREATE TABLE messages (
    id            TEXT PRIMARY KEY,
    conversation  TEXT NOT NULL,
    place         INTEGER NOT NULL,
    snapshot      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_place ON messages (conversation, place);

-- Numbers two writers cannot both raise, and things done at most once.
CREATE TABLE locks (
    name     TEXT PRIMARY KEY,
    version  INTEGER NOT NULL
) STRICT;
CREATE TABLE once_keys (
    name  TEXT PRIMARY KEY
) STRICT;

-- Web sessions, under the SHA-256 digest of their secret id.
CREATE TABLE sessions (
    id          TEXT PRIMARY KEY,
    data        TEXT NOT NULL,
    expires_us  INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_expires ON sessions (expires_us);
