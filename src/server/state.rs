//! What the server is made of, and the two ways of signing in. There is no third: without a provider only a loopback address is served.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use governor::clock::DefaultClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::domain::clock::{Clock, Entropy};
use crate::domain::ids::PersonId;
use crate::domain::person::Directory;
use crate::ports::desk::Desk;
use crate::ports::store::Shared;
use crate::server::doors::DoorKeeper;
use crate::server::oidc::Oidc;
use crate::server::webauthn::Site;

/// Gives the directory as it stands.
pub type DirectorySource = Arc<dyn Fn() -> Directory + Send + Sync>;
/// Gives the metrics in the Prometheus text format.
pub type MetricsSource = Arc<dyn Fn() -> String + Send + Sync>;

/// Everything the server needs from its surroundings.
pub struct State {
    /// Whom everything is asked of.
    pub desk: Arc<dyn Desk>,
    /// Who works here.
    pub directory: DirectorySource,
    /// Where sessions are kept.
    pub sessions: Arc<dyn Shared>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub entropy: Arc<dyn Entropy>,
    /// How people sign in.
    pub sign_in: SignIn,
    /// The demo's own application, where there is one.
    pub doors: Option<Arc<dyn DoorKeeper>>,
    /// The metrics, where they are collected.
    pub metrics: Option<MetricsSource>,
    /// What a collector has to show (`Authorization: Bearer …`) when this is not the demo; without it there is no `/metrics`.
    pub metrics_token: Option<SecretString>,
    /// Ends open event streams when the server stops.
    pub shutdown: CancellationToken,
    /// How much is too much.
    pub limits: Limits,
    /// What the empty chat offers to say.
    pub suggestions: Vec<String>,
    /// Whom the demo's first page proposes to be, and why.
    pub featured: Vec<(PersonId, String)>,
}

/// How people sign in.
pub enum SignIn {
    /// Anyone is anyone: on a loopback address only.
    Demo(Loopback),
    /// By an OpenID Connect provider.
    Oidc(Arc<Oidc>),
}

/// An address that only this machine reaches. Nothing else makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loopback(SocketAddr);

/// Why the demo cannot be served on an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` can be reached from other machines; without sign-in only a loopback address such as 127.0.0.1 is served"
)]
pub struct NotLoopback(IpAddr);

impl Loopback {
    /// The address, where only this machine reaches it.
    ///
    /// # Errors
    /// [`NotLoopback`] for every other address.
    pub fn new(listener: SocketAddr) -> Result<Self, NotLoopback> {
        if listener.ip().is_loopback() { Ok(Self(listener)) } else { Err(NotLoopback(listener.ip())) }
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0
    }
}

/// How much is too much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest body, bytes.
    pub body: usize,
    /// Messages and clicks a person may send in a burst; one a second is added.
    pub acts: NonZeroU32,
    /// Pages a person may load in a burst; ten a second are added.
    pub looks: NonZeroU32,
    /// Sign-ins that may be begun in a burst, over everybody; ten a second are added.
    pub sign_ins: NonZeroU32,
    /// Event streams a person may hold open.
    pub streams: usize,
    /// How long an answer may take.
    pub answer: Duration,
    /// How long a session lasts.
    pub session: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let n = |n: u32| NonZeroU32::MIN.saturating_add(n.saturating_sub(1));
        Self {
            body: 64 * 1024,
            acts: n(40),
            looks: n(300),
            sign_ins: n(120),
            streams: 12,
            answer: Duration::from_secs(20),
            session: Duration::from_secs(12 * 3600),
        }
    }
}

type Limiter = RateLimiter<String, HashMapStateStore<String>, DefaultClock>;

/// The state with what is kept while running. Made by the router.
pub struct House {
    /// What the house was made of.
    pub state: State,
    /// `Host` values that are ours.
    pub hosts: BTreeSet<String>,
    /// Origins that are ours.
    pub origins: BTreeSet<String>,
    /// True where cookies go over TLS only.
    pub https: bool,
    acts: Limiter,
    looks: Limiter,
    sign_ins: Limiter,
    streams: Mutex<BTreeMap<PersonId, usize>>,
}

