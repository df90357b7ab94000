//! Taking a lock off an account in a directory: offered under an explanation where policy lets the reader, asked for by its button,
//! confirmed once more always and everywhere, and done by a job. Words alone do nothing here.
//!
//! Each step looks anew at what the directory and the record say at that moment: when the button is drawn, when it is pressed, when the
//! confirming page is shown, when it is confirmed, and before the directory is told. Any of them can end it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::action::{Action, Subject, Verb};
use crate::domain::card::{Card, Style};
use crate::domain::conversation::{MessageBody, Surface};
use crate::domain::digest::Digest;
use crate::domain::event::{HouseEvent, Stream};
use crate::domain::ids::{InquiryId, PersonId};
use crate::domain::inquiry::{Inquiry, Matter};
use crate::domain::job::Job;
use crate::domain::person::{Person, RiskLevel};
use crate::domain::signin_actor::Aliases;
use crate::domain::ticket::Category;
use crate::domain::unlock::{Allowed, Case, Danger, Hand, Order, Refusal, Stands, UnlockStep, Unlockable, rule};
use crate::helpdesk::disclosure::{Level, Part};
use crate::helpdesk::lockout::claim::Explanation;
use crate::helpdesk::unlock;
use crate::ports::account_state::{AccountState, AccountStateError};
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::{ClaimedJob, TicketQuery};
use crate::ports::unlocker::{UnlockError, Unlocked};
use crate::workflow::cards::unlock as cards;
use crate::workflow::cards::words::{BUTTON_LIFE, Buttons};
use crate::workflow::change::Change;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::lockouts::{self, About};
use crate::workflow::slips::{Confirm, LockedAccount};
use crate::workflow::step_up::{self, Proof};
use crate::workflow::{answers, news, standing};

/// What somebody may do about another's, or their own, account in one directory, as it stands now.
struct Found {
    /// The directory's place among all.
    number: u16,
    directory: Arc<dyn AccountState>,
    hand: Hand,
    stands: Result<Stands, AccountStateError>,
    danger: Option<Danger>,
    /// What was seen of the lock, where there is one.
    seen: Option<Digest>,
    /// Ids of what the logs hold around the lock, where that speaks of danger.
    evidence: Vec<String>,
    today: u64,
}

/// Both people and what was found.
struct Looked {
    by: PersonId,
    of: PersonId,
    whose: Aliases,
    found: Vec<Found>,
}

impl Looked {
    fn rule(&self, found: &Found, today: u64) -> Result<Allowed, Refusal> {
        let stands = found.stands.as_ref().map_err(|_| Refusal::Unanswered)?;
        rule(&Case {
            person: &self.of,
            by: &self.by,
            hand: Some(found.hand),
            directory: found.directory.name(),
            stands,
            danger: found.danger,
            today,
        })
    }
}

/// As what policy lets somebody take locks off another's, or their own, account there.
fn hand(house: &House, by: &PersonId, of: &PersonId, directory: &str) -> Option<Hand> {
    let lets = |hand: &Hand| house.unlocking.lets(directory, *hand);
    if by == of {
        return Some(Hand::Own).filter(lets);
    }
    // Whoever is told nothing of somebody's sign-ins has nothing to do with their locks either.
    if standing::told(house, by, of).level == Level::Generic {
        return None;
    }
    let parts = standing::of(house, by, of).parts;
    let hands = [(Part::Helpdesk, Hand::Helpdesk), (Part::Security, Hand::Security)];
    hands.into_iter().filter(|(part, _)| parts.contains(part)).map(|(_, hand)| hand).find(lets)
}

/// The directories where policy lets them, each with its place among all.
fn within_reach(house: &House, by: &PersonId, of: &PersonId) -> Vec<(u16, Arc<dyn AccountState>, Hand)> {
    let works_here = |id: &PersonId| house.person(id).is_ok_and(|p: Arc<Person>| p.is_employed());
    if !works_here(by) || !works_here(of) {
        return Vec::new();
    }
    (0u16..)
        .zip(&house.outside.signins.directories)
        .filter(|(_, directory)| directory.unlocker().is_some())
        .filter_map(|(n, directory)| Some((n, Arc::clone(directory), hand(house, by, of, directory.name())?)))
        .collect()
}

/// True where a lock of this person may be taken off from here at all, by this hand.
#[must_use]
pub fn is_offered(house: &House, by: &PersonId, of: &PersonId) -> bool {
    house.outside.signins.log.is_some() && !within_reach(house, by, of).is_empty()
}

