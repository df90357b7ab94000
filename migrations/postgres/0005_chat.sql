-- Chat platforms. `id` is the digest of the platform's own id of a delivery; its payload is kept until it was dealt with, and only then
-- emptied, with everything personal and every short-lived ticket in it.
CREATE TABLE deliveries (
    id        TEXT COLLATE "C" PRIMARY KEY,
    surface   TEXT COLLATE "C" NOT NULL,
    taken_us  BIGINT NOT NULL,
    dealt_us  BIGINT,
    payload   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX deliveries_dealt ON deliveries (dealt_us) WHERE dealt_us IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (taken_us) WHERE dealt_us IS NULL;

-- Our messages on platforms. `n` is their order within a lane; `lag_us` since when what stands there is not what should, `marks` how
-- often that happened; `fades_us` when buttons have to be made anew; `touched_us` when we last did something about it.
CREATE TABLE postings (
    id          TEXT COLLATE "C" PRIMARY KEY,
    lane        TEXT COLLATE "C" NOT NULL,
    n           BIGINT NOT NULL,
    surface     TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    message     TEXT COLLATE "C" NOT NULL,
    standing    TEXT COLLATE "C" NOT NULL CHECK (standing IN ('wanted', 'posting', 'posted', 'gone')),
    settled     BIGINT NOT NULL CHECK (settled IN (0, 1)),
    lag_us      BIGINT,
    marks       BIGINT NOT NULL,
    fades_us    BIGINT,
    touched_us  BIGINT NOT NULL,
    snapshot    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX postings_subject ON postings (subject) WHERE subject <> '';
CREATE INDEX postings_lane ON postings (lane, n);
CREATE INDEX postings_lag ON postings (lag_us, lane) WHERE lag_us IS NOT NULL;
CREATE INDEX postings_lane_lag ON postings (lane, n) WHERE lag_us IS NOT NULL;
CREATE INDEX postings_message ON postings (message) WHERE message <> '';
CREATE INDEX postings_fades ON postings (fades_us) WHERE fades_us IS NOT NULL;
CREATE INDEX postings_touched ON postings (touched_us) WHERE settled = 1;

-- Who works in a lane, and until when a platform wants to be left in peace there.
CREATE TABLE lanes (
    id             TEXT COLLATE "C" PRIMARY KEY,
    holder         TEXT COLLATE "C" NOT NULL,
    busy_until_us  BIGINT NOT NULL,
    not_before_us  BIGINT NOT NULL
);

-- Where an account was last met in private.
CREATE TABLE account_places (
    account   TEXT COLLATE "C" PRIMARY KEY,
    place     TEXT COLLATE "C" NOT NULL,
    noted_us  BIGINT NOT NULL
);

-- Who is looking at something just now, so that others do not do so at the same time.
CREATE TABLE claims (
    subject  TEXT COLLATE "C" PRIMARY KEY,
    person   TEXT COLLATE "C" NOT NULL,
    at_us    BIGINT NOT NULL
);
CREATE INDEX claims_at ON claims (at_us);
