//! Handing something to a person: a ticket with the end of the conversation, what was understood, the evidence, and a suggestion of what
//! it is and how soon it presses.
//!
//! The work on a ticket is an ordinary task for the people of the helpdesk (or of security), so that inbox, deadline and escalation are
//! those of every task; the ticket itself is what was handed over and what became of it. Where a desk outside is set up, the ticket is
//! filed there by a job written with it, and the task is raised only if that desk will not take it.

use jiff::Timestamp;

use crate::domain::card::{Card, Inline, Rich};
use crate::domain::conversation::{Author, Message, MessageBody};
use crate::domain::digest::Digest;
use crate::domain::ids::{ConversationId, InquiryId, PersonId, TicketId};
use crate::domain::inquiry::Matter;
use crate::domain::job::Job;
use crate::domain::task::{Chore, Task, TaskEvent};
use crate::domain::ticket::{Category, Cause, Grasp, Priority, Ticket, TicketContent, TicketEvent};
use crate::domain::window::Seconds;
use crate::helpdesk::triage::{Suggestion, suggest};
use crate::ports::store::TicketQuery;
use crate::understanding::types::{Intent, Understanding};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::inquiries;

/// How many messages are handed over, the newest.
const MESSAGES: usize = 12;
/// The longest extract of a conversation, in characters.
const LONGEST_EXTRACT: usize = 4_000;
/// What was said within this time before a person was asked for is taken to be what it is about.
pub const JUST_BEFORE: Seconds = Seconds::hours(1);
/// Who asks for a person again within this time, about the same matter, is shown the ticket they have.
const SAME_MATTER: Seconds = Seconds::hours(24);

/// What is handed over.
pub struct Handover<'a> {
    /// Whose matter it is.
    pub person: &'a PersonId,
    /// Why it goes to a person.
    pub cause: Cause,
    /// What they said last, for the suggestion.
    pub words: &'a str,
    /// Where it was said.
    pub conversation: Option<ConversationId>,
    /// What was understood.
    pub understanding: Option<Grasp>,
    /// What was understood, in one word, for the suggestion.
    pub intent: Option<Intent>,
    /// Ids of what speaks for it.
    pub evidence: Vec<String>,
    /// The question it came from.
    pub inquiry: Option<InquiryId>,
}

/// What is kept of an understanding with a ticket. Its digest is salted by the text's commitment, as in the record.
///
/// # Errors
/// Never for well-formed understandings.
pub fn grasp(understood: &Understanding, commitment: Digest) -> Result<Grasp, WorkflowError> {
    let whole = crate::domain::digest::canonical(understood)?;
    Ok(Grasp {
        intent: crate::workflow::converse::intent_name(understood.intent),
        entitlement: understood.asks.first().and_then(|a| a.candidates.first()).map(|c| c.entitlement.clone()),
        confidence_bp: understood.confidence_bp,
        digest: Digest::of(&[&commitment.0[..], &whole].concat()),
    })
}

/// Raises a ticket, with everything that has to follow.
///
/// # Errors
/// Where the conversation cannot be read.
pub async fn raise(change: &mut Change<'_>, house: &House, given: Handover<'_>) -> Result<Ticket, WorkflowError> {
    let matter = present(house, &given, change.at()).await?;
    let extract = match given.conversation {
        Some(id) => extract(house, id, given.words, matter.since).await?,
        None => String::new(),
    };
    let suggestion = suggestion(&given, &matter);
    let conversation = (!extract.is_empty()).then(|| change.text(given.person, extract));
    let content = TicketContent {
        person: given.person.clone(),
        cause: given.cause,
        category: suggestion.category,
        priority: suggestion.priority,
        because: suggestion.because,
        summary: summary(given.cause, suggestion.category, matter.about.as_deref()),
        conversation,
        said_in: given.conversation,
        understanding: given.understanding,
        evidence: given.evidence,
        inquiry: given.inquiry,
    };
    let security = content.category == Category::Security;
    let not_me = content.cause == Cause::NotMe;
    let id = TicketId::mint(change.at(), house.entropy.as_ref());
    let ticket = change.open_ticket(id, TicketEvent::Raised { content: Box::new(content) })?;
    let now = change.at();
    if house.outside.tickets.is_some() {
        change.job(Job::FileTicket { ticket: id }, now, format!("file:{id}"));
    }
    if security || house.outside.tickets.is_none() {
        give_to_people(change, house, &ticket)?;
    }
    if security && house.outside.soc.is_some() {
        change.job(Job::TellSoc { ticket: id }, now, format!("soc:{id}"));
    }
    if not_me {
        change.job(Job::EndSessions { ticket: id }, now, format!("sessions:{id}"));
    }
    Ok(ticket)
}

