//! Questions to the helpdesk: each answer is recorded with what it rests on, asks whether it helped, and can be handed to a person.
//!
//! Whoever answers calls [`answer`] with the card and what it rests on; the rest (buttons, record, tickets) is done here.

use crate::domain::action::{Action, Subject, Verb};
use crate::domain::card::{Button, Card, CardKey, Style, View, text as text_of};
use crate::domain::conversation::{Author, Conversation, MessageBody, Surface};
use crate::domain::digest::Digest;
use crate::domain::event::{EventBody, Stream};
use crate::domain::ids::{EntitlementId, InquiryId, PersonId, TextId, TicketId};
use crate::domain::inquiry::{Answer, Inquiry, InquiryEvent, InquiryState, Matter};
use crate::domain::ticket::{Category, Cause, Grasp, Ticket, TicketEvent};
use crate::helpdesk::knowledge;
use crate::helpdesk::lockout::matter;
use crate::helpdesk::lockout::whose::Whose;
use crate::helpdesk::phrases::{self, Said};
use crate::ports::store::TicketQuery;
use crate::understanding::types::{Ask, Candidate, Intent, Understanding};
use crate::workflow::cards::words::{self, BUTTON_LIFE, Buttons};
use crate::workflow::change::Change;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::tickets::{self, Handover};
use crate::workflow::{cards, drafts, lockouts, looks, matters, news, notices, unlocks};

/// The most things an answer offers to ask for.
const OFFERS: usize = 3;

/// What an answer is about and rests on.
#[derive(Debug, Clone)]
pub struct Given {
    /// What it is about.
    pub matter: Matter,
    /// Ids of what it rests on: sign-in events, requests, article files.
    pub evidence: Vec<String>,
    /// What it offers to ask for.
    pub offers: Vec<EntitlementId>,
}

impl Given {
    /// An answer that rests on these.
    #[must_use]
    pub fn new(matter: Matter, evidence: Vec<String>) -> Self {
        Self { matter, evidence, offers: Vec::new() }
    }
}

/// Says a card as an answer to what was asked in this turn: recorded, with its buttons.
///
/// # Errors
/// Where the event does not fit.
pub fn answer(table: &mut Table<'_>, mut card: Card, mut given: Given) -> Result<InquiryId, WorkflowError> {
    let house = table.house;
    let id = InquiryId::mint(table.change.at(), house.entropy.as_ref());
    given.offers.retain(|e| house.catalog.entitlement(e).is_some_and(|e| e.assignable));
    given.offers.truncate(OFFERS);
    card.actions.extend(buttons(house, id, &given.matter, &given.offers)?);
    let answer = Answer {
        person: table.who.clone(),
        conversation: table.conversation.id,
        question: table.text,
        matter: given.matter,
        evidence: given.evidence,
        offers: given.offers,
    };
    table.change.open_inquiry(id, InquiryEvent::Answered { answer: Box::new(answer) })?;
    table.conversation.inquiry = Some(id);
    table.note(card);
    Ok(id)
}

/// The buttons under an answer.
///
/// # Errors
/// Never for well-formed ids.
pub fn buttons(
    house: &House,
    id: InquiryId,
    matter: &Matter,
    offers: &[EntitlementId],
) -> Result<Vec<Button>, WorkflowError> {
    let make = Buttons::new(house, Subject::Inquiry(id), seen(id)?, BUTTON_LIFE);
    let mut all = Vec::new();
    for (n, offer) in (0u16..).zip(offers) {
        let style = if n == 0 { Style::Primary } else { Style::Plain };
        all.push(make.numbered(Verb::Request, &format!("Ask for “{}”", house.catalog.title(offer)), style, n));
    }
    if matter.is_answer() {
        all.push(make.make(Verb::Helped, "That helped", Style::Plain));
        all.push(make.make(Verb::NotHelped, "It didn't", Style::Plain));
    }
    if matches!(matter, Matter::Lockout { .. } | Matter::LockoutUnexplained | Matter::Notice) {
        let mut not_me = make.make(Verb::NotMe, "It wasn't me", Style::Danger);
        not_me.confirm = Some(
            "Security is told at once, with the records behind this answer, and systems that can are asked to end your sessions.".into(),
        );
        all.push(not_me);
    }
    if !matter.is_answer() && !matches!(matter, Matter::Colleague { .. }) {
        all.push(make.make(Verb::Human, "Hand it to a person", Style::Primary));
    }
    Ok(all)
}

