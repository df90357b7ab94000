//! How a click, a form or a command is answered, the same by the gateway and by HTTP.
//!
//! The first answer has to come within three seconds. A form has to *be* the first answer, so the house is asked for it at once; anything
//! else is kept first, then put off (type 6 where a card was clicked, type 5 where there is no card), then dealt with, and what comes of it
//! is drawn into the message by the interaction's token.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::InteractionId;
use tokio::time::{sleep, timeout};

use crate::chat::discord::api::Message;
use crate::chat::discord::client::Discord;
use crate::chat::discord::limits::EPHEMERAL;
use crate::chat::discord::modal::modal;
use crate::chat::discord::read::{Asked, Interaction};
use crate::chat::discord::render::{Does, Seen, question};
use crate::domain::account::PlatformId;
use crate::domain::action::ActionToken;
use crate::domain::card::{Button, Card};
use crate::ports::surface::{ANSWERED_APART, ChatDoor, ChatSurface as _, Incoming, Now, SurfaceError, Taken};

/// How often drawing an answer is tried. The durable copies of cards are updated elsewhere besides.
const TRIES: u32 = 5;
/// The longest wait between two of these tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Proposals shown while somebody types.
const PROPOSALS: usize = 25;
/// The longest proposal.
const LONGEST_PROPOSAL: usize = 100;

/// Answers.
pub struct Answers {
    /// The house.
    pub door: Arc<dyn ChatDoor>,
    /// Discord.
    pub discord: Arc<Discord>,
}

/// The first answer.
#[derive(Debug, Clone, PartialEq)]
pub struct First {
    /// What to answer; `None` where another process answers.
    pub answer: Option<Value>,
    /// What is to be dealt with then.
    pub then: Option<Then>,
}

/// What is to be dealt with after the first answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Then {
    incoming: Incoming,
    into: Onto,
}

/// Where what comes of it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Onto {
    /// The card that was clicked, which others may see.
    Card,
    /// A message that only the clicker sees.
    Alone,
    /// Nowhere: there is no way back.
    Nowhere,
}

impl Answers {
    /// What to answer at once.
    pub async fn first(&self, asked: &Interaction) -> First {
        let late = || First { answer: Some(say(&self.discord.draw(&slow(), Seen::ByClicker))), then: None };
        timeout(self.discord.known().patience.answer, self.decide(asked)).await.unwrap_or_else(|_| late())
    }

    async fn decide(&self, asked: &Interaction) -> First {
        let at_once = |answer| First { answer: Some(answer), then: None };
        match &asked.asked {
            Asked::Typing(words) => at_once(self.propose(asked, words).await),
            Asked::Foreign => at_once(say(&self.discord.draw(&not_ours(), Seen::ByClicker))),
            // Whoever is not to be heard is refused like for any other click, and that is recorded.
            Asked::Pressed(Does::Form | Does::Confirm, token) if asked.standing.is_none() => {
                match self.ask_back(asked, token).await {
                    Some(answer) => at_once(answer),
                    None => self.keep(asked).await,
                }
            }
            _ => self.keep(asked).await,
        }
    }

    /// The form or question behind a button as it stands now; `None` where the click is all that is needed.
    async fn ask_back(&self, asked: &Interaction, token: &ActionToken) -> Option<Value> {
        let button: Button = match self.door.form(&asked.back, token).await {
            Ok(button) => button,
            Err(card) => return Some(say(&self.discord.draw(&card, Seen::ByClicker))),
        };
        if let Some((form, dropped)) = modal(&button) {
            if dropped.inputs > 0 {
                tracing::warn!(verb = ?button.verb, dropped = dropped.inputs, "a form has more than Discord can show");
            }
            return Some(json!({ "type": 9, "data": form }));
        }
        if button.form.as_ref().is_some_and(|f| f.inputs.iter().any(|i| i.required)) {
            return Some(say(&self.discord.draw(&elsewhere(), Seen::ByClicker)));
        }
        button.confirm.as_ref()?;
        question(&button).map(|question| say(&Message::new(question)))
    }

