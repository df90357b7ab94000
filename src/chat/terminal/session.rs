//! A conversation in the terminal: words go to the desk, a number presses what was shown under it, forms are asked field by field, and
//! news are printed when they arrive. A number is given once and never again, so that no news can slip another button under a number
//! that somebody is about to type; and only what was shown last can be pressed, so that nobody presses what has scrolled away.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, Lines};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::chat::plain::{clean, one_line};
use crate::chat::terminal::render::{Paint, Press, card as draw};
use crate::domain::card::{Card, Input, InputKind};
use crate::domain::conversation::{Author, Surface};
use crate::domain::ids::{MessageId, PersonId};
use crate::ports::desk::{Change, Desk, DeskError, Shown};

/// How many of the newest buttons are known by what they said.
const KEPT: usize = 200;
/// The longest line taken, characters.
const LINE: usize = 4000;
/// How many of the messages that were missed are shown, the newest.
const MISSED: usize = 8;
/// How often it is looked whether another process said something here; this one's own news come by themselves.
const LOOK: Duration = Duration::from_secs(20);

const HELP: &str = "Say what you need, until when and what for. A number presses the button shown with it.\n\
                    Also: `inbox` (what waits for you), `mine` (what you have), `help`, `quit`.\n";

/// Who talks, and how it looks.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// Who.
    pub who: PersonId,
    /// Whether colours are used.
    pub paint: Paint,
    /// Whether a prompt is printed.
    pub prompt: bool,
    /// Until when they have seen what was said here: what came later is shown first. `None` where that is not known.
    pub since: Option<Timestamp>,
}

/// Runs a conversation until `quit` or the end of the input.
///
/// # Errors
/// The input's or the output's. What the desk refuses is printed.
pub async fn run(
    desk: Arc<dyn Desk>,
    terminal: Terminal,
    input: impl AsyncBufRead + Unpin,
    output: impl Write,
) -> io::Result<()> {
    let changes = desk.changes();
    let mut talk = Talk {
        desk,
        terminal,
        output,
        presses: BTreeMap::new(),
        gone: BTreeMap::new(),
        answering: false,
        next: 1,
        seen: BTreeMap::new(),
        listed: Vec::new(),
        waiting: 0,
    };
    talk.print(HELP)?;
    talk.remember().await?;
    talk.count().await?;
    let mut lines = input.lines();
    let mut changes = Some(changes);
    loop {
        talk.ask()?;
        let Some(line) = talk.wait(&mut lines, &mut changes).await? else { break };
        if line.chars().count() > LINE {
            talk.print("That is longer than can be taken here; say it in at most 4,000 characters.\n")?;
            continue;
        }
        talk.answering = true;
        match line.trim() {
            "" => {}
            "quit" | "exit" | "bye" => break,
            "help" | "?" => talk.print(HELP)?,
            "inbox" => talk.inbox().await?,
            "mine" => talk.mine().await?,
            text => match text.parse::<usize>() {
                Ok(number) => talk.press(number, &mut lines).await?,
                Err(_) => talk.say(text).await?,
            },
        }
        talk.answering = false;
    }
    talk.print("Bye.\n")
}

struct Talk<W> {
    desk: Arc<dyn Desk>,
    terminal: Terminal,
    output: W,
    /// The buttons that can be pressed: those shown since the person last got some.
    presses: BTreeMap<usize, Press>,
    /// What earlier buttons said, by number.
    gone: BTreeMap<usize, String>,
    /// True until the first buttons that answer the person's last line are shown: these take the place of the earlier ones.
    answering: bool,
    next: usize,
    /// Messages shown, with what they looked like but for their numbers.
    seen: BTreeMap<MessageId, String>,
    /// What the list printed last looked like: news that look the same are not printed again.
    listed: Vec<String>,
    waiting: usize,
}

impl<W: Write> Talk<W> {
    fn print(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }

    fn ask(&mut self) -> io::Result<()> {
        if self.terminal.prompt { self.print("> ") } else { Ok(()) }
    }

    /// The next line; news are printed while waiting for it.
    async fn wait<R: AsyncBufRead + Unpin>(
        &mut self,
        lines: &mut Lines<R>,
        changes: &mut Option<Receiver<Change>>,
    ) -> io::Result<Option<String>> {
        loop {
            let Some(news) = changes else { return lines.next_line().await };
            tokio::select! {
                biased;
                heard = news.recv() => match heard {
                    Ok(change) if !change.people.contains(&self.terminal.who) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => self.news().await?,
                    Err(RecvError::Closed) => *changes = None,
                },
                line = lines.next_line() => return line,
                () = tokio::time::sleep(LOOK) => self.news().await?,
            }
        }
    }

