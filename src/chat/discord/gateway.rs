//! The connection to Discord's gateway: opened, kept alive, resumed, and given up where Discord says that it is of no use.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use serenity::http::Route;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::chat::discord::answer::Answers;
use crate::chat::discord::errors::seconds;
use crate::chat::discord::read::{interaction, message};
use crate::chat::discord::session::{Ended, Session, Step};
use crate::chat::discord::words::{self, Heard};
use crate::domain::account::PlatformId;
use crate::domain::clock::Entropy;
use crate::ports::surface::{Connection, SurfaceError};

/// The largest frame read, in bytes.
const LARGEST: usize = 8 << 20;
/// The version and encoding that we speak.
const SPEAKS: &str = "v=10&encoding=json";
/// Clicks that are answered at the same time.
const AT_ONCE: usize = 256;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The gateway.
pub struct Gateway {
    answers: Arc<Answers>,
    entropy: Arc<dyn Entropy>,
    tasks: TaskTracker,
    at_once: Arc<Semaphore>,
}

impl Gateway {
    /// A connection that is not opened yet.
    #[must_use]
    pub fn new(answers: Arc<Answers>, entropy: Arc<dyn Entropy>) -> Self {
        Self { answers, entropy, tasks: TaskTracker::new(), at_once: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Listens until asked to stop, or until Discord says that connecting again is of no use. What was heard is dealt with before it ends.
    pub async fn run(self, stop: CancellationToken) {
        // The library panics without a provider; a second installation is refused and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let hand_in = words::start(&self.answers, &self.tasks, stop.clone());
        let mut session = Session::default();
        let mut tries = 0;
        loop {
            let (why, least) = match self.once(&mut session, &hand_in, &mut tries, &stop).await {
                None => break,
                Some(Ended::Dead(why)) => {
                    self.stands(Connection::Dead(why));
                    break;
                }
                Some(Ended::Resume(why)) => (why, Duration::ZERO),
                // Discord asks for one to five seconds before a new session.
                Some(Ended::Anew(why)) => (why, self.answers.discord.known().patience.before(1)),
            };
            self.stands(Connection::Trying(why));
            let pause = self.answers.discord.known().patience.before(tries).max(least);
            tries += 1;
            tokio::select! {
                () = stop.cancelled() => break,
                () = sleep(pause + self.part_of(pause)) => {}
            }
        }
        drop(hand_in);
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn stands(&self, connection: Connection) {
        self.answers.discord.stands(connection);
    }

    /// A part of a time, by chance, so that not everybody comes back at once.
    fn part_of(&self, time: Duration) -> Duration {
        let mut byte = [0];
        self.entropy.fill(&mut byte);
        time.mul_f64(f64::from(byte[0]) / 256.0)
    }

    /// One connection from its beginning to its end; `None` where we were asked to stop.
    async fn once(
        &self,
        session: &mut Session,
        hand_in: &mpsc::Sender<Heard>,
        tries: &mut u32,
        stop: &CancellationToken,
    ) -> Option<Ended> {
        let opened = tokio::select! {
            () = stop.cancelled() => return None,
            opened = self.open(session) => opened,
        };
        let mut socket = match opened {
            Ok(socket) => socket,
            Err(ended) => return Some(ended),
        };
        let ended = self.talk(session, &mut socket, hand_in, tries, stop).await;
        // 1000 would end the session on Discord's side; only a real goodbye may.
        let code = if ended.is_none() { CloseCode::Normal } else { CloseCode::from(4_900) };
        let goodbye = socket.close(Some(CloseFrame { code, reason: Utf8Bytes::default() }));
        let _ = timeout(self.answers.discord.known().patience.call, goodbye).await;
        ended
    }

    async fn open(&self, session: &mut Session) -> Result<Socket, Ended> {
        let address = self.address(session).await?;
        let mut config = WebSocketConfig::default();
        config.max_message_size = Some(LARGEST);
        config.max_frame_size = Some(LARGEST);
        let patience = self.answers.discord.known().patience.call;
        match timeout(patience, connect_async_with_config(address.as_str(), Some(config), true)).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(error)) => Err(Ended::Resume(format!("the gateway cannot be reached ({error})"))),
            Err(_) => Err(Ended::Resume("the gateway did not answer in time".into())),
        }
    }

    /// Where to connect.
    async fn address(&self, session: &mut Session) -> Result<Url, Ended> {
        let known = self.answers.discord.known();
        let text = match session.resume_at() {
            Some(address) => address.to_owned(),
            None => {
                let told = self.answers.discord.api().get(Route::GatewayBot).await.map_err(|error| match error {
                    SurfaceError::ShutOut(why) => Ended::Dead(why),
                    other => Ended::Resume(other.to_string()),
                })?;
                let limit = &told["session_start_limit"];
                if limit["remaining"].as_u64() == Some(0) {
                    let wait = limit["reset_after"].as_f64().and_then(|ms| seconds(ms / 1_000.0)).unwrap_or_default();
                    self.stands(Connection::Trying("Discord allows no new session for now".into()));
                    sleep(wait).await;
                }
                told["url"].as_str().unwrap_or_default().to_owned()
            }
        };
        let mut url = Url::parse(&text).map_err(|_| session.closed(Some(1000)))?;
        if !known.trusts(&url) {
            let _ = session.closed(Some(1000));
            return Err(Ended::Anew(format!("`{}` is no gateway of Discord's", url.host_str().unwrap_or_default())));
        }
        url.set_query(Some(SPEAKS));
        Ok(url)
    }

    async fn talk(
        &self,
        session: &mut Session,
        socket: &mut Socket,
        hand_in: &mpsc::Sender<Heard>,
        tries: &mut u32,
        stop: &CancellationToken,
    ) -> Option<Ended> {
        let patience = self.answers.discord.known().patience;
        let token = self.answers.discord.known().token.expose_secret();
        let broke = |what: String| Some(Ended::Resume(what));
        // Until the greeting, this is the end of our patience; from then on, the next heartbeat.
        let mut next = Instant::now() + patience.call;
        let mut every: Option<Duration> = None;
        let mut unheard = false;
        loop {
            let frame = tokio::select! {
                () = stop.cancelled() => return None,
                () = sleep_until(next) => {
                    let Some(every) = every else { return broke("Discord sent no greeting".into()) };
                    if unheard {
                        return broke("Discord does not answer heartbeats".into());
                    }
                    if send(socket, &session.beat()).await.is_err() {
                        return broke("the connection broke off".into());
                    }
                    unheard = true;
                    next = Instant::now() + every;
                    continue;
                }
                frame = socket.next() => frame,
            };
            let step = match frame {
                None => return Some(session.closed(None)),
                Some(Err(error)) => return broke(format!("the connection broke off ({error})")),
                Some(Ok(Message::Close(frame))) => return Some(session.closed(frame.map(|f| f.code.into()))),
                Some(Ok(Message::Text(text))) => read(session, text.as_bytes()),
                Some(Ok(Message::Binary(bytes))) => read(session, &bytes),
                Some(Ok(_)) => Step::Nothing,
            };
            let sent = match step {
                Step::Nothing => Ok(()),
                Step::Heard => {
                    unheard = false;
                    Ok(())
                }
                Step::Greeted(interval) => {
                    every = Some(interval);
                    unheard = false;
                    next = Instant::now() + self.part_of(interval);
                    send(socket, &session.greeting(token)).await
                }
                Step::Beat => send(socket, &session.beat()).await,
                Step::Stands => {
                    *tries = 0;
                    if let Some(me) = session.me().and_then(|id| PlatformId::parse(id).ok()) {
                        self.answers.discord.is_me(me);
                    }
                    self.stands(Connection::Up);
                    Ok(())
                }
                Step::Leave(ended) => return Some(ended),
                Step::Happened { seq, name, data } => {
                    if let Err(ended) = self.happened(session, hand_in, seq, &name, data) {
                        return Some(ended);
                    }
                    Ok(())
                }
            };
            if sent.is_err() {
                return broke("the connection broke off".into());
            }
        }
    }

    fn happened(
        &self,
        session: &Session,
        hand_in: &mpsc::Sender<Heard>,
        seq: u64,
        name: &str,
        data: Value,
    ) -> Result<(), Ended> {
        let kept = session.kept();
        match name {
            "INTERACTION_CREATE" => {
                kept.under_way(seq);
                let answers = Arc::clone(&self.answers);
                let seat = Arc::clone(&self.at_once);
                self.tasks.spawn(async move {
                    // The last ones wait for a seat, while Discord waits for its answer.
                    let _seat = seat.acquire_owned().await;
                    match interaction(&data, &answers.discord.known().guilds) {
                        Ok(asked) => answers.by_call(&asked, || kept.done(seq)).await,
                        Err(error) => {
                            tracing::warn!(%error, "an interaction of Discord's cannot be read");
                            kept.done(seq);
                        }
                    }
                });
            }
            "MESSAGE_CREATE" => {
                kept.arrived(seq);
                // Our own messages come back with the names they were posted under.
                if data["author"]["id"].as_str().is_some_and(|id| session.me() == Some(id)) {
                    self.answers.discord.remember(&data);
                    return Ok(());
                }
                let Some(me) = session.me().and_then(|id| PlatformId::parse(id).ok()) else { return Ok(()) };
                if let Some(incoming) = message(&data, &me, &self.answers.discord.known().guilds) {
                    kept.under_way(seq);
                    // Where too many wait, the connection is left and resumed from the last one that was kept.
                    hand_in
                        .try_send(Heard { incoming, seq, kept })
                        .map_err(|_| Ended::Resume("more is said than can be noted down".into()))?;
                }
            }
            _ => kept.arrived(seq),
        }
        Ok(())
    }
}

/// What cannot be read is no frame of the protocol; its words stay out of the log.
fn read(session: &mut Session, bytes: &[u8]) -> Step {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(frame) => session.hear(&frame),
        Err(_) => Step::Leave(session.closed(None)),
    }
}

async fn send(socket: &mut Socket, value: &Value) -> Result<(), ()> {
    socket.send(Message::text(value.to_string())).await.map_err(|_| ())
}
