//! Taking a lock off an account in a directory: what may be done about which lock, as pure rules and as types.
//!
//! Nothing can be handed to an unlocker but an [`Unlockable`], and there is one way to it: the rules allow it ([`rule`]), the person proves
//! once more that it is them ([`Allowed::confirmed`]), and the rules, asked anew, still allow the same ([`Unlockable::of`]).

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::PersonId;
use crate::domain::request::Confirmed;
use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::domain::window::Seconds;

/// How often a day an account is unlocked from here at most.
pub const A_DAY: u64 = 3;
/// How long an order is good for. What could not be done by then is not wanted any more.
pub const ORDER_LIFE: Seconds = Seconds::minutes(15);

/// Whose hand takes the lock off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// The person whose account it is.
    #[serde(rename = "self")]
    Own,
    /// Somebody at the helpdesk.
    Helpdesk,
    /// Somebody of security.
    Security,
}

impl Hand {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Own, Self::Helpdesk, Self::Security];

    /// The hand in one word, as the table writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Helpdesk => "helpdesk",
            Self::Security => "security",
        }
    }
}

/// A lock by too many wrong passwords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lock {
    /// The id of the event that the directory's attribute makes: account, attribute and value, so that a later lock has another.
    pub id: String,
    /// Since when.
    pub at: Timestamp,
}

/// What keeps an account shut that is not opened from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shut {
    /// Somebody switched it off.
    Disabled,
    /// Its time is over.
    Expired,
    /// An administrator locked it.
    ByHand,
}

impl Shut {
    /// The reason in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::ByHand => "locked_by_hand",
        }
    }

    /// The reason for people to read, after "because".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Disabled => "the account is switched off, which is no lock by wrong passwords",
            Self::Expired => "the account's time is over, which is no lock by wrong passwords",
            Self::ByHand => "an administrator locked or switched off the account by hand",
        }
    }
}

/// How an account stands, as its directory says at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// No lock stands.
    Open,
    /// Too many wrong passwords locked it.
    Locked(Lock),
    /// It is shut for a reason that is not undone from here.
    Shut(Shut),
}

impl Stands {
    /// Reads it off the events that one directory's attributes of one account make. What shuts an account by somebody's will counts
    /// before any lock, and a lock that no wrong password made is somebody's will, too.
    #[must_use]
    pub fn of(events: &[SigninEvent], lock_lasts: Option<Seconds>, now: Timestamp) -> Self {
        let says = |class: ReasonClass| events.iter().any(|e| is_state(e) && e.reason_class == Some(class));
        if says(ReasonClass::AccountDisabled) {
            return Self::Shut(Shut::Disabled);
        }
        if says(ReasonClass::AccountExpired) {
            return Self::Shut(Shut::Expired);
        }
        if says(ReasonClass::LockedOrDisabled) {
            return Self::Shut(Shut::ByHand);
        }
        let lock = events.iter().filter(|e| is_lock(e)).filter_map(|e| Some((e.at?, e))).max_by_key(|(at, _)| *at);
        match lock {
            Some((at, _)) if lock_lasts.is_some_and(|lasts| lasts.after(at) <= now) => Self::Open,
            Some((at, event)) if is_made_by_failures(events, event, at) => {
                Self::Locked(Lock { id: event.id.clone(), at })
            }
            Some(_) => Self::Shut(Shut::ByHand),
            None => Self::Open,
        }
    }
}

/// OpenLDAP's lock, and the wrong passwords that lead to it.
const OPENLDAP_LOCK: &str = "pwdAccountLockedTime";
const OPENLDAP_FAILURE: &str = "pwdFailureTime";
/// A lock is written in whole seconds, a wrong password in microseconds.
const SAME_MOMENT: SignedDuration = SignedDuration::from_secs(2);
/// The attributes that say that an account is locked.
const LOCKS: [&str; 2] = [OPENLDAP_LOCK, "lockoutTime"];
/// The attributes that say why an account cannot be used.
const STATES: [&str; 4] = [OPENLDAP_LOCK, "pwdEndTime", "userAccountControl", "accountExpires"];