/// The tickets this person has open already from the same conversation that are not about security, where they are fresh; newest first.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn open_ones(
    house: &House,
    who: &PersonId,
    conversation: ConversationId,
) -> Result<Vec<Ticket>, WorkflowError> {
    let query = TicketQuery { person: Some(who.clone()), open: true, limit: 20, ..TicketQuery::default() };
    let now = house.now();
    let mut all = house.store.tickets(&query).await?;
    all.retain(|t| {
        t.content.said_in == Some(conversation)
            && t.content.category != Category::Security
            && SAME_MATTER.after(t.raised_at) > now
    });
    all.sort_by_key(|t| std::cmp::Reverse((t.raised_at, t.id)));
    Ok(all)
}

/// The open case of the last day in which this person said that it was somebody else.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn open_report(house: &House, who: &PersonId) -> Result<Option<Ticket>, WorkflowError> {
    let query = TicketQuery {
        person: Some(who.clone()),
        category: Some(Category::Security),
        open: true,
        ..TicketQuery::default()
    };
    let now = house.now();
    let all = house.store.tickets(&query).await?;
    Ok(all.into_iter().find(|t| t.content.cause == Cause::NotMe && SAME_MATTER.after(t.raised_at) > now))
}

/// Gives a ticket to the people who see to its sort.
///
/// # Errors
/// Where the event does not fit.
pub fn give_to_people(change: &mut Change<'_>, house: &House, ticket: &Ticket) -> Result<(), WorkflowError> {
    let roles = &house.catalog.roles;
    let group = if ticket.content.category == Category::Security { &roles.security } else { roles.helpdesk() };
    let of = |group| -> Vec<PersonId> {
        let members = house.catalog.directory.members(group).filter(|p| p.is_employed());
        members.map(|p| p.id.clone()).filter(|p| *p != ticket.content.person).collect()
    };
    // Whoever it is about does not see to it, even where it is their job.
    let mut assignees = of(group);
    if assignees.is_empty() {
        assignees = of(&roles.fallback);
    }
    let due = time_for(ticket.content.priority).after(change.at());
    let id = crate::domain::ids::TaskId::mint(change.at(), house.entropy.as_ref());
    let chore = Chore::Ticket { ticket: ticket.id };
    change.open_task(id, TaskEvent::Raised { chore, assignees, due })?;
    change.job(Job::TaskDue { task: id }, due, format!("due:{id}:1"));
    Ok(())
}

/// How long people have before others are asked as well.
fn time_for(priority: Priority) -> Seconds {
    match priority {
        Priority::Urgent => Seconds::hours(1),
        Priority::High => Seconds::hours(4),
        Priority::Normal => Seconds::hours(24),
        Priority::Low => Seconds::days(3),
    }
}