    fn show(&mut self, card: &Card) -> io::Result<()> {
        let drawn = draw(card, self.next, self.terminal.paint);
        self.next += drawn.presses.len();
        if self.answering && !drawn.presses.is_empty() {
            self.answering = false;
            let old = std::mem::take(&mut self.presses);
            self.gone.extend(old.into_iter().map(|(number, press)| (number, press.label)));
            while self.gone.len() > KEPT {
                self.gone.pop_first();
            }
        }
        self.presses.extend(drawn.presses.into_iter().map(|press| (press.number, press)));
        self.print(&format!("\n{}\n", drawn.text))
    }

    fn refuse(&mut self, error: &DeskError) -> io::Result<()> {
        let mut text = format!("\n{} {}\n", clean(&error.said), clean(&error.next));
        if !error.reference.is_empty() {
            text.push_str(&format!("(Reference {})\n", one_line(&error.reference)));
        }
        self.print(&text)?;
        match &error.fresh {
            Some(card) => self.show(card),
            None => Ok(()),
        }
    }

    async fn say(&mut self, words: &str) -> io::Result<()> {
        match self.desk.say(&self.terminal.who, Surface::Terminal, words, None).await {
            Ok(reply) => self.answered(&reply.cards).await,
            Err(error) => self.refuse(&error),
        }
    }

