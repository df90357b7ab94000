//! Every statement. `$1` placeholders work on both databases, so all but one have a single text; a test prepares each of them on
//! both freshly migrated databases.
//!
//! Questions with optional conditions are put together from constants by [`Question`]; values are always bound, never written in.

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::ports::store::{GrantQuery, RequestQuery, TicketQuery};
use crate::store::engine::Value;
use crate::store::rows;

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*
        /// All statements that both databases understand, by name.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

statements! {
    /// Marks a job done, if the lease still holds.
    FINISH_DONE = "UPDATE jobs SET state = 'done', lease = NULL, due_us = NULL WHERE id = $1 AND lease = $2 AND state = 'running'";
    /// Puts a job back, if the lease still holds.
    FINISH_RETRY = "UPDATE jobs SET state = 'queued', lease = NULL, run_at_us = $3, due_us = $3, last_error = $4 \
        WHERE id = $1 AND lease = $2 AND state = 'running'";
    /// Gives a job up, if the lease still holds.
    FINISH_DEAD = "UPDATE jobs SET state = 'dead', lease = NULL, due_us = NULL, last_error = $3 \
        WHERE id = $1 AND lease = $2 AND state = 'running'";
    /// Writes a job once.
    INSERT_JOB = "INSERT INTO jobs (id, name, payload, dedupe_key, state, run_at_us, due_us) \
        VALUES ($1, $2, $3, $4, 'queued', $5, $5) ON CONFLICT (dedupe_key) DO NOTHING";
    /// When the next waiting job is due.
    NEXT_DUE = "SELECT MIN(due_us) FROM jobs WHERE state = 'queued'";
    /// Jobs given up.
    DEAD_JOBS = "SELECT id, payload, last_error FROM jobs WHERE state = 'dead' ORDER BY run_at_us DESC, id DESC LIMIT 1000";
    /// Drops jobs that were done long ago, some at a time.
    PRUNE_JOBS = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state = 'done' AND run_at_us < $1 \
        ORDER BY run_at_us LIMIT 5000)";
    /// How many jobs wait or run.
    BACKLOG = "SELECT COUNT(*) FROM jobs WHERE due_us IS NOT NULL";

    /// Keeps a key once.
    INSERT_ONCE = "INSERT INTO once_keys (name, at_us) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    /// Drops keys that were kept long ago, some at a time. Those without a time stay.
    PRUNE_ONCE = "DELETE FROM once_keys WHERE name IN (SELECT name FROM once_keys WHERE at_us < $1 ORDER BY at_us LIMIT 5000)";
    /// Raises a lock for the first time.
    INSERT_LOCK = "INSERT INTO locks (name, version) VALUES ($1, 1) ON CONFLICT (name) DO NOTHING";
    /// Raises a lock that stands as read.
    RAISE_LOCK = "UPDATE locks SET version = version + 1 WHERE name = $1 AND version = $2";
    /// A lock's version.
    LOCK_VERSION = "SELECT version FROM locks WHERE name = $1";

    /// Keeps a sign-in event once. The store writes many rows with one statement of this shape.
    INSERT_SIGNIN = "INSERT INTO signin_events (fingerprint, provider, actor, subject, at_us, aged_us, is_raw, body) \
        VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (fingerprint) DO NOTHING";
    /// An account's own sign-in events.
    SIGNINS_BY_ACTOR = "SELECT n, body FROM signin_events WHERE actor = $1 AND at_us >= $2 AND at_us < $3 \
        ORDER BY at_us DESC LIMIT $4";
    /// Events about an account that another one did.
    SIGNINS_BY_SUBJECT = "SELECT n, body FROM signin_events WHERE subject = $1 AND subject <> '' AND at_us >= $2 AND at_us < $3 \
        ORDER BY at_us DESC LIMIT $4";
    /// How many sign-in events there are, by provider.
    ALL_SIGNIN_COUNTS = "SELECT provider, COUNT(*) FROM signin_events WHERE is_raw IN (0, 1) GROUP BY provider";
    /// Events whose raw values are to be taken out.
    SIGNINS_TO_MINIMISE = "SELECT n, body FROM signin_events WHERE is_raw = 1 AND provider = $1 AND aged_us < $2 \
        ORDER BY aged_us LIMIT $3";
    /// Writes an event without its raw values.
    MINIMISE_SIGNIN = "UPDATE signin_events SET is_raw = 0, body = $2 WHERE n = $1";
    /// Drops an event nobody can read.
    DROP_SIGNIN = "DELETE FROM signin_events WHERE n = $1";
    /// Deletes old events.
    DELETE_SIGNINS = "DELETE FROM signin_events WHERE is_raw = 0 AND provider = $1 AND aged_us < $2";
    /// How far a source was read.
    SIGNIN_CURSOR = "SELECT position FROM signin_cursors WHERE source = $1";
    /// Notes how far a source was read.
    PUT_SIGNIN_CURSOR = "INSERT INTO signin_cursors (source, position, noted_us) VALUES ($1, $2, $3) \
        ON CONFLICT (source) DO UPDATE SET position = excluded.position, noted_us = excluded.noted_us";

    /// Takes or keeps the right to fetch a source: a row of its own beside the source's cursor, whose time is the right's end.
    HOLD_SOURCE = "INSERT INTO signin_cursors (source, position, noted_us) VALUES ($1, $2, $3) \
        ON CONFLICT (source) DO UPDATE SET position = excluded.position, noted_us = excluded.noted_us \
        WHERE signin_cursors.position = excluded.position OR signin_cursors.noted_us <= $4";
    /// Gives that right back.
    LEAVE_SOURCE = "DELETE FROM signin_cursors WHERE source = $1 AND position = $2";

    /// Keeps an artifact once.
    INSERT_ARTIFACT = "INSERT INTO artifacts (digest, kind, bytes) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING";
    /// An artifact.
    ARTIFACT = "SELECT digest, kind, bytes FROM artifacts WHERE digest = $1";
    /// All artifacts.
    ALL_ARTIFACTS = "SELECT digest, kind, bytes FROM artifacts ORDER BY digest";
    /// Keeps a text.
    INSERT_TEXT = "INSERT INTO texts (id, owner, at_us, salt, body) VALUES ($1, $2, $3, $4, $5)";
    /// A text.
    TEXT = "SELECT id, owner, at_us, salt, body FROM texts WHERE id = $1";
    /// All texts.
    ALL_TEXTS = "SELECT id, owner, at_us, salt, body FROM texts ORDER BY id";
    /// Erases texts.
    ERASE_TEXTS = "DELETE FROM texts WHERE owner = $1 AND at_us < $2";

    /// Takes the next places for events and messages, and makes other writers wait until this transaction ends.
    TAKE_PLACES = "UPDATE log_head SET size = size + $1, messages = messages + $2 WHERE one = 1 RETURNING size, messages";
    /// Appends an event.
    INSERT_EVENT = "INSERT INTO events (seq, id, stream, version, at_us, leaf) VALUES ($1, $2, $3, $4, $5, $6)";
    /// How many events there are.
    LOG_SIZE = "SELECT size FROM log_head WHERE one = 1";
    /// Leaves from a place on.
    LEAVES = "SELECT seq, leaf FROM events WHERE seq >= $1 ORDER BY seq LIMIT $2";
    /// Leaves of one stream.
    LEAVES_OF = "SELECT seq, leaf FROM events WHERE stream = $1 ORDER BY seq";
    /// What the columns of all events say beside their leaves.
    EVENT_COLUMNS = "SELECT seq, id, stream, version, at_us, leaf FROM events WHERE seq >= $1 ORDER BY seq LIMIT $2";
    /// Checkpoints.
    CHECKPOINTS = "SELECT size, note FROM checkpoints ORDER BY size";
    /// Keeps a checkpoint once.
    INSERT_CHECKPOINT = "INSERT INTO checkpoints (size, note) VALUES ($1, $2) ON CONFLICT (size) DO NOTHING";

    /// Writes a request, unless what stands is as new.
    PUT_REQUEST = "INSERT INTO requests \
        (id, version, state, is_open, automatic, requester, beneficiary, entitlement, filed_us, snapshot) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO UPDATE SET version = excluded.version, \
        state = excluded.state, is_open = excluded.is_open, automatic = excluded.automatic, requester = excluded.requester, \
        beneficiary = excluded.beneficiary, entitlement = excluded.entitlement, filed_us = excluded.filed_us, \
        snapshot = excluded.snapshot WHERE requests.version < excluded.version";
    /// A request.
    REQUEST = "SELECT id, snapshot FROM requests WHERE id = $1";
    /// All requests with their columns.
    ALL_REQUESTS = "SELECT id, version, state, is_open, automatic, requester, beneficiary, entitlement, filed_us, snapshot \
        FROM requests ORDER BY id";
    /// Forgets who may decide a request.
    CLEAR_REQUEST_WAITING = "DELETE FROM request_waiting WHERE request = $1";
    /// Notes who may decide a request.
    INSERT_REQUEST_WAITING = "INSERT INTO request_waiting (request, person) VALUES ($1, $2)";
    /// Who may decide what.
    ALL_REQUEST_WAITING = "SELECT request, person FROM request_waiting ORDER BY request, person";

    /// Writes a grant, unless what stands is as new.
    PUT_GRANT = "INSERT INTO grants (id, version, state, is_open, request, beneficiary, entitlement, ends_us, snapshot) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET version = excluded.version, \
        state = excluded.state, is_open = excluded.is_open, request = excluded.request, beneficiary = excluded.beneficiary, \
        entitlement = excluded.entitlement, ends_us = excluded.ends_us, snapshot = excluded.snapshot \
        WHERE grants.version < excluded.version";
    /// A grant.
    GRANT = "SELECT id, snapshot FROM grants WHERE id = $1";
    /// All grants with their columns.
    ALL_GRANTS = "SELECT id, version, state, is_open, request, beneficiary, entitlement, ends_us, snapshot \
        FROM grants ORDER BY id";

    /// Writes a task, unless what stands is as new.
    PUT_TASK = "INSERT INTO tasks (id, version, state, is_open, due_us, snapshot) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, is_open = excluded.is_open, \
        due_us = excluded.due_us, snapshot = excluded.snapshot WHERE tasks.version < excluded.version";
    /// A task.
    TASK = "SELECT id, snapshot FROM tasks WHERE id = $1";
    /// Open tasks of a person.
    OPEN_TASKS = "SELECT id, snapshot FROM tasks WHERE is_open = 1 AND id IN (SELECT task FROM task_waiting WHERE person = $1) \
        ORDER BY due_us, id";
    /// All tasks with their columns.
    ALL_TASKS = "SELECT id, version, state, is_open, due_us, snapshot FROM tasks ORDER BY id";
    /// Forgets who may do a task.
    CLEAR_TASK_WAITING = "DELETE FROM task_waiting WHERE task = $1";
    /// Notes who may do a task.
    INSERT_TASK_WAITING = "INSERT INTO task_waiting (task, person) VALUES ($1, $2)";
    /// Who may do what.
    ALL_TASK_WAITING = "SELECT task, person FROM task_waiting ORDER BY task, person";

    /// Writes a ticket, unless what stands is as new.
    PUT_TICKET = "INSERT INTO tickets (id, version, state, is_open, person, category, raised_us, snapshot) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET version = excluded.version, \
        state = excluded.state, is_open = excluded.is_open, person = excluded.person, category = excluded.category, \
        raised_us = excluded.raised_us, snapshot = excluded.snapshot WHERE tickets.version < excluded.version";
    /// A ticket.
    TICKET = "SELECT id, snapshot FROM tickets WHERE id = $1";
    /// All tickets with their columns.
    ALL_TICKETS = "SELECT id, version, state, is_open, person, category, raised_us, snapshot FROM tickets ORDER BY id";
    /// Writes what is known of an account, unless what stands is as new.
    PUT_LINK = "INSERT INTO accounts (id, version, surface, space, account, person, snapshot) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET version = excluded.version, \
        surface = excluded.surface, space = excluded.space, account = excluded.account, person = excluded.person, \
        snapshot = excluded.snapshot WHERE accounts.version < excluded.version";
    /// What is known of an account.
    LINK = "SELECT id, snapshot FROM accounts WHERE id = $1";
    /// A person's accounts.
    LINKS_OF = "SELECT id, snapshot FROM accounts WHERE person = $1 AND person <> '' ORDER BY id";
    /// All accounts with their columns.
    ALL_LINKS = "SELECT id, version, surface, space, account, person, snapshot FROM accounts ORDER BY id";
    /// Writes a passkey, unless what stands is as new.
    PUT_PASSKEY = "INSERT INTO passkeys (id, version, person, at_us, snapshot) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, snapshot = excluded.snapshot \
        WHERE passkeys.version < excluded.version AND passkeys.person = excluded.person";
    /// Takes a passkey away.
    DROP_PASSKEY = "DELETE FROM passkeys WHERE id = $1";
    /// A passkey.
    PASSKEY = "SELECT id, snapshot FROM passkeys WHERE id = $1";
    /// A person's passkeys.
    PASSKEYS_OF = "SELECT id, snapshot FROM passkeys WHERE person = $1 ORDER BY at_us, id";
    /// Leaves about questions to the helpdesk; their streams' names begin with `q_`, and after `_` comes `` ` ``.
    INQUIRIES = "SELECT seq, leaf FROM events WHERE stream >= 'q_' AND stream < 'q`' AND at_us >= $1 ORDER BY seq";

    /// Writes a conversation for the first time.
    INSERT_CONVERSATION = "INSERT INTO conversations (id, version, person, surface, snapshot) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (id) DO NOTHING";
    /// Writes a conversation over the version before.
    UPDATE_CONVERSATION = "UPDATE conversations SET version = $2, person = $3, surface = $4, snapshot = $5 \
        WHERE id = $1 AND version = $2 - 1";
    /// A conversation.
    CONVERSATION = "SELECT id, snapshot FROM conversations WHERE id = $1";
    /// The newest conversation of a person on a surface.
    CONVERSATION_OF = "SELECT id, snapshot FROM conversations WHERE person = $1 AND surface = $2 ORDER BY id DESC LIMIT 1";
    /// Writes a message once.
    INSERT_MESSAGE = "INSERT INTO messages (id, conversation, place, snapshot) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (id) DO NOTHING";
    /// The first messages of a conversation.
    MESSAGES = "SELECT id, snapshot FROM messages WHERE conversation = $1 ORDER BY place LIMIT 500";
    /// The messages of a conversation after one of them; all where that one is unknown.
    MESSAGES_AFTER = "SELECT id, snapshot FROM messages WHERE conversation = $1 AND place > \
        COALESCE((SELECT place FROM messages WHERE id = $2 AND conversation = $1), 0) ORDER BY place LIMIT 500";

    /// A session.
    SESSION = "SELECT data FROM sessions WHERE id = $1 AND expires_us > $2";
    /// Keeps a session.
    PUT_SESSION = "INSERT INTO sessions (id, data, expires_us) VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_us = excluded.expires_us";
    /// Ends a session.
    END_SESSION = "DELETE FROM sessions WHERE id = $1";
    /// Drops sessions that are over.
    SWEEP_SESSIONS = "DELETE FROM sessions WHERE expires_us <= $1";
    /// Keeps where somebody is to be found; what is not said this time stays.
    LEARN_WHEREABOUTS = "INSERT INTO whereabouts (surface, space, account, native, direct, via, at_us) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (surface, space, account) DO UPDATE SET \
        native = CASE WHEN excluded.native = '' THEN whereabouts.native ELSE excluded.native END, \
        direct = CASE WHEN excluded.direct = '' THEN whereabouts.direct ELSE excluded.direct END, \
        via = excluded.via, at_us = excluded.at_us";
    /// Where somebody is to be found.
    WHEREABOUTS = "SELECT native, direct, via, at_us FROM whereabouts WHERE surface = $1 AND space = $2 AND account = $3";
    /// What led to an organisation last.
    WAY_TO = "SELECT via FROM whereabouts WHERE surface = $1 AND space = $2 ORDER BY at_us DESC LIMIT 1";
    /// Keeps the buttons behind the thumbs of a message.
    KEEP_THUMBS = "INSERT INTO thumbs (message, helped, not_helped, until_us) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (message) DO UPDATE SET helped = excluded.helped, not_helped = excluded.not_helped, until_us = excluded.until_us";
    /// The buttons behind the thumbs of a message.
    THUMBS = "SELECT helped, not_helped FROM thumbs WHERE message = $1 AND until_us > $2";
    /// Drops buttons that are kept no longer.
    SWEEP_THUMBS = "DELETE FROM thumbs WHERE until_us <= $1";

    /// Writes without changing anything: proves that the database takes writes.
    PING = "UPDATE log_head SET one = 1 WHERE one = 1";

    /// Keeps a delivery once.
    INSERT_DELIVERY = "INSERT INTO deliveries (id, surface, taken_us, payload) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (id) DO NOTHING";
    /// A delivery.
    DELIVERY = "SELECT id, dealt_us, payload FROM deliveries WHERE id = $1";
    /// Marks a delivery as dealt with, once, and erases what it said.
    DEAL_DELIVERY = "UPDATE deliveries SET dealt_us = $2, payload = '' WHERE id = $1 AND dealt_us IS NULL";
    /// Marks a job done that nobody has claimed.
    FINISH_UNCLAIMED = "UPDATE jobs SET state = 'done', lease = NULL, due_us = NULL WHERE dedupe_key = $1 AND state = 'queued'";
    /// How many deliveries wait to be dealt with.
    UNDEALT = "SELECT COUNT(*) FROM deliveries WHERE dealt_us IS NULL AND taken_us < $1";
    /// Drops deliveries that were dealt with long ago, some at a time.
    PRUNE_DELIVERIES = "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE dealt_us < $1 ORDER BY dealt_us LIMIT 5000)";
    /// Where an account was met in private.
    ACCOUNT_PLACE = "SELECT account, place FROM account_places WHERE account = $1";
    /// Notes where an account was met in private.
    PUT_ACCOUNT_PLACE = "INSERT INTO account_places (account, place, noted_us) VALUES ($1, $2, $3) \
        ON CONFLICT (account) DO UPDATE SET place = excluded.place, noted_us = excluded.noted_us \
        WHERE account_places.place <> excluded.place";
    /// Forgets it.
    DROP_ACCOUNT_PLACE = "DELETE FROM account_places WHERE account = $1";
    /// Who looks at something.
    CLAIM_ON = "SELECT subject, person, at_us FROM claims WHERE subject = $1";
    /// Notes who looks at something.
    PUT_CLAIM = "INSERT INTO claims (subject, person, at_us) VALUES ($1, $2, $3) \
        ON CONFLICT (subject) DO UPDATE SET person = excluded.person, at_us = excluded.at_us";
    /// Drops claims of long ago.
    PRUNE_CLAIMS = "DELETE FROM claims WHERE subject IN (SELECT subject FROM claims WHERE at_us < $1 ORDER BY at_us LIMIT 5000)";

    /// Wants a message posted, once.
    INSERT_POSTING = "INSERT INTO postings \
        (id, lane, n, surface, subject, message, standing, settled, lag_us, marks, fades_us, touched_us, snapshot) \
        VALUES ($1, $2, $3, $4, $5, '', $6, 0, $7, 0, NULL, $7, $8) ON CONFLICT (id) DO NOTHING";
    /// Marks what shows a subject as lagging.
    MARK_SUBJECT = "UPDATE postings SET marks = marks + 1, lag_us = COALESCE(lag_us, $2) \
        WHERE subject = $1 AND subject <> '' AND settled = 0";
    /// Marks the drafts of a conversation as lagging; their ids begin with `d_`, and after `_` comes `` ` ``.
    MARK_DRAFTS = "UPDATE postings SET marks = marks + 1, lag_us = COALESCE(lag_us, $2) \
        WHERE lane = $1 AND subject >= 'd_' AND subject < 'd`' AND settled = 0";
    /// Marks what will soon have dead buttons.
    MARK_FADING = "UPDATE postings SET marks = marks + 1, lag_us = $2 WHERE fades_us < $1 AND settled = 0 AND lag_us IS NULL";
    /// Marks everything that has buttons.
    MARK_BUTTONS = "UPDATE postings SET marks = marks + 1, lag_us = COALESCE(lag_us, $1) WHERE fades_us IS NOT NULL AND settled = 0";
    /// Writes how a message stands, where the lane is still the writer's.
    PUT_POSTING = "UPDATE postings SET message = $4, standing = $5, settled = $6, \
        lag_us = CASE WHEN CAST($7 AS BIGINT) = 1 OR marks <> $8 THEN COALESCE(lag_us, $10) ELSE NULL END, \
        fades_us = $9, touched_us = $10, snapshot = $11 \
        WHERE id = $1 AND EXISTS (SELECT 1 FROM lanes WHERE lanes.id = $2 AND lanes.holder = $3)";
    /// What is to be done next in a lane.
    DUE_IN_LANE = "SELECT id, marks, snapshot FROM postings WHERE lane = $1 AND lag_us IS NOT NULL ORDER BY n LIMIT 1";
    /// Messages of ours by the platform's id.
    POSTINGS_ON = "SELECT id, snapshot FROM postings WHERE message = $1 AND message <> '' AND surface = $2";
    /// What shows a subject.
    POSTINGS_OF = "SELECT id, snapshot FROM postings WHERE subject = $1 AND subject <> '' ORDER BY n";
    /// The messages of a lane.
    POSTINGS_IN = "SELECT id, snapshot FROM postings WHERE lane = $1 ORDER BY n LIMIT 500";
    /// Where a subject's messages lag.
    LANES_LAGGING = "SELECT DISTINCT lane, surface FROM postings WHERE subject = $1 AND subject <> '' AND lag_us IS NOT NULL";
    /// Where drafts of a conversation lag.
    DRAFTS_LAGGING = "SELECT DISTINCT lane, surface FROM postings WHERE lane = $1 AND lag_us IS NOT NULL";
    /// Where something has been due for long.
    LANES_DUE = "SELECT lane, surface, MIN(lag_us) FROM postings WHERE lag_us < $1 GROUP BY lane, surface \
        ORDER BY MIN(lag_us), lane LIMIT $2";
    /// How far platforms lag behind.
    LAG = "SELECT surface, COUNT(*), MIN(lag_us) FROM postings WHERE lag_us IS NOT NULL GROUP BY surface ORDER BY surface";
    /// Forgets messages that will never change again and have not for long, some at a time.
    PRUNE_POSTINGS = "DELETE FROM postings WHERE id IN (SELECT id FROM postings WHERE settled = 1 AND touched_us < $1 \
        ORDER BY touched_us LIMIT 5000)";
    /// Takes a lane, where it is free.
    TAKE_LANE = "INSERT INTO lanes (id, holder, busy_until_us, not_before_us) VALUES ($1, $2, $3, 0) \
        ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, busy_until_us = excluded.busy_until_us \
        WHERE lanes.busy_until_us <= $4 AND lanes.not_before_us <= $4";
    /// How a lane stands.
    LANE = "SELECT id, busy_until_us, not_before_us FROM lanes WHERE id = $1";
    /// Gives a lane back.
    LEAVE_LANE = "UPDATE lanes SET holder = '', busy_until_us = 0, not_before_us = $3 WHERE id = $1 AND holder = $2";

    /// The log's head against the log.
    LOG_HEAD_CHECK = "SELECT size, (SELECT COUNT(*) FROM events), (SELECT COALESCE(MAX(seq) + 1, 0) FROM events) \
        FROM log_head WHERE one = 1";
}

