//! A card as plain text, at most [`WIDTH`] columns wide, with numbered choices and buttons. Colour only when asked for. Every word
//! passes `chat::plain::clean`, so that nobody's text can move the cursor or change a colour.

use unicode_width::UnicodeWidthStr as _;

use crate::chat::plain::{clean, one_line};
use crate::domain::action::ActionToken;
use crate::domain::card::{Bar, Card, Form, Inline, Rich, Section, Tone};

/// The most columns a line takes (words longer than that are broken).
pub const WIDTH: usize = 100;
/// Columns of the longest bar of a score.
const BAR: i64 = 20;

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Plain text only.
    Plain,
    /// ANSI (ECMA-48 SGR) colours.
    Ansi,
}

/// Something a number stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// What to type.
    pub number: usize,
    /// What it says.
    pub label: String,
    /// What it carries.
    pub token: ActionToken,
    /// What to ask before.
    pub confirm: Option<String>,
    /// What has to be filled in.
    pub form: Option<Form>,
}

/// A drawn card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The text, ending with a line feed.
    pub text: String,
    /// What can be pressed.
    pub presses: Vec<Press>,
}

/// Draws a card; its first number is `first`.
#[must_use]
pub fn card(card: &Card, first: usize, paint: Paint) -> Drawn {
    let mut page = Page { out: String::new(), paint };
    let mut presses: Vec<Press> = Vec::new();
    page.head(card);
    if !card.facts.is_empty() {
        page.facts(card);
    }
    for section in &card.body {
        page.section(section, first, &mut presses);
    }
    if !card.actions.is_empty() {
        page.gap();
        let mut line = Vec::new();
        for button in &card.actions {
            let number = first + presses.len();
            let label = one_line(&button.label);
            line.push(format!("[{number}] {label}"));
            presses.push(Press {
                number,
                label,
                token: button.token.clone(),
                confirm: button.confirm.clone(),
                form: button.form.clone(),
            });
        }
        page.flow(&line);
    }
    if let Some(footer) = &card.footer {
        page.gap();
        page.wrapped(&plain(footer), "  ", "  ");
    }
    Drawn { text: page.out, presses }
}

/// Rich text as plain words; a link shows its path.
#[must_use]
pub fn plain(rich: &Rich) -> String {
    rich.iter()
        .map(|part| match part {
            Inline::Link { text, path } => format!("{} ({})", clean(text), clean(path)),
            other => clean(other.plain()).into_owned(),
        })
        .collect()
}

