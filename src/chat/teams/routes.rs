//! `POST /teams/messages`, the bot's messaging endpoint. A delivery is let in or not, kept, acknowledged, and only then dealt with; a
//! clicked `Action.Execute` is answered with the fresh card while Teams waits.
//!
//! | status | means |
//! |---|---|
//! | 200 | taken |
//! | 403 | not let in: see [`crate::chat::teams::token`] |
//! | 413 | too long |
//! | 501 | an invoke that is not offered |
//! | 503 | could not be kept, or the signing keys cannot be read |

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::chat::teams::client::{Teams, thumbs_name};
use crate::chat::teams::invoke;
use crate::chat::teams::keys::{Keys, NoKey};
use crate::chat::teams::receive::{Came, Heard, Sort, learned, read};
use crate::chat::teams::settings::Settings;
use crate::chat::teams::token::{BODY, Gate, Proven, Refused};
use crate::domain::account::{Account, Place, Posted};
use crate::domain::card::Card;
use crate::domain::clock::Clock;
use crate::domain::conversation::Surface;
use crate::ports::desk::DeskErrorKind;
use crate::ports::surface::{
    ANSWERED_APART, Back, ChatDoor, ChatSurface as _, Incoming, Now, SurfaceError, Taken, What,
};
use crate::ports::whereabouts::{Whereabouts, WhereaboutsBook};

/// The address.
pub const ADDRESS: &str = "/teams/messages";
/// How long a click is dealt with before Teams gets an answer without the card; it gives up after some 15 seconds.
const PATIENCE: Duration = Duration::from_secs(8);
/// Deliveries being read at the same time.
const AT_ONCE: usize = 64;
/// How many people's whereabouts are remembered, so that the same is not written again and again.
const REMEMBERED: usize = 10_000;
/// How often whereabouts that did not change are written all the same.
const RENEW: SignedDuration = SignedDuration::from_hours(24);
/// How many installations are remembered, so that each is greeted once.
const GREETED: usize = 256;
/// How long a second try at something said at once may wait.
const SECOND_TRY: Duration = Duration::from_secs(5);

/// Where the deliveries of Teams arrive.
pub struct Reception {
    gate: Gate,
    door: Arc<dyn ChatDoor>,
    teams: Arc<Teams>,
    book: Arc<dyn WhereaboutsBook>,
    clock: Arc<dyn Clock>,
    seats: Semaphore,
    known: Mutex<HashMap<Account, Whereabouts>>,
    greeted: Mutex<VecDeque<String>>,
}

impl Reception {
    /// A reception that hands over to this door.
    #[must_use]
    pub fn new(
        settings: &Arc<Settings>,
        teams: Arc<Teams>,
        door: Arc<dyn ChatDoor>,
        book: Arc<dyn WhereaboutsBook>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let keys = Keys::new(teams.http(), settings.metadata.clone(), settings.issuer.clone(), Arc::clone(&clock));
        Self {
            gate: Gate::new(Arc::clone(settings), keys, Arc::clone(&clock)),
            door,
            teams,
            book,
            clock,
            seats: Semaphore::new(AT_ONCE),
            known: Mutex::default(),
            greeted: Mutex::default(),
        }
    }
}

/// The address, to be merged into the server's.
pub fn router(reception: Arc<Reception>) -> Router {
    Router::new().route(ADDRESS, post(deliver).layer(DefaultBodyLimit::max(BODY)).with_state(reception))
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response()
}

fn shut(why: &Refused) -> Response {
    metrics::counter!("claviger_teams_refused_total", "reason" => why.name()).increment(1);
    // Strangers knock all day; what an operator can mend is said louder.
    match why {
        Refused::Tenant(_) | Refused::Time | Refused::Elsewhere(_) => tracing::warn!(%why, "a delivery was not let in"),
        _ => tracing::debug!(%why, "a delivery was not let in"),
    }
    match why {
        Refused::Key(NoKey::Unreachable(_)) => unavailable(),
        _ => StatusCode::FORBIDDEN.into_response(),
    }
}

async fn deliver(State(reception): State<Arc<Reception>>, request: Request) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
    if shown.is_none() {
        return shut(&Refused::NoToken);
    }
    let Ok(seat) = reception.seats.acquire().await else { return unavailable() };
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(too_long) => return too_long.into_response(),
    };
    let proven = match reception.gate.admit(shown.as_deref(), &body).await {
        Ok(proven) => proven,
        Err(why) => return shut(&why),
    };
    drop(seat);
    reception.learn(&proven).await;
    match read(&proven) {
        Heard::Delivery(incoming, Came::Execute) => execute(reception, *incoming).await,
        Heard::Delivery(incoming, came) => said(reception, *incoming, came).await,
        Heard::Installed(place, sort) => {
            let name = format!("{}@{}", proven.activity.id.unwrap_or_default(), place.channel);
            if reception.first_greeting(name) {
                tokio::spawn(async move { reception.greet(&place, sort).await });
            }
            StatusCode::OK.into_response()
        }
        Heard::Thumb { back, once, on, liked } => thumb(reception, *back, once, &on, liked).await,
        Heard::Unknown => StatusCode::NOT_IMPLEMENTED.into_response(),
        Heard::Nothing => StatusCode::OK.into_response(),
    }
}

