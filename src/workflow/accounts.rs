//! Who is clicking: the person behind a chat platform's account, found anew for every delivery. Default deny: whoever is not clearly one
//! person of the directory is told why, alone, and it is recorded.

use std::sync::PoisonError;

use jiff::Timestamp;

use crate::domain::account::Account;
use crate::domain::card::{Badge, Card, Inline, Section, Tone};
use crate::domain::conversation::Surface;
use crate::domain::event::{Actor, HouseEvent};
use crate::domain::ids::PersonId;
use crate::domain::link::{How, Link};
use crate::domain::window::Seconds;
use crate::ports::store::StoreError;
use crate::ports::surface::{Back, Called, ChatSurface, Profile, Standing};
use crate::workflow::answers;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::slips::{self, Errand};

/// How long the link in a refusal works.
pub const LINKING: Seconds = Seconds::minutes(10);
/// How long what a platform said of a linked account is believed.
const LOOK: Seconds = Seconds::minutes(15);
/// How long a page waits for a platform to tell what an account is called.
const NAME: std::time::Duration = std::time::Duration::from_secs(2);
/// The most linked accounts that is remembered for.
const LOOKED: usize = 10_000;

/// Why an account is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody said yet whose it is.
    Unlinked,
    /// It could be several people's, or what is known contradicts itself.
    Ambiguous,
    /// A guest's.
    Guest,
    /// Of another workspace or tenant.
    Foreign,
    /// Switched off on the platform.
    Deactivated,
    /// Whose it is no longer works here.
    NotEmployed,
    /// A program's. Say nothing back to it: two programs would talk for ever.
    Bot,
    /// Something of ours is down; not the account's fault, and not recorded.
    Unavailable,
}

impl Why {
    /// In one word, for the record and for metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unlinked => "unlinked",
            Self::Ambiguous => "ambiguous",
            Self::Guest => "guest",
            Self::Foreign => "foreign",
            Self::Deactivated => "deactivated",
            Self::NotEmployed => "not_employed",
            Self::Bot => "bot",
            Self::Unavailable => "unavailable",
        }
    }
}

/// An account was turned away.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why.
    pub why: Why,
    /// What to tell them alone. For programs: nothing, see [`Why::Bot`].
    pub card: Box<Card>,
}

/// The person behind an account. `surface` is the platform's own side, asked what it knows of an account that nobody linked yet;
/// `standing` is what the delivery itself shows.
///
/// # Errors
/// [`Refused`], already recorded.
pub async fn person_of(
    house: &House,
    surface: Option<&dyn ChatSurface>,
    back: &Back,
    standing: Option<Standing>,
) -> Result<PersonId, Refused> {
    match find(house, surface, &back.account, standing).await {
        Ok(Ok(person)) => Ok(person),
        Ok(Err((why, name))) => Err(refuse(house, &back.account, why, &name).await),
        Err(error) => {
            tracing::warn!(%error, "who is behind an account could not be found");
            Err(refused(Why::Unavailable, &back.account, None))
        }
    }
}

type Found = Result<PersonId, (Why, String)>;

async fn find(
    house: &House,
    surface: Option<&dyn ChatSurface>,
    account: &Account,
    standing: Option<Standing>,
) -> Result<Found, WorkflowError> {
    let no = |why| Ok(Err((why, String::new())));
    if let Some(why) = standing.and_then(turned_away) {
        return no(why);
    }
    let said = house.catalog.accounts.get(account);
    let link = house.store.link(account).await?;
    let linked = link.as_ref().and_then(|l| l.person.as_ref());
    match (said, linked) {
        (Some(a), Some(b)) if a != b => return no(Why::Ambiguous),
        (Some(person), _) | (None, Some(person)) => {
            if !house.catalog.directory.get(person).is_some_and(|p| p.is_employed()) {
                return no(Why::NotEmployed);
            }
            if standing.is_none()
                && let Some(why) = looked_up(house, surface, account).await
            {
                return no(why);
            }
            return Ok(Ok(person.clone()));
        }
        (None, None) => {}
    }
    let Some(surface) = surface else { return no(Why::Unlinked) };
    let profile = match surface.profile(account).await {
        Ok(profile) => profile,
        Err(error) => {
            tracing::info!(%error, "a platform did not tell about an account");
            return no(Why::Unlinked);
        }
    };
    if let Some(why) = turned_away(profile.standing) {
        return Ok(Err((why, profile.name)));
    }
    match by_email(house, account, &profile, link.as_ref()).await? {
        Ok(person) => Ok(Ok(person)),
        Err(why) => Ok(Err((why, profile.name))),
    }
}

