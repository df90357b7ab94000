//! Socket Mode: Slack's deliveries over a web socket that we open, so that nothing has to be reachable from outside.
//!
//! This is a loop of our own and not slack-morphism's, for four reasons. Its parser needs a team where an app installed for a whole
//! Enterprise Grid gets `null`: the click is acknowledged and lost. It does not show `retry_attempt` and `retry_reason`. It waits for the
//! handler before it acknowledges and before it reads the next frame, pongs included, while acknowledging first would lose what was not
//! kept. And at a token that is dead for good it tries again every half minute for ever and tells nobody. Here an envelope is acknowledged
//! once it is kept, the next frames are read meanwhile, a new connection is open before Slack closes the old one, and what only an operator
//! can mend stands in [`crate::ports::surface::Connection::Dead`].

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::slack::client::Slack;
use crate::chat::slack::codes::advice;
use crate::chat::slack::receive::{MOST, unpack};
use crate::chat::slack::reception::{Answer, Reception};
use crate::domain::clock::Entropy;
use crate::ports::surface::{Connection, SurfaceError};

/// How long what is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// To connect.
    pub connect: Duration,
    /// With nothing heard before we ask whether anybody is there. Slack pings every few seconds.
    pub quiet: Duration,
    /// For the answer to that.
    pub pong: Duration,
    /// After the first failure; twice as long after each further one.
    pub first: Duration,
    /// At most, after many.
    pub longest: Duration,
    /// Before looking whether something that only an operator can mend has been mended.
    pub dead: Duration,
    /// For acknowledgements under way when we stop.
    pub farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            quiet: Duration::from_secs(30),
            pong: Duration::from_secs(10),
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            dead: Duration::from_secs(300),
            farewell: Duration::from_secs(3),
        }
    }
}

/// What the loop needs.
pub struct Socket {
    /// Slack, as we act there.
    pub slack: Arc<Slack>,
    /// Who takes what comes in.
    pub reception: Arc<Reception>,
    /// The app's own token, `xapp-…`.
    pub app_token: SecretString,
    /// How long what is waited for.
    pub patience: Patience,
    /// For waits that are not all the same.
    pub entropy: Arc<dyn Entropy>,
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a connection tells the loop.
enum Sign {
    /// Slack greeted us.
    Hello,
    /// Slack will close this connection soon: open the next.
    Refresh,
    /// Socket Mode was switched off.
    Disabled,
    /// The connection is over.
    Over(String),
}

/// What to do next.
enum Next {
    /// Connect at once.
    Now,
    /// Wait, then connect.
    Again(String, Option<Duration>),
    /// Wait long, then see whether it was mended.
    Dead(String),
    /// Stop.
    Stop,
}

impl Socket {
    /// Keeps a connection open until asked to stop; then waits for what is under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let connections = TaskTracker::new();
        let mut failures: u32 = 0;
        self.slack.socket_is(Connection::Trying("connecting to Slack".into()));
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => Next::Stop,
                next = self.once(&connections, &mut failures, &stop) => next,
            };
            let wait = match next {
                Next::Stop => break,
                Next::Now => continue,
                Next::Again(why, after) => {
                    tracing::warn!(why, failures, "Slack: the socket is not open");
                    self.slack.socket_is(Connection::Trying(why));
                    let wait = self.backoff(failures).max(after.unwrap_or_default());
                    failures = failures.saturating_add(1);
                    wait
                }
                Next::Dead(why) => {
                    tracing::error!(why, "Slack: the socket cannot be opened until somebody mends this");
                    self.slack.socket_is(Connection::Dead(why));
                    self.patience.dead
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
        connections.close();
        connections.wait().await;
        self.reception.finish().await;
    }

    /// One connection, until another has to be opened.
    async fn once(self: &Arc<Self>, connections: &TaskTracker, failures: &mut u32, stop: &CancellationToken) -> Next {
        let stream = match self.connect().await {
            Ok(stream) => stream,
            Err(SurfaceError::ShutOut(why)) => return Next::Dead(why),
            Err(SurfaceError::Later { after, why, .. }) => return Next::Again(why, after),
            Err(error) => return Next::Again(error.to_string(), None),
        };
        let (tell, mut signs) = mpsc::channel(8);
        let line = Line { reception: Arc::clone(&self.reception), patience: self.patience, tell, stop: stop.clone() };
        connections.spawn(line.serve(stream));
        let mut greeted = false;
        while let Some(sign) = signs.recv().await {
            match sign {
                Sign::Hello => {
                    greeted = true;
                    *failures = 0;
                    tracing::info!("Slack: the socket is open");
                    self.slack.socket_is(Connection::Up);
                }
                // The old connection goes on until Slack closes it; meanwhile the next is opened.
                Sign::Refresh if greeted => return Next::Now,
                Sign::Refresh => return Next::Again("Slack closed the socket before it greeted us".into(), None),
                Sign::Disabled => return Next::Dead(advice("apps.connections.open", "link_disabled").to_owned()),
                Sign::Over(why) => return Next::Again(why, None),
            }
        }
        Next::Again("the connection ended".into(), None)
    }

    async fn connect(&self) -> Result<Stream, SurfaceError> {
        let address = self.slack.socket_address(&self.app_token).await?;
        let later = |why: String| SurfaceError::Later { after: None, unsure: false, why };
        let config = WebSocketConfig::default().max_message_size(Some(2 * MOST)).max_frame_size(Some(2 * MOST));
        // The address holds a ticket and stays out of every message.
        let opening = tokio_tungstenite::connect_async_with_config(address.as_str(), Some(config), true);
        match timeout(self.patience.connect, opening).await {
            Ok(Ok((stream, _))) => Ok(stream),
            Ok(Err(error)) => Err(later(format!("the socket could not be opened: {}", kind(&error)))),
            Err(_) => Err(later("the socket could not be opened in time".into())),
        }
    }

    /// Between half and all of twice as long as the last time.
    fn backoff(&self, failures: u32) -> Duration {
        let full = self.patience.first.saturating_mul(1 << failures.min(16)).min(self.patience.longest);
        let mut bytes = [0; 2];
        self.entropy.fill(&mut bytes);
        full / 2 + (full / 2).mul_f64(f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX))
    }
}

