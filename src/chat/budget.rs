//! Room on other people's screens. Platforms count characters in their own ways; counting UTF-16 code units is never less than any of
//! them, so every limit is held in those. What is too long is shortened in one fixed order, the same on every platform: first the
//! story so far, then the body, the small print, long facts. A headline, a fact's label, the badge and the buttons stay.

use std::ops::AddAssign;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::chat::plain::clean;
use crate::domain::card::{Card, Inline, InputKind, Rich, Section};

/// Writes one grapheme so that it is only itself on the platform: what stands before it on the line (`None` at the start), the
/// grapheme, what follows.
pub type Escape = fn(Option<char>, &str, &str, &mut String);

/// What did not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Lines of the story so far.
    pub timeline: usize,
    /// Parts of the body: sections, list items, bars.
    pub body: usize,
    /// Footers.
    pub footer: usize,
    /// Whole facts; only on cards with more of them than a platform can carry.
    pub facts: usize,
    /// Buttons and choices; only on cards with more than a platform can carry, and those whose token is not one of ours.
    pub buttons: usize,
    /// Fields of forms and options of selects beyond what a platform takes.
    pub inputs: usize,
    /// Texts cut with “…”.
    pub cut: usize,
}

impl Dropped {
    /// True where everything is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Dropped {
    fn add_assign(&mut self, other: Self) {
        self.timeline += other.timeline;
        self.body += other.body;
        self.footer += other.footer;
        self.facts += other.facts;
        self.buttons += other.buttons;
        self.inputs += other.inputs;
        self.cut += other.cut;
    }
}

/// Length in UTF-16 code units.
#[must_use]
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Writes a grapheme as it is.
pub fn as_is(_: Option<char>, this: &str, _: &str, out: &mut String) {
    out.push_str(this);
}

/// At most so many units, with “…” where something was cut; never inside a grapheme (Unicode UAX #29).
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    lay(&[Piece::words(text, as_is)], most).text
}

/// A piece of a line.
#[derive(Debug, Clone)]
pub struct Piece {
    open: String,
    words: String,
    close: String,
    escape: Escape,
    whole: Option<String>,
}

impl Piece {
    /// Words.
    #[must_use]
    pub fn words(words: &str, escape: Escape) -> Self {
        Self::marked("", words, "", escape)
    }

    /// Words between marks of ours, which survive any cut. Without words there are no marks.
    #[must_use]
    pub fn marked(open: &str, words: &str, close: &str, escape: Escape) -> Self {
        Self { open: open.to_owned(), words: clean(words).into_owned(), close: close.to_owned(), escape, whole: None }
    }

    /// Something that is there whole or not at all; in the second case the words stand for it.
    #[must_use]
    pub fn whole(drawn: String, words: &str, escape: Escape) -> Self {
        Self { whole: Some(drawn), ..Self::words(words, escape) }
    }
}

/// Pieces laid side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Laid {
    /// The text.
    pub text: String,
    /// True where something was cut.
    pub cut: bool,
}

/// Lays pieces side by side in so many units.
#[must_use]
pub fn lay(pieces: &[Piece], most: usize) -> Laid {
    let drawn: Vec<String> = pieces.iter().map(draw).collect();
    if drawn.iter().map(|d| units(d)).sum::<usize>() <= most {
        return Laid { text: drawn.concat(), cut: false };
    }
    // One unit is kept for the ellipsis.
    let mut room = most.saturating_sub(1);
    let mut text = String::new();
    for (piece, drawn) in pieces.iter().zip(drawn) {
        let need = units(&drawn);
        if need <= room {
            text.push_str(&drawn);
            room -= need;
            continue;
        }
        let marks = units(&piece.open) + units(&piece.close);
        if room > marks {
            let inner = take(&piece.words, room - marks, piece.escape);
            if !inner.trim().is_empty() {
                text.push_str(&piece.open);
                text.push_str(inner.trim_end());
                text.push_str(&piece.close);
            }
        }
        break;
    }
    if most > 0 {
        text.push('…');
    }
    Laid { text, cut: true }
}

fn draw(piece: &Piece) -> String {
    if let Some(whole) = &piece.whole {
        return whole.clone();
    }
    if piece.words.trim().is_empty() {
        return piece.words.clone();
    }
    format!("{}{}{}", piece.open, take(&piece.words, usize::MAX, piece.escape), piece.close)
}