/// Words, or a click by `Action.Submit`.
async fn said(reception: Arc<Reception>, incoming: Incoming, came: Came) -> Response {
    match reception.door.take(&incoming).await {
        // What can never be kept is told; what can be kept another time comes again.
        Err(error) if error.kind == DeskErrorKind::Invalid => {
            let note = Card::note(error.said).para(error.next);
            tokio::spawn(async move { reception.aside(&incoming.back, &note).await });
            StatusCode::OK.into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "a delivery from Teams could not be kept");
            unavailable()
        }
        Ok(Taken::Before) => StatusCode::OK.into_response(),
        Ok(Taken::New) => {
            tokio::spawn(async move {
                let now = reception.door.deal(&incoming).await;
                if came == Came::Words && !incoming.private {
                    reception.answer_apart(&incoming, now).await;
                } else {
                    reception.finish(&incoming, now).await;
                }
            });
            StatusCode::OK.into_response()
        }
    }
}

/// A click by `Action.Execute`.
async fn execute(reception: Arc<Reception>, incoming: Incoming) -> Response {
    match reception.door.take(&incoming).await {
        Err(error) => {
            tracing::warn!(%error, "a click in Teams could not be kept");
            Json(invoke::down("I could not take that just now. Please press it again in a moment.")).into_response()
        }
        Ok(Taken::Before) => Json(invoke::line("I have that already.")).into_response(),
        Ok(Taken::New) => {
            let (answer, answered) = tokio::sync::oneshot::channel();
            // It is dealt with to its end, also where Teams does not wait for it.
            tokio::spawn(async move {
                let now = reception.door.deal(&incoming).await;
                let reply = invoke::reply(now, &reception.teams.scene());
                let waited_for = answer.send(reply.body).is_ok();
                let on = on(&incoming);
                if let (Some(on), Some(card)) = (on, reply.put) {
                    reception.put(on, &card).await;
                }
                if let Some(card) = reply.aside {
                    reception.aside(&incoming.back, &card).await;
                }
                if !waited_for {
                    tracing::warn!("a click in Teams took longer than Teams waits");
                }
            });
            let body = match tokio::time::timeout(PATIENCE, answered).await {
                Ok(Ok(body)) => body,
                _ => invoke::line("I am working on it; the card will be brought up to date."),
            };
            Json(body).into_response()
        }
    }
}

fn on(incoming: &Incoming) -> Option<&Posted> {
    match &incoming.what {
        What::Clicked { on, .. } => on.as_ref(),
        What::Said { .. } => None,
    }
}

/// A thumb under an answer presses the button that says the same.
async fn thumb(reception: Arc<Reception>, back: Back, once: String, on: &Posted, liked: bool) -> Response {
    let done = || Json(json!({})).into_response();
    let name = thumbs_name(on);
    let kept = match reception.book.thumbs(&name, reception.clock.now()).await {
        Ok(Some(kept)) => kept,
        Ok(None) => return done(),
        Err(error) => {
            tracing::warn!(%error, "a thumb in Teams could not be read");
            return unavailable();
        }
    };
    let token = if liked { kept.helped } else { kept.not_helped };
    let what = What::Clicked { token, fields: Default::default(), on: Some(on.clone()) };
    let incoming = Incoming { once, back, private: true, standing: None, what };
    let response = said(reception, incoming, Came::Submit).await;
    if response.status() == StatusCode::OK { done() } else { response }
}

