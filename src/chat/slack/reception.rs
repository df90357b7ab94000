//! What is done with a delivery, the same in both modes: keep it, only then acknowledge it, then deal with it. Windows are opened at once,
//! for Slack's ticket dies in three seconds, and filled as soon as it is known with what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

use crate::chat::plain::one_line;
use crate::chat::slack::client::Slack;
use crate::chat::slack::modal::{modal, waiting};
use crate::chat::slack::picker;
use crate::chat::slack::read::task::{Delivery, FormAsked, Task, read};
use crate::chat::slack::receive::Incoming as Raw;
use crate::chat::slack::start_page;
use crate::domain::account::{PlatformId, Posted};
use crate::domain::card::{Card, Inline, Section};
use crate::ports::surface::{Back, ChatDoor, ChatSurface as _, Incoming, Now, SurfaceError, Taken, What};

/// How long things may take so that Slack's three seconds are kept, counted from when the delivery came: what comes first leaves less for
/// what comes after.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Until a delivery is kept.
    pub keep: Duration,
    /// Beyond that, to know what to say in a sent window before it closes.
    pub window: Duration,
    /// To look up names that somebody's words mention.
    pub names: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            keep: Duration::from_millis(2_000),
            window: Duration::from_millis(700),
            names: Duration::from_millis(500),
        }
    }
}

/// How a delivery is acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// With nothing.
    Empty,
    /// With this.
    Json(Value),
    /// With this text.
    Text(String),
    /// Not at all: it could not be kept, so that it has to come again.
    NotKept,
}

/// Receives what either mode brings.
pub struct Reception {
    slack: Arc<Slack>,
    door: Arc<dyn ChatDoor>,
    deadlines: Deadlines,
    work: TaskTracker,
}

impl Reception {
    /// A reception in front of this door.
    #[must_use]
    pub fn new(slack: Arc<Slack>, door: Arc<dyn ChatDoor>, deadlines: Deadlines) -> Arc<Self> {
        Arc::new(Self { slack, door, deadlines, work: TaskTracker::new() })
    }

    /// Waits until what was begun is done.
    pub async fn finish(&self) {
        self.work.close();
        self.work.wait().await;
        self.work.reopen();
    }

    /// Takes what came in and says how to acknowledge it. What follows is done after.
    pub async fn receive(self: &Arc<Self>, raw: Raw) -> Answer {
        // Slack's check of the address needs nobody to know who we are.
        if let Raw::Challenge(text) = raw {
            return Answer::Text(text);
        }
        if matches!(&raw, Raw::Event { body, .. } if body["type"] == "app_rate_limited") {
            tracing::error!(
                "Slack: more than 30,000 events came within an hour, and Slack leaves some out for a minute"
            );
            metrics::counter!("claviger_slack_events_left_out_total").increment(1);
            return Answer::Empty;
        }
        let until = Instant::now() + self.deadlines.keep;
        let own = match timeout_at(until, self.slack.own()).await {
            Ok(Ok(own)) => own,
            Ok(Err(error)) => {
                tracing::warn!(%error, "Slack: a delivery cannot be read, for Slack does not say who we are");
                return Answer::NotKept;
            }
            Err(_) => return Answer::NotKept,
        };
        match read(raw, &own) {
            Task::Nothing(why) => {
                tracing::debug!(why, "Slack: a delivery with nothing to do");
                Answer::Empty
            }
            Task::Challenge(text) => Answer::Text(text),
            Task::Deliver(delivery) => self.deliver(*delivery, until).await,
            Task::Form(asked) => {
                let this = Arc::clone(self);
                self.work.spawn(async move { this.form(*asked).await });
                Answer::Empty
            }
            Task::Picker { back, trigger } => {
                let this = Arc::clone(self);
                self.work.spawn(async move {
                    if let Err(error) = this.slack.open_view(&trigger, &picker::view()).await {
                        this.too_late(&back, &error).await;
                    }
                });
                Answer::Empty
            }
            Task::Suggest { back, words } => {
                let search = self.door.search(&back, &words, picker::SHOWN);
                match timeout_at(until, search).await {
                    Ok(Ok(found)) => Answer::Json(picker::options(&found)),
                    _ => Answer::Json(json!({ "options": [] })),
                }
            }
            Task::Home { back } => {
                let this = Arc::clone(self);
                self.work.spawn(async move { this.home(&back).await });
                Answer::Empty
            }
            Task::Prompts { channel, thread } => {
                let this = Arc::clone(self);
                self.work.spawn(async move { this.prompts(&channel, thread.as_deref()).await });
                Answer::Empty
            }
        }
    }