/// Claims jobs: one writer at a time, so nothing can be claimed twice.
pub const CLAIM_JOBS_SQLITE: &str = "UPDATE jobs SET state = 'running', attempts = attempts + 1, \
    lease = CAST(attempts + 1 AS TEXT), due_us = $1 \
    WHERE id IN (SELECT id FROM jobs WHERE due_us <= $2 ORDER BY due_us, id LIMIT $3) \
    RETURNING id, payload, run_at_us, attempts, lease";

/// Claims jobs: passes over those that somebody else is claiming just now. `ARRAY` makes the server choose once.
pub const CLAIM_JOBS_POSTGRES: &str = "UPDATE jobs SET state = 'running', attempts = attempts + 1, \
    lease = CAST(attempts + 1 AS TEXT), due_us = $1 \
    WHERE id = ANY (ARRAY(SELECT id FROM jobs WHERE due_us <= $2 ORDER BY due_us, id LIMIT $3 FOR UPDATE SKIP LOCKED)) \
    RETURNING id, payload, run_at_us, attempts, lease";

/// What PostgreSQL knows of its own soundness, a line for each thing that is wrong; the last ones read every row.
pub const SOUNDNESS_POSTGRES: &[&str] = &[
    "SELECT CAST('index ' || CAST(indexrelid AS regclass) || ' is not valid' AS TEXT) FROM pg_index i \
        JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND NOT indisvalid",
    "SELECT CAST('constraint ' || conname || ' was never validated' AS TEXT) FROM pg_constraint \
        WHERE connamespace = CAST(current_schema() AS regnamespace) AND NOT convalidated",
    "SELECT CAST('the server counted ' || checksum_failures || ' checksum failures in this database' AS TEXT) \
        FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0",
    "SELECT CAST('unreadable' AS TEXT) FROM events WHERE md5(leaf) = '' OR id = '' OR stream = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM requests WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM grants WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM tasks WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM tickets WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM accounts WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM passkeys WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM jobs WHERE md5(payload) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM texts WHERE md5(body) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM artifacts WHERE md5(bytes) = '' OR digest = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM conversations WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM messages WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM postings WHERE md5(snapshot) = '' OR id = ''",
    "SELECT CAST('unreadable' AS TEXT) FROM deliveries WHERE md5(payload) = '' OR id = ''",
];