/// OpenLDAP writes the lock at the moment of the wrong password that was one too many (slapo-ppolicy(5)); an administrator writes any time,
/// and no wrong password stands beside it. Active Directory lets nobody write a time (MS-ADTS §3.1.1.5.3.2), so its locks are its own.
fn is_made_by_failures(events: &[SigninEvent], lock: &SigninEvent, at: Timestamp) -> bool {
    let same = |failed: Timestamp| failed.duration_since(at).abs() <= SAME_MOMENT;
    lock.event != OPENLDAP_LOCK || events.iter().any(|e| e.event == OPENLDAP_FAILURE && e.at.is_some_and(same))
}

fn is_lock(event: &SigninEvent) -> bool {
    LOCKS.contains(&event.event.as_str()) && event.reason_class == Some(ReasonClass::LockedOut)
}

fn is_state(event: &SigninEvent) -> bool {
    STATES.contains(&event.event.as_str())
}

/// What the rules are asked about.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// Whose account.
    pub person: &'a PersonId,
    /// Who wants the lock off.
    pub by: &'a PersonId,
    /// Whose hand policy lets them be, at this directory and for this person; `None` where it lets them not.
    pub hand: Option<Hand>,
    /// Which directory.
    pub directory: &'a str,
    /// How the account stands there.
    pub stands: &'a Stands,
    /// What speaks against it, if anything.
    pub danger: Option<Danger>,
    /// How often this account was unlocked today already.
    pub today: u64,
}

/// What speaks against taking a lock off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
    /// The person's own sign-in events.
    Events,
    /// Security has a case of theirs open, or thinks ill of the account.
    Security,
}

/// Why a lock is not taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Policy does not let them.
    NotByPolicy,
    /// There is no lock.
    Open,
    /// Another lock stands there than the one that was meant.
    AnotherLock,
    /// It is shut for a reason that is not undone from here.
    Shut(Shut),
    /// The events speak of danger: security looks at it first.
    Danger,
    /// Security has to do with the person already. Whoever reads it is not told so: it may be about them.
    Held,
    /// It was done often enough today.
    TooOften,
    /// The directory did not answer in time.
    Unanswered,
    /// The directory refused.
    Directory,
}

impl Refusal {
    /// The reason in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotByPolicy => "not_by_policy",
            Self::Open => "open",
            Self::AnotherLock => "another_lock",
            Self::Shut(shut) => shut.name(),
            Self::Danger => "danger",
            Self::Held => "held",
            Self::TooOften => "too_often",
            Self::Unanswered => "unanswered",
            Self::Directory => "directory",
        }
    }
}

/// Whether a lock may be taken off.
///
/// # Errors
/// [`Refusal`] where it may not.
pub fn rule(case: &Case<'_>) -> Result<Allowed, Refusal> {
    // Who looks for somebody else is no "self", whatever the table says.
    let hand = case.hand.filter(|hand| (*hand == Hand::Own) == (case.person == case.by)).ok_or(Refusal::NotByPolicy)?;
    let lock = match case.stands {
        Stands::Shut(shut) => return Err(Refusal::Shut(*shut)),
        Stands::Open => return Err(Refusal::Open),
        Stands::Locked(lock) => lock.clone(),
    };
    match case.danger {
        Some(Danger::Events) => return Err(Refusal::Danger),
        Some(Danger::Security) => return Err(Refusal::Held),
        None => {}
    }
    if case.today >= A_DAY {
        return Err(Refusal::TooOften);
    }
    Ok(Allowed { person: case.person.clone(), by: case.by.clone(), hand, directory: case.directory.to_owned(), lock })
}

/// What the rules allow. Made by [`rule`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    person: PersonId,
    by: PersonId,
    hand: Hand,
    directory: String,
    lock: Lock,
}

impl Allowed {
    /// Which lock.
    #[must_use]
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// The order to take it off, now that whoever wants it proved once more that it is them.
    #[must_use]
    pub fn confirmed(self, how: Confirmed, at: Timestamp) -> Order {
        let Self { person, by, hand, directory, lock } = self;
        Order { person, by, hand, directory, lock, how, at }
    }
}

/// What was allowed and confirmed: kept with the job that does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    person: PersonId,
    by: PersonId,
    hand: Hand,
    directory: String,
    lock: Lock,
    how: Confirmed,
    at: Timestamp,
}

impl Order {
    /// Whose account.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// Who wants the lock off.
    #[must_use]
    pub fn by(&self) -> &PersonId {
        &self.by
    }

