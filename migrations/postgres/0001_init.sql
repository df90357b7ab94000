-- The first schema. SQLite's twin has the same tables and columns; a test compares them.
-- Times (`*_us`) are whole microseconds since 1970-01-01T00:00Z. Booleans are 0 and 1. `snapshot` and `payload` are JSON.

-- One row: how many events and messages there are. Whoever appends raises it first, so places in the log have no gaps.
CREATE TABLE log_head (
    one       BIGINT PRIMARY KEY CHECK (one = 1),
    size      BIGINT NOT NULL CHECK (size >= 0),
    messages  BIGINT NOT NULL CHECK (messages >= 0)
);
INSERT INTO log_head (one, size, messages) VALUES (1, 0, 0);

-- The record. `leaf` holds the exact bytes that are hashed.
CREATE TABLE events (
    seq      BIGINT PRIMARY KEY,
    id       TEXT COLLATE "C" NOT NULL,
    stream   TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL CHECK (version >= 0),
    at_us    BIGINT NOT NULL,
    leaf     BYTEA NOT NULL
);
CREATE UNIQUE INDEX events_id ON events (id);
CREATE UNIQUE INDEX events_stream_version ON events (stream, version) WHERE version > 0;
CREATE INDEX events_stream ON events (stream, seq);

CREATE TABLE checkpoints (
    size  BIGINT PRIMARY KEY,
    note  TEXT COLLATE "C" NOT NULL
);

-- Projections: what the events add up to, and the columns that questions are asked by.
CREATE TABLE requests (
    id           TEXT COLLATE "C" PRIMARY KEY,
    version      BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    is_open      BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    automatic    BIGINT NOT NULL CHECK (automatic IN (0, 1)),
    requester    TEXT COLLATE "C" NOT NULL,
    beneficiary  TEXT COLLATE "C" NOT NULL,
    entitlement  TEXT COLLATE "C" NOT NULL,
    filed_us     BIGINT NOT NULL,
    snapshot     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX requests_filed ON requests (filed_us, id);
CREATE INDEX requests_beneficiary ON requests (beneficiary, filed_us, id);
CREATE INDEX requests_requester ON requests (requester, filed_us, id);
CREATE INDEX requests_entitlement ON requests (entitlement, filed_us, id);
CREATE INDEX requests_open ON requests (filed_us, id) WHERE is_open = 1;
CREATE INDEX requests_automatic ON requests (filed_us, id) WHERE automatic = 1;

-- Who may decide the open step of a pending request now.
CREATE TABLE request_waiting (
    request  TEXT COLLATE "C" NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    person   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, request)
);
CREATE INDEX request_waiting_request ON request_waiting (request);

CREATE TABLE grants (
    id           TEXT COLLATE "C" PRIMARY KEY,
    version      BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    is_open      BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    request      TEXT COLLATE "C" NOT NULL,
    beneficiary  TEXT COLLATE "C" NOT NULL,
    entitlement  TEXT COLLATE "C" NOT NULL,
    ends_us      BIGINT,
    snapshot     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX grants_beneficiary ON grants (beneficiary, id);
CREATE INDEX grants_entitlement ON grants (entitlement, id);
CREATE INDEX grants_open_end ON grants (ends_us, id) WHERE is_open = 1;
CREATE INDEX grants_open ON grants (id) WHERE is_open = 1;

CREATE TABLE tasks (
    id        TEXT COLLATE "C" PRIMARY KEY,
    version   BIGINT NOT NULL,
    state     TEXT COLLATE "C" NOT NULL,
    is_open   BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    due_us    BIGINT NOT NULL,
    snapshot  TEXT COLLATE "C" NOT NULL
);

-- Who may do an open task.
CREATE TABLE task_waiting (
    task    TEXT COLLATE "C" NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    person  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, task)
);
CREATE INDEX task_waiting_task ON task_waiting (task);

-- The durable queue. `due_us` is when a job may be claimed: its time while it waits, the lease's end while somebody holds it, nothing
-- once it is done or dead.
CREATE TABLE jobs (
    id          TEXT COLLATE "C" PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    payload     TEXT COLLATE "C" NOT NULL,
    dedupe_key  TEXT COLLATE "C" NOT NULL UNIQUE,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
    run_at_us   BIGINT NOT NULL,
    due_us      BIGINT,
    lease       TEXT COLLATE "C",
    attempts    BIGINT NOT NULL DEFAULT 0,
    last_error  TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX jobs_due ON jobs (due_us, id) WHERE due_us IS NOT NULL;
CREATE INDEX jobs_queued ON jobs (due_us) WHERE state = 'queued';
CREATE INDEX jobs_dead ON jobs (run_at_us, id) WHERE state = 'dead';

-- Personal words, erasable: the record holds only their salted digests.
CREATE TABLE texts (
    id     TEXT COLLATE "C" PRIMARY KEY,
    owner  TEXT COLLATE "C" NOT NULL,
    at_us  BIGINT NOT NULL,
    salt   BYTEA NOT NULL,
    body   BYTEA NOT NULL
);
CREATE INDEX texts_owner ON texts (owner, at_us);

-- Facts, policy sets, understandings: kept once under their SHA-256 digest.
CREATE TABLE artifacts (
    digest  TEXT COLLATE "C" PRIMARY KEY,
    kind    TEXT COLLATE "C" NOT NULL,
    bytes   BYTEA NOT NULL
);

CREATE TABLE conversations (
    id        TEXT COLLATE "C" PRIMARY KEY,
    version   BIGINT NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    surface   TEXT COLLATE "C" NOT NULL,
    snapshot  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX conversations_person ON conversations (person, surface, id);

CREATE TABLE messages (
    id            TEXT COLLATE "C" PRIMARY KEY,
    conversation  TEXT COLLATE "C" NOT NULL,
    place         BIGINT NOT NULL,
    snapshot      TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX messages_place ON messages (conversation, place);

-- Numbers two writers cannot both raise, and things done at most once.
CREATE TABLE locks (
    name     TEXT COLLATE "C" PRIMARY KEY,
    version  BIGINT NOT NULL
);
CREATE TABLE once_keys (
    name  TEXT COLLATE "C" PRIMARY KEY
);

-- Web sessions, under the SHA-256 digest of their secret id.
CREATE TABLE sessions (
    id          TEXT COLLATE "C" PRIMARY KEY,
    data        TEXT COLLATE "C" NOT NULL,
    expires_us  BIGINT NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_us);