fn day_key(directory: &str, of: &PersonId, now: Timestamp) -> String {
    format!("unlocks:{directory}:{of}:{}", now.to_zoned(TimeZone::UTC).date())
}

/// True where somebody may take locks off other people's accounts, in some directory and as far as they are told of those people.
#[must_use]
pub fn is_helper(house: &House, by: &PersonId) -> bool {
    let Ok(person) = house.person(by) else { return false };
    let parts = standing::groups(house, &person);
    let hands = [(Part::Helpdesk, Hand::Helpdesk), (Part::Security, Hand::Security)];
    let mut directories = house.outside.signins.directories.iter().filter(|d| d.unlocker().is_some());
    let lets = |name: &str| hands.iter().any(|(part, hand)| parts.contains(part) && house.unlocking.lets(name, *hand));
    person.is_employed() && directories.any(|d| lets(d.name()))
}

/// Even where nothing is under way about a lock, odd from its order on until it ended, however it ended.
fn lock_key(directory: &str, of: &PersonId, lock: &str) -> String {
    format!("unlock:{directory}:{of}:{}", Digest::of(lock.as_bytes()))
}

/// Looks at everything that counts, in one directory or in all that are within reach. Empty where policy gives nothing.
async fn look(house: &House, by: &PersonId, of: &PersonId, only: Option<&str>) -> Result<Looked, WorkflowError> {
    let mut reach = within_reach(house, by, of);
    reach.retain(|(_, directory, _)| only.is_none_or(|name| name == directory.name()));
    let mut looked = Looked { by: by.clone(), of: of.clone(), whose: Aliases::default(), found: Vec::new() };
    if reach.is_empty() {
        return Ok(looked);
    }
    let (person, now) = (house.person(of)?, house.now());
    let Some(gathered) = lockouts::gather(house, &person, now).await? else { return Ok(looked) };
    looked.whose = gathered.whose;
    let (known, logged_since) = (gathered.known, gathered.since);
    let case = TicketQuery {
        person: Some(of.clone()),
        category: Some(Category::Security),
        open: true,
        ..TicketQuery::default()
    };
    let suspected = person.risk == RiskLevel::High || !house.store.tickets(&case).await?.is_empty();
    let fresh: BTreeSet<&str> = known.fresh.iter().map(|e| e.id.as_str()).collect();
    let logged: BTreeSet<String> =
        known.events.iter().filter(|e| !fresh.contains(e.id.as_str())).map(|e| e.id.clone()).collect();
    for (number, directory, hand) in reach {
        let report = directory.account(&looked.whose, now).await;
        let (mut danger, mut seen, mut evidence) = (suspected.then_some(Danger::Security), None, Vec::new());
        let mut events = known.events.clone();
        let stands = report.map(|report| {
            let stands = Stands::of(&report.events, report.lock_lasts.map(|(_, lasts)| lasts), now);
            // What it says now counts, whatever it said, or did not say, a moment ago.
            events.retain(|old| !report.events.iter().any(|new| new.provider == old.provider && new.id == old.id));
            events.extend(report.events);
            stands
        });
        if let Ok(Stands::Locked(lock)) = &stands {
            // Where the log holds more than could be looked at, nobody knows what the rest says.
            let unseen = logged_since.is_some_and(|since| since > unlock::since(lock));
            if unseen || unlock::danger(&events, &looked.whose, lock, &known.lasting, now) {
                danger = Some(Danger::Events);
                // Only what is kept can be looked up by its id later.
                evidence = unlock::evidence(&events, &looked.whose, lock, now);
                evidence.retain(|id| logged.contains(id));
            }
            seen = Some(unlock::seen(of, directory.name(), lock, &events, now)?);
        }
        let today = house.store.lock_version(&day_key(directory.name(), of, now)).await?;
        looked.found.push(Found { number, directory, hand, stands, danger, seen, evidence, today });
    }
    Ok(looked)
}