    /// As what.
    #[must_use]
    pub fn hand(&self) -> Hand {
        self.hand
    }

    /// Which directory.
    #[must_use]
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Which lock.
    #[must_use]
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// How it was confirmed.
    #[must_use]
    pub fn how(&self) -> &Confirmed {
        &self.how
    }

    /// True while it is good.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        now < ORDER_LIFE.after(self.at)
    }
}

/// What may be handed to an unlocker: one lock of one account that was confirmed and is allowed at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlockable {
    person: PersonId,
    directory: String,
    lock: Lock,
}

impl Unlockable {
    /// An order that the rules, asked anew, still allow.
    ///
    /// # Errors
    /// [`Refusal::AnotherLock`] where what they allow is not what was ordered, or the order is too old.
    pub fn of(order: &Order, allowed: Allowed, now: Timestamp) -> Result<Self, Refusal> {
        let same = (&order.person, &order.by, &order.directory, &order.lock.id)
            == (&allowed.person, &allowed.by, &allowed.directory, &allowed.lock.id);
        if !order.is_good(now) {
            return Err(Refusal::Unanswered);
        }
        if !same {
            return Err(Refusal::AnotherLock);
        }
        Ok(Self { person: allowed.person, directory: allowed.directory, lock: allowed.lock })
    }

    /// Whose account.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// Which directory.
    #[must_use]
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Which lock.
    #[must_use]
    pub fn lock(&self) -> &Lock {
        &self.lock
    }
}

/// What became of an unlocking, as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum UnlockStep {
    /// The button was pressed; nothing is done before it is confirmed.
    Asked,
    /// It was confirmed, and the directory is to be told.
    Ordered {
        /// How it was confirmed.
        how: Confirmed,
    },
    /// The lock is off, as the directory says itself.
    Done {
        /// False where it was off already.
        by_us: bool,
    },
    /// It was not done.
    Refused {
        /// Why.
        why: Refusal,
    },
}

impl UnlockStep {
    /// The step in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Ordered { .. } => "ordered",
            Self::Done { by_us: true } => "done",
            Self::Done { by_us: false } => "open_already",
            Self::Refused { .. } => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::{Provider, SigninOutcome};