impl House {
    /// The house over a state.
    #[must_use]
    pub fn new(state: State) -> Self {
        let mut hosts = BTreeSet::new();
        let https = match &state.sign_in {
            SignIn::Demo(Loopback(address)) => {
                let port = address.port();
                for name in ["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned(), literal(address.ip())]
                {
                    hosts.insert(format!("{name}:{port}"));
                    if port == 80 {
                        hosts.insert(name);
                    }
                }
                false
            }
            SignIn::Oidc(oidc) => {
                hosts.insert(oidc.public_host());
                oidc.is_https()
            }
        };
        let scheme = if https { "https" } else { "http" };
        let origins = hosts.iter().map(|host| format!("{scheme}://{host}")).collect();
        let limits = state.limits;
        let ten = NonZeroU32::MIN.saturating_add(9);
        Self {
            acts: RateLimiter::hashmap(Quota::per_second(NonZeroU32::MIN).allow_burst(limits.acts)),
            looks: RateLimiter::hashmap(Quota::per_second(ten).allow_burst(limits.looks)),
            sign_ins: RateLimiter::hashmap(Quota::per_second(ten).allow_burst(limits.sign_ins)),
            streams: Mutex::default(),
            state,
            hosts,
            origins,
            https,
        }
    }

    /// True where anyone can be anyone.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        matches!(self.state.sign_in, SignIn::Demo(_))
    }

    /// The site passkeys are bound to, where there is one.
    #[must_use]
    pub fn site(&self) -> Option<Site> {
        match &self.state.sign_in {
            SignIn::Demo(at) => {
                let port = at.address().port();
                let colon = if port == 80 { String::new() } else { format!(":{port}") };
                Site::new("localhost", &format!("http://localhost{colon}"))
            }
            SignIn::Oidc(oidc) => oidc.site(),
        }
    }

    /// True while the person may still send.
    #[must_use]
    pub fn may_act(&self, who: &PersonId) -> bool {
        let may = self.acts.check_key(&who.to_string()).is_ok();
        if self.acts.len() > 10_000 {
            self.acts.retain_recent();
        }
        may
    }

    /// True while the person may still look.
    #[must_use]
    pub fn may_look(&self, who: &PersonId) -> bool {
        let may = self.looks.check_key(&who.to_string()).is_ok();
        if self.looks.len() > 10_000 {
            self.looks.retain_recent();
        }
        may
    }

    /// True while sign-ins may still be begun.
    #[must_use]
    pub fn may_sign_in(&self) -> bool {
        self.sign_ins.check_key(&String::new()).is_ok()
    }

    /// Takes one of the person's event streams; `None` where all are taken. It is given back when dropped.
    #[must_use]
    pub fn take_stream(self: &Arc<Self>, who: &PersonId) -> Option<StreamSeat> {
        let mut streams = self.streams.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let taken = streams.entry(who.clone()).or_default();
        if *taken >= self.state.limits.streams {
            return None;
        }
        *taken += 1;
        Some(StreamSeat { house: Arc::clone(self), who: who.clone() })
    }

    /// Random bytes as URL-safe text, 43 characters for 32 bytes.
    #[must_use]
    pub fn secret(&self) -> String {
        use base64::Engine as _;
        let mut bytes = [0; 32];
        self.state.entropy.fill(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Something short to quote when asking for help.
    #[must_use]
    pub fn reference(&self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut bytes = [0; 8];
        self.state.entropy.fill(&mut bytes);
        bytes.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect()
    }
}

/// An open event stream's seat.
pub struct StreamSeat {
    house: Arc<House>,
    who: PersonId,
}

impl Drop for StreamSeat {
    fn drop(&mut self) {
        let mut streams = self.house.streams.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(taken) = streams.get_mut(&self.who) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                streams.remove(&self.who);
            }
        }
    }
}

fn literal(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_for_this_machine_only() {
        assert!(Loopback::new(([127, 0, 0, 1], 80).into()).is_ok());
        assert!(Loopback::new("[::1]:80".parse().unwrap()).is_ok());
        for open in ["0.0.0.0:80", "192.168.1.4:80", "[::]:80"] {
            assert!(Loopback::new(open.parse().unwrap()).is_err(), "{open}");
        }
    }
}