/// One line from our own words and the catalog's, without anybody's.
fn summary(cause: Cause, category: Category, about: Option<&str>) -> String {
    let plain = match (cause, category) {
        (Cause::NoArticle, _) => "A question no article answers",
        (Cause::Unexplained, _) => "Cannot sign in, and the record does not say why",
        (Cause::NotMe, _) => "Says that a sign-in attempt was not theirs",
        (Cause::Noticed, _) => "Locked by attempts that look like an attack",
        (Cause::HandedOver, _) => match about {
            Some(about) => return format!("The answer about {about} did not help"),
            None => "The answer did not help",
        },
        (Cause::Asked, _) => match (about, category) {
            (_, Category::Security) => "Asks for a person about something that may be an attack",
            (Some(about), _) => return format!("Asks for a person about {about}"),
            (None, Category::SignIn | Category::Mfa | Category::Password) => "Asks for a person about signing in",
            (None, Category::Access) => "Asks for a person about access",
            (None, Category::Device) => "Asks for a person about a device or the network",
            (None, Category::Account) => "Asks for a person about somebody who joins, moves or leaves",
            (None, _) => "Asks for a person",
        },
    };
    plain.to_owned()
}

/// What the talk was about when a person was asked for.
#[derive(Default)]
struct Present {
    /// When it began; what was said before belongs to other matters.
    since: Option<Timestamp>,
    /// In our own words or the catalog's.
    about: Option<String>,
    /// In the person's, for the suggestion.
    words: String,
    /// As it was understood.
    intent: Option<Intent>,
}

/// The present matter: the question it came from; else what lies on the table; else what was said just before.
async fn present(house: &House, given: &Handover<'_>, now: Timestamp) -> Result<Present, WorkflowError> {
    let asked = match given.inquiry {
        Some(id) => inquiries::load(house, id).await?,
        None => None,
    };
    if let Some(inquiry) = asked {
        let question = house.store.text(inquiry.answer.question).await?;
        let (about, intent) = about(house, &inquiry.answer.matter).await?;
        return Ok(Present {
            since: Some(inquiry.at),
            about,
            words: question.map(|t| t.body).unwrap_or_default(),
            intent,
        });
    }
    let Some(id) = given.conversation else { return Ok(Present::default()) };
    let Some(conversation) = house.store.conversation(id).await? else { return Ok(Present::default()) };
    if let Some(draft) = conversation.on_table().next_back() {
        let began = conversation.on_table().map(|d| d.at).min();
        let title = draft.entitlement.as_ref().map(|id| house.catalog.title(id));
        let about = title.map_or_else(|| "access".to_owned(), |title| format!("access to “{title}”"));
        return Ok(Present {
            since: began,
            about: Some(about),
            words: String::new(),
            intent: Some(Intent::RequestAccess),
        });
    }
    let mut before = None;
    for message in all_messages(house, id).await? {
        let fresh = JUST_BEFORE.after(message.at) >= now;
        if let MessageBody::Words { text } = &message.body
            && message.author == Author::Person
            && fresh
        {
            before = Some((message.at, *text));
        }
    }
    let Some((at, text)) = before else { return Ok(Present { since: Some(now), ..Present::default() }) };
    let words = house.store.text(text).await?.map(|t| t.body).unwrap_or_default();
    Ok(Present { since: Some(at), words, ..Present::default() })
}

/// What a question was about, in our own words or the catalog's, and how it was understood.
async fn about(house: &House, matter: &Matter) -> Result<(Option<String>, Option<Intent>), WorkflowError> {
    Ok(match matter {
        Matter::Article { file } => {
            let text = house.catalog.knowledge.get(file);
            let title = text.and_then(|text| crate::catalog::knowledge::article(file, text)).map(|a| a.title);
            (title.map(|title| format!("“{title}”")), Some(Intent::HowTo))
        }
        Matter::NoArticle => (Some("a question no article answers".to_owned()), Some(Intent::HowTo)),
        Matter::Access { entitlement } | Matter::Others { entitlement: Some(entitlement) } => {
            (Some(format!("access to “{}”", house.catalog.title(entitlement))), Some(Intent::RequestAccess))
        }
        Matter::Refused { entitlement } => {
            let title = house.catalog.title(entitlement);
            (Some(format!("why “{title}” is not allowed")), Some(Intent::WhyDecision))
        }
        Matter::Decision { request } => {
            let request = house.store.request(*request).await?;
            let title = request.map(|r| house.catalog.title(&r.content.entitlement));
            (title.map(|title| format!("the decision on “{title}”")), Some(Intent::WhyDecision))
        }
        Matter::Lockout { .. } | Matter::LockoutUnexplained | Matter::Notice => {
            (Some("signing in".to_owned()), Some(Intent::WhyLockedOut))
        }
        Matter::Others { entitlement: None } => (Some("access".to_owned()), Some(Intent::WhyDecision)),
        Matter::Person | Matter::Colleague { .. } => (None, None),
    })
}

