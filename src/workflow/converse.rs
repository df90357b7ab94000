//! One thing said, one answer: understood, put on the table or answered, and kept.

use jiff::Timestamp;

use crate::domain::action::Subject;
use crate::domain::card::{Card, CardKey, View};
use crate::domain::conversation::{Author, Conversation, MessageBody, Question, Surface};
use crate::domain::digest::{Digest, canonical};
use crate::domain::event::HouseEvent;
use crate::domain::ids::{ConversationId, EntitlementId, GrantId, PersonId, TextId};
use crate::helpdesk::knowledge;
use crate::helpdesk::tongues::{self, Foreign};
use crate::ports::store::{GrantQuery, StoreError};
use crate::understanding::types::{ForWhom, Intent, MAX_WORDS, Turn, Understanding};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{
    afterwards, amend, answers, deeds, desk_asks, drafts, give_back, inquiries, lockouts, news, tickets, whys,
};

/// What a turn leaves on the table.
pub struct Turned {
    /// The conversation.
    pub conversation: ConversationId,
    /// What is said back, in order.
    pub said: Vec<MessageBody>,
    /// What was understood.
    pub understanding: Understanding,
}

/// The table while a turn is worked out: what will be written when it is done.
pub struct Table<'h> {
    /// The house.
    pub house: &'h House,
    /// Who speaks.
    pub who: &'h PersonId,
    /// What they said.
    pub words: &'h str,
    /// The conversation as it will stand.
    pub conversation: Conversation,
    /// What is said back.
    pub said: Vec<MessageBody>,
    /// Grants to be ended when the turn is written.
    pub ending: Vec<GrantId>,
    /// Where their words are kept.
    pub text: TextId,
    /// What the record holds of their words.
    pub commitment: Digest,
    /// All that is written when the turn is done.
    pub change: Change<'h>,
}

impl Table<'_> {
    /// Says a card that stands as it is.
    pub fn note(&mut self, card: Card) {
        self.said.push(MessageBody::Said { card: Box::new(card) });
    }

    /// Shows something as it stands whenever it is looked at.
    pub fn show(&mut self, subject: Subject, view: View) {
        self.said.push(MessageBody::Live { key: CardKey { subject, view } });
    }
}

/// Begins a new matter where somebody sits down anew: what lies on the table keeps its buttons, but no later word is about it. Answers with the
/// moment until which they have seen what was said here; what was said later they have missed.
///
/// # Errors
/// Where the speaker is unknown or the store cannot be reached.
pub async fn begin_anew(house: &House, who: &PersonId, on: Surface) -> Result<Option<Timestamp>, WorkflowError> {
    seen(house, who, on, true).await
}

/// Gets up again: all that was said here has been seen.
///
/// # Errors
/// Where the speaker is unknown or the store cannot be reached.
pub async fn get_up(house: &House, who: &PersonId, on: Surface) -> Result<(), WorkflowError> {
    seen(house, who, on, false).await.map(|_| ())
}

/// Notes that all that was said here has been seen, and begins a new matter where asked to.
async fn seen(house: &House, who: &PersonId, on: Surface, anew: bool) -> Result<Option<Timestamp>, WorkflowError> {
    house.person(who)?;
    for _ in 0..4 {
        let mut conversation = news::conversation(house, who, on).await?;
        // Where it was never noted, the last word of theirs is the last that is known of.
        let before = conversation.shown.or(conversation.heard);
        if anew {
            conversation.begin_anew();
            conversation.topic = None;
        }
        conversation.shown = Some(house.now());
        conversation.version += 1;
        let mut change = Change::by_person(house, who);
        change.conversation(conversation);
        match change.commit().await {
            Err(error) if error.is_conflict() => {}
            done => return done.map(|()| before),
        }
    }
    // Somebody else writes there all the time: then the talk goes on.
    Ok(None)
}

/// Takes one thing said.
///
/// # Errors
/// Where it is empty or too long, the speaker is unknown, or the store cannot be reached.
pub async fn say(
    house: &House,
    who: &PersonId,
    on: Surface,
    words: &str,
    once: Option<&str>,
) -> Result<Turned, WorkflowError> {
    let speaker = house.person(who)?;
    if !speaker.is_employed() {
        return Err(WorkflowError::NotEmployed(who.clone()));
    }
    check(words)?;
    let mut last = None;
    for _ in 0..4 {
        match turn(house, who, on, words, once).await {
            Err(error) if error.is_conflict() => last = Some(error),
            Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => {
                let conversation = news::conversation(house, who, on).await?;
                let understanding = Understanding::unclear();
                return Ok(Turned { conversation: conversation.id, said: Vec::new(), understanding });
            }
            done => return done,
        }
    }
    Err(last.unwrap_or(WorkflowError::NotFound("conversation")))
}