/// A question put together from constant parts, with its values in order.
#[derive(Debug)]
pub struct Question {
    text: String,
    values: Vec<Value>,
}

impl Question {
    fn new(head: &'static str) -> Self {
        Self { text: format!("{head} WHERE 1 = 1"), values: Vec::new() }
    }

    /// Adds ` AND before $n after`, or nothing where there is no value.
    fn and(mut self, before: &'static str, value: Option<Value>, after: &'static str) -> Self {
        if let Some(value) = value {
            self.values.push(value);
            self.text.push_str(&format!(" AND {before} ${}{after}", self.values.len()));
        }
        self
    }

    fn and_if(mut self, yes: bool, condition: &'static str) -> Self {
        if yes {
            self.text.push_str(" AND ");
            self.text.push_str(condition);
        }
        self
    }

    fn tail(mut self, order: &'static str, limit: i64) -> Self {
        self.values.push(Value::Int(limit));
        self.text.push_str(&format!(" {order} LIMIT ${}", self.values.len()));
        self
    }

    /// The statement and its values. Nothing but constants went into the text.
    #[must_use]
    pub fn into_parts(self) -> (SqlStr, Vec<Value>) {
        (AssertSqlSafe(self.text).into_sql_str(), self.values)
    }
}

fn request_conditions(head: &'static str, query: &RequestQuery) -> Question {
    let person = |id: &Option<crate::domain::ids::PersonId>| id.as_ref().map(|id| Value::text(id.as_str()));
    Question::new(head)
        .and("beneficiary =", person(&query.beneficiary), "")
        .and("requester =", person(&query.requester), "")
        .and("entitlement =", query.entitlement.as_ref().map(|id| Value::text(id.as_str())), "")
        .and("id IN (SELECT request FROM request_waiting WHERE person =", person(&query.waiting_for), ")")
        .and_if(query.open, "is_open = 1")
        .and_if(query.automatic, "automatic = 1")
        .and("filed_us >=", query.filed_from.map(|at| Value::Int(rows::micros(at))), "")
}