fn seen(id: InquiryId) -> Result<Digest, WorkflowError> {
    Ok(Digest::of_value(&id)?)
}

/// The question as its events say.
///
/// # Errors
/// Where the store cannot be read.
pub async fn load(house: &House, id: InquiryId) -> Result<Option<Inquiry>, WorkflowError> {
    let mut inquiry: Option<Inquiry> = None;
    for stored in house.store.events_of(&Stream::Inquiry(id)).await? {
        let EventBody::Inquiry(what) = &stored.event.body else { continue };
        inquiry = Some(match inquiry {
            None => Inquiry::open(id, what, stored.event.at)?,
            Some(old) => old.apply(what, stored.event.at)?,
        });
    }
    Ok(inquiry)
}

/// A button under an answer was pressed.
///
/// # Errors
/// Where it is not theirs, or the store cannot be reached.
pub async fn clicked(
    house: &House,
    who: &PersonId,
    on: Surface,
    action: &Action,
    inquiry: Inquiry,
) -> Result<Vec<Card>, WorkflowError> {
    if action.verb == Verb::Unlock {
        return unlocks::clicked(house, who, on, action, &inquiry).await;
    }
    if seen(inquiry.id)?.prefix() != action.seen {
        return Err(WorkflowError::NotFound("button"));
    }
    match action.verb {
        Verb::Helped => feedback(house, who, inquiry, InquiryEvent::Helped).await.map(|card| vec![card]),
        Verb::NotHelped => feedback(house, who, inquiry, InquiryEvent::NotHelped).await.map(|card| vec![card]),
        Verb::Human => {
            let ticket = hand_over(house, who, on, inquiry).await?;
            Ok(vec![cards::ticket::draw(house, &ticket, who).await?])
        }
        Verb::NotMe => {
            let ticket = not_me(house, who, on, inquiry).await?;
            Ok(vec![cards::ticket::draw(house, &ticket, who).await?])
        }
        Verb::Request => {
            let offer = inquiry.answer.offers.get(usize::from(action.argument)).cloned();
            start(house, who, on, offer.ok_or(WorkflowError::NotFound("choice"))?).await
        }
        _ => Err(WorkflowError::NotFound("button")),
    }
}

/// Notes whether an answer helped. Saying the same twice changes nothing.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn feedback(
    house: &House,
    who: &PersonId,
    inquiry: Inquiry,
    said: InquiryEvent,
) -> Result<Card, WorkflowError> {
    let mut change = Change::by_person(house, who);
    let card = heard(house, &inquiry, &said)?;
    if worth_noting(&inquiry.state, &said) {
        change.move_inquiry(inquiry, said)?;
        change.commit().await?;
    }
    Ok(card)
}

fn worth_noting(state: &InquiryState, said: &InquiryEvent) -> bool {
    match state {
        InquiryState::HandedOver { .. } => false,
        InquiryState::Helped => !matches!(said, InquiryEvent::Helped),
        InquiryState::NotHelped => !matches!(said, InquiryEvent::NotHelped),
        InquiryState::Answered => true,
    }
}

/// What is said back.
///
/// # Errors
/// Never for well-formed ids.
pub fn heard(house: &House, inquiry: &Inquiry, said: &InquiryEvent) -> Result<Card, WorkflowError> {
    if let InquiryState::HandedOver { ticket } = &inquiry.state {
        return Ok(Card::note("A person has it already").para(format!("The ticket is {}.", ticket.short())));
    }
    if matches!(said, InquiryEvent::Helped) {
        return Ok(Card::note("Good to hear"));
    }
    let mut card = Card::note("I am sorry it did not help")
        .para("A person can take over. They get this conversation's end and what my answer rests on.");
    let make = Buttons::new(house, Subject::Inquiry(inquiry.id), seen(inquiry.id)?, BUTTON_LIFE);
    card.actions.push(make.make(Verb::Human, "Hand it to a person", Style::Primary));
    Ok(card)
}