    async fn keep(&self, asked: &Interaction) -> First {
        let Some(incoming) = asked.incoming() else { return First { answer: None, then: None } };
        match self.door.take(&incoming).await {
            Ok(Taken::New) => {
                // A card can be drawn anew; where there is none, or nobody else sees it, there is a message for this person alone.
                let into = if asked.on.is_some() { Onto::Card } else { Onto::Alone };
                let answer = if asked.on.is_some() || asked.on_whisper {
                    json!({ "type": 6 })
                } else {
                    json!({ "type": 5, "data": { "flags": EPHEMERAL } })
                };
                First { answer: Some(answer), then: Some(Then { incoming, into }) }
            }
            Ok(Taken::Before) => First { answer: None, then: None },
            Err(error) => {
                tracing::warn!(reference = error.reference, "a click on Discord could not be kept");
                let card = Card::note(error.said).para(error.next);
                First { answer: Some(say(&self.discord.draw(&card, Seen::ByClicker))), then: None }
            }
        }
    }

    async fn propose(&self, asked: &Interaction, words: &str) -> Value {
        let found = self.door.search(&asked.back, words, PROPOSALS).await.unwrap_or_default();
        let cut = |text: &str| text.chars().take(LONGEST_PROPOSAL).collect::<String>();
        let choices: Vec<Value> = found
            .iter()
            .filter(|f| !f.id.is_empty() && f.id.encode_utf16().count() <= LONGEST_PROPOSAL && !f.title.is_empty())
            .take(PROPOSALS)
            .map(|f| json!({ "name": cut(&crate::chat::plain::one_line(&f.title)), "value": f.id }))
            .collect();
        json!({ "type": 8, "data": { "choices": choices } })
    }

    /// Answers an interaction that came by the gateway, where the answer is a call of its own, and deals with it. `kept` is called as soon
    /// as it need not be delivered again.
    pub async fn by_call(&self, asked: &Interaction, kept: impl FnOnce()) {
        let First { answer, mut then } = self.first(asked).await;
        kept();
        if let Some(answer) = answer {
            let answered = match asked.id.as_str().parse::<InteractionId>() {
                Ok(interaction_id) => {
                    let route = Route::InteractionResponse { interaction_id, token: &asked.token };
                    self.discord.api().answer(route, &answer).await
                }
                Err(_) => Err(SurfaceError::Refused("the interaction's id is no number".into())),
            };
            if let Err(error) = answered {
                // Several processes hear the same click; a form is shown by whoever is first, and nothing was kept.
                if then.is_none() && matches!(error, SurfaceError::Gone(_)) {
                    tracing::debug!(%error, "a click on Discord was answered elsewhere, or is too old");
                    return;
                }
                // What was kept is dealt with all the same; only the way back is another one.
                tracing::warn!(%error, "a click on Discord could not be answered in time");
                if let Some(then) = &mut then {
                    then.into = Onto::Nowhere;
                }
            }
        }
        if let Some(then) = then {
            self.deal(then).await;
        }
    }

    /// Deals with what was kept, and draws what comes of it.
    pub async fn deal(&self, then: Then) {
        let now = self.door.deal(&then.incoming).await;
        if let Err(error) = self.draw_now(&then, &now).await {
            tracing::warn!(%error, "the answer to a click on Discord could not be shown");
            metrics::counter!("claviger_discord_answers_not_shown_total").increment(1);
        }
    }

    async fn draw_now(&self, then: &Then, now: &Now) -> Result<(), SurfaceError> {
        let public = |card: &Card| self.discord.draw(card, Seen::ByAll);
        match (now, then.into) {
            (Now::Nothing, Onto::Card | Onto::Nowhere) => Ok(()),
            (Now::Nothing, Onto::Alone) if then.incoming.private => self.patiently(|| self.take_away(then)).await,
            (Now::Nothing, Onto::Alone) => self.redraw(then, &public(&comes_privately())).await,
            (Now::Replace(card), Onto::Card) => self.put(then, card).await,
            (Now::Replace(card), Onto::Alone) => self.redraw(then, &public(card)).await,
            // The note is what answers: it stands where the question stood.
            (Now::Whisper { note, .. }, Onto::Alone) => self.redraw(then, &public(note)).await,
            (Now::Whisper { note, fresh }, Onto::Card) => {
                let told = self.patiently(|| self.discord.whisper(&then.incoming.back, note)).await;
                if let Some(fresh) = fresh {
                    self.put(then, fresh).await?;
                }
                told
            }
            // The answer itself stands in their own conversation already.
            (Now::Whisper { note, .. }, Onto::Nowhere) if note.headline == ANSWERED_APART => Ok(()),
            (Now::Whisper { note, .. }, Onto::Nowhere) => self.directly(then, note).await,
            (Now::Replace(card), Onto::Nowhere) => match clicked(&then.incoming) {
                Some(posted) => {
                    let draw = Box::pin(self.patiently(|| self.discord.update(posted, card)));
                    self.door.in_turn(self.discord.surface(), posted, card, draw).await
                }
                None => self.directly(then, card).await,
            },
        }
    }