fn check(words: &str) -> Result<(), WorkflowError> {
    if words.trim().is_empty() {
        return Err(WorkflowError::Invalid {
            said: "There was nothing in that message.".into(),
            next: "Tell me what you need, for example “read access to the sales reports until Friday”.".into(),
        });
    }
    if words.len() > MAX_WORDS {
        return Err(WorkflowError::Invalid {
            said: format!("That message is longer than I read ({MAX_WORDS} bytes)."),
            next: "Say in a sentence or two what you need, until when, and why.".into(),
        });
    }
    Ok(())
}

async fn turn(
    house: &House,
    who: &PersonId,
    on: Surface,
    words: &str,
    once: Option<&str>,
) -> Result<Turned, WorkflowError> {
    let mut conversation = news::conversation(house, who, on).await?;
    conversation.hear(house.now());
    let speaker = house.person(who)?;
    let open: Vec<_> = conversation.on_table().cloned().collect();
    let holds = held(house, who).await?;
    let understanding = house
        .understander
        .understand(&Turn {
            words,
            now: house.now(),
            speaker: &speaker,
            drafts: &open,
            topic: conversation.topic.as_ref(),
            question: conversation.question.as_ref(),
            holds: &holds,
        })
        .await;
    let mut change = Change::by_person(house, who);
    if let Some(once) = once {
        change.once(format!("say:{on:?}:{who}:{once}"));
    }
    let text = change.text(who, words);
    change.say(conversation.id, Author::Person, MessageBody::Words { text: text.id });
    let reason = understanding.justification.as_ref().map(|why| change.text(who, why.clone()).id);
    let mut table = Table {
        house,
        who,
        words,
        conversation,
        said: Vec::new(),
        ending: Vec::new(),
        text: text.id,
        commitment: text.commitment,
        change,
    };
    respond(&mut table, &understanding, reason).await?;
    let Table { mut conversation, said, ending, mut change, .. } = table;
    conversation.version += 1;
    change.house_event(HouseEvent::Understood {
        text: text.id,
        intent: intent_name(understanding.intent),
        by: format!("{:?}", understanding.by).to_lowercase(),
        // Salted by the text's own commitment: the reading holds personal words and must not be guessable from the record.
        understanding: Digest::of(&[&text.commitment.0[..], &canonical(&understanding)?].concat()),
    });
    let id = conversation.id;
    for body in &said {
        change.say(id, Author::Claviger, body.clone());
    }
    change.conversation(conversation);
    change.commit().await?;
    for grant in ending {
        if let Some(grant) = house.store.grant(grant).await? {
            give_back::end_now(house, who, grant).await?;
        }
    }
    Ok(Turned { conversation: id, said, understanding })
}

/// The intent in one word, as it is written in JSON.
#[must_use]
pub fn intent_name(intent: Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What somebody holds now, by grants and by other ways.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn held(house: &House, who: &PersonId) -> Result<Vec<EntitlementId>, WorkflowError> {
    let open = GrantQuery { beneficiary: Some(who.clone()), open: true, ..GrantQuery::default() };
    let mut held: Vec<EntitlementId> =
        house.store.grants(&open).await?.into_iter().map(|g| g.order.entitlement).collect();
    held.extend(house.catalog.holdings.iter().filter(|h| h.person == *who).map(|h| h.entitlement.clone()));
    held.dedup();
    Ok(held)
}

async fn respond(
    table: &mut Table<'_>,
    understood: &Understanding,
    reason: Option<crate::domain::ids::TextId>,
) -> Result<(), WorkflowError> {
    if afterwards::asked(table, understood).await?
        || inquiries::in_words(table).await?
        || desk_asks::asked(table).await?
        || deeds::asked(table).await?
        || desk_asks::right_or_sign_in(table, understood).await?
        || lockouts::asked(table, understood).await?
        || whys::asked(table, understood).await?
    {
        return Ok(());
    }
    let asked = table.conversation.question.take();
    let meant = drafts::meant(&table.conversation, asked.as_ref()).cloned();
    let inquiry = table.conversation.inquiry;
    answered(table, understood, reason, asked.clone(), meant).await?;
    // What was asked of the helpdesk before is not what a person is called for once the talk is of something else.
    if another_matter(understood.intent) && table.conversation.inquiry == inquiry {
        table.conversation.inquiry = None;
    }
    // Asked twice in vain, the next words begin a matter of their own.
    let found = understood.asks.iter().any(|a| !a.candidates.is_empty());
    if matches!(asked, Some(Question::What)) && !found && table.conversation.question == Some(Question::What) {
        table.conversation.question = None;
    }
    // Whoever asks something in between is still asked what the draft lacks.
    let open = |id| table.conversation.on_table().any(|d| d.id == id);
    let waits = matches!(asked, Some(Question::Which { draft } | Question::Reason { draft }) if open(draft));
    if waits && in_between(understood.intent) && table.conversation.question.is_none() {
        table.conversation.question = asked;
    }
    Ok(())
}

/// True where the talk has turned from what the helpdesk was asked last.
fn another_matter(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::RequestAccess
            | Intent::BreakGlass
            | Intent::Extend
            | Intent::GiveBack
            | Intent::RequestStatus
            | Intent::CancelRequest
            | Intent::WhatDoIHave
            | Intent::WhoApproves
            | Intent::DecideByWords
            | Intent::BrowseCatalog
    )
}

