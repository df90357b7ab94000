//! Why somebody cannot sign in, answered in a conversation: from their own sign-in events, with receipts, or honestly not at all.
//! What is told about somebody else is in [`crate::workflow::looks`].

use jiff::{SignedDuration, Timestamp};

use crate::domain::conversation::Question;
use crate::domain::ids::{ConversationId, InquiryId, PersonId};
use crate::domain::inquiry::Matter;
use crate::domain::person::Person;
use crate::domain::signin_actor::Aliases;
use crate::domain::ticket::{Category, Cause, Ticket};
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::{Certainty, Explanation};
use crate::helpdesk::lockout::steps;
use crate::helpdesk::lockout::timeline::CLOCK_TOLERANCE;
use crate::helpdesk::lockout::whose::{self, Whose};
use crate::helpdesk::lockout::{matter, named};
use crate::helpdesk::phrasing;
use crate::ports::signin::SigninQuery;
use crate::ports::store::TicketQuery;
use crate::understanding::types::{ForWhom, Intent, Understanding};
use crate::workflow::change::Change;
use crate::workflow::converse::Table;
use crate::workflow::directories::{self, Known};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::inquiries::{self, Given};
use crate::workflow::tickets::{self, Handover};
use crate::workflow::{answers, cards, looks, names, unlocks};

/// How far back events are looked at.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How far back the events go that a report is looked at with.
const REPORTED: SignedDuration = SignedDuration::from_hours(24 * 7);
/// The most of them, the newest.
const MOST_REPORTED: usize = 20;
/// The most events looked at, the newest.
const MOST_EVENTS: u32 = 2_000;

/// Explains a lockout: the speaker's own, or somebody else's where policy lets the speaker see it.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn locked_out(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    match (whose_words(table)?, &understood.for_whom) {
        // Whether the name is anybody's is not asked before it is clear whom the words are about.
        (Whose::Other(name), ForWhom::Speaker) => looks::asked(table, &ForWhom::Unknown { name }).await,
        // A name that is only near somebody's opens nobody's record.
        (Whose::Other(name), ForWhom::Person { id })
            if names::is_only_near(&table.house.catalog.directory, &name, id) =>
        {
            looks::asked(table, &ForWhom::Unknown { name }).await
        }
        (Whose::Other(_), others) => looks::asked(table, others).await,
        // Where the sentence does not say whose, a name in it counts only for whoever may be told of its bearer: everybody else reads of
        // their own sign-ins, whether anybody is called so or not.
        (Whose::Unsaid, others) if looks::may_be_told(table, others) => looks::asked(table, others).await,
        (Whose::Own | Whose::Unsaid, _) => own(table).await,
    }
}

/// Questions whose matter is plain from the sentence, whatever else was understood: somebody else's sign-ins, and until when one's own are
/// shut. What is understood may hang on whether a name is known; this does not. False where it is neither.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn asked(table: &mut Table<'_>, understood: &Understanding) -> Result<bool, WorkflowError> {
    let answering = matches!(table.conversation.question, Some(Question::Reason { .. } | Question::Which { .. }));
    let person = table.house.person(table.who)?;
    if matter::of(&person, table.words, &table.house.catalog, answering).is_none() {
        return Ok(false);
    }
    locked_out(table, understood).await?;
    Ok(true)
}

/// Whom the words are about, by their grammar alone.
///
/// # Errors
/// Where the speaker is unknown.
pub fn whose_words(table: &Table<'_>) -> Result<Whose, WorkflowError> {
    let person = table.house.person(table.who)?;
    Ok(whose::asked_by(&person, table.words, &table.house.catalog))
}

/// Explains the speaker's own lockout. Words choose what is explained, never whose events: those are the signed-in person's.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn own(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let words = table.words;
    own_about(table, words).await
}

/// The same for other words than those of this turn: what a short word that follows stands for.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn own_about(table: &mut Table<'_>, words: &str) -> Result<(), WorkflowError> {
    let house = table.house;
    let person = house.person(table.who)?;
    let (now, zone) = (house.now(), person.time_zone());
    let Some(gathered) = gather(house, &person, now).await? else { return answers::locked_out(table) };
    let Gathered { whose, known: Known { events, lasting, silent, fresh }, .. } = gathered;
    let asked = Asked { whose: &whose, words, now, zone: &zone, level: Level::Person, lasting: &lasting };
    let explanation = answer(events.iter().cloned(), asked);
    // The case is opened in the same breath, so the person need not report what security has before it.
    let explanation = if explanation.to_security { steps::in_hand(explanation) } else { explanation };
    keep_cited(house, &explanation, &fresh, now).await?;
    let worded = phrasing::word(&explanation, house.phrasing.as_deref()).await;
    let mut card = cards::lockout::own(&explanation, &worded, &events, &zone);
    if let Some((code, known)) = named::code(words) {
        card = card.para(match known {
            Some(known) => format!("The code {code} stands for this: {}.", known.meaning),
            None => format!("What the code {code} stands for, I do not know, and I will not guess."),
        });
    }
    if silent > 0 {
        card = card.para(SILENT);
    }
    let matter = if explanation.certainty == Certainty::Unknown {
        Matter::LockoutUnexplained
    } else {
        Matter::Lockout { class: explanation.reason_class }
    };
    metrics::counter!("claviger_lockout_answers_total", "matter" => matter.name()).increment(1);
    let inquiry = inquiries::answer(table, card, Given::new(matter, explanation.cited()))?;
    unlocks::offer(table, inquiry, table.who, &explanation).await?;
    if explanation.to_security {
        let about = About { person: table.who, conversation: Some(table.conversation.id), inquiry: Some(inquiry) };
        tell_security(table, about, &explanation).await?;
    }
    Ok(())
}