/// By the words said now, where they say what it is; else by what the talk was about.
fn suggestion(given: &Handover<'_>, matter: &Present) -> Suggestion {
    let now = suggest(given.words, given.intent, Some(given.cause));
    if now.category != Category::Other {
        return now;
    }
    suggest(&format!("{} {}", matter.words, given.words), matter.intent.or(given.intent), Some(given.cause))
}

/// Every message of a conversation, oldest first.
async fn all_messages(house: &House, id: ConversationId) -> Result<Vec<Message>, WorkflowError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = house.store.messages(id, after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let full = page.len() >= 500;
        all.extend(page);
        if !full {
            break;
        }
    }
    Ok(all)
}

/// The end of a conversation as lines `Name: words`, from where the present matter began; the words said just now come last.
async fn extract(
    house: &House,
    id: ConversationId,
    now_said: &str,
    since: Option<Timestamp>,
) -> Result<String, WorkflowError> {
    let Some(conversation) = house.store.conversation(id).await? else { return Ok(String::new()) };
    let mut all = all_messages(house, id).await?;
    all.retain(|m| since.is_none_or(|since| m.at >= since));
    let name = house.name(&conversation.person);
    let mut lines = Vec::new();
    for message in all.iter().skip(all.len().saturating_sub(MESSAGES)) {
        let words = match &message.body {
            MessageBody::Words { text } => house.store.text(*text).await?.map(|t| t.body),
            MessageBody::Said { card } => Some(card_line(card)),
            MessageBody::Live { .. } => None,
        };
        let who = if message.author == Author::Person { name.as_str() } else { "Claviger" };
        if let Some(words) = words {
            lines.push(format!("{who}: {}", one_line(&words)));
        }
    }
    let now_said = format!("{name}: {}", one_line(now_said));
    if lines.last() != Some(&now_said) && now_said.len() > name.len() + 2 && !lines.contains(&now_said) {
        lines.push(now_said);
    }
    let mut kept = 0;
    let fits = lines.iter().rev().take_while(|line| {
        kept += line.chars().count() + 1;
        kept <= LONGEST_EXTRACT
    });
    let many = fits.count();
    Ok(lines.split_off(lines.len() - many).join("\n"))
}

/// What a card said, in one line: the headline and its first paragraphs.
fn card_line(card: &Card) -> String {
    let plain = |rich: &Rich| rich.iter().map(Inline::plain).collect::<String>();
    let mut line = card.headline.clone();
    for section in card.body.iter().take(3) {
        if let crate::domain::card::Section::Para { text } = section {
            line.push_str(" — ");
            line.push_str(&plain(text));
        }
    }
    line.chars().take(600).collect()
}