/// Whether the platform still counts a linked account among our members; asked now and then only. A platform that does not answer does not
/// keep anybody out: the link stands, and the directory says that they work here.
async fn looked_up(house: &House, surface: Option<&dyn ChatSurface>, account: &Account) -> Option<Why> {
    let (surface, key, now) = (surface?, account.key(), house.now());
    let looked = &house.outside.identity.looked;
    let recent = |since: &Timestamp| now < LOOK.after(*since);
    if looked.lock().unwrap_or_else(PoisonError::into_inner).get(&key).is_some_and(recent) {
        return None;
    }
    match surface.profile(account).await {
        Ok(profile) => {
            let why = turned_away(profile.standing);
            let mut looked = looked.lock().unwrap_or_else(PoisonError::into_inner);
            if why.is_none() {
                if looked.len() >= LOOKED {
                    looked.retain(|_, since| recent(since));
                }
                if looked.len() < LOOKED {
                    looked.insert(key, now);
                }
            }
            why
        }
        Err(error) => {
            tracing::info!(%error, "a platform did not tell about an account");
            None
        }
    }
}

/// What an account is called on its platform; asked now and then only, and never waited for: a page shows its id as well.
pub async fn called(house: &House, account: &Account) -> Called {
    let Some(surface) = house.surfaces.get(account.surface) else { return Called::default() };
    let (key, now) = (account.key(), house.now());
    let known = &house.outside.identity.called;
    let recent = |since: &Timestamp| now < LOOK.after(*since);
    let held = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some((_, called)) = held.filter(|(since, _)| recent(since)) {
        return called;
    }
    let called = match tokio::time::timeout(NAME, surface.called(account)).await {
        Ok(Ok(called)) => called,
        Ok(Err(error)) => {
            tracing::info!(%error, "a platform did not tell what an account is called");
            Called::default()
        }
        Err(_) => Called::default(),
    };
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= LOOKED {
        known.retain(|_, (since, _)| recent(since));
    }
    if known.len() < LOOKED {
        known.insert(key, (now, called.clone()));
    }
    called
}

fn turned_away(standing: Standing) -> Option<Why> {
    match standing {
        Standing::Member => None,
        Standing::Guest => Some(Why::Guest),
        Standing::Foreign => Some(Why::Foreign),
        Standing::Deactivated => Some(Why::Deactivated),
        Standing::Bot => Some(Why::Bot),
    }
}

/// The one employed person with the platform's mail address, where the operator counts it; linked from then on.
async fn by_email(
    house: &House,
    account: &Account,
    profile: &Profile,
    before: Option<&Link>,
) -> Result<Result<PersonId, Why>, WorkflowError> {
    // What was undone by hand is not done again by an address.
    let counts = house.outside.identity.email.contains(&account.surface) && before.is_none();
    let Some(email) = profile.email.as_ref().filter(|_| counts).map(|e| e.trim().to_lowercase()) else {
        return Ok(Err(Why::Unlinked));
    };
    let fitting: Vec<_> =
        house.catalog.directory.iter().filter(|p| !email.is_empty() && p.email.to_lowercase() == email).collect();
    let person = match fitting.as_slice() {
        [] => return Ok(Err(Why::Unlinked)),
        [one] if one.is_employed() => one.id.clone(),
        [_] => return Ok(Err(Why::NotEmployed)),
        _ => return Ok(Err(Why::Ambiguous)),
    };
    // Nobody has two accounts in one workspace: one of them would be somebody else's.
    let taken = accounts_of(house, &person).await?;
    if taken.iter().any(|a| a.surface == account.surface && a.space == account.space) {
        return Ok(Err(Why::Ambiguous));
    }
    let mut change = Change::by(house, Actor::System);
    let at = change.at();
    let link = Link { account: account.clone(), version: 1, person: Some(person.clone()), how: How::Email, at };
    change.link(link, None);
    match change.commit().await {
        Ok(()) => Ok(Ok(person)),
        // Somebody else was faster: what they wrote counts.
        Err(error) if error.is_conflict() => {
            let link = house.store.link(account).await?;
            Ok(link.and_then(|l| l.person).ok_or(Why::Unlinked))
        }
        Err(error) => Err(error),
    }
}

/// A person's accounts: those the directory names and those linked later. An account that both claim for different people is nobody's.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn accounts_of(house: &House, person: &PersonId) -> Result<Vec<Account>, WorkflowError> {
    let named = &house.catalog.accounts;
    let mut all = Vec::new();
    for account in named.iter().filter(|(_, p)| *p == person).map(|(a, _)| a) {
        let link = house.store.link(account).await?;
        if link.and_then(|l| l.person).is_none_or(|p| p == *person) {
            all.push(account.clone());
        }
    }
    let links = house.store.links_of(person).await?;
    all.extend(links.into_iter().map(|l| l.account).filter(|a| !named.contains_key(a)));
    Ok(all)
}