/// What stands for a helpdesk button: "that helped", "that wasn't me". False where it is something else.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn in_words(table: &mut Table<'_>) -> Result<bool, WorkflowError> {
    if phrases::takeover(table.words) {
        if phrases::explicit_takeover(table.words) {
            report(table).await?;
        } else {
            ask_whether_somebody_else(table).await?;
        }
        return Ok(true);
    }
    match phrases::read(table.words) {
        None if matter::asks_who_looked(table.words) && matches!(lockouts::whose_words(table)?, Whose::Other(_)) => {
            looks::who_looked_at_another(table);
        }
        None => return Ok(false),
        Some(Said::Helped) => return feedback_in_words(table, InquiryEvent::Helped).await,
        Some(Said::NotHelped) => return feedback_in_words(table, InquiryEvent::NotHelped).await,
        Some(Said::NotMe) => not_me_in_words(table).await?,
        Some(Said::WhoLooked) => looks::who_looked(table).await?,
        Some(Said::TellMe) => notices::set(table, true)?,
        Some(Said::DoNotTellMe) => notices::set(table, false)?,
    }
    Ok(true)
}

/// The same in words: "that helped", "it didn't help". `None` where there is nothing it could be about.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn feedback_in_words(table: &mut Table<'_>, said: InquiryEvent) -> Result<bool, WorkflowError> {
    let Some(inquiry) = last(table).await?.filter(|i| i.answer.matter.is_answer()) else {
        // Nothing of ours can have helped, but it is kindly said.
        let kind = said == InquiryEvent::Helped;
        if kind {
            table.note(Card::note("Good to hear"));
        }
        return Ok(kind);
    };
    let card = heard(table.house, &inquiry, &said)?;
    if worth_noting(&inquiry.state, &said) {
        table.change.move_inquiry(inquiry, said)?;
    }
    table.note(card);
    Ok(true)
}

/// The last question of this conversation.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn last(table: &Table<'_>) -> Result<Option<Inquiry>, WorkflowError> {
    match table.conversation.inquiry {
        Some(id) => load(table.house, id).await,
        None => Ok(None),
    }
}

/// Hands a question to a person, once: whoever asks again is shown the same ticket.
async fn hand_over(house: &House, who: &PersonId, on: Surface, inquiry: Inquiry) -> Result<Ticket, WorkflowError> {
    if let InquiryState::HandedOver { ticket } = inquiry.state {
        return tickets::seen(house, who, ticket).await;
    }
    let cause = match inquiry.answer.matter {
        Matter::NoArticle => Cause::NoArticle,
        Matter::LockoutUnexplained => Cause::Unexplained,
        Matter::Person => Cause::Asked,
        _ => Cause::HandedOver,
    };
    let conversation = news::conversation(house, who, on).await?;
    let mut change = Change::by_person(house, who);
    let ticket = raise_from(&mut change, house, who, &inquiry, cause, None).await?;
    change.move_inquiry(inquiry, InquiryEvent::HandedOver { ticket: ticket.id })?;
    say_ticket(&mut change, &conversation, ticket.id);
    change.commit().await?;
    Ok(ticket)
}

/// "It wasn't me": a security case, once for each question.
async fn not_me(house: &House, who: &PersonId, on: Surface, inquiry: Inquiry) -> Result<Ticket, WorkflowError> {
    if let Some(known) = case_of(house, who, inquiry.id).await? {
        return Ok(known);
    }
    let conversation = news::conversation(house, who, on).await?;
    let mut change = Change::by_person(house, who);
    let id = case(&mut change, house, who, inquiry).await?;
    say_ticket(&mut change, &conversation, id.id);
    match change.commit().await {
        // Two clicks at once: the other one made the case.
        Err(WorkflowError::Store(crate::ports::store::StoreError::AlreadyDone(_))) => {
            Err(crate::ports::store::StoreError::Conflict("the same report".into()).into())
        }
        done => done.map(|()| id),
    }
}