struct Page {
    out: String,
    paint: Paint,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn painted(&self, text: &str, code: &str) -> String {
        match self.paint {
            Paint::Plain => text.to_owned(),
            Paint::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    fn head(&mut self, card: &Card) {
        let badge = card.badge.as_ref().map(|b| (one_line(&b.word).to_uppercase(), b.tone));
        let room = badge.as_ref().map_or(WIDTH, |(word, _)| WIDTH.saturating_sub(word.width() + 5)).max(20);
        let lines = wrap(&one_line(&card.headline), room);
        for (n, text) in lines.iter().enumerate() {
            let mut line = self.painted(text, "1");
            if n == 0
                && let Some((word, tone)) = &badge
            {
                let chip = clip(&format!("[{word}]"), 40);
                line = format!("{}  {line}", self.painted(&chip, colour(*tone)));
            }
            self.line(&line);
        }
    }

    fn facts(&mut self, card: &Card) {
        let width = card.facts.iter().map(|f| one_line(&f.label).width()).max().unwrap_or(0).min(24);
        for fact in &card.facts {
            let label = clip(&one_line(&fact.label), 24);
            let pad = " ".repeat(width.saturating_sub(label.width()));
            let lead = format!("  {label}{pad}  ");
            self.wrapped(&plain(&fact.value), &lead, &" ".repeat(lead.width()));
        }
    }

    fn section(&mut self, section: &Section, first: usize, presses: &mut Vec<Press>) {
        self.gap();
        match section {
            Section::Para { text } => self.wrapped(&plain(text), "  ", "  "),
            Section::List { items } => {
                for item in items {
                    self.wrapped(&plain(item), "  - ", "    ");
                }
            }
            Section::Quote { by, text } => {
                self.wrapped(&clean(text), "  | ", "  | ");
                self.wrapped(&one_line(by), "    — ", "      ");
            }
            Section::Factors { score, bars, confidence } => {
                self.line(&format!("  {}", self.painted(&format!("Risk {} of 100", score.min(&100)), "1")));
                self.bars(bars);
                if !confidence.is_empty() {
                    self.wrapped(&clean(confidence), "  ", "  ");
                }
            }
            Section::Choices { lead, options } => {
                self.wrapped(&clean(lead), "  ", "  ");
                for option in options {
                    let number = first + presses.len();
                    let title = one_line(&option.title);
                    let lead = format!("  [{number}] ");
                    let rest = " ".repeat(lead.width());
                    self.wrapped(&title, &lead, &rest);
                    self.wrapped(&clean(&option.detail), &rest, &rest);
                    let token = option.token.clone();
                    presses.push(Press { number, label: title, token, confirm: None, form: None });
                }
            }
            Section::Timeline { entries } => {
                for entry in entries {
                    let lead = format!("  {}  ", clip(&one_line(&entry.shown), 40));
                    self.wrapped(&plain(&entry.text), &lead, "      ");
                }
            }
        }
    }

    /// `+30.0 ████████████  never seen among peers`: plus before, minus for what speaks in favour.
    fn bars(&mut self, bars: &[Bar]) {
        let most = bars.iter().map(|b| i64::from(b.tenths).abs()).max().unwrap_or(0).max(1);
        for bar in bars {
            let tenths = i64::from(bar.tenths);
            let sign = if tenths < 0 { '-' } else { '+' };
            let size = tenths.abs();
            let length = usize::try_from((size * BAR + most - 1) / most).unwrap_or(0).min(20);
            let (mark, code) = if tenths < 0 { ('░', "32") } else { ('█', "33") };
            let drawn = self.painted(&mark.to_string().repeat(length), code);
            let room = usize::try_from(BAR).unwrap_or(20).saturating_sub(length);
            let points = format!("{sign}{}.{}", size / 10, size % 10);
            let lead = format!("  {points:>7}  {drawn}{}  ", " ".repeat(room));
            self.lead_wrapped(&one_line(&bar.label), &lead, 33, &" ".repeat(33));
        }
    }

    /// Pieces side by side, as many as fit.
    fn flow(&mut self, pieces: &[String]) {
        let mut line = String::from(" ");
        for piece in pieces {
            if line.trim().is_empty() || line.width() + piece.width() + 3 <= WIDTH {
                line.push_str(if line.trim().is_empty() { " " } else { "   " });
            } else {
                self.line(&line);
                line = String::from("  ");
            }
            line.push_str(&clip(piece, WIDTH - 4));
        }
        self.line(&line);
    }

    fn wrapped(&mut self, text: &str, lead: &str, rest: &str) {
        self.lead_wrapped(text, lead, lead.width(), rest);
    }

    fn lead_wrapped(&mut self, text: &str, lead: &str, lead_width: usize, rest: &str) {
        let room = WIDTH.saturating_sub(lead_width.max(rest.width())).max(8);
        let mut first = true;
        for paragraph in text.split('\n') {
            let mut lines = wrap(paragraph, room);
            if lines.is_empty() {
                lines.push(String::new());
            }
            for line in lines {
                let before = if first { lead } else { rest };
                self.line(&format!("{before}{line}"));
                first = false;
            }
        }
    }
}

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "2",
        Tone::Info => "36",
        Tone::Good => "32",
        Tone::Warning => "33",
        Tone::Danger => "31",
    }
}

/// At most so many columns, with an ellipsis where something was cut.
fn clip(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + c.to_string().width() + 1 > columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Words in lines of at most so many columns; a word that is longer is broken.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut word = word;
        loop {
            let need = word.width();
            let space = usize::from(used > 0);
            if used + space + need <= columns {
                if space == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                used += space + need;
                break;
            }
            if used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
                continue;
            }
            let cut = break_at(word, columns);
            lines.push(word[..cut].to_owned());
            word = &word[cut..];
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The byte after the last character that fits; at least one character, so that there is always progress.
fn break_at(word: &str, columns: usize) -> usize {
    let mut end = 0;
    for (at, c) in word.char_indices() {
        let next = at + c.len_utf8();
        if end > 0 && word[..next].width() > columns {
            break;
        }
        end = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_and_wide_letters_count_twice() {
        assert_eq!(wrap("aaaa bb", 3), ["aaa", "a", "bb"]);
        assert_eq!(wrap("売上売上", 4), ["売上", "売上"]);
        assert_eq!(clip("abcdef", 4), "abc…");
    }

    #[test]
    fn escape_sequences_never_reach_the_terminal() {
        let drawn = card(&Card::note("a\x1b]0;evil\x07b").para("\x1b[2Jx\u{009b}31m"), 1, Paint::Plain);
        assert!(!drawn.text.chars().any(|c| c.is_control() && c != '\n'), "{:?}", drawn.text);
    }
}
