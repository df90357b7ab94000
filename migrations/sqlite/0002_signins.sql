-- Sign-in events read from other systems' logs: evidence, not decisions, so they stand beside the record and may grow old.
-- `fingerprint` is taken over the raw record, so that the same record is kept once. `actor` and `subject` are normalised keys, empty
-- where the log names nobody. `aged_us` is the age for retention; `is_raw` is 1 until address, device and text are taken out.
CREATE TABLE signin_events (
    n            INTEGER PRIMARY KEY,
    fingerprint  BLOB NOT NULL,
    provider     TEXT NOT NULL,
    actor        TEXT NOT NULL,
    subject      TEXT NOT NULL,
    at_us        INTEGER,
    aged_us      INTEGER NOT NULL,
    is_raw       INTEGER NOT NULL CHECK (is_raw IN (0, 1)),
    body         TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX signin_events_fingerprint ON signin_events (fingerprint);
CREATE INDEX signin_events_actor ON signin_events (actor, at_us);
CREATE INDEX signin_events_subject ON signin_events (subject, at_us) WHERE subject <> '';
CREATE INDEX signin_events_aged ON signin_events (is_raw, provider, aged_us);

-- How far each source was read.
CREATE TABLE signin_cursors (
    source    TEXT PRIMARY KEY,
    position  TEXT NOT NULL,
    noted_us  INTEGER NOT NULL
) STRICT;