/// As many escaped graphemes as fit.
fn take(words: &str, most: usize, escape: Escape) -> String {
    let mut out = String::with_capacity(words.len().min(most.saturating_mul(3)));
    let mut used = 0;
    let mut before = None;
    let mut one = String::new();
    for (at, grapheme) in words.grapheme_indices(true) {
        one.clear();
        escape(before, grapheme, &words[at + grapheme.len()..], &mut one);
        used += units(&one);
        if used > most {
            break;
        }
        out.push_str(&one);
        before = grapheme.chars().next_back();
    }
    out
}

/// How a drawn card is measured.
pub trait Drawing {
    /// True where the platform takes it.
    fn fits(&self) -> bool;
}

/// Draws a card, shortening it step by step until it fits. The last step is small enough for every platform; should it not be, what it
/// gave is returned all the same, and the platform's own refusal is the answer.
pub fn fit<D: Drawing>(card: &Card, draw: impl Fn(&Card) -> (D, Dropped)) -> (D, Dropped) {
    let mut shorter = card.clone();
    let mut dropped = begin(&mut shorter);
    let mut steps = STEPS.iter();
    loop {
        // What says more than any platform takes need not be drawn to know that it does not fit.
        if said(&shorter) <= MOST_SAID || steps.len() == 0 {
            let (drawn, more) = draw(&shorter);
            if drawn.fits() || steps.len() == 0 {
                dropped += more;
                return (drawn, dropped);
            }
        }
        if let Some(step) = steps.next() {
            take_step(&mut shorter, step, &mut dropped);
        }
    }
}

/// More units than any platform takes in one message.
const MOST_SAID: usize = 30_000;

/// Units of the facts, the body and the footer.
fn said(card: &Card) -> usize {
    let rich = |rich: &Rich| rich.iter().map(|part| units(part.plain())).sum::<usize>();
    let section = |section: &Section| match section {
        Section::Para { text } => rich(text),
        Section::List { items } => items.iter().map(rich).sum(),
        Section::Quote { by, text } => units(by) + units(text),
        Section::Factors { bars, confidence, .. } => {
            bars.iter().map(|b| units(&b.label)).sum::<usize>() + units(confidence)
        }
        Section::Choices { lead, options } => {
            units(lead) + options.iter().map(|o| units(&o.title) + units(&o.detail)).sum::<usize>()
        }
        Section::Timeline { entries } => entries.iter().map(|e| units(&e.shown) + rich(&e.text)).sum(),
    };
    card.facts.iter().map(|f| units(&f.label) + rich(&f.value)).sum::<usize>()
        + card.body.iter().map(section).sum::<usize>()
        + card.footer.as_ref().map_or(0, rich)
}

/// One step of shortening. Steps add up.
enum Step {
    /// At most so many lines of the story, the newest.
    Timeline(usize),
    /// At most so many sections, items in each, bars, and units in each text of the body.
    Body { sections: usize, items: usize, text: usize },
    /// No footer.
    Footer,
    /// At most so many units in a fact's value.
    Facts(usize),
    /// What no card of ours ever needs: fewer facts, buttons, choices, fields, options, and shorter words on them.
    Caps { facts: usize, buttons: usize, fields: usize, options: usize, words: usize },
}

const STEPS: [Step; 15] = [
    Step::Timeline(12),
    Step::Timeline(4),
    Step::Timeline(0),
    Step::Body { sections: 24, items: 20, text: 1_200 },
    Step::Body { sections: 12, items: 10, text: 500 },
    Step::Body { sections: 8, items: 6, text: 160 },
    Step::Body { sections: 3, items: 3, text: 80 },
    Step::Body { sections: 0, items: 0, text: 40 },
    Step::Footer,
    Step::Facts(200),
    Step::Facts(60),
    Step::Facts(20),
    Step::Caps { facts: 24, buttons: 10, fields: 5, options: 25, words: 60 },
    Step::Caps { facts: 16, buttons: 8, fields: 4, options: 12, words: 40 },
    Step::Caps { facts: 8, buttons: 6, fields: 2, options: 6, words: 24 },
];

/// The most units of a badge's word.
const BADGE: usize = 80;