fn kind(error: &tokio_tungstenite::tungstenite::Error) -> String {
    use tokio_tungstenite::tungstenite::Error;
    match error {
        Error::Io(io) => io.to_string(),
        Error::Http(response) => format!("it answered {}", response.status()),
        Error::Tls(_) => "no secure connection".into(),
        _ => "it does not speak as a web socket should".into(),
    }
}

/// One connection.
struct Line {
    reception: Arc<Reception>,
    patience: Patience,
    tell: mpsc::Sender<Sign>,
    stop: CancellationToken,
}

impl Line {
    async fn serve(self, stream: Stream) {
        let (mut sink, mut source) = stream.split();
        let (acknowledge, mut acknowledgements) = mpsc::channel::<Message>(256);
        let mut asked = false;
        let over = loop {
            let patience = if asked { self.patience.pong } else { self.patience.quiet };
            tokio::select! {
                () = self.stop.cancelled() => break "we stop".to_owned(),
                Some(message) = acknowledgements.recv() => {
                    if let Some(why) = write(&mut sink, message, self.patience.pong).await {
                        break why;
                    }
                }
                frame = timeout(patience, source.next()) => {
                    let frame = match frame {
                        Err(_) if asked => break "nothing was heard, not even an answer to our ping".to_owned(),
                        Err(_) => {
                            asked = true;
                            if let Some(why) = write(&mut sink, Message::Ping(Vec::new().into()), self.patience.pong).await {
                                break why;
                            }
                            continue;
                        }
                        Ok(None) => break "Slack closed the connection".to_owned(),
                        Ok(Some(Err(error))) => break format!("the connection broke: {}", kind(&error)),
                        Ok(Some(Ok(frame))) => frame,
                    };
                    asked = false;
                    match frame {
                        Message::Text(text) => self.heard(text.as_str(), &acknowledge).await,
                        Message::Close(_) => break "Slack closed the connection".to_owned(),
                        // Its answer is written with the next flush.
                        Message::Ping(_) => { let _ = sink.flush().await; }
                        _ => {}
                    }
                }
            }
        };
        // What was kept is still acknowledged where the line holds.
        drop(acknowledge);
        let rest = async {
            while let Some(message) = acknowledgements.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
            let _ = sink.close().await;
        };
        if timeout(self.patience.farewell, rest).await.is_err() {
            tracing::debug!("Slack: some acknowledgements were too late; Slack will send those deliveries again");
        }
        let _ = self.tell.send(Sign::Over(over)).await;
    }

    async fn heard(&self, text: &str, acknowledge: &mpsc::Sender<Message>) {
        let Ok(Value::Object(mut envelope)) = serde_json::from_str::<Value>(text) else {
            tracing::warn!("Slack: a frame makes no sense");
            return;
        };
        let field = |name: &str| envelope.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, id) = (field("type"), field("envelope_id"));
        match kind.as_str() {
            "hello" => {
                let _ = self.tell.send(Sign::Hello).await;
                return;
            }
            "disconnect" => {
                let sign = match field("reason").as_str() {
                    "link_disabled" => Sign::Disabled,
                    "warning" | "refresh_requested" => Sign::Refresh,
                    other => Sign::Over(format!(
                        "Slack ends the connection ({})",
                        other.chars().take(40).collect::<String>()
                    )),
                };
                let _ = self.tell.send(sign).await;
                return;
            }
            _ => {}
        }
        if id.is_empty() || id.len() > 200 {
            return;
        }
        if let Some(number) = envelope.get("retry_attempt").and_then(Value::as_u64).filter(|n| *n > 0) {
            let reason: String = field("retry_reason").chars().take(40).collect();
            tracing::info!(number, reason, "Slack: a delivery comes again");
        }
        let payload = envelope.remove("payload").unwrap_or(Value::Null);
        let reception = Arc::clone(&self.reception);
        let acknowledge = acknowledge.clone();
        // Reading goes on while this is being kept.
        tokio::spawn(async move {
            let answer = match unpack(&kind, payload) {
                Ok(raw) => reception.receive(raw).await,
                Err(error) => {
                    tracing::warn!(%error, "Slack: an envelope makes no sense");
                    Answer::Empty
                }
            };
            let message = match answer {
                Answer::NotKept => return,
                Answer::Json(payload) => json!({ "envelope_id": id, "payload": payload }),
                Answer::Empty | Answer::Text(_) => json!({ "envelope_id": id }),
            };
            let _ = acknowledge.send(Message::text(message.to_string())).await;
        });
    }
}

/// Writes a frame; says what went wrong.
async fn write<S>(sink: &mut S, message: Message, limit: Duration) -> Option<String>
where
    S: futures_util::Sink<Message, Error = tokio_tungstenite::tungstenite::Error> + Unpin,
{
    match timeout(limit, sink.send(message)).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("the connection broke: {}", kind(&error))),
        Err(_) => Some("the connection takes nothing any more".to_owned()),
    }
}
