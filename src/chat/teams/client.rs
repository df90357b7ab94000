//! What we do in Teams: write, bring up to date, look people up. Every call goes to a service that a let-in delivery named and that is
//! Microsoft's, carries our own token, and keeps to the pace Teams allows.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::chat::scene::Scene;
use crate::chat::teams::calls::{
    Doing, below, conversation, conversation_of, is_channel, meaning, open_direct, open_thread, silence,
};
use crate::chat::teams::http::{Answer, Http};
use crate::chat::teams::outgoing::Outgoing;
use crate::chat::teams::pace::Pace;
use crate::chat::teams::render;
use crate::chat::teams::settings::Settings;
use crate::domain::account::{Account, Place, PlatformId, Posted};
use crate::domain::action::Verb;
use crate::domain::card::Card;
use crate::domain::clock::Clock;
use crate::domain::conversation::Surface;
use crate::ports::surface::{ANSWERED_APART, Back, ChatSurface, Connection, Profile, Standing, SurfaceError};
use crate::ports::whereabouts::{Thumbs, Whereabouts, WhereaboutsBook};

/// How often it is looked whether our token is still given, while nothing is sent.
const LOOK: Duration = Duration::from_secs(600);
/// The same after it was not.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long thumbs work.
const THUMBS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Stands for the id of a message that Teams gave none.
const NAMELESS: &str = "nameless";

/// Teams, as we write to it.
pub struct Teams {
    settings: Arc<Settings>,
    http: Http,
    outgoing: Outgoing,
    pace: Pace,
    book: Arc<dyn WhereaboutsBook>,
    clock: Arc<dyn Clock>,
    connection: Mutex<Connection>,
}

#[derive(Deserialize)]
struct Made {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, rename = "activityId")]
    activity_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, alias = "objectId")]
    aad_object_id: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    user_principal_name: Option<String>,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    user_role: Option<String>,
}

impl Teams {
    /// Teams with these settings.
    ///
    /// # Errors
    /// Where no HTTP client can be made.
    pub fn new(settings: Arc<Settings>, book: Arc<dyn WhereaboutsBook>, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let http = Http::new(settings.patience, settings.local_peer())?;
        let outgoing = Outgoing::new(Arc::clone(&settings), http.clone(), Arc::clone(&clock));
        let connection = Mutex::new(Connection::Trying("no token was asked for yet".into()));
        Ok(Self { settings, http, outgoing, pace: Pace::default(), book, clock, connection })
    }

    /// The client, for whoever makes the gate.
    #[must_use]
    pub fn http(&self) -> Http {
        self.http.clone()
    }