/// What every card keeps whatever happens: so many facts, buttons, choices, fields of each form, and so many options in all forms.
pub const KEPT: (usize, usize, usize, usize, usize) = (8, 6, 6, 2, 6);

/// What is done to every card.
fn begin(card: &mut Card) -> Dropped {
    let mut dropped = Dropped::default();
    if let Some(badge) = &mut card.badge {
        shorten_text(&mut badge.word, BADGE, &mut dropped);
    }
    dropped
}

fn take_step(card: &mut Card, step: &Step, dropped: &mut Dropped) {
    match *step {
        Step::Timeline(most) => timeline(card, most, dropped),
        Step::Body { sections, items, text } => body(card, sections, items, text, dropped),
        Step::Footer => dropped.footer += usize::from(card.footer.take().is_some()),
        Step::Facts(most) => card.facts.iter_mut().for_each(|f| shorten_rich(&mut f.value, most, dropped)),
        Step::Caps { facts, buttons, fields, options, words } => {
            dropped.facts += cut_off(&mut card.facts, facts);
            dropped.buttons += cut_off(&mut card.actions, buttons);
            shorten_text(&mut card.headline, words.max(60), dropped);
            card.facts.iter_mut().for_each(|f| shorten_text(&mut f.label, words, dropped));
            choices(card, buttons, words, dropped);
            forms(card, fields, options, words, dropped);
        }
    }
}

fn timeline(card: &mut Card, most: usize, dropped: &mut Dropped) {
    for section in &mut card.body {
        if let Section::Timeline { entries } = section {
            let gone = entries.len().saturating_sub(most);
            entries.drain(..gone);
            dropped.timeline += gone;
        }
    }
    card.body.retain(|s| !matches!(s, Section::Timeline { entries } if entries.is_empty()));
}

fn body(card: &mut Card, sections: usize, items: usize, text: usize, dropped: &mut Dropped) {
    let (mut seen, mut scores) = (0, 0);
    let mut kept = Vec::with_capacity(card.body.len());
    for mut section in std::mem::take(&mut card.body) {
        let buttons = matches!(section, Section::Choices { .. });
        // The score stays too: without its bars it is one line.
        let score = matches!(section, Section::Factors { .. });
        scores += usize::from(score);
        seen += usize::from(!buttons && !score);
        let stays = buttons || (score && scores == 1);
        if !stays && (score || seen > sections) {
            dropped.body += 1;
            continue;
        }
        match &mut section {
            Section::Para { text: rich } => shorten_rich(rich, text, dropped),
            Section::List { items: list } => {
                dropped.body += cut_off(list, items);
                list.iter_mut().for_each(|i| shorten_rich(i, text, dropped));
            }
            Section::Quote { by, text: words } => {
                shorten_text(by, text, dropped);
                shorten_text(words, text, dropped);
            }
            Section::Factors { bars, confidence, .. } => {
                dropped.body += cut_off(bars, items);
                bars.iter_mut().for_each(|b| shorten_text(&mut b.label, text, dropped));
                shorten_text(confidence, text, dropped);
            }
            Section::Choices { lead, options } => {
                shorten_text(lead, text, dropped);
                options.iter_mut().for_each(|o| shorten_text(&mut o.detail, text, dropped));
            }
            Section::Timeline { entries } => entries.iter_mut().for_each(|e| shorten_rich(&mut e.text, text, dropped)),
        }
        kept.push(section);
    }
    card.body = kept;
}

/// At most so many choices on the whole card.
fn choices(card: &mut Card, most: usize, words: usize, dropped: &mut Dropped) {
    let mut left = most;
    for section in &mut card.body {
        if let Section::Choices { lead, options } = section {
            shorten_text(lead, words, dropped);
            dropped.buttons += cut_off(options, left);
            left -= options.len();
            for option in options {
                shorten_text(&mut option.title, words, dropped);
                shorten_text(&mut option.detail, words, dropped);
            }
        }
    }
    card.body.retain(|s| !matches!(s, Section::Choices { options, .. } if options.is_empty()));
}

