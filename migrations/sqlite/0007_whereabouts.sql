-- Where accounts are to be found on platforms that tell it only when somebody comes by (Teams' conversation references). No record and no
-- decision: a lost row is learned again. `native` and `direct` are empty where they are not known.
CREATE TABLE whereabouts (
    surface   TEXT NOT NULL,
    space     TEXT NOT NULL,
    account   TEXT NOT NULL,
    native    TEXT NOT NULL,
    direct    TEXT NOT NULL,
    via       TEXT NOT NULL,
    at_us     INTEGER NOT NULL,
    PRIMARY KEY (surface, space, account)
) STRICT;
CREATE INDEX whereabouts_at ON whereabouts (surface, space, at_us);

-- The buttons behind the thumbs under an answer. A button's token proves nothing about who presses it.
CREATE TABLE thumbs (
    message     TEXT PRIMARY KEY,
    helped      TEXT NOT NULL,
    not_helped  TEXT NOT NULL,
    until_us    INTEGER NOT NULL
) STRICT;
CREATE INDEX thumbs_until ON thumbs (until_us);