    async fn deliver(self: &Arc<Self>, mut delivery: Delivery, until: Instant) -> Answer {
        self.name_people(&mut delivery, until).await;
        let answer_to = delivery.incoming.back.clone();
        if delivery.unplaced {
            self.find_place(&mut delivery.incoming, until).await;
        }
        let taken = timeout_at(until, self.door.take(&delivery.incoming)).await;
        match taken {
            Ok(Ok(Taken::Before)) => return Answer::Empty,
            Ok(Ok(Taken::New)) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, reference = error.reference, "Slack: a delivery could not be kept");
                return Answer::NotKept;
            }
            Err(_) => {
                tracing::error!("Slack: a delivery could not be kept in time");
                return Answer::NotKept;
            }
        }
        let this = Arc::clone(self);
        let (told, known) = tokio::sync::oneshot::channel();
        let window = delivery.window;
        let incoming = delivery.incoming;
        let in_window = window.is_some();
        self.work.spawn(async move {
            let now = this.door.deal(&incoming).await;
            // A window that is still open says it itself.
            let now = match in_window.then(|| told.send(now.clone())) {
                Some(Ok(())) => said_in_window(now),
                _ => now,
            };
            this.follow(&incoming, &answer_to, now).await;
        });
        let Some(field) = window else { return Answer::Empty };
        match timeout_at(until + self.deadlines.window, known).await {
            Ok(Ok(now)) => self.in_window(&field, &now),
            _ => Answer::Empty,
        }
    }

    /// What a sent window shows: nothing (it closes), what is wrong beside a field (what was typed stays), or how things stand now.
    fn in_window(&self, field: &str, now: &Now) -> Answer {
        match now {
            Now::Nothing | Now::Replace(_) => Answer::Empty,
            Now::Whisper { note, fresh: None } => {
                let said = short(note);
                Answer::Json(json!({ "response_action": "errors", "errors": { field: said } }))
            }
            Now::Whisper { note, fresh: Some(_) } => {
                let view = start_page::window(note, &self.slack.scene());
                Answer::Json(json!({ "response_action": "update", "view": view }))
            }
        }
    }

    /// What is looked up beside takes half of the time that is left at the most, so that the delivery can still be kept.
    fn names_until(&self, until: Instant) -> Instant {
        let now = Instant::now();
        now + self.deadlines.names.min(until.saturating_duration_since(now) / 2)
    }

    /// Puts names where somebody's words hold ids.
    async fn name_people(&self, delivery: &mut Delivery, until: Instant) {
        let What::Said { words } = &mut delivery.incoming.what else { return };
        if delivery.people.is_empty() {
            return;
        }
        let mut names = BTreeMap::new();
        let look = async {
            for id in &delivery.people {
                let Ok(platform) = PlatformId::parse(id.clone()) else { continue };
                if let Some(name) = self.slack.name_of(&platform).await {
                    names.insert(id.clone(), name);
                }
            }
        };
        let _ = timeout_at(self.names_until(until), look).await;
        let spoken = crate::chat::slack::words::Spoken { text: words.clone(), people: delivery.people.clone() };
        *words = spoken.named(&names);
    }

    /// Sees whether the place is our conversation with the person; only then is it private.
    async fn find_place(&self, incoming: &mut Incoming, until: Instant) {
        let back = &mut incoming.back;
        let direct = timeout_at(self.names_until(until), self.slack.direct(&back.account)).await;
        incoming.private = match direct {
            Ok(Ok(direct)) if back.place.channel == back.account.id => {
                back.place.channel = direct.channel;
                true
            }
            Ok(Ok(direct)) => back.place.channel == direct.channel,
            _ => false,
        };
    }

    /// Does at once what the door said to do.
    async fn follow(&self, incoming: &Incoming, back: &Back, now: Now) {
        let clicked = match &incoming.what {
            What::Clicked { on, .. } => on.as_ref(),
            What::Said { .. } => None,
        };
        let done = match now {
            Now::Nothing => Ok(()),
            Now::Replace(card) => match clicked {
                Some(posted) => self.put(posted, &card).await,
                // The start page is drawn anew below.
                None if back.place.channel == back.account.id => Ok(()),
                None => self.slack.whisper(back, &card).await,
            },
            Now::Whisper { note, fresh } => {
                let whispered = self.slack.whisper(back, &note).await;
                match (clicked, fresh) {
                    (Some(posted), Some(card)) => whispered.and(self.put(posted, &card).await),
                    _ => whispered,
                }
            }
        };
        if let Err(error) = done {
            // The copy is drawn anew by whoever keeps all copies right.
            tracing::warn!(%error, "Slack: an immediate answer did not arrive");
        }
        if self.slack.has_start_page(&back.account) {
            self.home(back).await;
        }
    }

    /// Draws a clicked message anew, in turn with whoever else does.
    async fn put(&self, posted: &Posted, card: &Card) -> Result<(), SurfaceError> {
        let draw = Box::pin(self.slack.update(posted, card));
        self.door.in_turn(self.slack.surface(), posted, card, draw).await
    }

    /// A click whose button has a form: a waiting window at once, then the form as it stands now.
    async fn form(self: &Arc<Self>, asked: FormAsked) {
        let opened = match self.slack.open_view(&asked.trigger, &waiting()).await {
            Ok(opened) => opened,
            Err(error) => return self.too_late(&asked.back, &error).await,
        };
        let view = match self.door.form(&asked.back, &asked.token).await {
            Ok(button) if button.form.is_some() => {
                let drawn = modal(&button, &self.slack.scene());
                let memory = serde_json::to_string(&asked.origin);
                match (drawn, memory) {
                    (Some((mut view, _)), Ok(memory)) => {
                        view["private_metadata"] = memory.into();
                        view
                    }
                    _ => self.note("This form cannot be shown here", "Please use the web page instead."),
                }
            }
            // The button needs no form any more: the click is what it would have been without one.
            Ok(_) => match self.deliver(*asked.click, Instant::now() + self.deadlines.keep).await {
                Answer::NotKept => self.note("That did not work", "Please try again in a minute."),
                _ => self.note("Done", "The message shows how it stands now."),
            },
            Err(card) => start_page::window(&card, &self.slack.scene()),
        };
        let (id, hash) = opened;
        if let Err(error) = self.slack.update_view(&id, hash.as_deref(), &view).await {
            // Closed by the person before it was filled.
            tracing::debug!(%error, "Slack: a window could not be filled");
        }
    }

    fn note(&self, headline: &str, words: &str) -> Value {
        start_page::window(&Card::note(headline).para(words), &self.slack.scene())
    }

    /// The window could not be opened, most likely because the ticket was too old.
    async fn too_late(&self, back: &Back, error: &SurfaceError) {
        tracing::info!(%error, "Slack: a window could not be opened");
        let note =
            Card::note("That took too long").para("Slack gives us three seconds to open a window. Please click again.");
        if let Err(error) = self.slack.whisper(back, &note).await {
            tracing::warn!(%error, "Slack: and nobody could be told");
        }
    }

    /// Draws the start page of whoever opened it.
    async fn home(&self, back: &Back) {
        let view = match self.door.home(back).await {
            Ok((waiting, mine)) => start_page::view(&waiting, &mine, &self.slack.scene()),
            Err(card) => start_page::instead(&card, &self.slack.scene()),
        };
        if let Err(error) = self.slack.publish(&back.account, &view).await {
            tracing::warn!(%error, "Slack: a start page could not be shown");
        }
    }

    /// Offers words to begin with. In a conversation of the newer kind no thread may be named, or the call fails without saying so;
    /// slack-morphism's own call always names one.
    async fn prompts(&self, channel: &str, thread: Option<&str>) {
        let body = prompts(channel, thread);
        if let Err(error) = self.slack.call("assistant.threads.setSuggestedPrompts", &body).await {
            // Apps without the scope `assistant:write` do without.
            tracing::debug!(%error, "Slack: no words to begin with were offered");
        }
    }
}