/// What is said where a directory did not answer.
pub const SILENT: &str = "A directory that could know more did not answer just now; this is what the logs say.";

/// What is known of one person's accounts.
pub struct Gathered {
    /// Their accounts.
    pub whose: Aliases,
    /// What logs and directories say.
    pub known: Known,
    /// Since when the logs were looked at, where they hold more than was looked at.
    pub since: Option<Timestamp>,
}

/// Asks the log and the directories about a person. `None` where there is nothing to ask.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn gather(house: &House, person: &Person, now: Timestamp) -> Result<Option<Gathered>, WorkflowError> {
    let signins = &house.outside.signins;
    let Some(log) = &signins.log else { return Ok(None) };
    let whose = Aliases::of(person, &house.catalog.directory, &signins.realms);
    let query = SigninQuery {
        whose: whose.clone(),
        from: now.checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN),
        until: now.checked_add(CLOCK_TOLERANCE).unwrap_or(Timestamp::MAX),
        limit: MOST_EVENTS,
    };
    let logged = log.signins(&query).await?;
    let is_cut = u32::try_from(logged.len()).is_ok_and(|n| n >= MOST_EVENTS);
    let since = if is_cut { logged.iter().filter_map(|e| e.at).min() } else { None };
    let logged = Known::logged(logged, signins.lasting.clone());
    let known = directories::ask(&signins.directories, &whose, now, logged).await;
    if known.events.is_empty() && signins.directories.is_empty() && log.signin_counts().await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Gathered { whose, known, since }))
}

/// Ids of somebody's newest events of the last days, oldest first: what a report of theirs is to be looked at with.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn recent(house: &House, who: &PersonId) -> Result<Vec<String>, WorkflowError> {
    let person = house.person(who)?;
    let now = house.now();
    let Some(Gathered { whose, known, .. }) = gather(house, &person, now).await? else { return Ok(Vec::new()) };
    let from = now.checked_sub(REPORTED).unwrap_or(Timestamp::MIN);
    let mut events: Vec<_> =
        known.events.iter().filter(|e| whose.own(e)).filter_map(|e| Some((e.at?, &e.id))).collect();
    events.retain(|(at, _)| *at >= from);
    events.sort_unstable();
    let newest = events.len().saturating_sub(MOST_REPORTED);
    Ok(events.split_off(newest).into_iter().map(|(_, id)| id.clone()).collect())
}

/// Keeps what a directory said just now and an answer rests on, so that whoever reads the ids later finds the events.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn keep_cited(
    house: &House,
    explanation: &Explanation,
    fresh: &[crate::domain::signin::SigninEvent],
    now: Timestamp,
) -> Result<(), WorkflowError> {
    let Some(log) = &house.outside.signins.log else { return Ok(()) };
    let cited = explanation.cited();
    let kept: Vec<_> = fresh.iter().filter(|e| cited.contains(&e.id)).cloned().collect();
    if !kept.is_empty() {
        log.append_signins(&kept, now).await?;
    }
    Ok(())
}

/// Whom and which question a case is about.
pub struct About<'a> {
    /// Whose account.
    pub person: &'a PersonId,
    /// Where it was asked, where the person themselves asked.
    pub conversation: Option<ConversationId>,
    /// The question, where there was one.
    pub inquiry: Option<InquiryId>,
}

/// What looks like an attack goes to security by itself, once for the same events.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn tell_security(
    table: &mut Table<'_>,
    about: About<'_>,
    explanation: &Explanation,
) -> Result<(), WorkflowError> {
    security_looks(&mut table.change, table.house, about, table.words, explanation.evidence()).await
}

/// Raises a case for security, once for the same events; `words` are those that brought it to light.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn security_looks(
    change: &mut Change<'_>,
    house: &House,
    about: About<'_>,
    words: &str,
    evidence: Vec<String>,
) -> Result<(), WorkflowError> {
    let query = TicketQuery {
        person: Some(about.person.clone()),
        category: Some(Category::Security),
        open: true,
        ..TicketQuery::default()
    };
    let known = house.store.tickets(&query).await?;
    let same = |t: &Ticket| evidence.is_empty() || t.content.evidence.iter().any(|id| evidence.contains(id));
    if known.iter().any(same) {
        return Ok(());
    }
    let given = Handover {
        person: about.person,
        cause: Cause::Noticed,
        words,
        conversation: about.conversation,
        understanding: None,
        intent: Some(Intent::WhyLockedOut),
        evidence,
        inquiry: about.inquiry,
    };
    tickets::raise(change, house, given).await?;
    Ok(())
}