    /// Looks from time to time whether our token is still given, so that health knows before somebody has to be told something.
    pub async fn watch(&self, stop: CancellationToken) {
        loop {
            let wait = match self.look().await {
                Ok(()) => {
                    if let Err(error) = self.book.sweep_thumbs(self.clock.now()).await {
                        tracing::warn!(%error, "old thumbs were not dropped");
                    }
                    LOOK
                }
                Err(_) => LOOK_AGAIN,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Asks for our token.
    ///
    /// # Errors
    /// Why it is not given.
    pub async fn look(&self) -> Result<(), SurfaceError> {
        let token = self.outgoing.token().await;
        self.note(token.as_ref().err());
        token.map(drop)
    }

    /// Where links lead. Nobody is mentioned: in Teams a mention in a card rings, and cards have a place of their own anyway.
    #[must_use]
    pub fn scene(&self) -> Scene<'_> {
        Scene { base: Some(&self.settings.public_url), mention: &|_| None }
    }

    fn note(&self, error: Option<&SurfaceError>) {
        let now = match error {
            Some(SurfaceError::ShutOut(why)) => Connection::Dead(why.clone()),
            // Only a call that did not get through speaks against the connection.
            Some(SurfaceError::Later { why, .. }) => Connection::Trying(why.clone()),
            _ => Connection::Up,
        };
        let mut held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if *held != now {
            match &now {
                Connection::Up => tracing::info!("Teams can be written to"),
                Connection::Trying(why) => tracing::warn!(why, "Teams cannot be written to just now"),
                Connection::Dead(why) => tracing::error!(why, "Teams cannot be written to"),
            }
            *held = now;
        }
    }

    /// The service a place is reached by: its own, else the one its tenant was last reached by.
    async fn service(&self, place: &Place) -> Result<Url, SurfaceError> {
        let via = match &place.via {
            Some(via) => Some(via.clone()),
            None => self.book.way_to(Surface::Teams, &place.space).await.map_err(|e| unkept(&e))?,
        };
        let Some(via) = via else {
            // The first who speaks to the bot shows the way; until then what is to be said waits.
            return Err(SurfaceError::Later { after: Some(NOBODY_YET), unsure: false, why: NOBODY_CAME.into() });
        };
        self.settings.service(&via).ok_or_else(|| SurfaceError::Gone(format!("`{via}` is no service of Teams")))
    }

    async fn call(
        &self,
        place: &Place,
        method: Method,
        parts: &[&str],
        body: Option<&Value>,
        doing: Doing,
    ) -> Result<Answer, SurfaceError> {
        let service = self.service(place).await?;
        let url =
            below(&service, parts).ok_or_else(|| SurfaceError::Refused("an id cannot stand in an address".into()))?;
        if let Err(wait) = self.pace.take(place.space.as_str(), place.channel.as_str(), self.clock.as_ref()) {
            let why = "we have sent as fast there as Teams allows".to_owned();
            return Err(SurfaceError::Later { after: Some(wait), unsure: false, why });
        }
        let done = self.exchange(&url, &method, body, doing).await;
        self.note(done.as_ref().err());
        done
    }

    async fn exchange(
        &self,
        url: &Url,
        method: &Method,
        body: Option<&Value>,
        doing: Doing,
    ) -> Result<Answer, SurfaceError> {
        let mut second = false;
        loop {
            let token = self.outgoing.token().await?;
            let mut call = self.http.client().request(method.clone(), url.clone()).bearer_auth(token.expose_secret());
            if let Some(body) = body {
                call = call.json(body);
            }
            let answer = self.http.send(call).await.map_err(|e| silence(e, doing))?;
            match answer.status {
                status if status.is_success() => return Ok(answer),
                // A token may be withdrawn before its time; nothing was done, and a new one may do.
                StatusCode::UNAUTHORIZED if !second => {
                    self.outgoing.forget(&token).await;
                    second = true;
                }
                _ => return Err(meaning(&answer, doing)),
            }
        }
    }

    /// The card as an activity, with thumbs where it can be said whether it helped.
    fn activity(&self, card: &Card) -> Value {
        let (mut activity, dropped) = render::activity(card, &self.scene());
        if !dropped.is_empty() {
            tracing::debug!(?dropped, "a card was shortened for Teams");
        }
        if thumbs(card).is_some() {
            activity["channelData"] = json!({ "feedbackLoop": { "type": "default" } });
        }
        activity
    }

    /// Says something short in a place that others see: that the answer is elsewhere.
    ///
    /// # Errors
    /// As [`ChatSurface::post`].
    pub async fn remark(&self, place: &Place, words: &str) -> Result<(), SurfaceError> {
        let body = json!({ "type": "message", "textFormat": "plain", "text": words });
        let conversation = conversation(place);
        let parts = ["v3", "conversations", &conversation, "activities"];
        self.call(place, Method::POST, &parts, Some(&body), Doing::Making).await.map(drop)
    }
}

/// How long to wait before looking again whether somebody of an organisation has come by.
const NOBODY_YET: Duration = Duration::from_secs(60);

const NOBODY_CAME: &str = "nobody of that organisation has spoken to the bot yet, so it is not known where to reach them; let somebody open \
                           the app in Teams";

fn unkept(error: &crate::ports::store::StoreError) -> SurfaceError {
    SurfaceError::Later { after: None, unsure: false, why: error.to_string() }
}

/// The tokens behind “That helped” and “It didn't”, where a card has both.
fn thumbs(card: &Card) -> Option<Thumbs> {
    let token = |verb| card.actions.iter().find(|b| b.verb == verb).map(|b| b.token.clone());
    Some(Thumbs { helped: token(Verb::Helped)?, not_helped: token(Verb::NotHelped)? })
}

/// The name under which a message's thumbs are kept.
#[must_use]
pub fn thumbs_name(posted: &Posted) -> String {
    format!("teams/{}/{}/{}", posted.place.space, posted.place.channel, posted.message)
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Answer, doing: Doing) -> Result<T, SurfaceError> {
    serde_json::from_slice(&answer.body).map_err(|_| SurfaceError::Later {
        after: None,
        unsure: doing == Doing::Making,
        why: "Teams' answer cannot be read".into(),
    })
}

#[async_trait]
impl ChatSurface for Teams {
    fn surface(&self) -> Surface {
        Surface::Teams
    }

    async fn direct(&self, account: &Account) -> Result<Place, SurfaceError> {
        let known = self.book.whereabouts(account).await.map_err(|e| unkept(&e))?;
        let (native, direct, via) = match known {
            Some(known) => (known.native, known.direct, Some(known.via)),
            None => (None, None, None),
        };
        let mut place = Place { space: account.space.clone(), channel: account.id.clone(), thread: None, via };
        if let Some(direct) = direct {
            place.channel = direct;
            return Ok(place);
        }
        let service = self.service(&place).await?;
        place.via = Some(service.to_string());
        let body = open_direct(&self.settings.app_id, &account.space, native.as_ref().unwrap_or(&account.id));
        // Opening it again gives the same conversation, so that a broken call may simply be repeated.
        let answer = self.call(&place, Method::POST, &["v3", "conversations"], Some(&body), Doing::Setting).await;
        let answer = answer.map_err(|error| match error {
            SurfaceError::Gone(why) => {
                SurfaceError::Gone(format!("{why} (the app has to be installed for them in Teams)"))
            }
            other => other,
        })?;
        let made: Made = read(&answer, Doing::Setting)?;
        let id = made.id.and_then(|id| PlatformId::parse(id).ok());
        place.channel = id.ok_or_else(|| SurfaceError::Refused("Teams opened a conversation without an id".into()))?;
        let learned = Whereabouts {
            account: account.clone(),
            native,
            direct: Some(place.channel.clone()),
            via: service.to_string(),
            at: self.clock.now(),
        };
        if let Err(error) = self.book.learn(&learned).await {
            tracing::warn!(%error, "where somebody is in Teams was not kept; it will be asked again");
        }
        Ok(place)
    }

    async fn post(&self, place: &Place, card: &Card, _once: &str) -> Result<Posted, SurfaceError> {
        let activity = self.activity(card);
        let answer = if place.thread.is_none() && is_channel(&place.channel) {
            let body = open_thread(&self.settings.app_id, &place.space, &place.channel, activity);
            self.call(place, Method::POST, &["v3", "conversations"], Some(&body), Doing::Making).await?
        } else {
            let conversation = conversation(place);
            let parts = ["v3", "conversations", &conversation, "activities"];
            self.call(place, Method::POST, &parts, Some(&activity), Doing::Making).await?
        };
        // It stands, whatever the answer says: posting it again would be worse than not finding it again.
        let made: Option<Made> = serde_json::from_slice(&answer.body).ok();
        let named = made.and_then(|m| m.activity_id.or(m.id)).and_then(|id| PlatformId::parse(id).ok());
        let message = match named {
            Some(id) => id,
            None => PlatformId::parse(NAMELESS).map_err(|e| SurfaceError::Refused(e.to_string()))?,
        };
        let mut place = place.clone();
        if place.via.is_none() {
            place.via = self.service(&place).await.ok().map(|s| s.to_string());
        }
        let posted = Posted { place, message };
        if let Some(thumbs) = thumbs(card) {
            let until = self.clock.now().checked_add(THUMBS).unwrap_or(self.clock.now());
            if let Err(error) = self.book.keep_thumbs(&thumbs_name(&posted), &thumbs, until).await {
                tracing::warn!(%error, "the thumbs under an answer will not work; its buttons do");
            }
        }
        Ok(posted)
    }

    async fn find(&self, _place: &Place, _once: &str) -> Result<Option<Posted>, SurfaceError> {
        // Bots can neither name their messages nor read them back.
        Ok(None)
    }

    async fn update(&self, posted: &Posted, card: &Card) -> Result<(), SurfaceError> {
        if posted.message.as_str() == NAMELESS {
            return Err(SurfaceError::Gone("Teams gave that message no id, so it cannot be brought up to date".into()));
        }
        let mut activity = self.activity(card);
        activity["id"] = posted.message.as_str().into();
        let conversation = conversation_of(posted);
        let parts = ["v3", "conversations", &conversation, "activities", posted.message.as_str()];
        self.call(&posted.place, Method::PUT, &parts, Some(&activity), Doing::Setting).await.map(drop)
    }

    async fn whisper(&self, back: &Back, card: &Card) -> Result<(), SurfaceError> {
        // Their own chat is the only place that is theirs alone, and there the answer itself stands.
        if card.headline == ANSWERED_APART {
            return Ok(());
        }
        let place = self.direct(&back.account).await?;
        self.post(&place, card, "").await.map(drop)
    }

    async fn profile(&self, account: &Account) -> Result<Profile, SurfaceError> {
        let place = self.direct(account).await?;
        let known = self.book.whereabouts(account).await.map_err(|e| unkept(&e))?;
        let native = known.and_then(|k| k.native).unwrap_or_else(|| account.id.clone());
        let parts = ["v3", "conversations", place.channel.as_str(), "members", native.as_str()];
        let answer = self.call(&place, Method::GET, &parts, None, Doing::Setting).await?;
        profile(read(&answer, Doing::Setting)?, account)
    }

    fn drawn(&self, card: &Card) -> Vec<u8> {
        self.activity(card).to_string().into_bytes()
    }

    fn connection(&self) -> Connection {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether the answer speaks of whom we asked about, and what sort of account it is.
fn profile(member: Member, account: &Account) -> Result<Profile, SurfaceError> {
    let same = member.aad_object_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(account.id.as_str()));
    if !same {
        return Err(SurfaceError::Gone("Teams knows nobody by that id in that conversation".into()));
    }
    let principal = member.user_principal_name.filter(|p| !p.is_empty());
    let foreign = member.tenant_id.is_some_and(|t| !t.eq_ignore_ascii_case(account.space.as_str()));
    // A guest's principal name says so: `ana_contoso.com#EXT#@fabrikam.onmicrosoft.com`.
    let invited = principal.as_deref().is_some_and(|p| p.to_ascii_uppercase().contains("#EXT#"));
    let standing = match member.user_role.as_deref() {
        _ if foreign => Standing::Foreign,
        Some("anonymous") => Standing::Foreign,
        Some("guest") => Standing::Guest,
        _ if invited => Standing::Guest,
        _ => Standing::Member,
    };
    let email = member.email.filter(|m| m.contains('@')).or(principal.filter(|p| p.contains('@')));
    Ok(Profile { name: member.name.unwrap_or_default(), email, standing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        let id = |text: &str| PlatformId::parse(text).unwrap();
        Account { surface: Surface::Teams, space: id("t1"), id: id("aaaa") }
    }

    fn standing(member: Value) -> Result<Standing, SurfaceError> {
        profile(serde_json::from_value(member).unwrap(), &account()).map(|p| p.standing)
    }

    #[test]
    fn what_sort_of_account_it_is() {
        let of = |more: Value| {
            let mut member = json!({ "aadObjectId": "AAAA", "tenantId": "T1", "email": "a@x.example", "name": "A" });
            for (key, value) in more.as_object().unwrap() {
                member[key] = value.clone();
            }
            standing(member)
        };
        assert_eq!(of(json!({})), Ok(Standing::Member));
        assert_eq!(of(json!({ "userRole": "user" })), Ok(Standing::Member));
        assert_eq!(of(json!({ "userRole": "guest" })), Ok(Standing::Guest));
        assert_eq!(of(json!({ "userPrincipalName": "a_y.example#ext#@x.example" })), Ok(Standing::Guest));
        assert_eq!(of(json!({ "tenantId": "t2", "userRole": "guest" })), Ok(Standing::Foreign));
        assert!(matches!(of(json!({ "aadObjectId": "bbbb" })), Err(SurfaceError::Gone(_))));
        assert!(matches!(standing(json!({ "name": "A" })), Err(SurfaceError::Gone(_))));
    }
}
