-- Tickets: what went to a person. The record holds their events; `snapshot` is what these add up to.
CREATE TABLE tickets (
    id         TEXT COLLATE "C" PRIMARY KEY,
    version    BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    is_open    BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    person     TEXT COLLATE "C" NOT NULL,
    category   TEXT COLLATE "C" NOT NULL,
    raised_us  BIGINT NOT NULL,
    snapshot   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX tickets_raised ON tickets (raised_us, id);
CREATE INDEX tickets_person ON tickets (person, raised_us, id);
CREATE INDEX tickets_open ON tickets (raised_us, id) WHERE is_open = 1;
