//! A chat platform in memory. It remembers every message and every drawing of it, refuses what a real one would, and does what the test's
//! own faults say: late, gone, shut out, done without telling.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use claviger::domain::account::{Account, Place, PlatformId, Posted};
use claviger::domain::card::Card;
use claviger::domain::conversation::Surface;
use claviger::ports::surface::{Back, ChatSurface, Connection, Profile, Standing, SurfaceError};

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Not done; come again after so many seconds, where said.
    Later(Option<u64>),
    /// Done, but nobody hears of it.
    DoneUnheard,
    /// Not done, and nobody can know.
    LostUnheard,
    /// The message or place is gone.
    Gone,
    /// What was sent is refused.
    Refused,
}

/// A message that stands there.
#[derive(Debug, Clone)]
pub struct Stands {
    /// Its id.
    pub id: PlatformId,
    /// Where.
    pub place: Place,
    /// The name it was posted under.
    pub once: String,
    /// What it shows.
    pub card: Card,
    /// The revisions it has shown, in order.
    pub revisions: Vec<u64>,
    /// How often it was drawn anew.
    pub updates: usize,
}

/// What there is on the platform.
#[derive(Default)]
pub struct World {
    /// Every message, in the order of posting.
    pub stands: Vec<Stands>,
    /// Who was whispered to, and what.
    pub whispers: Vec<(Account, Card)>,
    /// What goes wrong with the next calls, in order.
    pub faults: VecDeque<Fault>,
    /// True while the platform shuts us out.
    pub shut: bool,
    /// How many calls were made, refused ones included.
    pub calls: usize,
    /// True where a platform can find a message by the name it was posted under.
    pub cannot_find: bool,
    /// How many messages were posted a second time under one name.
    pub doubled: usize,
    /// True where a second post of one name posts nothing new.
    pub knows_names: bool,
    /// Draws a fault for each call, where no other is set.
    pub lottery: Option<Box<dyn FnMut() -> Fault + Send>>,
}

/// The platform.
pub struct Fake {
    surface: Surface,
    /// What there is.
    pub world: Arc<Mutex<World>>,
}

impl Fake {
    pub fn new(surface: Surface) -> Arc<Self> {
        Arc::new(Self { surface, world: Arc::default() })
    }

    /// What stands in somebody's private place, in order.
    pub fn direct_of(&self, id: &str) -> Vec<Stands> {
        let channel = format!("dm-{id}");
        self.in_channel(&channel)
    }

    /// What stands in a channel, in order.
    pub fn in_channel(&self, channel: &str) -> Vec<Stands> {
        let world = self.world.lock().unwrap();
        world.stands.iter().filter(|s| s.place.channel.as_str() == channel).cloned().collect()
    }

    /// The next calls go wrong like this.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.world.lock().unwrap().faults.extend(faults);
    }

    async fn call<T>(&self, done: impl FnOnce(&mut World) -> Result<T, SurfaceError>) -> Result<T, SurfaceError> {
        // Other tasks get their turn in the middle of every call.
        tokio::task::yield_now().await;
        let said = {
            let mut world = self.world.lock().unwrap();
            world.calls += 1;
            if world.shut {
                return Err(SurfaceError::ShutOut("the token was revoked".into()));
            }
            let drawn = world.faults.pop_front();
            let fault = drawn.or_else(|| world.lottery.as_mut().map(|draw| draw())).unwrap_or(Fault::None);
            let unsure = || SurfaceError::Later { after: None, unsure: true, why: "connection reset".into() };
            match fault {
                Fault::None => done(&mut world),
                Fault::Later(after) => Err(SurfaceError::Later {
                    after: after.map(Duration::from_secs),
                    unsure: false,
                    why: "too many requests".into(),
                }),
                Fault::DoneUnheard => match done(&mut world) {
                    Ok(_) => Err(unsure()),
                    Err(error) => Err(error),
                },
                Fault::LostUnheard => Err(unsure()),
                Fault::Gone => Err(SurfaceError::Gone("channel_not_found".into())),
                Fault::Refused => Err(SurfaceError::Refused("invalid_blocks".into())),
            }
        };
        tokio::task::yield_now().await;
        said
    }
}

#[async_trait]
impl ChatSurface for Fake {
    fn surface(&self) -> Surface {
        self.surface
    }

    async fn direct(&self, account: &Account) -> Result<Place, SurfaceError> {
        let place = direct(account);
        self.call(move |_| Ok(place)).await
    }

    async fn post(&self, place: &Place, card: &Card, once: &str) -> Result<Posted, SurfaceError> {
        let (place, card, once) = (place.clone(), card.clone(), once.to_owned());
        self.call(move |world| {
            if let Some(before) = world.stands.iter().find(|s| s.once == once && s.place.channel == place.channel) {
                if world.knows_names {
                    return Ok(Posted { place: before.place.clone(), message: before.id.clone() });
                }
                world.doubled += 1;
            }
            if let Some(thread) = &place.thread {
                assert!(world.stands.iter().any(|s| s.id == *thread), "no message {thread} has a thread");
            }
            let id = PlatformId::parse(format!("m{}", world.stands.len() + 1)).unwrap();
            let revisions = vec![card.revision];
            world.stands.push(Stands { id: id.clone(), place: place.clone(), once, card, revisions, updates: 0 });
            Ok(Posted { place, message: id })
        })
        .await
    }

    async fn find(&self, place: &Place, once: &str) -> Result<Option<Posted>, SurfaceError> {
        self.call(|world| {
            if world.cannot_find {
                return Ok(None);
            }
            let found = world.stands.iter().find(|s| s.once == once && s.place.channel == place.channel);
            Ok(found.map(|s| Posted { place: s.place.clone(), message: s.id.clone() }))
        })
        .await
    }

    async fn update(&self, posted: &Posted, card: &Card) -> Result<(), SurfaceError> {
        self.call(|world| {
            let found = world.stands.iter_mut().find(|s| s.id == posted.message && s.place == posted.place);
            let found = found.ok_or_else(|| SurfaceError::Gone("message_not_found".into()))?;
            found.card = card.clone();
            found.revisions.push(card.revision);
            found.updates += 1;
            Ok(())
        })
        .await
    }

    async fn whisper(&self, back: &Back, card: &Card) -> Result<(), SurfaceError> {
        self.call(|world| {
            world.whispers.push((back.account.clone(), card.clone()));
            Ok(())
        })
        .await
    }

    async fn profile(&self, account: &Account) -> Result<Profile, SurfaceError> {
        Ok(Profile { name: account.id.to_string(), email: None, standing: Standing::Member })
    }

    fn drawn(&self, card: &Card) -> Vec<u8> {
        serde_json::to_vec(card).unwrap()
    }

    fn connection(&self) -> Connection {
        if self.world.lock().unwrap().shut { Connection::Dead("the token was revoked".into()) } else { Connection::Up }
    }
}

/// Somebody's private place.
pub fn direct(account: &Account) -> Place {
    let channel = PlatformId::parse(format!("dm-{}", account.id)).unwrap();
    Place { space: account.space.clone(), channel, thread: None, via: None }
}

/// An account on a platform, by a person's id: the same there.
pub fn account(surface: Surface, id: &str) -> Account {
    Account { surface, space: PlatformId::parse("T1").unwrap(), id: PlatformId::parse(id).unwrap() }
}