/// The security case that was made of a question.
async fn case_of(house: &House, who: &PersonId, id: InquiryId) -> Result<Option<Ticket>, WorkflowError> {
    let query = TicketQuery { person: Some(who.clone()), category: Some(Category::Security), ..TicketQuery::default() };
    let all = house.store.tickets(&query).await?;
    Ok(all.into_iter().find(|t| t.content.cause == Cause::NotMe && t.content.inquiry == Some(id)))
}

/// Makes the security case of a question.
async fn case(
    change: &mut Change<'_>,
    house: &House,
    who: &PersonId,
    inquiry: Inquiry,
) -> Result<Ticket, WorkflowError> {
    change.once(format!("not_me:{}", inquiry.id));
    let ticket = raise_from(change, house, who, &inquiry, Cause::NotMe, Some(Intent::WhyLockedOut)).await?;
    if !matches!(inquiry.state, InquiryState::HandedOver { .. }) {
        change.move_inquiry(inquiry, InquiryEvent::HandedOver { ticket: ticket.id })?;
    }
    Ok(ticket)
}

async fn raise_from(
    change: &mut Change<'_>,
    house: &House,
    who: &PersonId,
    inquiry: &Inquiry,
    cause: Cause,
    intent: Option<Intent>,
) -> Result<Ticket, WorkflowError> {
    let words = text(house, inquiry.answer.question).await?;
    let intent = intent.or(match inquiry.answer.matter {
        Matter::Article { .. } | Matter::NoArticle => Some(Intent::HowTo),
        Matter::Access { .. } => Some(Intent::RequestAccess),
        Matter::Lockout { .. } | Matter::LockoutUnexplained | Matter::Notice => Some(Intent::WhyLockedOut),
        Matter::Decision { .. } | Matter::Refused { .. } | Matter::Others { .. } => Some(Intent::WhyDecision),
        Matter::Person | Matter::Colleague { .. } => None,
    });
    let given = Handover {
        person: who,
        cause,
        words: &words,
        conversation: Some(inquiry.answer.conversation),
        understanding: None,
        intent,
        evidence: inquiry.answer.evidence.clone(),
        inquiry: Some(inquiry.id),
    };
    tickets::raise(change, house, given).await
}

/// Offers a person under the card that was said last: whoever doubts an answer is not left alone with it.
///
/// # Errors
/// Never for well-formed ids.
pub fn offer_person(table: &mut Table<'_>, id: InquiryId) -> Result<(), WorkflowError> {
    let make = Buttons::new(table.house, Subject::Inquiry(id), seen(id)?, BUTTON_LIFE);
    if let Some(MessageBody::Said { card }) = table.said.last_mut() {
        card.actions.push(make.make(Verb::Human, "Hand it to a person", Style::Primary));
    }
    Ok(())
}

/// Offers security under the card that was said last.
///
/// # Errors
/// Never for well-formed ids.
pub fn offer_security(table: &mut Table<'_>, id: InquiryId) -> Result<(), WorkflowError> {
    let make = Buttons::new(table.house, Subject::Inquiry(id), seen(id)?, BUTTON_LIFE);
    if let Some(MessageBody::Said { card }) = table.said.last_mut() {
        card.actions.insert(0, make.make(Verb::NotMe, "Yes, tell security", Style::Danger));
    }
    Ok(())
}

/// What was asked, while its words are kept.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn words_of(house: &House, inquiry: &Inquiry) -> Result<String, WorkflowError> {
    text(house, inquiry.answer.question).await
}

async fn text(house: &House, id: TextId) -> Result<String, WorkflowError> {
    Ok(house.store.text(id).await?.map(|t| t.body).unwrap_or_default())
}

fn say_ticket(change: &mut Change<'_>, conversation: &Conversation, id: TicketId) {
    let key = CardKey { subject: Subject::Ticket(id), view: View::Own };
    change.say(conversation.id, Author::Claviger, MessageBody::Live { key });
}