/// Puts the button under the explanation that was just said, where policy lets the reader and nothing speaks against it; where something
/// does, says that security looks first, and has it look.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn offer(
    table: &mut Table<'_>,
    inquiry: InquiryId,
    of: &PersonId,
    explanation: &Explanation,
) -> Result<(), WorkflowError> {
    let house = table.house;
    let looked = look(house, table.who, of, None).await?;
    let several = looked.found.len() > 1;
    let (mut buttons, mut remark, mut evidence) = (Vec::new(), None, None);
    for found in &looked.found {
        match (looked.rule(found, found.today), found.seen) {
            (Ok(_), Some(seen)) if !explanation.to_security => {
                let make = Buttons::new(house, Subject::Inquiry(inquiry), seen, BUTTON_LIFE);
                let label = cards::label(found.hand == Hand::Own, found.directory.name(), several);
                buttons.push(make.numbered(Verb::Unlock, &label, Style::Plain, found.number));
            }
            // The explanation itself says that security looks first.
            (Ok(_), _) => remark = Some(Refusal::Danger),
            (Err(Refusal::Danger), _) => {
                evidence = Some([found.evidence.clone(), explanation.cited()].concat());
                remark = Some(Refusal::Danger);
            }
            (Err(Refusal::TooOften), _) => remark = Some(Refusal::TooOften),
            (Err(Refusal::Held), _) if found.hand != Hand::Own => remark = Some(Refusal::Held),
            (Err(_), _) => {}
        }
    }
    let Some(MessageBody::Said { card }) = table.said.last_mut() else { return Ok(()) };
    if !buttons.is_empty() {
        card.body.push(cards::para(cards::OFFERED));
        card.actions.splice(0..0, buttons);
    }
    if let Some(remark) = remark {
        let (said, next) = cards::refused(remark, of == table.who, &answers::helpers_of(house));
        card.body.push(cards::para(&format!("{said} {next}")));
    }
    if let Some(mut evidence) = evidence.filter(|_| !explanation.to_security) {
        evidence.sort_unstable();
        evidence.dedup();
        let conversation = (of == table.who).then_some(table.conversation.id);
        let about = About { person: of, conversation, inquiry: Some(inquiry) };
        lockouts::security_looks(&mut table.change, house, about, table.words, evidence).await?;
    }
    Ok(())
}

/// Whose account an answer was about.
fn subject(inquiry: &Inquiry) -> Result<PersonId, WorkflowError> {
    match &inquiry.answer.matter {
        Matter::Lockout { .. } | Matter::LockoutUnexplained => Ok(inquiry.answer.person.clone()),
        Matter::Colleague { person, .. } => Ok(person.clone()),
        _ => Err(WorkflowError::NotFound("button")),
    }
}

/// The button was pressed: nothing is done but to ask for a proof.
///
/// # Errors
/// What stands against it, or [`WorkflowError::StepUp`] with the private link.
pub async fn clicked(
    house: &House,
    who: &PersonId,
    on: Surface,
    action: &Action,
    inquiry: &Inquiry,
) -> Result<Vec<Card>, WorkflowError> {
    let of = subject(inquiry)?;
    let place = usize::from(action.argument);
    let directory = house.outside.signins.directories.get(place).ok_or(WorkflowError::NotFound("button"))?;
    let account = LockedAccount { of, directory: directory.name().to_owned() };
    let (looked, allowed) = stands(house, who, &account).await?;
    let seen = looked.found.first().and_then(|f| f.seen).ok_or_else(|| changed(house))?;
    if seen.prefix() != action.seen {
        return Err(changed(house));
    }
    let mut change = Change::before_person(house, who);
    let hand = looked.found.first().map_or(Hand::Own, |f| f.hand);
    change.house_event(event(&account, who, hand, &allowed.lock().id, UnlockStep::Asked));
    change.commit().await?;
    count("asked", hand);
    Err(step_up::ask_for_unlock(house, who, on, inquiry.id, seen, account).await?)
}

/// What the rules say now; a refusal is recorded and said.
async fn stands(house: &House, who: &PersonId, account: &LockedAccount) -> Result<(Looked, Allowed), WorkflowError> {
    let looked = look(house, who, &account.of, Some(&account.directory)).await?;
    let ruled = match looked.found.first() {
        Some(found) => looked.rule(found, found.today),
        None => Err(Refusal::NotByPolicy),
    };
    match ruled {
        Ok(allowed) => Ok((looked, allowed)),
        Err(why) => {
            let hand = looked.found.first().map_or(Hand::Own, |f| f.hand);
            let lock = match looked.found.first().map(|f| &f.stands) {
                Some(Ok(Stands::Locked(lock))) => lock.id.clone(),
                _ => String::new(),
            };
            let mut change = Change::before_person(house, who);
            change.house_event(event(account, who, hand, &lock, UnlockStep::Refused { why }));
            if let (Refusal::Danger, Some(found)) = (why, looked.found.first()) {
                alarm(&mut change, house, &account.of, found.evidence.clone()).await?;
            }
            change.commit().await?;
            count(why.name(), hand);
            let (said, next) = cards::refused(why, account.of == *who, &answers::helpers_of(house));
            Err(WorkflowError::Forbidden { said, next: format!("{next} Nothing was done.") })
        }
    }
}