impl Reception {
    /// Remembers where its sender is to be found. What could not be kept is learned the next time.
    async fn learn(&self, proven: &Proven) {
        let Some(learned) = learned(proven) else { return };
        let at = self.clock.now();
        let now = Whereabouts {
            account: learned.account,
            native: learned.native,
            direct: learned.direct,
            via: proven.service.to_string(),
            at,
        };
        if !self.is_news(&now) {
            return;
        }
        match self.book.learn(&now).await {
            Ok(()) => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(now.account.clone(), now);
            }
            Err(error) => tracing::warn!(%error, "where somebody is in Teams was not kept"),
        }
    }

    fn is_news(&self, now: &Whereabouts) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(before) = known.get(&now.account) else { return true };
        let same = before.native == now.native
            && before.via == now.via
            && (now.direct.is_none() || now.direct == before.direct);
        !same || now.at.duration_since(before.at).abs() >= RENEW
    }

    fn first_greeting(&self, name: String) -> bool {
        let mut greeted = self.greeted.lock().unwrap_or_else(PoisonError::into_inner);
        if greeted.contains(&name) {
            return false;
        }
        if greeted.len() >= GREETED {
            greeted.pop_front();
        }
        greeted.push_back(name);
        true
    }

    async fn greet(&self, place: &Place, sort: Sort) {
        let done = match sort {
            Sort::Personal => self.twice(Act::Post(place, &greeting())).await,
            Sort::Group | Sort::Channel => self.twice(Act::Remark(place, MANY)).await,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "a new place in Teams could not be greeted");
        }
    }

    /// What is left to do after a delivery that was acknowledged with an empty answer.
    async fn finish(&self, incoming: &Incoming, now: Now) {
        let (note, card) = match now {
            Now::Nothing => return,
            Now::Replace(card) => (None, Some(card)),
            Now::Whisper { note, fresh } => (Some(note), fresh),
        };
        if let (Some(on), Some(card)) = (on(incoming), card) {
            self.put(on, &card).await;
        }
        if let Some(note) = note {
            self.aside(&incoming.back, &note).await;
        }
    }

    /// Draws the clicked message anew for everybody. Should that fail, the sweep over all copies does it later.
    async fn put(&self, on: &Posted, card: &Card) {
        let draw = Box::pin(self.twice(Act::Update(on, card)));
        if let Err(error) = self.door.in_turn(Surface::Teams, on, card, draw).await {
            tracing::warn!(%error, "a clicked card in Teams was not brought up to date at once");
        }
    }

    async fn aside(&self, back: &Back, note: &Card) {
        if let Err(error) = self.twice(Act::Whisper(back, note)).await {
            tracing::warn!(%error, "somebody in Teams could not be told something");
        }
    }

    /// Words where others read along: nothing of the answer is said there, only where it is.
    async fn answer_apart(&self, incoming: &Incoming, now: Now) {
        match &now {
            Now::Nothing => return,
            Now::Whisper { note, .. } if note.headline == ANSWERED_APART => {}
            _ => self.finish(incoming, now).await,
        }
        self.point(&incoming.back).await;
    }

    /// Says, where others read along, where the answer is.
    async fn point(&self, back: &Back) {
        let words = match self.teams.direct(&back.account).await {
            Ok(_) => "I answered you in our own chat.",
            Err(SurfaceError::Gone(_)) => {
                "I cannot write to you alone: please add me as an app first (Apps, then Add), and ask me there."
            }
            Err(_) => "I will answer you in our own chat.",
        };
        if let Err(error) = self.twice(Act::Remark(&back.place, words)).await {
            tracing::debug!(%error, "it was not said where the answer is");
        }
    }

    /// Tries again once where that helps and does not take long. Never where the first try may have worked.
    async fn twice(&self, act: Act<'_>) -> Result<(), SurfaceError> {
        match self.once(act).await {
            Err(SurfaceError::Later { after, unsure: false, .. }) if after.is_none_or(|a| a <= SECOND_TRY) => {
                tokio::time::sleep(after.unwrap_or(Duration::from_millis(500))).await;
                self.once(act).await
            }
            done => done,
        }
    }

    async fn once(&self, act: Act<'_>) -> Result<(), SurfaceError> {
        match act {
            Act::Post(place, card) => self.teams.post(place, card, "").await.map(drop),
            Act::Remark(place, words) => self.teams.remark(place, words).await,
            Act::Update(on, card) => self.teams.update(on, card).await,
            Act::Whisper(back, card) => self.teams.whisper(back, card).await,
        }
    }
}

/// Something said at once, beside what the house says in its own time.
#[derive(Clone, Copy)]
enum Act<'a> {
    Post(&'a Place, &'a Card),
    Remark(&'a Place, &'a str),
    Update(&'a Posted, &'a Card),
    Whisper(&'a Back, &'a Card),
}

/// What is said where several people read along.
const MANY: &str = "Hello. Mention me and say what access you need; I answer you in our own chat, and whoever decides is asked in theirs.";

/// What a person reads first.
fn greeting() -> Card {
    Card::note("Hello, I am Claviger")
        .para("Tell me in your own words what you need access to, what for and until when. I read it back to you before anything is filed.")
        .para("You can also ask what you have, who approves something, why something was refused, or why you cannot sign in.")
}
