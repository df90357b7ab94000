//! The neutral message: what is said, without how a platform draws it. A card is a projection of its subject: when that changes, every
//! copy is drawn again. Text is a tree, never markup, so that nobody's words can become a link, a mention or a tag.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::action::{ActionToken, Subject, Verb};
use crate::domain::ids::PersonId;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    /// What it is about and for whom it is drawn; the same key is the same message.
    pub key: Option<CardKey>,
    /// Grows with its subject; a copy never goes back.
    pub revision: u64,
    /// The headline.
    pub headline: String,
    /// The state, as a word with a tone.
    pub badge: Option<Badge>,
    /// Facts: label and value.
    pub facts: Vec<Fact>,
    /// The rest, in order.
    pub body: Vec<Section>,
    /// Buttons, most wanted first.
    pub actions: Vec<Button>,
    /// Small print, ids of the evidence.
    pub footer: Option<Rich>,
}

/// Which message this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CardKey {
    /// What it is about.
    pub subject: Subject,
    /// For whom it is drawn.
    pub view: View,
}

/// For whom a card is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Whoever asked or holds it.
    Own,
    /// Whoever decides or does it.
    Deciding,
}

/// A state, as a word with a tone. Never by colour alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Badge {
    /// The word.
    pub word: String,
    /// The tone.
    pub tone: Tone,
}

/// How a state feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Neither.
    Neutral,
    /// Something goes on.
    Info,
    /// Well.
    Good,
    /// Look out.
    Warning,
    /// Not well.
    Danger,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// The label: `Until`.
    pub label: String,
    /// The value.
    pub value: Rich,
}

/// A piece of text as a list of inline parts.
pub type Rich = Vec<Inline>;

/// One inline part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Inline {
    /// Plain words.
    Text {
        /// The words.
        text: String,
    },
    /// Words with weight.
    Strong {
        /// The words.
        text: String,
    },
    /// A technical name.
    Code {
        /// The name.
        text: String,
    },
    /// A person.
    Person {
        /// Who.
        id: PersonId,
        /// Their name as shown.
        name: String,
    },
    /// A moment, shown in the reader's zone, the zone named.
    Time {
        /// When.
        at: Timestamp,
        /// As already written for whoever cannot compute it: `Fri 27 Nov 2026, 23:59 CET`.
        shown: String,
    },
    /// A link to our own pages. Never made from anybody's words.
    Link {
        /// The words.
        text: String,
        /// A path on this server, beginning with `/`.
        path: String,
    },
}

/// One part of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Section {
    /// A paragraph.
    Para {
        /// The words.
        text: Rich,
    },
    /// A list.
    List {
        /// Its items.
        items: Vec<Rich>,
    },
    /// Somebody's own words, shown as theirs.
    Quote {
        /// Whose.
        by: String,
        /// The words.
        text: String,
    },
    /// The score with its bars.
    Factors {
        /// 0 to 100.
        score: u8,
        /// The bars, largest first.
        bars: Vec<Bar>,
        /// How sure the score is and what limits it; empty when nothing does.
        confidence: String,
    },
    /// What may be chosen instead.
    Choices {
        /// Lead-in: `Did you mean …`.
        lead: String,
        /// The choices.
        options: Vec<Choice>,
    },
    /// What happened so far, oldest first.
    Timeline {
        /// The entries.
        entries: Vec<TimelineEntry>,
    },
}

/// One bar of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bar {
    /// The factor's id.
    pub factor: String,
    /// What it means, in plain words.
    pub label: String,
    /// Tenths of a point; negative speaks in favour.
    pub tenths: i32,
}

/// One choice: a button with its explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// The name.
    pub title: String,
    /// What it is, in a sentence.
    pub detail: String,
    /// Taking it.
    pub token: ActionToken,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// As written for the reader.
    pub shown: String,
    /// What.
    pub text: Rich,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Button {
    /// What it does.
    pub verb: Verb,
    /// What it says.
    pub label: String,
    /// How it looks.
    pub style: Style,
    /// What it carries.
    pub token: ActionToken,
    /// What to ask before, where it cannot be taken back.
    pub confirm: Option<String>,
    /// What has to be filled in.
    pub form: Option<Form>,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// The likely one.
    Primary,
    /// An ordinary one.
    Plain,
    /// One that hurts.
    Danger,
}

/// What has to be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Form {
    /// The form's title.
    pub title: String,
    /// Its fields.
    pub inputs: Vec<Input>,
    /// What the sending button says.
    pub send: String,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// Its name in the answer.
    pub id: String,
    /// Its label.
    pub label: String,
    /// True where something has to be given.
    pub required: bool,
    /// The most characters it takes.
    pub max: u32,
    /// What stands there at first.
    pub value: String,
    /// What kind of field.
    pub kind: InputKind,
}

/// What kind of field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum InputKind {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// A time in words (`until Friday`, `two weeks`).
    Time,
    /// One of these.
    Select {
        /// Value and label of each.
        options: Vec<(String, String)>,
    },
}

/// The small print of an answer that a language model worded. Platforms with a label of their own for that show it as well.
pub const BY_MODEL: &str = "Worded by a language model and compared with the record.";

/// Plain words as rich text.
#[must_use]
pub fn text(words: impl Into<String>) -> Rich {
    vec![Inline::Text { text: words.into() }]
}

impl Card {
    /// A card that says one thing.
    #[must_use]
    pub fn note(headline: impl Into<String>) -> Self {
        Self {
            key: None,
            revision: 0,
            headline: headline.into(),
            badge: None,
            facts: Vec::new(),
            body: Vec::new(),
            actions: Vec::new(),
            footer: None,
        }
    }

    /// The same card with one more paragraph.
    #[must_use]
    pub fn para(mut self, words: impl Into<String>) -> Self {
        self.body.push(Section::Para { text: text(words) });
        self
    }

    /// The same card, marked as worded by a language model.
    #[must_use]
    pub fn by_model(mut self) -> Self {
        let mut footer = self.footer.take().unwrap_or_default();
        if !footer.is_empty() {
            footer.extend(text(" "));
        }
        footer.extend(text(BY_MODEL));
        self.footer = Some(footer);
        self
    }

    /// True where a language model worded it.
    #[must_use]
    pub fn is_by_model(&self) -> bool {
        let marked = |part: &Inline| matches!(part, Inline::Text { text } if text == BY_MODEL);
        self.footer.as_ref().is_some_and(|footer| footer.iter().any(marked))
    }

    /// The same card with one more fact.
    #[must_use]
    pub fn fact(mut self, label: impl Into<String>, value: Rich) -> Self {
        self.facts.push(Fact { label: label.into(), value });
        self
    }
}

impl Inline {
    /// The words as shown, without any form.
    #[must_use]
    pub fn plain(&self) -> &str {
        match self {
            Self::Text { text } | Self::Strong { text } | Self::Code { text } | Self::Link { text, .. } => text,
            Self::Person { name, .. } => name,
            Self::Time { shown, .. } => shown,
        }
    }
}
