-- Accounts on chat platforms and whose they are. The record holds their events; `snapshot` is what these add up to. `person` is empty
-- once a link was undone, which is kept so that no mail address links it again.
CREATE TABLE accounts (
    id        TEXT COLLATE "C" PRIMARY KEY,
    version   BIGINT NOT NULL,
    surface   TEXT COLLATE "C" NOT NULL,
    space     TEXT COLLATE "C" NOT NULL,
    account   TEXT COLLATE "C" NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    snapshot  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX accounts_person ON accounts (person, id) WHERE person <> '';

-- Passkeys people confirm with: public keys and counters, nothing secret.
CREATE TABLE passkeys (
    id        TEXT COLLATE "C" PRIMARY KEY,
    version   BIGINT NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    at_us     BIGINT NOT NULL,
    snapshot  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX passkeys_person ON passkeys (person, at_us, id);
