-- Tickets: what went to a person. The record holds their events; `snapshot` is what these add up to.
CREATE TABLE tickets (
    id         TEXT PRIMARY KEY,
    version    INTEGER NOT NULL,
    state      TEXT NOT NULL,
    is_open    INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    person     TEXT NOT NULL,
    category   TEXT NOT NULL,
    raised_us  INTEGER NOT NULL,
    snapshot   TEXT NOT NULL
) STRICT;
CREATE INDEX tickets_raised ON tickets (raised_us, id);
CREATE INDEX tickets_person ON tickets (person, raised_us, id);
CREATE INDEX tickets_open ON tickets (raised_us, id) WHERE is_open = 1;
