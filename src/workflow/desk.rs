//! The desk as surfaces see it: each call checked, done, and answered in words people read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::domain::action::{Action, ActionToken, Subject, Verb};
use crate::domain::card::{Card, CardKey, View};
use crate::domain::conversation::{Author, Conversation, Draft, DraftState, MessageBody, Surface};
use crate::domain::event::{HouseEvent, Stream};
use crate::domain::ids::{DraftId, EventId, MessageId, PersonId, RequestId};
use crate::domain::request::Request;
use crate::ports::desk::{Change as Changed, Desk, DeskError, HelpdeskView, Inbox, Mine, Reply, Shown};
use crate::ports::identity::Identity;
use crate::ports::store::{GrantQuery, RequestQuery};
use crate::understanding::time;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{
    amend, cards, converse, decide, drafts, give_back, inquiries, report, standing, step_up, submit, tasks, tickets,
    visibility,
};

/// Every surface people talk on.
pub const SURFACES: [Surface; 5] = [Surface::Web, Surface::Terminal, Surface::Slack, Surface::Teams, Surface::Discord];

/// How many requests a page lists.
const LISTED: u32 = 50;

/// What becomes of a request whose access is held: it is both something they have and something they asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Twice {
    /// It stands in both lists: the one of requests is the whole story.
    Shown,
    /// It stands among what they have.
    Once,
}

/// The desk over a house.
pub struct FrontDesk(pub Arc<House>);

#[async_trait]
impl Desk for FrontDesk {
    async fn say(&self, who: &PersonId, on: Surface, words: &str, once: Option<&str>) -> Result<Reply, DeskError> {
        let turned = converse::say(&self.0, who, on, words, once).await.map_err(|e| self.told(e))?;
        let understanding = serde_json::to_value(&turned.understanding).unwrap_or_default();
        let mut cards = Vec::new();
        for body in &turned.said {
            cards.extend(self.body(who, body).await.map_err(|e| self.told(e))?);
        }
        Ok(Reply { conversation: Some(turned.conversation), cards, understanding })
    }

    async fn click(
        &self,
        who: &PersonId,
        on: Surface,
        token: &ActionToken,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Reply, DeskError> {
        let mut last = None;
        for _ in 0..4 {
            match self.clicked(who, on, token, inputs).await {
                Err(error) if error.is_conflict() => last = Some(error),
                Err(error) => return Err(self.told(error)),
                Ok(cards) => return Ok(Reply { conversation: None, cards, understanding: serde_json::Value::Null }),
            }
        }
        Err(self.told(last.unwrap_or(WorkflowError::NotFound("card"))))
    }

    async fn messages(&self, who: &PersonId, on: Surface, after: Option<MessageId>) -> Result<Vec<Shown>, DeskError> {
        self.shown(who, on, after).await.map_err(|e| self.told(e))
    }

    async fn draw(&self, who: &PersonId, key: CardKey) -> Result<Card, DeskError> {
        self.drawn(who, key).await.map_err(|e| self.told(e))
    }

    async fn inbox(&self, who: &PersonId) -> Result<Inbox, DeskError> {
        self.inbox_of(who).await.map_err(|e| self.told(e))
    }

    async fn mine(&self, who: &PersonId) -> Result<Mine, DeskError> {
        self.mine_of(who, Twice::Shown).await.map_err(|e| self.told(e))
    }

    async fn request(&self, who: &PersonId, id: RequestId) -> Result<Card, DeskError> {
        let story = async || {
            let request = self.seen_request(who, id).await?;
            cards::request::story(&self.0, &request, who).await
        };
        story().await.map_err(|e| self.told(e))
    }

    async fn helpdesk(&self, who: &PersonId) -> Result<HelpdeskView, DeskError> {
        report::view(&self.0, who).await.map_err(|e| self.told(e))
    }

    fn opens_helpdesk(&self, who: &PersonId) -> bool {
        standing::opens_helpdesk_page(&self.0, who)
    }

    fn identity(&self) -> Option<&dyn Identity> {
        Some(self)
    }

    fn changes(&self) -> broadcast::Receiver<Changed> {
        self.0.changes.subscribe()
    }
}

impl FrontDesk {
    /// What a person has, and what else they asked for: nothing stands there twice. For start pages, which are short.
    ///
    /// # Errors
    /// As [`Desk::mine`].
    pub async fn mine_once(&self, who: &PersonId) -> Result<Mine, DeskError> {
        self.mine_of(who, Twice::Once).await.map_err(|e| self.told(e))
    }

