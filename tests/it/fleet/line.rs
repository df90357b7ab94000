//! Slack's side of Socket Mode for several connections: each delivery goes down one of them, and comes again where it is not acknowledged.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::slack_platform::fake::{Peer, Sockets};

/// How long Slack waits for an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(5);

struct Order {
    envelope: Value,
    id: String,
    acknowledged: oneshot::Sender<()>,
}

/// The connections that are open.
#[derive(Default)]
pub struct Lines {
    open: Mutex<BTreeMap<u64, mpsc::UnboundedSender<Order>>>,
    count: AtomicU64,
}

impl Lines {
    /// Takes every connection that is opened.
    pub fn keep(sockets: Sockets) -> Arc<Self> {
        let lines = Arc::new(Self::default());
        let all = Arc::clone(&lines);
        tokio::spawn(async move {
            while let Some(peer) = sockets.lock().await.recv().await {
                let all = Arc::clone(&all);
                tokio::spawn(async move { all.serve(peer).await });
            }
        });
        lines
    }

    fn number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    async fn serve(&self, Peer(mut stream): Peer) {
        let hello = json!({ "type": "hello", "num_connections": 1 }).to_string();
        if stream.send(Message::text(hello)).await.is_err() {
            return;
        }
        let (tell, mut orders) = mpsc::unbounded_channel::<Order>();
        let me = self.number();
        self.open.lock().unwrap().insert(me, tell);
        let mut waiting: BTreeMap<String, oneshot::Sender<()>> = BTreeMap::new();
        loop {
            tokio::select! {
                Some(order) = orders.recv() => {
                    if stream.send(Message::text(order.envelope.to_string())).await.is_err() {
                        break;
                    }
                    waiting.insert(order.id, order.acknowledged);
                }
                frame = stream.next() => match frame {
                    Some(Ok(Message::Text(text))) => {
                        let said: Value = serde_json::from_str(&text).unwrap();
                        let waited = said["envelope_id"].as_str().and_then(|id| waiting.remove(id));
                        let _ = waited.map(|waited| waited.send(()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break,
                },
            }
        }
        self.open.lock().unwrap().remove(&me);
    }

    /// Delivers once, down the `turn`th of the open connections; true where it was acknowledged.
    pub async fn deliver(&self, kind: &str, payload: &Value, turn: usize) -> bool {
        let line = {
            let open = self.open.lock().unwrap();
            open.values().nth(turn % open.len().max(1)).cloned()
        };
        let Some(line) = line else { return false };
        let id = format!("e{}", self.number());
        let envelope = json!({ "envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": false,
            "retry_attempt": 0, "retry_reason": "" });
        let (acknowledged, known) = oneshot::channel();
        if line.send(Order { envelope, id, acknowledged }).is_err() {
            return false;
        }
        matches!(timeout(PATIENCE, known).await, Ok(Ok(())))
    }
}