/// True for what changes nothing on the table.
fn in_between(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::RequestStatus
            | Intent::WhatDoIHave
            | Intent::WhoApproves
            | Intent::WhyDecision
            | Intent::DecideByWords
            | Intent::WhyLockedOut
            | Intent::HowTo
            | Intent::BrowseCatalog
            | Intent::Help
            | Intent::SmallTalk
            | Intent::Confirm
            | Intent::Human
            | Intent::OutOfScope
            | Intent::Unclear
    )
}

async fn answered(
    table: &mut Table<'_>,
    understood: &Understanding,
    reason: Option<crate::domain::ids::TextId>,
    asked: Option<Question>,
    meant: Option<crate::domain::conversation::Draft>,
) -> Result<(), WorkflowError> {
    if matches!(understood.intent, Intent::OutOfScope | Intent::Unclear | Intent::RequestAccess)
        && let Some(heard) = tongues::heard(table.words)
        && foreign(table, understood, heard, asked.as_ref()).await?
    {
        return Ok(());
    }
    if asks_for_the_way(table, understood.intent) {
        table.conversation.question = asked;
        return answers::how_to(table, understood).await;
    }
    match understood.intent {
        Intent::RequestAccess | Intent::BreakGlass => request(table, understood, reason).await,
        Intent::Correct => amend::correct(table, understood, reason, meant).await,
        Intent::Confirm => amend::confirm(table, meant),
        Intent::Discard => amend::discard(table, meant),
        Intent::Extend => amend::extend(table, understood, reason, meant).await,
        Intent::GiveBack => answers::give_back(table, understood).await,
        Intent::RequestStatus | Intent::CancelRequest | Intent::Appeal => answers::status(table, understood).await,
        Intent::WhatDoIHave => answers::holdings(table, understood).await,
        Intent::WhoApproves => answers::who_approves(table, understood).await,
        Intent::WhyDecision => whys::why(table, understood, None).await,
        Intent::DecideByWords => answers::waiting(table).await,
        Intent::WhyLockedOut => lockouts::locked_out(table, understood).await,
        Intent::HowTo => answers::how_to(table, understood).await,
        Intent::BrowseCatalog => answers::browse(table),
        Intent::Help => answers::help(table),
        Intent::SmallTalk => answers::small_talk(table),
        Intent::Human => {
            let grasp = tickets::grasp(understood, table.commitment)?;
            inquiries::human(table, understood, grasp).await
        }
        Intent::OutOfScope => {
            answers::out_of_scope(table);
            Ok(())
        }
        Intent::Unclear => {
            table.conversation.question = asked;
            answers::unclear(table);
            Ok(())
        }
    }
}

/// What is said to words that are not English: what could be understood of them, else kindly that they were not. False where they are read as
/// they stand.
async fn foreign(
    table: &mut Table<'_>,
    understood: &Understanding,
    heard: Foreign,
    asked: Option<&Question>,
) -> Result<bool, WorkflowError> {
    match heard {
        Foreign::Locked => lockouts::own(table).await?,
        Foreign::Person => {
            let grasp = tickets::grasp(understood, table.commitment)?;
            inquiries::human(table, understood, grasp).await?;
        }
        Foreign::How(english)
            if understood.intent == Intent::RequestAccess
                || knowledge::find(&table.house.catalog, &english).is_some() =>
        {
            answers::how_to_in(table, understood, &english).await?;
        }
        // "VPN bitte" names something all the same.
        Foreign::Unknown if understood.intent == Intent::RequestAccess => return Ok(false),
        Foreign::How(_) | Foreign::Unknown => {
            table.conversation.question = asked.cloned();
            answers::not_english(table);
        }
    }
    Ok(true)
}