    /// What a person is told of an error.
    pub fn told(&self, error: WorkflowError) -> DeskError {
        error.for_person(EventId::mint(self.0.now(), self.0.entropy.as_ref()).short())
    }

    async fn seen_request(&self, who: &PersonId, id: RequestId) -> Result<Request, WorkflowError> {
        let request = self.0.store.request(id).await?;
        request.filter(|r| visibility::may_see_request(&self.0, who, r)).ok_or(WorkflowError::NotFound("request"))
    }

    /// What a message shows this person now; nothing for words.
    ///
    /// # Errors
    /// Where the reader is unknown or the store cannot be read.
    pub async fn body(&self, who: &PersonId, body: &MessageBody) -> Result<Option<Card>, WorkflowError> {
        match body {
            MessageBody::Words { .. } => Ok(None),
            MessageBody::Said { card } => Ok(Some((**card).clone())),
            MessageBody::Live { key } => match self.drawn(who, *key).await {
                Ok(card) => Ok(Some(card)),
                Err(WorkflowError::NotFound(_) | WorkflowError::UnknownEntitlement(_)) => Ok(Some(
                    Card::note("This is no longer here").para("It was dropped, or it is not for you to see any more."),
                )),
                Err(error) => Err(error),
            },
        }
    }

    async fn drawn(&self, who: &PersonId, key: CardKey) -> Result<Card, WorkflowError> {
        let house = &self.0;
        match key.subject {
            Subject::Draft(id) => {
                let (_, draft) = drafts::find(&self.0, who, id).await?;
                cards::draft::draw(house, &draft, who).await
            }
            Subject::Request(id) => {
                let request = self.seen_request(who, id).await?;
                cards::request::draw(house, &request, who, key.view).await
            }
            Subject::Grant(id) => {
                let grant = house.store.grant(id).await?.ok_or(WorkflowError::NotFound("access"))?;
                let visible = visibility::may_see_person(house, who, &grant.order.beneficiary)
                    || give_back::may_end(house, who, &grant).is_some();
                if !visible {
                    return Err(WorkflowError::NotFound("access"));
                }
                cards::grant::draw(house, &grant, who)
            }
            Subject::Task(id) => {
                let task = house.store.task(id).await?.filter(|t| t.assignees.contains(who));
                cards::task::draw(house, &task.ok_or(WorkflowError::NotFound("task"))?, who).await
            }
            Subject::Ticket(id) => {
                let ticket = tickets::seen(house, who, id).await?;
                cards::ticket::draw(house, &ticket, who).await
            }
            Subject::Inquiry(_) | Subject::Conversation(_) => Err(WorkflowError::NotFound("card")),
        }
    }