/// "That wasn't me", in words: asks once, as the button does, for sessions end with it. Of the last lockout that was explained here, or of
/// the account where none was.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn not_me_in_words(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let Some(inquiry) = last_lockout(table).await? else { return ask_whether_somebody_else(table).await };
    let house = table.house;
    if let Some(known) = case_of(house, table.who, inquiry.id).await? {
        table.show(Subject::Ticket(known.id), View::Own);
        return Ok(());
    }
    let mut card = Card::note("Shall security look at it?").para(
        "Security is told at once, with the records behind my last answer, and systems that can are asked to end your sessions.",
    );
    let make = Buttons::new(house, Subject::Inquiry(inquiry.id), seen(inquiry.id)?, BUTTON_LIFE);
    card.actions.push(make.make(Verb::NotMe, "Yes, tell security", Style::Danger));
    table.note(card);
    Ok(())
}

/// The last question of this conversation, where it was about the speaker's sign-ins.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn last_lockout(table: &Table<'_>) -> Result<Option<Inquiry>, WorkflowError> {
    let lockout = |i: &Inquiry| matches!(i.answer.matter, Matter::Lockout { .. } | Matter::LockoutUnexplained);
    Ok(last(table).await?.filter(lockout))
}

/// "Someone else signed in as me": there is nothing to ask back. One case for each lockout explained here, and one a day where none was.
async fn report(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let house = table.house;
    let ticket = if let Some(inquiry) = last_lockout(table).await? {
        match case_of(house, table.who, inquiry.id).await? {
            Some(known) => known.id,
            None => case(&mut table.change, house, table.who, inquiry).await?.id,
        }
    } else if let Some(known) = tickets::open_report(house, table.who).await? {
        known.id
    } else {
        let evidence = lockouts::recent(house, table.who).await?;
        let id = InquiryId::mint(table.change.at(), house.entropy.as_ref());
        let answer = Answer {
            person: table.who.clone(),
            conversation: table.conversation.id,
            question: table.text,
            matter: Matter::Person,
            evidence: evidence.clone(),
            offers: Vec::new(),
        };
        let inquiry = table.change.open_inquiry(id, InquiryEvent::Answered { answer: Box::new(answer) })?;
        let given = Handover {
            person: table.who,
            cause: Cause::NotMe,
            words: table.words,
            conversation: Some(table.conversation.id),
            understanding: None,
            intent: Some(Intent::WhyLockedOut),
            evidence,
            inquiry: Some(id),
        };
        let ticket = tickets::raise(&mut table.change, house, given).await?;
        table.change.move_inquiry(inquiry, InquiryEvent::HandedOver { ticket: ticket.id })?;
        ticket.id
    };
    table.show(Subject::Ticket(ticket), View::Own);
    Ok(())
}

/// Asks whether somebody else was at their account, with the button that tells security, and what the article on reports says.
async fn ask_whether_somebody_else(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let mut card = Card::note("Did somebody else use your account, or try to?").para(
        "If so, press the button: security looks at once. If you mean something else, tell me what it was about.",
    );
    // What security is to look at, should it be so.
    let mut evidence = lockouts::recent(table.house, table.who).await?;
    if let Some(found) = knowledge::find(&table.house.catalog, "report suspicious phishing hacked") {
        card.body.extend(words::article(&found.extract));
        card.footer = Some(text_of(format!("From the article {}", found.file)));
        evidence.push(found.file);
    }
    let id = answer(table, card, Given::new(Matter::Person, evidence))?;
    offer_security(table, id)
}