    fn id(name: &str) -> PersonId {
        PersonId::parse(name).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn event(name: &str, class: ReasonClass) -> SigninEvent {
        SigninEvent {
            id: format!("ana:{name}:1"),
            provider: Provider::OpenldapPpolicy,
            event: name.into(),
            at: Some(now()),
            time: None,
            actor: Some("ana".into()),
            subject: None,
            outcome: Some(SigninOutcome::Blocked),
            reason_code: None,
            reason_class: Some(class),
            reason_text: None,
            ip: None,
            device: None,
            application: None,
            session: None,
            place: None,
            risk: None,
            raw_digest: Digest::of(name.as_bytes()),
        }
    }

    #[test]
    fn only_a_lock_by_wrong_passwords_is_one() {
        use ReasonClass as C;
        let lock = event("pwdAccountLockedTime", C::LockedOut);
        let failed = event("pwdFailureTime", C::BadCredentials);
        let made = [failed.clone(), lock.clone()];
        let id = lock.id.clone();
        assert_eq!(Stands::of(&made, None, now()), Stands::Locked(Lock { id, at: now() }));
        // By itself it is over.
        assert_eq!(Stands::of(&made, Some(Seconds(60)), Seconds(60).after(now())), Stands::Open);
        // A time that no wrong password goes with was written by somebody.
        let alone = std::slice::from_ref(&lock);
        assert_eq!(Stands::of(alone, None, now()), Stands::Shut(Shut::ByHand));
        let earlier = SigninEvent { at: now().checked_sub(SignedDuration::from_secs(3)).ok(), ..failed.clone() };
        assert_eq!(Stands::of(&[earlier, lock.clone()], None, now()), Stands::Shut(Shut::ByHand));
        let ad = event("lockoutTime", C::LockedOut);
        let id = ad.id.clone();
        assert_eq!(Stands::of(&[ad], None, now()), Stands::Locked(Lock { id, at: now() }));
        for (name, class, shut) in [
            ("pwdAccountLockedTime", C::LockedOrDisabled, Shut::ByHand),
            ("userAccountControl", C::AccountDisabled, Shut::Disabled),
            ("accountExpires", C::AccountExpired, Shut::Expired),
            ("pwdEndTime", C::AccountExpired, Shut::Expired),
        ] {
            let all = [failed.clone(), lock.clone(), event(name, class)];
            assert_eq!(Stands::of(&all, None, now()), Stands::Shut(shut), "{name}");
        }
        for (name, class) in [("pwdFailureTime", C::BadCredentials), ("bind", C::LockedOut), ("pwdReset", C::LockedOut)]
        {
            assert_eq!(Stands::of(&[event(name, class)], None, now()), Stands::Open, "{name}");
        }
        assert_eq!(Stands::of(&[], None, now()), Stands::Open);
    }

    fn locked() -> Stands {
        Stands::Locked(Lock { id: "ana:lockoutTime:1".into(), at: now() })
    }

    fn case<'a>(person: &'a PersonId, by: &'a PersonId, hand: Option<Hand>, stands: &'a Stands) -> Case<'a> {
        Case { person, by, hand, directory: "ad", stands, danger: None, today: 0 }
    }

    #[test]
    fn the_rules_refuse_what_is_not_allowed() {
        let (ana, julia, locked) = (id("ana"), id("julia"), locked());
        let own = case(&ana, &ana, Some(Hand::Own), &locked);
        assert!(rule(&own).is_ok());
        assert!(rule(&case(&ana, &julia, Some(Hand::Helpdesk), &locked)).is_ok());
        let refused = |case: &Case<'_>| rule(case).unwrap_err();
        assert_eq!(refused(&case(&ana, &ana, None, &locked)), Refusal::NotByPolicy);
        assert_eq!(refused(&case(&ana, &julia, Some(Hand::Own), &locked)), Refusal::NotByPolicy);
        assert_eq!(refused(&case(&ana, &ana, Some(Hand::Helpdesk), &locked)), Refusal::NotByPolicy);
        assert_eq!(refused(&Case { stands: &Stands::Open, ..own.clone() }), Refusal::Open);
        for shut in [Shut::Disabled, Shut::Expired, Shut::ByHand] {
            assert_eq!(refused(&Case { stands: &Stands::Shut(shut), ..own.clone() }), Refusal::Shut(shut));
        }
        assert_eq!(refused(&Case { danger: Some(Danger::Events), ..own.clone() }), Refusal::Danger);
        assert_eq!(refused(&Case { danger: Some(Danger::Security), ..own.clone() }), Refusal::Held);
        assert!(rule(&Case { today: A_DAY - 1, ..own.clone() }).is_ok());
        assert_eq!(refused(&Case { today: A_DAY, ..own }), Refusal::TooOften);
    }

    #[test]
    fn an_order_is_good_for_the_same_lock_and_for_a_while() {
        let (ana, ben, julia, stands) = (id("ana"), id("ben"), id("julia"), locked());
        let allowed = || rule(&case(&ana, &ana, Some(Hand::Own), &stands)).unwrap();
        let order = allowed().confirmed(Confirmed::Demo, now());
        let what = Unlockable::of(&order, allowed(), now()).unwrap();
        assert_eq!((what.person(), what.directory(), what.lock().id.as_str()), (&ana, "ad", "ana:lockoutTime:1"));
        assert_eq!(Unlockable::of(&order, allowed(), ORDER_LIFE.after(now())), Err(Refusal::Unanswered));
        let later = Stands::Locked(Lock { id: "ana:lockoutTime:2".into(), at: now() });
        let others = [
            rule(&case(&ana, &ana, Some(Hand::Own), &later)),
            rule(&case(&ben, &ben, Some(Hand::Own), &stands)),
            rule(&case(&ana, &julia, Some(Hand::Helpdesk), &stands)),
            rule(&Case { directory: "ldap", ..case(&ana, &ana, Some(Hand::Own), &stands) }),
        ];
        for other in others {
            assert_eq!(Unlockable::of(&order, other.unwrap(), now()), Err(Refusal::AnotherLock));
        }
    }

    #[test]
    fn hands_are_called_as_they_are_written() {
        for hand in Hand::ALL {
            assert_eq!(serde_json::to_value(hand).unwrap(), hand.name());
        }
    }
}