/// At most so many fields in each form and so many options on the whole card.
fn forms(card: &mut Card, fields: usize, options: usize, words: usize, dropped: &mut Dropped) {
    let mut left = options;
    for button in &mut card.actions {
        shorten_text(&mut button.label, words, dropped);
        if let Some(question) = &mut button.confirm {
            shorten_text(question, words.max(60), dropped);
        }
        let Some(form) = &mut button.form else { continue };
        shorten_text(&mut form.title, words, dropped);
        shorten_text(&mut form.send, words, dropped);
        dropped.inputs += cut_off(&mut form.inputs, fields);
        for input in &mut form.inputs {
            shorten_text(&mut input.label, words, dropped);
            if let InputKind::Select { options } = &mut input.kind {
                dropped.inputs += cut_off(options, left);
                left -= options.len();
                options.iter_mut().for_each(|(_, label)| shorten_text(label, words, dropped));
            } else {
                shorten_text(&mut input.value, words, dropped);
            }
        }
    }
}

fn cut_off<T>(list: &mut Vec<T>, most: usize) -> usize {
    let gone = list.len().saturating_sub(most);
    list.truncate(most);
    gone
}

fn shorten_text(text: &mut String, most: usize, dropped: &mut Dropped) {
    if units(text) > most {
        *text = clip(text, most);
        dropped.cut += 1;
    }
}

/// Cuts rich text: parts that fit stay as they are, the first that does not is cut, the rest goes.
fn shorten_rich(rich: &mut Rich, most: usize, dropped: &mut Dropped) {
    if rich.iter().map(|part| units(part.plain())).sum::<usize>() <= most {
        return;
    }
    dropped.cut += 1;
    let mut room = most;
    let mut kept = Vec::new();
    for mut part in std::mem::take(rich) {
        let need = units(part.plain());
        if need <= room {
            room -= need;
            kept.push(part);
            continue;
        }
        let words = match &mut part {
            Inline::Text { text } | Inline::Strong { text } | Inline::Code { text } | Inline::Link { text, .. } => text,
            Inline::Person { name, .. } => name,
            Inline::Time { shown, .. } => shown,
        };
        let words = clip(words, room);
        // A cut name or time is no longer that person's name or that time.
        if matches!(part, Inline::Person { .. } | Inline::Time { .. }) {
            part = Inline::Text { text: words };
        } else if let Inline::Text { text }
        | Inline::Strong { text }
        | Inline::Code { text }
        | Inline::Link { text, .. } = &mut part
        {
            *text = words;
        }
        if room > 0 {
            kept.push(part);
        }
        break;
    }
    *rich = kept;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::text;

    #[test]
    fn nothing_is_cut_inside_what_people_see_as_one_letter() {
        assert_eq!(clip("abcdef", 6), "abcdef");
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("👩‍👩‍👧👩‍👩‍👧", 9), "👩‍👩‍👧…");
        assert_eq!(clip("👩‍👩‍👧👩‍👩‍👧", 8), "…");
        assert_eq!(clip("e\u{301}e\u{301}e\u{301}", 5), "e\u{301}e\u{301}…");
        assert_eq!(clip("abc", 0), "");
    }

    #[test]
    fn marks_survive_a_cut_and_whole_things_are_never_halved() {
        let pieces = [Piece::words("ab ", as_is), Piece::marked("*", "cdefgh", "*", as_is)];
        assert_eq!(lay(&pieces, 9), Laid { text: "ab *cde*…".into(), cut: true });
        let whole = [Piece::whole("<!date^1^x|y>".into(), "Friday", as_is), Piece::words(" and more", as_is)];
        assert_eq!(lay(&whole, 8).text, "Friday…");
    }

    #[test]
    fn the_order_of_shortening_is_fixed() {
        let mut card = Card::note("h").para("x".repeat(2000)).fact("l", text("v".repeat(300)));
        card.footer = Some(text("f"));
        let at = |level: usize| {
            let mut shorter = card.clone();
            let mut dropped = begin(&mut shorter);
            STEPS[..level].iter().for_each(|step| take_step(&mut shorter, step, &mut dropped));
            shorter
        };
        assert_eq!(at(3), card);
        assert_ne!(at(4).body, card.body);
        assert_eq!(at(8).footer, card.footer);
        assert_eq!(at(9).footer, None);
        assert_eq!(at(9).facts, card.facts);
        assert_ne!(at(10).facts, card.facts);
        assert_eq!(at(12).facts[0].label, "l");
    }
}