/// The words to begin with; four is Slack's limit.
fn prompts(channel: &str, thread: Option<&str>) -> Value {
    let prompt = |title: &str, words: &str| json!({ "title": title, "message": words });
    let mut body = json!({
        "channel_id": channel,
        "prompts": [
            prompt("Ask for access", "I need access to "),
            prompt("What do I have?", "What do I have?"),
            prompt("Why was I locked out?", "Why was I locked out?"),
            prompt("What waits for me?", "What is the status of my requests?"),
        ],
    });
    if let Some(thread) = thread {
        body["thread_ts"] = thread.into();
    }
    body
}

/// What is left to do once a window has said the rest.
fn said_in_window(now: Now) -> Now {
    match now {
        Now::Whisper { fresh: Some(card), .. } => Now::Replace(card),
        Now::Whisper { fresh: None, .. } => Now::Nothing,
        now => now,
    }
}

/// A card in a line, for beside a field.
fn short(card: &Card) -> String {
    let mut words = one_line(&card.headline);
    for section in &card.body {
        if let Section::Para { text } = section {
            let para: String = text.iter().map(Inline::plain).collect();
            words = format!("{} {}", words.trim_end_matches('.').to_owned() + ".", one_line(&para));
        }
    }
    words.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharp_edge_9_words_to_begin_with_name_no_thread_where_there_is_none() {
        assert!(prompts("D1", None).get("thread_ts").is_none());
        assert_eq!(prompts("D1", Some("1.2"))["thread_ts"], "1.2");
        assert!(prompts("D1", None)["prompts"].as_array().unwrap().len() <= 4);
    }

    #[test]
    fn a_note_fits_beside_a_field() {
        let card = Card::note("That is no date.").para("Say “until Friday”, for instance.");
        assert_eq!(short(&card), "That is no date. Say “until Friday”, for instance.");
    }
}