    async fn clicked(
        &self,
        who: &PersonId,
        on: Surface,
        token: &ActionToken,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Vec<Card>, WorkflowError> {
        let house = &self.0;
        if !house.person(who)?.is_employed() {
            return Err(WorkflowError::NotEmployed(who.clone()));
        }
        let action = match house.tokens.open(token, house.now()) {
            Ok(action) => action,
            Err(error) => {
                let mut change = Change::by_person(house, who);
                let cause = error.to_string();
                change.house_event(HouseEvent::Refused { verb: "click".into(), on: None, cause });
                change.commit().await?;
                return Err(error.into());
            }
        };
        match action.subject {
            Subject::Draft(id) => self.on_draft(who, on, &action, id, inputs).await,
            Subject::Request(id) => self.on_request(who, on, &action, id, inputs).await,
            Subject::Grant(id) => {
                let grant = house.store.grant(id).await?.ok_or(WorkflowError::NotFound("access"))?;
                if give_back::may_end(house, who, &grant).is_none() {
                    self.refused(who, &action, Stream::Grant(id)).await?;
                    return Err(WorkflowError::NotFound("access"));
                }
                if cards::grant::seen(&grant)?.prefix() != action.seen {
                    let fresh = Box::new(cards::grant::draw(house, &grant, who)?);
                    return Err(WorkflowError::Stale { said: "This has changed meanwhile.".into(), fresh });
                }
                match action.verb {
                    Verb::GiveBack => {
                        let grant = give_back::end_now(house, who, grant).await?;
                        Ok(vec![cards::grant::draw(house, &grant, who)?])
                    }
                    Verb::Extend if grant.order.beneficiary == *who => self.extend(who, on, &grant, inputs).await,
                    _ => Err(WorkflowError::NotFound("button")),
                }
            }
            Subject::Task(id) => {
                let task = house.store.task(id).await?.filter(|t| t.assignees.contains(who));
                let Some(task) = task else {
                    self.refused(who, &action, Stream::Task(id)).await?;
                    return Err(WorkflowError::NotFound("task"));
                };
                if cards::task::seen(&task)?.prefix() != action.seen {
                    let fresh = Box::new(cards::task::draw(house, &task, who).await?);
                    return Err(WorkflowError::Stale { said: "This has changed meanwhile.".into(), fresh });
                }
                match action.verb {
                    Verb::TaskDone => tasks::done(house, who, task, decide::field(inputs, "proof")?).await?,
                    Verb::Keep => tasks::done(house, who, task, None).await?,
                    Verb::End => tasks::review_ends(house, who, task).await?,
                    _ => return Err(WorkflowError::NotFound("button")),
                }
                Ok(vec![self.drawn(who, CardKey { subject: action.subject, view: View::Deciding }).await?])
            }
            Subject::Inquiry(id) => {
                let inquiry = inquiries::load(house, id).await?.filter(|i| i.answer.person == *who);
                let Some(inquiry) = inquiry else {
                    self.refused(who, &action, Stream::Inquiry(id)).await?;
                    return Err(WorkflowError::NotFound("answer"));
                };
                inquiries::clicked(house, who, on, &action, inquiry).await
            }
            Subject::Ticket(id) => {
                let ticket = house.store.ticket(id).await?.filter(|t| t.content.person == *who);
                let Some(ticket) = ticket else {
                    self.refused(who, &action, Stream::Ticket(id)).await?;
                    return Err(WorkflowError::NotFound("ticket"));
                };
                if cards::ticket::seen(&ticket)?.prefix() != action.seen {
                    let fresh = Box::new(cards::ticket::draw(house, &ticket, who).await?);
                    return Err(WorkflowError::Stale { said: "This has changed meanwhile.".into(), fresh });
                }
                let ticket = match action.verb {
                    Verb::Add => tickets::add(house, who, ticket, decide::field(inputs, "words")?).await?,
                    Verb::Cancel => tickets::withdraw(house, who, ticket).await?,
                    Verb::NotHelped => tickets::reopen(house, who, ticket).await?,
                    _ => return Err(WorkflowError::NotFound("button")),
                };
                Ok(vec![cards::ticket::draw(house, &ticket, who).await?])
            }
            Subject::Conversation(_) => Err(WorkflowError::NotFound("button")),
        }
    }

    async fn refused(&self, who: &PersonId, action: &Action, on: Stream) -> Result<(), WorkflowError> {
        let mut change = Change::by_person(&self.0, who);
        let verb = format!("{:?}", action.verb).to_lowercase();
        change.house_event(HouseEvent::Refused { verb, on: Some(on), cause: "not_theirs".into() });
        change.commit().await
    }

    async fn on_draft(
        &self,
        who: &PersonId,
        on: Surface,
        action: &Action,
        id: DraftId,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Vec<Card>, WorkflowError> {
        let house = &self.0;
        let (mut conversation, draft) = drafts::find(&self.0, who, id).await?;
        if let DraftState::Filed { request } = draft.state {
            let request = self.seen_request(who, request).await?;
            return Ok(vec![cards::request::draw(house, &request, who, View::Own).await?]);
        }
        if draft.state == DraftState::Dropped || draft.seen()?.prefix() != action.seen {
            let fresh = Box::new(cards::draft::draw(house, &draft, who).await?);
            return Err(WorkflowError::Stale { said: "This card has been changed or dropped.".into(), fresh });
        }
        let mut change = Change::by_person(house, who);
        let changed = match action.verb {
            Verb::Submit => {
                let incident = decide::field(inputs, "incident")?;
                if draft.emergency && incident.is_none() {
                    return Err(WorkflowError::Invalid {
                        said: "An emergency needs a reference: an incident number, or what is wrong.".into(),
                        next: "Write it down in one sentence and press the button again.".into(),
                    });
                }
                if draft.emergency && step_up::asks_for_emergency(house, on) {
                    return Err(step_up::ask_for_emergency(house, who, on, &draft, incident).await?);
                }
                let request =
                    submit::submit(house, who, conversation, &draft, incident, None, Some(action.argument)).await?;
                let request = self.seen_request(who, request).await?;
                return Ok(vec![cards::request::draw(house, &request, who, View::Own).await?]);
            }
            Verb::Discard => {
                drafts::settle(&mut conversation, id, DraftState::Dropped);
                conversation.question = None;
                conversation.version += 1;
                change.conversation(conversation);
                change.commit().await?;
                return Ok(vec![Card::note("Dropped").para("Nothing was filed.")]);
            }
            Verb::Choose => {
                let Some(chosen) = draft.choices.get(usize::from(action.argument)).cloned() else {
                    return Err(WorkflowError::NotFound("choice"));
                };
                drafts::with_entitlement(house, drafts::renewed(house, draft), &chosen)?
            }
            Verb::SetEnd => {
                let words = decide::field(inputs, "until")?.unwrap_or_default();
                let zone = house.person(who)?.time_zone();
                let said =
                    time::window::said_window(&words, house.now(), &zone).ok_or_else(|| WorkflowError::Invalid {
                        said: "I do not understand that end.".into(),
                        next: "Say it like “until Friday”, “two weeks” or “24h”.".into(),
                    })?;
                drafts::with_window(house, drafts::renewed(house, draft), &said, &zone)?
            }
            Verb::SetReason => {
                let mut draft = drafts::renewed(house, draft);
                draft.reason = decide::field(inputs, "reason")?.map(|words| change.text(who, words).id);
                draft
            }
            _ => return Err(WorkflowError::NotFound("button")),
        };
        conversation.question = None;
        conversation.topic.clone_from(&changed.entitlement);
        let card = changed.clone();
        drafts::put(&mut conversation, changed, Some(id));
        self.put_back(change, conversation, card, who).await
    }

    /// Writes a conversation with a new draft on the table, and shows that.
    async fn put_back(
        &self,
        mut change: Change<'_>,
        mut conversation: Conversation,
        draft: Draft,
        who: &PersonId,
    ) -> Result<Vec<Card>, WorkflowError> {
        let key = CardKey { subject: Subject::Draft(draft.id), view: View::Own };
        conversation.version += 1;
        change.say(conversation.id, Author::Claviger, MessageBody::Live { key });
        change.conversation(conversation);
        change.commit().await?;
        Ok(vec![cards::draft::draw(&self.0, &draft, who).await?])
    }

    async fn extend(
        &self,
        who: &PersonId,
        on: Surface,
        grant: &crate::domain::grant::Grant,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Vec<Card>, WorkflowError> {
        let house = &self.0;
        let words = decide::field(inputs, "until")?.unwrap_or_default();
        let zone = house.person(who)?.time_zone();
        let said = time::window::said_window(&words, house.now(), &zone);
        if said.is_none() && !words.is_empty() {
            return Err(WorkflowError::Invalid {
                said: "I do not understand that end.".into(),
                next: "Say it like “until Friday” or “two more weeks”.".into(),
            });
        }
        let draft = amend::extension(house, grant, said.as_ref(), None, &zone)?;
        let mut conversation = crate::workflow::news::conversation(house, who, on).await?;
        drafts::put(&mut conversation, draft.clone(), None);
        self.put_back(Change::by_person(house, who), conversation, draft, who).await
    }

    async fn on_request(
        &self,
        who: &PersonId,
        on: Surface,
        action: &Action,
        id: RequestId,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Vec<Card>, WorkflowError> {
        let house = &self.0;
        let request = match self.seen_request(who, id).await {
            Ok(request) => request,
            Err(error) => {
                self.refused(who, action, Stream::Request(id)).await?;
                return Err(error);
            }
        };
        let deciding = matches!(action.verb, Verb::Approve | Verb::ApproveShorter | Verb::Deny | Verb::Ask);
        let view = if deciding { View::Deciding } else { View::Own };
        if request.seen()?.prefix() != action.seen {
            return Err(decide::stale(house, who, &request, view).await?);
        }
        let request = match action.verb {
            Verb::Approve | Verb::ApproveShorter => {
                decide::may_decide(house, who, &request).await?;
                let window = match action.verb {
                    Verb::ApproveShorter => {
                        let until = decide::field(inputs, "until")?.unwrap_or_default();
                        Some(decide::shorter(house, who, &request, &until)?)
                    }
                    _ => None,
                };
                if step_up::asks(house, on, &request) {
                    return Err(step_up::ask_for_yes(house, who, on, action.verb, &request, window).await?);
                }
                decide::approve(house, who, request, window, None, None).await?
            }
            Verb::Deny => decide::deny(house, who, request, decide::field(inputs, "reason")?).await?,
            Verb::Ask => decide::remark(house, who, request, decide::field(inputs, "question")?).await?,
            Verb::Answer => decide::remark(house, who, request, decide::field(inputs, "answer")?).await?,
            Verb::Cancel => decide::cancel(house, who, request).await?,
            Verb::Appeal => submit::appeal(house, who, &request, decide::field(inputs, "reason")?).await?,
            Verb::GiveBack | Verb::Extend => {
                let grant = request.grant().ok_or(WorkflowError::NotFound("access"))?;
                let grant = house.store.grant(grant).await?.ok_or(WorkflowError::NotFound("access"))?;
                if action.verb == Verb::Extend && grant.order.beneficiary == *who {
                    return self.extend(who, on, &grant, inputs).await;
                }
                give_back::end_now(house, who, grant).await?;
                request
            }
            _ => return Err(WorkflowError::NotFound("button")),
        };
        Ok(vec![cards::request::draw(house, &request, who, view).await?])
    }

    async fn shown(&self, who: &PersonId, on: Surface, after: Option<MessageId>) -> Result<Vec<Shown>, WorkflowError> {
        let house = &self.0;
        let Some(conversation) = house.store.conversation_of(who, on).await? else { return Ok(Vec::new()) };
        let messages = house.store.messages(conversation.id, after).await?;
        // A card that is shown again further down is drawn once, where it was shown last.
        let mut drawn_below: BTreeSet<CardKey> = BTreeSet::new();
        let mut shown = Vec::new();
        for message in messages.into_iter().rev() {
            if let MessageBody::Live { key } = &message.body
                && !drawn_below.insert(*key)
            {
                continue;
            }
            let words = match &message.body {
                MessageBody::Words { text } => house.store.text(*text).await?.map(|t| t.body),
                _ => None,
            };
            let card = self.body(who, &message.body).await?;
            shown.push(Shown { id: message.id, at: message.at, author: message.author, words, card });
        }
        shown.reverse();
        Ok(shown)
    }

    async fn inbox_of(&self, who: &PersonId) -> Result<Inbox, WorkflowError> {
        let house = &self.0;
        house.person(who)?;
        let waiting = RequestQuery { waiting_for: Some(who.clone()), open: true, ..RequestQuery::default() };
        let mut inbox = Inbox::default();
        for request in house.store.requests(&waiting).await?.iter().rev() {
            inbox.decisions.push(cards::request::draw(house, request, who, View::Deciding).await?);
        }
        for task in house.store.open_tasks(who).await? {
            inbox.tasks.push(cards::task::draw(house, &task, who).await?);
        }
        Ok(inbox)
    }

    async fn mine_of(&self, who: &PersonId, twice: Twice) -> Result<Mine, WorkflowError> {
        let house = &self.0;
        house.person(who)?;
        let mut mine = Mine::default();
        let held = GrantQuery { beneficiary: Some(who.clone()), open: true, ..GrantQuery::default() };
        let mut grants = house.store.grants(&held).await?;
        grants.sort_by_key(|g| g.order.window.end().unwrap_or(jiff::Timestamp::MAX));
        for grant in &grants {
            mine.access.push(cards::grant::draw(house, grant, who)?);
        }
        let asked = RequestQuery { requester: Some(who.clone()), limit: LISTED, ..RequestQuery::default() };
        let held: BTreeSet<_> = grants.iter().map(|g| g.id).collect();
        for request in house.store.requests(&asked).await? {
            if twice == Twice::Once && request.grant().is_some_and(|id| held.contains(&id)) {
                continue;
            }
            mine.requests.push(cards::request::draw(house, &request, who, View::Own).await?);
        }
        Ok(mine)
    }
}