/// True where the words ask how something is done though they were not heard so: asking for the way never starts a request.
fn asks_for_the_way(table: &Table<'_>, intent: Intent) -> bool {
    let answered = || knowledge::find(&table.house.catalog, table.words).is_some();
    let (how, now) = (knowledge::asks_how(table.words), knowledge::asks_what_now(table.words));
    match intent {
        Intent::RequestAccess | Intent::BreakGlass => how || now && answered(),
        Intent::Correct => how && answered(),
        // What nobody understood may still be what an article is about.
        Intent::OutOfScope | Intent::Unclear => how || now || answered(),
        _ => false,
    }
}

/// For whom it is meant; says so and answers `None` where that is not clear.
pub fn beneficiary(table: &mut Table<'_>, for_whom: &ForWhom) -> Option<PersonId> {
    match for_whom {
        ForWhom::Speaker => Some(table.who.clone()),
        ForWhom::Person { id } => Some(id.clone()),
        ForWhom::Ambiguous { name, people } => {
            let names: Vec<String> = people
                .iter()
                .map(|p| match table.house.catalog.directory.get(p) {
                    Some(p) => format!("{} ({}, {})", p.name, p.job_title, p.department),
                    None => p.to_string(),
                })
                .collect();
            table.note(
                Card::note(format!("Which {name} do you mean?"))
                    .para(format!("I find {}.", names.join("; ")))
                    .para("Say it again with the full name."),
            );
            None
        }
        ForWhom::Unknown { name } => {
            table.note(
                Card::note(format!("I do not find “{name}” in the directory"))
                    .para("Nothing was filed. Check the name and say it again; the full name works best."),
            );
            None
        }
    }
}

/// A new request: a draft a thing asked for, or the question that is still open.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn request(
    table: &mut Table<'_>,
    understood: &Understanding,
    reason: Option<crate::domain::ids::TextId>,
) -> Result<(), WorkflowError> {
    let Some(beneficiary) = beneficiary(table, &understood.for_whom) else { return Ok(()) };
    let zone = table.house.person(table.who)?.time_zone();
    let emergency = understood.intent == Intent::BreakGlass;
    // A full request begins a new matter: what lay on the table keeps its buttons, but no later word changes it.
    table.conversation.begin_anew();
    if understood.asks.is_empty() {
        table.conversation.question = Some(Question::What);
        answers::nothing_near(table, None);
        return Ok(());
    }
    let mut question = None;
    for ask in understood.asks.iter().take(drafts::MOST_AT_ONCE) {
        if ask.candidates.is_empty() {
            answers::nothing_near(table, Some(&ask.phrase));
            continue;
        }
        let said = ask.window.as_ref().or(understood.window.as_ref());
        // A time that cannot be meant is objected to, and asked for again beside the usual length.
        let objection = said.and_then(|said| drafts::objection(said, &zone));
        let usable = said.filter(|_| objection.is_none());
        let mut draft = drafts::from_ask(table.house, ask, &beneficiary, usable, emergency, &zone)?;
        if let Some(objection) = objection {
            until_when(table, objection);
        }
        answers::level(table, ask, draft.entitlement.as_ref());
        draft.reason = reason;
        if understood.disagreements.iter().any(|d| !d.is_empty()) && draft.confidence_bp >= drafts::CLEAR_BP {
            draft.confidence_bp = drafts::CLEAR_BP - 1;
        }
        let id = draft.id;
        // Of several open questions the first is the one a short word answers.
        question = question.or(match &draft.entitlement {
            None => Some(Question::Which { draft: id }),
            Some(e) if reason.is_none() && table.house.entitlement(e)?.reason_required => {
                Some(Question::Reason { draft: id })
            }
            Some(_) => None,
        });
        if let Some(entitlement) = &draft.entitlement {
            table.conversation.topic = Some(entitlement.clone());
        }
        drafts::put(&mut table.conversation, draft, None);
        table.show(Subject::Draft(id), View::Own);
    }
    // Where nothing was found, what they say next may say it in other words, or what it is for.
    let none = understood.asks.iter().all(|a| a.candidates.is_empty());
    table.conversation.question = question.or(none.then_some(Question::What));
    if let Some(more) = understood.asks.get(drafts::MOST_AT_ONCE..).filter(|more| !more.is_empty()) {
        let names: Vec<String> = more.iter().map(|a| format!("“{}”", a.phrase)).collect();
        table.note(
            Card::note("That was more than I take at once").para(format!("Please say again: {}.", names.join(", "))),
        );
    }
    Ok(())
}

/// Objects to a time that cannot be meant, and asks for another.
fn until_when(table: &mut Table<'_>, objection: String) {
    table.note(
        Card::note("Until when do you need it?")
            .para(objection)
            .para("Say another end: “until Friday”, “for two weeks”. Until you do, its usual length stands."),
    );
}