    async fn press<R: AsyncBufRead + Unpin>(&mut self, number: usize, lines: &mut Lines<R>) -> io::Result<()> {
        let Some(press) = self.presses.get(&number).cloned() else {
            return self.print(&self.no_button(number));
        };
        let mut filled = BTreeMap::new();
        if let Some(form) = &press.form {
            self.print(&format!("{} (an empty line with a dot, `.`, stops)\n", one_line(&form.title)))?;
            for input in &form.inputs {
                let Some(value) = self.field(input, lines).await? else {
                    return self.print("Stopped; nothing was done.\n");
                };
                filled.insert(input.id.clone(), value);
            }
        }
        if let Some(question) = &press.confirm {
            self.print(&format!("{} [y/N] ", one_line(question)))?;
            let answer = lines.next_line().await?.unwrap_or_default();
            if !matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
                return self.print("Nothing was done.\n");
            }
        }
        match self.desk.click(&self.terminal.who, Surface::Terminal, &press.token, &filled).await {
            Ok(reply) => self.answered(&reply.cards).await,
            Err(error) => self.refuse(&error),
        }
    }

    /// What is said to a number that presses nothing.
    fn no_button(&self, number: usize) -> String {
        let shown = match (self.presses.first_key_value(), self.presses.last_key_value()) {
            (Some((first, _)), Some((last, _))) if first == last => {
                format!("The only one that can be pressed now is {first}.")
            }
            (Some((first, _)), Some((last, _))) => format!("Those shown last are {first} to {last}."),
            _ => "No button is shown now; say what you need.".to_owned(),
        };
        match self.gone.get(&number) {
            Some(label) => format!(
                "{number} was “{}” on an earlier card, which may have changed since; nothing was done. {shown} `mine` and `inbox` show \
                 again what can be done.\n",
                one_line(label)
            ),
            None => format!("There is no button {number}. {shown}\n"),
        }
    }

    /// One field of a form; `None` where the person stops.
    async fn field<R: AsyncBufRead + Unpin>(
        &mut self,
        input: &Input,
        lines: &mut Lines<R>,
    ) -> io::Result<Option<String>> {
        loop {
            let mut question = format!("  {}", one_line(&input.label));
            if let InputKind::Select { options } = &input.kind {
                for (n, (_, label)) in options.iter().enumerate() {
                    question.push_str(&format!("\n    {}) {}", n + 1, one_line(label)));
                }
                question.push_str("\n ");
            }
            if !input.value.is_empty() {
                question.push_str(&format!(" [{}]", one_line(&input.value)));
            } else if !input.required {
                question.push_str(" (may stay empty)");
            }
            self.print(&format!("{question}: "))?;
            let Some(line) = lines.next_line().await? else { return Ok(None) };
            let line = line.trim();
            if line == "." {
                return Ok(None);
            }
            let value = match (&input.kind, line) {
                (_, "") => input.value.clone(),
                (InputKind::Select { options }, text) => {
                    let chosen = text.parse::<usize>().ok().and_then(|n| options.get(n.checked_sub(1)?));
                    match chosen {
                        Some((value, _)) => value.clone(),
                        None => {
                            self.print("  One of the numbers, please.\n")?;
                            continue;
                        }
                    }
                }
                (_, text) => text.to_owned(),
            };
            if value.is_empty() && input.required {
                self.print("  This is needed.\n")?;
            } else if value.chars().count() > usize::try_from(input.max).unwrap_or(usize::MAX) {
                self.print(&format!("  At most {} characters, please.\n", input.max))?;
            } else {
                return Ok(Some(value));
            }
        }
    }

    /// Shows what was answered, and whatever else is new; what was just shown is not shown twice.
    async fn answered(&mut self, cards: &[Card]) -> io::Result<()> {
        for card in cards {
            self.show(card)?;
        }
        let shown: Vec<String> = cards.iter().map(face).collect();
        self.catch_up(&shown).await
    }

    async fn news(&mut self) -> io::Result<()> {
        self.catch_up(&[]).await?;
        self.count().await
    }

    async fn catch_up(&mut self, shown: &[String]) -> io::Result<()> {
        let Ok(messages) = self.desk.messages(&self.terminal.who, Surface::Terminal, None).await else { return Ok(()) };
        for message in messages {
            let Some(card) = message.card.filter(|_| message.author == Author::Claviger) else { continue };
            let looks = face(&card);
            let before = self.seen.insert(message.id, looks.clone());
            if before.as_ref() != Some(&looks) && !shown.contains(&looks) && !self.listed.contains(&looks) {
                self.show(&card)?;
            }
        }
        Ok(())
    }

    /// Shows what was said while they were away, and takes everything as seen.
    async fn remember(&mut self) -> io::Result<()> {
        let messages = self.desk.messages(&self.terminal.who, Surface::Terminal, None).await.unwrap_or_default();
        let missed = |m: &Shown| {
            m.author == Author::Claviger && self.terminal.since.is_some_and(|since| m.at > since) && m.card.is_some()
        };
        let cards: Vec<Card> = messages.iter().filter(|m| missed(m)).filter_map(|m| m.card.clone()).collect();
        self.seen = messages.into_iter().filter_map(|m| Some((m.id, face(&m.card?)))).collect();
        if cards.is_empty() {
            return Ok(());
        }
        self.print("\nWhile you were away:\n")?;
        let left_out = cards.len().saturating_sub(MISSED);
        for card in cards.iter().skip(left_out) {
            self.show(card)?;
        }
        match left_out {
            0 => Ok(()),
            1 => self.print("\nOne older message is left out; `mine` and `inbox` show how things stand.\n"),
            n => self.print(&format!("\n{n} older messages are left out; `mine` and `inbox` show how things stand.\n")),
        }
    }

    /// Says how much waits, when more does than before.
    async fn count(&mut self) -> io::Result<()> {
        let inbox = self.desk.inbox(&self.terminal.who).await.unwrap_or_default();
        let waiting = inbox.decisions.len() + inbox.tasks.len();
        let before = std::mem::replace(&mut self.waiting, waiting);
        match waiting {
            n if n <= before => Ok(()),
            1 => self.print("\nOne thing waits for you. Type `inbox` to see it.\n"),
            n => self.print(&format!("\n{n} things wait for you. Type `inbox` to see them.\n")),
        }
    }

    async fn inbox(&mut self) -> io::Result<()> {
        match self.desk.inbox(&self.terminal.who).await {
            Ok(inbox) => {
                self.listed = inbox.decisions.iter().chain(&inbox.tasks).map(face).collect();
                self.list("To decide", &inbox.decisions, "Nothing waits for your decision.")?;
                self.list("To do", &inbox.tasks, "No tasks.")
            }
            Err(error) => self.refuse(&error),
        }
    }

    async fn mine(&mut self) -> io::Result<()> {
        match self.desk.mine(&self.terminal.who).await {
            Ok(mine) => {
                self.listed = mine.access.iter().chain(&mine.requests).map(face).collect();
                self.list("What you have", &mine.access, "You hold nothing that was given here.")?;
                self.list("What you asked for", &mine.requests, "You have not asked for anything yet.")
            }
            Err(error) => self.refuse(&error),
        }
    }

    fn list(&mut self, title: &str, cards: &[Card], none: &str) -> io::Result<()> {
        self.print(&format!("\n{title}\n"))?;
        if cards.is_empty() {
            return self.print(&format!("  {none}\n"));
        }
        for card in cards {
            self.show(card)?;
        }
        Ok(())
    }
}

/// What a card looks like, whatever numbers its buttons have.
fn face(card: &Card) -> String {
    draw(card, 1, Paint::Plain).text
}
