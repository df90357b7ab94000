//! A conversation in the terminal over a make-believe desk.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use claviger::chat::terminal::render::Paint;
use claviger::chat::terminal::session::{Terminal, run};
use claviger::domain::action::ActionToken;
use claviger::domain::card::{Card, CardKey};
use claviger::domain::conversation::Surface;
use claviger::domain::ids::{MessageId, PersonId, RequestId};
use claviger::ports::desk::{Change, Desk, DeskError, Inbox, Mine, Reply, Shown};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::sync::broadcast;

use crate::fake_desk::{FakeDesk, HandClock, id, people};

fn desk() -> Arc<FakeDesk> {
    FakeDesk::new(HandClock::at("2026-11-23T10:00:00Z"), people())
}

/// Where a conversation prints, for somebody who reads along.
struct Out(tokio::sync::mpsc::UnboundedSender<String>);

impl std::io::Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.send(String::from_utf8(bytes.to_vec()).unwrap());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn talk(desk: &Arc<FakeDesk>, who: &str, lines: &str) -> String {
    let mut out = Vec::new();
    let terminal = Terminal { who: id(who), paint: Paint::Plain, prompt: false, since: None };
    run(desk.clone(), terminal, BufReader::new(lines.as_bytes()), &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn words_become_a_card_and_a_number_presses_its_button() {
    let desk = desk();
    let out = talk(&desk, "ana.kovac", "I need the sales reports until Friday\n2\nmine\nquit\n").await;
    assert!(out.contains("[2] Submit   [3] Change the end   [4] Drop it"), "{out}");
    assert!(out.contains("[WAITING FOR A YES]"), "{out}");
    assert!(out.contains("What you asked for") && out.trim_end().ends_with("Bye."), "{out}");
    let inbox = desk.inbox(&id("otto.hahn")).await.unwrap();
    assert_eq!(inbox.decisions.len(), 1);
}

#[tokio::test]
async fn forms_are_asked_field_by_field_and_can_be_stopped() {
    let desk = desk();
    talk(&desk, "ana.kovac", "I need it\n2\n").await;
    let out = talk(&desk, "otto.hahn", "inbox\n3\n.\n3\n\nno budget\nquit\n").await;
    assert!(out.starts_with("Say what you need"), "{out}");
    assert!(out.contains("One thing waits for you"), "{out}");
    assert!(out.contains("Stopped; nothing was done.") && out.contains("This is needed."), "{out}");
    assert!(out.contains("Done: Otto Hahn said no: no budget"), "{out}");
    assert!(desk.inbox(&id("otto.hahn")).await.unwrap().decisions.is_empty());
}

#[tokio::test]
async fn what_hurts_is_asked_twice_and_unknown_numbers_do_nothing() {
    let desk = desk();
    let out = talk(&desk, "ana.kovac", "I need it\n4\nn\n99\n0\ntoo much\n").await;
    assert!(out.contains("Drop this draft? Nothing has been asked for yet. [y/N] Nothing was done."), "{out}");
    assert!(out.contains("There is no button 99") && out.contains("There is no button 0"), "{out}");
    assert!(out.contains("The desk is <b>closed</b>. Come back later."), "{out}");
}

#[tokio::test]
async fn a_number_is_never_given_twice() {
    let out = talk(&desk(), "ana.kovac", "I need one\nI need two\n").await;
    assert!(out.contains("[2] Submit") && out.contains("[6] Submit"), "{out}");
    assert_eq!(out.matches("[2] ").count(), 1, "{out}");
}

#[tokio::test]
async fn only_what_was_shown_last_can_be_pressed() {
    let desk = desk();
    let out = talk(&desk, "ana.kovac", "I need one\nI need two\n2\n4\n6\nquit\n").await;
    assert!(out.contains("2 was “Submit” on an earlier card") && out.contains("Those shown last are 5 to 8."), "{out}");
    assert!(!out.contains("Drop this draft?"), "an old number asks nothing: {out}");
    assert_eq!(out.matches("[WAITING FOR A YES]").count(), 1, "the newest card's button works: {out}");
}

#[tokio::test]
async fn news_are_printed_while_nobody_types() {
    let desk = desk();
    let (mut typing, input) = tokio::io::duplex(1024);
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let terminal = Terminal { who: id("otto.hahn"), paint: Paint::Plain, prompt: true, since: None };
    let otto = tokio::spawn(run(desk.clone(), terminal, BufReader::new(input), Out(sender)));
    while heard.recv().await.unwrap() != "> " {}
    talk(&desk, "ana.kovac", "I need it\n2\n").await;
    while !heard.recv().await.unwrap().contains("One thing waits for you") {}
    desk.say(&id("otto.hahn"), Surface::Terminal, "said elsewhere", None).await.unwrap();
    while !heard.recv().await.unwrap().contains("That I did not understand") {}
    typing.write_all(b"quit\n").await.unwrap();
    otto.await.unwrap().unwrap();
}

/// A desk whose news come late: what changed is listed before anybody hears that it changed.
struct Late(Arc<FakeDesk>, broadcast::Sender<Change>);

#[async_trait]
impl Desk for Late {
    async fn say(&self, who: &PersonId, on: Surface, words: &str, once: Option<&str>) -> Result<Reply, DeskError> {
        self.0.say(who, on, words, once).await
    }
    async fn click(
        &self,
        who: &PersonId,
        on: Surface,
        token: &ActionToken,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Reply, DeskError> {
        self.0.click(who, on, token, inputs).await
    }
    async fn messages(&self, who: &PersonId, on: Surface, after: Option<MessageId>) -> Result<Vec<Shown>, DeskError> {
        self.0.messages(who, on, after).await
    }
    async fn draw(&self, who: &PersonId, key: CardKey) -> Result<Card, DeskError> {
        self.0.draw(who, key).await
    }
    async fn inbox(&self, who: &PersonId) -> Result<Inbox, DeskError> {
        self.0.inbox(who).await
    }
    async fn mine(&self, who: &PersonId) -> Result<Mine, DeskError> {
        self.0.mine(who).await
    }
    async fn request(&self, who: &PersonId, id: RequestId) -> Result<Card, DeskError> {
        self.0.request(who, id).await
    }
    fn changes(&self) -> broadcast::Receiver<Change> {
        self.1.subscribe()
    }
}

#[tokio::test]
async fn what_a_list_has_shown_is_no_news_any_more() {
    let inner = desk();
    talk(&inner, "ana.kovac", "I need it\n2\n").await;
    let (news, _) = broadcast::channel(4);
    let late = Arc::new(Late(Arc::clone(&inner), news.clone()));
    let (mut typing, input) = tokio::io::duplex(1024);
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let ana = id("ana.kovac");
    let terminal = Terminal { who: ana.clone(), paint: Paint::Plain, prompt: true, since: None };
    let session = tokio::spawn(run(late, terminal, BufReader::new(input), Out(sender)));
    while heard.recv().await.unwrap() != "> " {}
    // Somebody says no meanwhile; she lists what she asked for, and only then the news come.
    talk(&inner, "otto.hahn", "inbox\n3\nno budget\n").await;
    typing.write_all(b"mine\n").await.unwrap();
    let mut out = String::new();
    while !out.contains("no budget") {
        out.push_str(&heard.recv().await.unwrap());
    }
    news.send(Change { people: vec![ana] }).unwrap();
    typing.write_all(b"quit\n").await.unwrap();
    while let Some(more) = heard.recv().await {
        out.push_str(&more);
    }
    session.await.unwrap().unwrap();
    assert_eq!(out.matches("no budget").count(), 1, "{out}");
}