/// "I want to talk to a person": the ticket they have already for this matter, or a new one.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn human(table: &mut Table<'_>, understood: &Understanding, grasp: Grasp) -> Result<(), WorkflowError> {
    let house = table.house;
    // What they could not settle here, where that was a moment ago, is what the person is to look at.
    let now = table.change.at();
    let unsettled = |i: &Inquiry| {
        let fresh = tickets::JUST_BEFORE.after(i.changed_at) >= now;
        fresh && matches!(i.state, InquiryState::Answered | InquiryState::NotHelped)
    };
    let before = last(table).await?.filter(unsettled);
    match matters::known(table, understood, before.as_ref()).await? {
        Some(matters::Known::Same(known)) => {
            table.note(
                Card::note(format!("A person has it already, {}", known.id.short()))
                    .para("Use “Say more” below if there is something they should know.")
                    .para("If it is about something else, say what: “I want to talk to a person about …”."),
            );
            table.show(Subject::Ticket(known.id), View::Own);
            return Ok(());
        }
        Some(matters::Known::Again(known)) => return add_question(table, known, before).await,
        None => {}
    }
    let id = InquiryId::mint(table.change.at(), house.entropy.as_ref());
    let evidence = before.as_ref().map(|i| i.answer.evidence.clone()).unwrap_or_default();
    let given = Handover {
        person: table.who,
        cause: match before.as_ref().map(|i| &i.state) {
            Some(InquiryState::NotHelped) => Cause::HandedOver,
            _ => Cause::Asked,
        },
        words: table.words,
        conversation: Some(table.conversation.id),
        understanding: Some(grasp),
        intent: Some(understood.intent),
        evidence,
        inquiry: Some(before.as_ref().map_or(id, |i| i.id)),
    };
    let ticket = tickets::raise(&mut table.change, house, given).await?;
    match before {
        Some(inquiry) => {
            table.change.move_inquiry(inquiry, InquiryEvent::HandedOver { ticket: ticket.id })?;
        }
        None => {
            let answer = Answer {
                person: table.who.clone(),
                conversation: table.conversation.id,
                question: table.text,
                matter: Matter::Person,
                evidence: Vec::new(),
                offers: Vec::new(),
            };
            let inquiry = table.change.open_inquiry(id, InquiryEvent::Answered { answer: Box::new(answer) })?;
            table.change.move_inquiry(inquiry, InquiryEvent::HandedOver { ticket: ticket.id })?;
        }
    }
    table.show(Subject::Ticket(ticket.id), View::Own);
    Ok(())
}

/// The same matter was asked about again: what was asked goes to whoever has it.
async fn add_question(table: &mut Table<'_>, known: Ticket, before: Option<Inquiry>) -> Result<(), WorkflowError> {
    let id = known.id;
    if let Some(inquiry) = before {
        let asked = text(table.house, inquiry.answer.question).await?;
        if !asked.trim().is_empty() {
            let text = table.change.text(table.who, asked);
            table.change.move_ticket(known, TicketEvent::Added { by: table.who.clone(), text })?;
        }
        table.change.move_inquiry(inquiry, InquiryEvent::HandedOver { ticket: id })?;
    }
    table.note(
        Card::note(format!("A person has it already, {}", id.short()))
            .para("I added what you asked just now to that ticket, so that they see it."),
    );
    table.show(Subject::Ticket(id), View::Own);
    Ok(())
}

/// Puts what an answer offered on the table, as if it had been asked for in words. Filing it is another click.
async fn start(house: &House, who: &PersonId, on: Surface, offer: EntitlementId) -> Result<Vec<Card>, WorkflowError> {
    let mut conversation = news::conversation(house, who, on).await?;
    let candidate =
        Candidate { entitlement: offer.clone(), score_milli: 0, evidence: vec!["the article offers it".into()] };
    let phrase = house.catalog.title(&offer);
    let ask = Ask::new(phrase, vec![candidate], 10_000);
    let zone = house.person(who)?.time_zone();
    let draft = drafts::from_ask(house, &ask, who, None, false, &zone)?;
    conversation.topic = Some(offer.clone());
    conversation.question = house
        .entitlement(&offer)?
        .reason_required
        .then_some(crate::domain::conversation::Question::Reason { draft: draft.id });
    drafts::put(&mut conversation, draft.clone(), None);
    let key = CardKey { subject: Subject::Draft(draft.id), view: View::Own };
    conversation.version += 1;
    let mut change = Change::by_person(house, who);
    change.say(conversation.id, Author::Claviger, MessageBody::Live { key });
    change.conversation(conversation);
    change.commit().await?;
    Ok(vec![cards::draft::draw(house, &draft, who).await?])
}
