-- Accounts on chat platforms and whose they are. The record holds their events; `snapshot` is what these add up to. `person` is empty
-- once a link was undone, which is kept so that no mail address links it again.
CREATE TABLE accounts (
    id        TEXT PRIMARY KEY,
    version   INTEGER NOT NULL,
    surface   TEXT NOT NULL,
    space     TEXT NOT NULL,
    account   TEXT NOT NULL,
    person    TEXT NOT NULL,
    snapshot  TEXT NOT NULL
) STRICT;
CREATE INDEX accounts_person ON accounts (person, id) WHERE person <> '';

-- Passkeys people confirm with: public keys and counters, nothing secret.
CREATE TABLE passkeys (
    id        TEXT PRIMARY KEY,
    version   INTEGER NOT NULL,
    person    TEXT NOT NULL,
    at_us     INTEGER NOT NULL,
    snapshot  TEXT NOT NULL
) STRICT;
CREATE INDEX passkeys_person ON passkeys (person, at_us, id);