/// What turned up since the button was drawn goes to security, too.
async fn alarm(
    change: &mut Change<'_>,
    house: &House,
    of: &PersonId,
    evidence: Vec<String>,
) -> Result<(), WorkflowError> {
    let about = About { person: of, conversation: None, inquiry: None };
    lockouts::security_looks(change, house, about, "", evidence).await
}

fn event(account: &LockedAccount, by: &PersonId, hand: Hand, lock: &str, step: UnlockStep) -> HouseEvent {
    HouseEvent::Unlock {
        person: account.of.clone(),
        by: by.clone(),
        hand,
        directory: account.directory.clone(),
        lock: lock.to_owned(),
        step,
    }
}

fn count(outcome: &'static str, hand: Hand) {
    metrics::counter!("claviger_unlocks_total", "outcome" => outcome, "hand" => hand.name()).increment(1);
}

fn changed(house: &House) -> WorkflowError {
    let fresh = Box::new(cards::changed(&answers::helpers_of(house)));
    WorkflowError::Stale { said: "Something has changed about this lock since you were shown it.".into(), fresh }
}

fn account_of(confirm: &Confirm) -> Result<&LockedAccount, WorkflowError> {
    confirm.account.as_ref().ok_or(WorkflowError::NotFound("link"))
}

/// The lock that is confirmed, where it still stands as it was shown and may still be taken off.
async fn standing_lock(house: &House, confirm: &Confirm) -> Result<(Looked, Allowed), WorkflowError> {
    let (looked, allowed) = stands(house, &confirm.person, account_of(confirm)?).await?;
    if looked.found.first().and_then(|f| f.seen) != Some(confirm.seen) {
        return Err(changed(house));
    }
    Ok((looked, allowed))
}

/// What the confirming page shows.
///
/// # Errors
/// Where it may not be done any more.
pub async fn asked(house: &House, confirm: &Confirm) -> Result<Card, WorkflowError> {
    let (_, allowed) = standing_lock(house, confirm).await?;
    let account = account_of(confirm)?;
    let zone = house.person(&confirm.person)?.time_zone();
    Ok(cards::asked(&house.name(&account.of), &account.directory, allowed.lock().at, &zone))
}

/// They proved it: the order is written, and a job does it.
///
/// # Errors
/// Where it may not be done any more.
pub async fn confirmed(house: &House, confirm: &Confirm, proof: Proof) -> Result<Card, WorkflowError> {
    let (looked, allowed) = standing_lock(house, confirm).await?;
    let account = account_of(confirm)?;
    let Some(found) = looked.found.first() else { return Err(changed(house)) };
    let (who, lock) = (&confirm.person, allowed.lock().id.clone());
    let key = lock_key(&account.directory, &account.of, &lock);
    let turn = house.store.lock_version(&key).await?;
    let mut change = Change::by_person(house, who);
    proof.spend(&mut change);
    if let Subject::Inquiry(id) = confirm.subject {
        let (on, verb) = (Stream::Inquiry(id), "unlock".to_owned());
        change.house_event(HouseEvent::Confirmed { on, verb, how: proof.how.clone() });
    }
    if turn % 2 == 1 {
        // It is under way: the proof is used up, and nothing is done twice.
        change.commit().await?;
        return Ok(cards::ordered(&account.directory));
    }
    change.lock(day_key(&account.directory, &account.of, change.at()), found.today);
    change.lock(key.clone(), turn);
    change.house_event(event(account, who, found.hand, &lock, UnlockStep::Ordered { how: proof.how.clone() }));
    let order = Box::new(allowed.confirmed(proof.how, change.at()));
    let at = change.at();
    change.job(Job::Unlock { order }, at, format!("{key}:{turn}"));
    change.commit().await?;
    count("ordered", found.hand);
    Ok(cards::ordered(&account.directory))
}

/// Does what was ordered, if it may still be done, and tells how it went.
///
/// # Errors
/// [`JobFault::Later`] where the directory does not answer.
pub async fn unlock(house: &House, job: &ClaimedJob, order: &Order) -> Result<Handled, JobFault> {
    let mut evidence = None;
    let step = match done(house, order).await {
        Ok(step) => step,
        Err(Ended::Refused(why)) => UnlockStep::Refused { why },
        Err(Ended::Danger(found)) => {
            evidence = Some(found);
            UnlockStep::Refused { why: Refusal::Danger }
        }
        Err(Ended::Later(what)) => return Err(JobFault::Later(what)),
        Err(Ended::Wrong(error)) => match error.for_job() {
            JobFault::Never(what) => {
                // Nobody is left waiting for what will never be done.
                tracing::error!(directory = order.directory(), what, "an account could not be unlocked");
                UnlockStep::Refused { why: Refusal::Directory }
            }
            later => return Err(later),
        },
    };
    tell(house, job, order, step, evidence).await.map_err(|error| error.for_job())
}