fn one_line(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// Whether somebody may see a ticket: whoever it is about, the people who see to its sort, security, auditors.
#[must_use]
pub fn may_see(house: &House, who: &PersonId, ticket: &Ticket) -> bool {
    let Some(person) = house.catalog.directory.get(who) else { return false };
    let roles = &house.catalog.roles;
    let security = ticket.content.category == Category::Security;
    ticket.content.person == *who
        || person.groups.contains(&roles.security)
        || person.groups.contains(&roles.auditors)
        || (security && person.groups.contains(&roles.soc))
        || (!security && [roles.helpdesk(), &roles.fallback].into_iter().any(|g| person.groups.contains(g)))
}

/// The ticket, where this person may see it.
///
/// # Errors
/// [`WorkflowError::NotFound`] where there is none or it is not theirs to see.
pub async fn seen(house: &House, who: &PersonId, id: TicketId) -> Result<Ticket, WorkflowError> {
    let found = house.store.ticket(id).await?;
    found.filter(|t| may_see(house, who, t)).ok_or(WorkflowError::NotFound("ticket"))
}

/// Whoever it is about no longer needs it.
///
/// # Errors
/// Where it is not theirs, or not open.
pub async fn withdraw(house: &House, who: &PersonId, ticket: Ticket) -> Result<Ticket, WorkflowError> {
    own(who, &ticket)?;
    let mut change = Change::by_person(house, who);
    for task in tasks_of(house, &ticket).await? {
        change.move_task(task, TaskEvent::Dropped)?;
    }
    let ticket = change.move_ticket(ticket, TicketEvent::Withdrawn)?;
    change.commit().await?;
    Ok(ticket)
}

/// It was not solved after all: people look again.
///
/// # Errors
/// Where it is not theirs, or still open.
pub async fn reopen(house: &House, who: &PersonId, ticket: Ticket) -> Result<Ticket, WorkflowError> {
    own(who, &ticket)?;
    let mut change = Change::by_person(house, who);
    let ticket = change.move_ticket(ticket, TicketEvent::Reopened { by: who.clone() })?;
    give_to_people(&mut change, house, &ticket)?;
    change.commit().await?;
    Ok(ticket)
}

/// Whoever it is about has more to say.
///
/// # Errors
/// Where it is not theirs, not open, or nothing was said.
pub async fn add(
    house: &House,
    who: &PersonId,
    ticket: Ticket,
    words: Option<String>,
) -> Result<Ticket, WorkflowError> {
    own(who, &ticket)?;
    let Some(words) = words else {
        return Err(WorkflowError::Invalid {
            said: "There was nothing to add.".into(),
            next: "Write a sentence and send it again.".into(),
        });
    };
    let mut change = Change::by_person(house, who);
    let text = change.text(who, words);
    let ticket = change.move_ticket(ticket, TicketEvent::Added { by: who.clone(), text })?;
    change.commit().await?;
    Ok(ticket)
}

fn own(who: &PersonId, ticket: &Ticket) -> Result<(), WorkflowError> {
    if ticket.content.person == *who { Ok(()) } else { Err(WorkflowError::NotFound("ticket")) }
}

/// The open tasks that people have because of a ticket.
async fn tasks_of(house: &House, ticket: &Ticket) -> Result<Vec<Task>, WorkflowError> {
    let roles = &house.catalog.roles;
    let mut found: Vec<Task> = Vec::new();
    for group in [&roles.security, roles.helpdesk(), &roles.fallback] {
        for person in house.catalog.directory.members(group) {
            for task in house.store.open_tasks(&person.id).await? {
                let same = matches!(task.chore, Chore::Ticket { ticket: id } if id == ticket.id);
                if same && found.iter().all(|t| t.id != task.id) {
                    found.push(task);
                }
            }
        }
    }
    Ok(found)
}

/// Somebody saw to a ticket by doing its task: it is solved, and whoever it is about hears of it.
///
/// # Errors
/// Where the store cannot be read.
pub async fn resolve(
    change: &mut Change<'_>,
    house: &House,
    who: &PersonId,
    id: TicketId,
    word: Option<crate::domain::request::TextRef>,
) -> Result<(), WorkflowError> {
    let Some(ticket) = house.store.ticket(id).await?.filter(Ticket::is_open) else { return Ok(()) };
    let ticket = change.move_ticket(ticket, TicketEvent::Resolved { by: who.clone(), word })?;
    if let Some(conversation) = ticket.content.said_in {
        let key = crate::domain::card::CardKey {
            subject: crate::domain::action::Subject::Ticket(id),
            view: crate::domain::card::View::Own,
        };
        change.say_once(conversation, &format!("ticket:{id}:{}", ticket.version), MessageBody::Live { key });
    }
    Ok(())
}
