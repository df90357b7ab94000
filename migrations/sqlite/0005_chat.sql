-- Chat platforms. `id` is the digest of the platform's own id of a delivery; its payload is kept until it was dealt with, and only then
-- emptied, with everything personal and every short-lived ticket in it.
CREATE TABLE deliveries (
    id        TEXT PRIMARY KEY,
    surface   TEXT NOT NULL,
    taken_us  INTEGER NOT NULL,
    dealt_us  INTEGER,
    payload   TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_dealt ON deliveries (dealt_us) WHERE dealt_us IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (taken_us) WHERE dealt_us IS NULL;

-- Our messages on platforms. `n` is their order within a lane; `lag_us` since when what stands there is not what should, `marks` how
-- often that happened; `fades_us` when buttons have to be made anew; `touched_us` when we last did something about it.
CREATE TABLE postings (
    id          TEXT PRIMARY KEY,
    lane        TEXT NOT NULL,
    n           INTEGER NOT NULL,
    surface     TEXT NOT NULL,
    subject     TEXT NOT NULL,
    message     TEXT NOT NULL,
    standing    TEXT NOT NULL CHECK (standing IN ('wanted', 'posting', 'posted', 'gone')),
    settled     INTEGER NOT NULL CHECK (settled IN (0, 1)),
    lag_us      INTEGER,
    marks       INTEGER NOT NULL,
    fades_us    INTEGER,
    touched_us  INTEGER NOT NULL,
    snapshot    TEXT NOT NULL
) STRICT;
CREATE INDEX postings_subject ON postings (subject) WHERE subject <> '';
CREATE INDEX postings_lane ON postings (lane, n);
CREATE INDEX postings_lag ON postings (lag_us, lane) WHERE lag_us IS NOT NULL;
CREATE INDEX postings_lane_lag ON postings (lane, n) WHERE lag_us IS NOT NULL;
CREATE INDEX postings_message ON postings (message) WHERE message <> '';
CREATE INDEX postings_fades ON postings (fades_us) WHERE fades_us IS NOT NULL;
CREATE INDEX postings_touched ON postings (touched_us) WHERE settled = 1;

-- Who works in a lane, and until when a platform wants to be left in peace there.
CREATE TABLE lanes (
    id             TEXT PRIMARY KEY,
    holder         TEXT NOT NULL,
    busy_until_us  INTEGER NOT NULL,
    not_before_us  INTEGER NOT NULL
) STRICT;

-- Where an account was last met in private.
CREATE TABLE account_places (
    account   TEXT PRIMARY KEY,
    place     TEXT NOT NULL,
    noted_us  INTEGER NOT NULL
) STRICT;

-- Who is looking at something just now, so that others do not do so at the same time.
CREATE TABLE claims (
    subject  TEXT PRIMARY KEY,
    person   TEXT NOT NULL,
    at_us    INTEGER NOT NULL
) STRICT;
CREATE INDEX claims_at ON claims (at_us);