/// Records a refusal, once an hour at most for each account and cause, and says it.
async fn refuse(house: &House, account: &Account, why: Why, name: &str) -> Refused {
    metrics::counter!("claviger_accounts_turned_away_total", "cause" => why.name()).increment(1);
    let mut change = Change::by(house, Actor::System);
    let hour = change.at().as_second() / 3600;
    change.once(format!("turned-away:{}:{}:{hour}", account.key(), why.name()));
    change.house_event(HouseEvent::TurnedAway { account: account.clone(), cause: why.name().to_owned() });
    match change.commit().await {
        Ok(()) | Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => {}
        Err(error) => tracing::error!(%error, "a refusal could not be recorded"),
    }
    let mut link = None;
    if why == Why::Unlinked {
        let name: String = name.chars().take(80).collect();
        let errand = Errand::Link { account: account.clone(), name };
        match slips::make(house, errand, LINKING).await {
            Ok(secret) => link = Some(format!("/link/{secret}")),
            Err(error) => {
                tracing::warn!(%error, "a link for linking could not be made");
                return refused(Why::Unavailable, account, None);
            }
        }
    }
    let mut refused = refused(why, account, link);
    if why == Why::Unlinked {
        // Whoever is locked out cannot sign in to say so. Nothing of what they wrote is looked at: it is the same for every name. People are
        // named only inside the company's own workspace or tenant; a Discord server may hold anybody.
        let text = match account.surface {
            Surface::Discord => {
                "If you cannot sign in at all, call your helpdesk: they make sure who you are and help.".to_owned()
            }
            _ => format!(
                "If you cannot sign in at all, write to the helpdesk or call: {}. They make sure who you are and help.",
                answers::helpers_of(house)
            ),
        };
        *refused.card = refused.card.para(text);
    }
    refused
}

/// A platform's name.
#[must_use]
pub fn platform(surface: Surface) -> &'static str {
    match surface {
        Surface::Web => "the web chat",
        Surface::Terminal => "the terminal",
        Surface::Slack => "Slack",
        Surface::Teams => "Teams",
        Surface::Discord => "Discord",
    }
}

fn refused(why: Why, account: &Account, link: Option<String>) -> Refused {
    let on = platform(account.surface);
    let (headline, said, next) = match why {
        Why::Unlinked => (
            "First, tell me who you are",
            format!("I do not know yet whose {on} account this is, so I did nothing."),
            "Sign in once and say that it is yours. The link works for ten minutes, for this account only; do not pass it on.",
        ),
        Why::Ambiguous => (
            "I cannot tell who you are",
            format!("What I know about this {on} account does not lead to one person, so I did nothing."),
            "Ask your helpdesk to correct it in the directory.",
        ),
        Why::Guest => (
            "This is for colleagues",
            format!("This {on} account is a guest's. Guests cannot ask for access here, so I did nothing."),
            "Ask whoever invited you, or use your own account of this company.",
        ),
        Why::Foreign => (
            "This is for colleagues",
            format!("This {on} account belongs to another organisation, so I did nothing."),
            "Ask your contact here, or use your own account of this company.",
        ),
        Why::Deactivated => (
            "This account is switched off",
            format!("This {on} account is deactivated, so I did nothing."),
            "Ask your helpdesk to switch it on again.",
        ),
        Why::NotEmployed => (
            "This account is not active here",
            "Whoever this account belongs to is not active in the directory, so I did nothing.".to_owned(),
            "If that surprises you, talk to your manager or the helpdesk.",
        ),
        Why::Bot => (
            "This is for people",
            "Programs cannot ask for access here, so I did nothing.".to_owned(),
            "Ask as yourself.",
        ),
        Why::Unavailable => (
            "Something on our side is not working",
            "I could not find out who you are, so I did nothing.".to_owned(),
            "Try again in a minute.",
        ),
    };
    let mut card = Card::note(headline).para(said);
    card.badge = Some(Badge { word: "Nothing was done".into(), tone: Tone::Warning });
    let mut text = vec![Inline::Text { text: next.to_owned() }];
    if let Some(path) = link {
        text.push(Inline::Text { text: " ".into() });
        text.push(Inline::Link { text: "Sign in and link this account".into(), path });
    }
    card.body.push(Section::Para { text });
    Refused { why, card: Box::new(card) }
}