/// How it ended before it was done.
enum Ended {
    Refused(Refusal),
    /// The events speak of danger now; these.
    Danger(Vec<String>),
    Later(String),
    Wrong(WorkflowError),
}

impl From<WorkflowError> for Ended {
    fn from(error: WorkflowError) -> Self {
        Self::Wrong(error)
    }
}

impl From<Refusal> for Ended {
    fn from(why: Refusal) -> Self {
        Self::Refused(why)
    }
}

async fn done(house: &House, order: &Order) -> Result<UnlockStep, Ended> {
    let now = house.now();
    if !order.is_good(now) {
        return Err(Refusal::Unanswered.into());
    }
    let looked = look(house, order.by(), order.person(), Some(order.directory())).await?;
    let found = looked.found.first().ok_or(Refusal::NotByPolicy)?;
    match &found.stands {
        Err(error @ AccountStateError::Unavailable { .. }) => return Err(Ended::Later(error.to_string())),
        Err(error) => {
            tracing::error!(%error, "an account could not be looked at before it was unlocked");
            return Err(Refusal::Directory.into());
        }
        Ok(Stands::Open) => return Ok(UnlockStep::Done { by_us: false }),
        Ok(_) => {}
    }
    // It was counted when it was ordered.
    let allowed = looked.rule(found, 0).map_err(|why| match why {
        Refusal::Danger => Ended::Danger(found.evidence.clone()),
        other => Ended::Refused(other),
    })?;
    let what = Unlockable::of(order, allowed, now)?;
    let unlocker = found.directory.unlocker().ok_or(Refusal::NotByPolicy)?;
    match unlocker.unlock(&what, &looked.whose, now).await {
        Ok(Unlocked::Now) => Ok(UnlockStep::Done { by_us: true }),
        Ok(Unlocked::Before) => Ok(UnlockStep::Done { by_us: false }),
        Err(UnlockError::Unavailable { what }) => Err(Ended::Later(what)),
        Err(UnlockError::Shut(shut)) => Err(Refusal::Shut(shut).into()),
        Err(UnlockError::AnotherLock) => Err(Refusal::AnotherLock.into()),
        Err(error @ UnlockError::Refused { .. }) => {
            tracing::error!(directory = order.directory(), %error, "an account could not be unlocked");
            Err(Refusal::Directory.into())
        }
    }
}

/// Records how it went and tells the owner, always, and whoever wanted it; security, where there is evidence for it.
async fn tell(
    house: &House,
    job: &ClaimedJob,
    order: &Order,
    step: UnlockStep,
    evidence: Option<Vec<String>>,
) -> Result<Handled, WorkflowError> {
    let account = LockedAccount { of: order.person().clone(), directory: order.directory().to_owned() };
    let key = lock_key(&account.directory, &account.of, &order.lock().id);
    let mut change = Change::by_job(house, &job.lease);
    let turn = house.store.lock_version(&key).await?;
    if turn % 2 == 1 {
        // It ended; whoever still needs it may ask again.
        change.lock(key.clone(), turn);
    }
    let helpers = answers::helpers_of(house);
    let say_once = format!("{key}:{turn}:{}", step.name());
    let (owner, by) = (house.name(order.person()), house.name(order.by()));
    let helped = order.person() != order.by();
    let readers = [(order.person(), None), (order.by(), Some(owner.as_str()))];
    for (reader, owner) in readers.into_iter().take(if helped { 2 } else { 1 }) {
        let card = cards::outcome(&cards::Outcome {
            step: &step,
            directory: &account.directory,
            owner,
            by: helped.then_some(by.as_str()),
            how: order.how(),
            helpers: &helpers,
        });
        for conversation in news::everywhere(house, reader).await? {
            change.say_once(conversation, &say_once, MessageBody::Said { card: Box::new(card.clone()) });
        }
        change.touches(reader);
    }
    let outcome = match &step {
        UnlockStep::Refused { why } => why.name(),
        other => other.name(),
    };
    change.house_event(event(&account, order.by(), order.hand(), &order.lock().id, step.clone()));
    if let Some(evidence) = evidence {
        alarm(&mut change, house, order.person(), evidence).await?;
    }
    change.commit().await?;
    count(outcome, order.hand());
    Ok(Handled::Committed)
}