/// The requests that fit, newest first.
#[must_use]
pub fn requests(query: &RequestQuery) -> Question {
    let limit = if query.limit == 0 { 200 } else { i64::from(query.limit) };
    request_conditions("SELECT id, snapshot FROM requests", query).tail("ORDER BY filed_us DESC, id DESC", limit)
}

/// How many requests fit.
#[must_use]
pub fn count_requests(query: &RequestQuery) -> Question {
    request_conditions("SELECT COUNT(*) FROM requests", query)
}

/// The tickets that fit, newest first.
#[must_use]
pub fn tickets(query: &TicketQuery) -> Question {
    let limit = if query.limit == 0 { 200 } else { i64::from(query.limit) };
    Question::new("SELECT id, snapshot FROM tickets")
        .and("person =", query.person.as_ref().map(|id| Value::text(id.as_str())), "")
        .and("category =", query.category.map(|c| Value::text(c.name())), "")
        .and_if(query.open, "is_open = 1")
        .and("raised_us >=", query.raised_from.map(|at| Value::Int(rows::micros(at))), "")
        .tail("ORDER BY raised_us DESC, id DESC", limit)
}

/// The grants that fit, newest first (their ids are made from the time).
#[must_use]
pub fn grants(query: &GrantQuery) -> Question {
    let limit = if query.limit == 0 { 1000 } else { i64::from(query.limit) };
    Question::new("SELECT id, snapshot FROM grants")
        .and("beneficiary =", query.beneficiary.as_ref().map(|id| Value::text(id.as_str())), "")
        .and("entitlement =", query.entitlement.as_ref().map(|id| Value::text(id.as_str())), "")
        .and_if(query.open, "is_open = 1")
        .and("ends_us <", query.ends_before.map(|at| Value::Int(rows::micros(at))), "")
        .tail("ORDER BY id DESC", limit)
}
