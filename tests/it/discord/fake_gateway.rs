//! A stand-in for Discord's gateway: greets, identifies, resumes with what was missed, and breaks off as it is told to.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::discord::LONG;

/// How the stand-in behaves towards connections from now on.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Milliseconds between heartbeats.
    pub heartbeat: u64,
    /// False where heartbeats are not answered.
    pub answers_heartbeats: bool,
    /// Closes with this instead of taking an identification.
    pub refuses: Option<u16>,
    /// Knows no session any more.
    pub forgets: bool,
}

#[derive(Clone)]
enum Order {
    Say(Value),
    Close(u16),
    Break,
}

pub struct FakeGateway {
    pub url: String,
    pub manners: Arc<Mutex<Manners>>,
    /// What has happened so far, by number.
    log: Arc<Mutex<Vec<Value>>>,
    orders: broadcast::Sender<Order>,
    heard: Arc<watch::Sender<Vec<Value>>>,
}

impl FakeGateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let manners = Manners { heartbeat: 60_000, answers_heartbeats: true, refuses: None, forgets: false };
        let this = Self {
            url: url.clone(),
            manners: Arc::new(Mutex::new(manners)),
            log: Arc::default(),
            orders: broadcast::Sender::new(1_000),
            heard: Arc::new(watch::Sender::new(Vec::new())),
        };
        let parts = (Arc::clone(&this.manners), Arc::clone(&this.log), this.orders.clone(), Arc::clone(&this.heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(one(stream, url.clone(), parts.clone()));
            }
        });
        this
    }

    /// Something happens; whoever is connected hears of it, whoever resumes will.
    pub fn happens(&self, name: &str, data: Value) {
        self.happens_unheard(name, data.clone());
        let frame = self.log.lock().unwrap().last().unwrap().clone();
        let _ = self.orders.send(Order::Say(frame));
    }

    /// Something happens while nobody listens.
    pub fn happens_unheard(&self, name: &str, data: Value) {
        let mut log = self.log.lock().unwrap();
        let seq = log.len() as u64 + 2;
        log.push(json!({ "op": 0, "t": name, "s": seq, "d": data }));
    }

    /// The same frame once more, as a duplicate.
    pub fn again(&self) {
        let frame = self.log.lock().unwrap().last().unwrap().clone();
        let _ = self.orders.send(Order::Say(frame));
    }

    pub fn says(&self, frame: Value) {
        let _ = self.orders.send(Order::Say(frame));
    }

    pub fn closes(&self, code: u16) {
        let _ = self.orders.send(Order::Close(code));
    }

    pub fn breaks(&self) {
        let _ = self.orders.send(Order::Break);
    }

    /// Waits for the nth frame with this opcode (from 1).
    pub async fn wait(&self, op: u64, nth: usize) -> Value {
        let mut heard = self.heard.subscribe();
        let count = |h: &Vec<Value>| h.iter().filter(|f| f["op"] == op).count();
        let waited = tokio::time::timeout(LONG, heard.wait_for(|h| count(h) >= nth)).await.map(|r| r.map(|_| ()));
        assert!(matches!(waited, Ok(Ok(()))), "no {nth} frames with opcode {op} in {:#?}", self.heard.borrow());
        let frame = self.heard.borrow().iter().filter(|f| f["op"] == op).nth(nth - 1).cloned();
        frame.unwrap()
    }

    pub fn heard(&self, op: u64) -> usize {
        self.heard.borrow().iter().filter(|f| f["op"] == op).count()
    }
}

type Parts = (Arc<Mutex<Manners>>, Arc<Mutex<Vec<Value>>>, broadcast::Sender<Order>, Arc<watch::Sender<Vec<Value>>>);

async fn one(stream: TcpStream, url: String, (manners, log, orders, heard): Parts) {
    let mut socket = accept_async(stream).await.unwrap();
    let interval = manners.lock().unwrap().heartbeat;
    if say(&mut socket, json!({ "op": 10, "d": { "heartbeat_interval": interval } })).await.is_err() {
        return;
    }
    let mut orders = None::<broadcast::Receiver<Order>>.or(Some(orders.subscribe()));
    let mut stands = false;
    loop {
        let order = async {
            match orders.as_mut() {
                Some(orders) if stands => orders.recv().await.ok(),
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            order = order => match order {
                Some(Order::Say(frame)) => {
                    if say(&mut socket, frame).await.is_err() {
                        return;
                    }
                }
                Some(Order::Close(code)) => {
                    close(&mut socket, code).await;
                    return;
                }
                Some(Order::Break) | None => return,
            },
            frame = socket.next() => {
                let Some(Ok(Message::Text(text))) = frame else { return };
                let frame: Value = serde_json::from_str(&text).unwrap();
                let op = frame["op"].as_u64();
                heard.send_modify(|h| h.push(frame.clone()));
                let now = manners.lock().unwrap().clone();
                match op {
                    Some(1) if now.answers_heartbeats => {
                        // Where that fails, the next read ends it.
                        let _ = say(&mut socket, json!({ "op": 11 })).await;
                    }
                    Some(2) => {
                        if let Some(code) = now.refuses {
                            close(&mut socket, code).await;
                            return;
                        }
                        manners.lock().unwrap().forgets = false;
                        log.lock().unwrap().clear();
                        let ready = json!({ "session_id": "s", "resume_gateway_url": url, "user": { "id": "1" } });
                        if say(&mut socket, json!({ "op": 0, "t": "READY", "s": 1, "d": ready })).await.is_err() {
                            return;
                        }
                        stands = true;
                    }
                    Some(6) if now.forgets => {
                        let _ = say(&mut socket, json!({ "op": 9, "d": false })).await;
                    }
                    Some(6) => {
                        let from = frame["d"]["seq"].as_u64().unwrap();
                        let missed: Vec<Value> =
                            log.lock().unwrap().iter().filter(|f| f["s"].as_u64().unwrap() > from).cloned().collect();
                        for frame in missed.into_iter().chain([json!({ "op": 0, "t": "RESUMED", "s": from + 1, "d": {} })]) {
                            if say(&mut socket, frame).await.is_err() {
                                return;
                            }
                        }
                        stands = true;
                    }
                    _ => {}
                }
            }
        }
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, frame: Value) -> Result<(), ()> {
    socket.send(Message::text(frame.to_string())).await.map_err(|_| ())
}

async fn close(socket: &mut WebSocketStream<TcpStream>, code: u16) {
    let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
    let _ = socket.close(Some(frame)).await;
    // Until the other side has said goodbye too.
    while let Some(Ok(_)) = socket.next().await {}
}