    /// Draws the clicked card anew, in turn with whoever else does.
    async fn put(&self, then: &Then, card: &Card) -> Result<(), SurfaceError> {
        let message = self.discord.draw(card, Seen::ByAll);
        match clicked(&then.incoming) {
            Some(posted) => {
                let draw = Box::pin(self.redraw(then, &message));
                self.door.in_turn(self.discord.surface(), posted, card, draw).await
            }
            None => self.redraw(then, &message).await,
        }
    }

    /// Draws the clicked message, or the one put off, anew.
    async fn redraw(&self, then: &Then, message: &Message) -> Result<(), SurfaceError> {
        let token = then.incoming.back.ticket.as_deref().unwrap_or_default();
        let application_id = self.discord.known().application;
        self.patiently(|| async {
            let route = Route::WebhookOriginalInteractionResponse { application_id, token };
            self.discord.api().patch(route, message).await.map(|_| ())
        })
        .await
    }

    async fn take_away(&self, then: &Then) -> Result<(), SurfaceError> {
        let token = then.incoming.back.ticket.as_deref().unwrap_or_default();
        let application_id = self.discord.known().application;
        self.discord.api().delete(Route::WebhookOriginalInteractionResponse { application_id, token }).await
    }

    /// Tells somebody in a direct message.
    pub async fn directly(&self, then: &Then, card: &Card) -> Result<(), SurfaceError> {
        self.tell(&then.incoming, card).await
    }

    /// Tells whoever sent something, where nobody else reads it. Telling twice under the same delivery tells once.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn tell(&self, incoming: &Incoming, card: &Card) -> Result<(), SurfaceError> {
        let once = format!("{}:now", incoming.once);
        self.patiently(|| async {
            let place = if incoming.private {
                incoming.back.place.clone()
            } else {
                self.discord.direct(&incoming.back.account).await?
            };
            self.discord.post(&place, card, &once).await.map(|_| ())
        })
        .await
    }

    /// Says where they were called by name that the answer stands elsewhere, and nothing of it: only a click or a command can be answered
    /// where nobody else reads it, and beside the answer itself the same note would say it twice.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn point(&self, incoming: &Incoming) -> Result<(), SurfaceError> {
        let once = format!("{}:now", incoming.once);
        let mut place = incoming.back.place.clone();
        // A message is called by its id.
        place.thread = incoming.once.strip_prefix('m').and_then(|id| PlatformId::parse(id).ok());
        self.patiently(|| async { self.discord.post(&place, &comes_privately(), &once).await.map(|_| ()) }).await
    }

    /// Some tries, as far apart as Discord says. Right after an answer by HTTP the way back may not be open yet, so that is tried again too.
    async fn patiently<F, Fut>(&self, call: F) -> Result<(), SurfaceError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<(), SurfaceError>>,
    {
        let mut tries = 0;
        loop {
            let pause = self.discord.known().patience.before(tries);
            let wait = match call().await {
                Err(SurfaceError::Later { after, .. }) if tries + 1 < TRIES => after.unwrap_or(pause).max(pause),
                Err(SurfaceError::Gone(_)) if tries < 2 => pause,
                done => return done,
            };
            tries += 1;
            sleep(wait.min(LONGEST_WAIT)).await;
        }
    }
}

/// A message of ours as an answer of its own.
fn say(message: &Message) -> Value {
    json!({ "type": 4, "data": message.value() })
}

fn clicked(incoming: &Incoming) -> Option<&crate::domain::account::Posted> {
    match &incoming.what {
        crate::ports::surface::What::Clicked { on, .. } => on.as_ref(),
        crate::ports::surface::What::Said { .. } => None,
    }
}

fn slow() -> Card {
    Card::note("This takes longer than Discord waits")
        .para("If nothing has happened in a minute, please do it once more: doing it twice changes nothing.")
}

fn not_ours() -> Card {
    Card::note("This button is not one of mine").para("Say what you need in a direct message to me, or with /access.")
}

fn elsewhere() -> Card {
    Card::note("This form does not fit into Discord").para("Please fill it in on the web page.")
}

fn comes_privately() -> Card {
    Card::note("My answer comes as a direct message").para(
        "If none arrives, allow direct messages from members of this server (the server's name, “Privacy Settings”) and ask again.",
    )
}
