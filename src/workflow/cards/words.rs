//! Small pieces that cards share: times in the reader's zone, people, bars, buttons.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::action::{Action, Subject, Verb};
use crate::domain::card::{Bar, Button, Fact, Form, Inline, Input, InputKind, Rich, Section, Style, text};
use crate::domain::decision::{Assessment, Decision, Obligation, Outcome, Slot, Step};
use crate::domain::digest::Digest;
use crate::domain::entitlement::{AccessLevel, DataClass, Entitlement, Privilege};
use crate::domain::ids::PersonId;
use crate::domain::window::{AccessWindow, Seconds};
use crate::workflow::house::House;

/// How long a button on a request works. Requests lapse sooner.
pub const BUTTON_LIFE: Seconds = Seconds::days(30);

/// A moment as its reader would say it: `Fri 27 Nov 2026, 17:00 CET`; midnight is the end of the day before.
#[must_use]
pub fn moment(at: Timestamp, zone: &TimeZone) -> Inline {
    let local = at.to_zoned(zone.clone());
    let name = local.strftime("%Z");
    let midnight = local.hour() == 0 && local.minute() == 0 && local.second() == 0;
    let shown = match local.yesterday() {
        Ok(day) if midnight => format!("end of {} ({name})", day.strftime("%a %-d %b %Y")),
        _ => format!("{} ({name})", local.strftime("%a %-d %b %Y, %H:%M")),
    };
    Inline::Time { at, shown }
}

/// The same for a beginning or something that happened, where midnight is just midnight.
#[must_use]
pub fn instant(at: Timestamp, zone: &TimeZone) -> Inline {
    let local = at.to_zoned(zone.clone());
    Inline::Time { at, shown: format!("{} ({})", local.strftime("%a %-d %b %Y, %H:%M"), local.strftime("%Z")) }
}

/// The end of a window.
#[must_use]
pub fn until(window: AccessWindow, zone: &TimeZone) -> Rich {
    match window.end() {
        Some(end) => {
            let mut words = vec![moment(end, zone)];
            if let Some(length) = window.length() {
                words.extend(text(format!(" · {length}")));
            }
            words
        }
        None => text("no end date"),
    }
}

/// A person by name.
#[must_use]
pub fn person(house: &House, id: &PersonId) -> Inline {
    Inline::Person { id: id.clone(), name: house.name(id) }
}

/// Several people by name: `Ana, Ben or Cleo`.
#[must_use]
pub fn any_of(house: &House, people: &[PersonId]) -> String {
    let names: Vec<String> = people.iter().map(|p| house.name(p)).collect();
    match names.as_slice() {
        [] => "nobody".into(),
        [one] => one.clone(),
        [many @ .., last] if many.len() < 4 => format!("{} or {last}", many.join(", ")),
        many => format!("{} or one of {} others", many[..2].join(", "), many.len() - 2),
    }
}

/// What an entitlement lets one do, in words.
#[must_use]
pub fn access(entitlement: &Entitlement) -> String {
    let level = match entitlement.access {
        AccessLevel::Read => "read only",
        AccessLevel::Use => "use",
        AccessLevel::Write => "read and change",
        AccessLevel::Admin => "administer",
    };
    let strength = match entitlement.privilege {
        Privilege::None | Privilege::Standard => "",
        Privilege::Elevated => ", elevated",
        Privilege::Admin => ", administrator",
        Privilege::Tier0 => ", key to everything",
    };
    let data = match entitlement.data {
        DataClass::Public => "public data",
        DataClass::Internal => "internal data",
        DataClass::Confidential => "confidential data",
        DataClass::Regulated => "regulated data",
        DataClass::Crown => "the most sensitive data",
    };
    let place = if entitlement.production { ", production" } else { "" };
    format!("{level}{strength} · {data}{place}")
}

/// The fact that names what is asked for.
#[must_use]
pub fn what(house: &House, entitlement: &Entitlement) -> Vec<Fact> {
    vec![
        Fact {
            label: "What".into(),
            value: vec![
                Inline::Strong { text: entitlement.title.clone() },
                Inline::Text { text: format!(" in {}", house.catalog.system_title(&entitlement.system)) },
            ],
        },
        Fact { label: "Allows".into(), value: text(access(entitlement)) },
    ]
}

/// From this certainty on (basis points) nothing depends on it any more (RISK.md R9), so nothing is said about it.
const SURE_BP: u16 = 9_000;

/// The score with its bars.
#[must_use]
pub fn factors(assessment: &Assessment) -> Section {
    let bars = assessment.contributions.iter().filter(|c| c.tenths != 0).map(|c| Bar {
        factor: c.factor.to_string(),
        label: c.evidence.clone(),
        tenths: c.tenths,
    });
    let confidence = if assessment.limited_by.is_empty() || assessment.confidence_bp >= SURE_BP {
        String::new()
    } else {
        format!("Certainty {} %, limited by: {}", assessment.confidence_bp / 100, assessment.limited_by)
    };
    Section::Factors { score: assessment.score.points(), bars: bars.collect(), confidence }
}

/// Who will have to say yes and why, or that nobody has to.
#[must_use]
pub fn way(house: &House, decision: &Decision) -> Rich {
    match &decision.route.outcome {
        Outcome::Automatic => text("Nobody has to approve this; you get it right after you submit."),
        Outcome::BreakGlass => {
            text("Emergency: it opens at once. Security is told now and somebody reviews it within 24 hours.")
        }
        Outcome::Denied => text("The rules do not allow this."),
        Outcome::Steps { steps } => {
            let said: Vec<String> = steps.iter().map(|s| step(house, s)).collect();
            text(format!("{}.", said.join(", then ")))
        }
    }
}

/// One step in words.
#[must_use]
pub fn step(house: &House, step: &Step) -> String {
    let people: Vec<PersonId> = step.candidates.iter().map(|c| c.person.clone()).collect();
    let who = any_of(house, &people);
    let role = match step.slot {
        Slot::Manager => "as manager",
        Slot::Sponsor => "as sponsor",
        Slot::Owner => "as owner of the access",
        Slot::Compliance => "for compliance",
        Slot::Security => "for security",
        Slot::SecondPerson => "as second person",
    };
    format!("{who} {role}")
}

/// The rules that speak, as a list; nothing where none does.
#[must_use]
pub fn rules(decision: &Decision) -> Option<Section> {
    let mut items: Vec<Rich> = Vec::new();
    for finding in &decision.route.findings {
        items.push(vec![
            Inline::Code { text: finding.rule.to_string() },
            Inline::Text { text: format!(" {}", finding.text) },
        ]);
    }
    items.dedup();
    (!items.is_empty()).then_some(Section::List { items })
}

/// A Markdown extract as paragraphs and lists. Only the shape is taken over; marks inside a line are dropped, and nothing becomes a link.
#[must_use]
pub fn article(markdown: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut fresh = true;
    for line in markdown.lines().map(str::trim) {
        let plain = |words: &str| without_links(words).replace(['*', '`'], "");
        let numbered = line.split_once(". ").filter(|(n, _)| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).or(numbered.map(|(_, rest)| rest));
        match (item, sections.last_mut()) {
            _ if line.is_empty() || line.starts_with('#') => fresh = true,
            (Some(words), Some(Section::List { items })) => items.push(text(plain(words))),
            (Some(words), _) => {
                sections.push(Section::List { items: vec![text(plain(words))] });
                fresh = false;
            }
            (None, Some(Section::Para { text: rich })) if !fresh => rich.extend(text(format!(" {}", plain(line)))),
            (None, Some(Section::List { items })) if !fresh => {
                if let Some(last) = items.last_mut() {
                    last.extend(text(format!(" {}", plain(line))));
                }
            }
            (None, _) => {
                sections.push(Section::Para { text: text(plain(line)) });
                fresh = false;
            }
        }
    }
    sections
}

/// The words of `[words](address)`, without the address.
fn without_links(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once("](").and_then(|(label, tail)| Some((label, tail.split_once(')')?.1))) {
            Some((label, tail)) => {
                out.push_str(label);
                rest = tail;
            }
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// What has to be done besides.
#[must_use]
pub fn obligation(obligation: Obligation) -> &'static str {
    match obligation {
        Obligation::Ticket => "a ticket has to be named",
        Obligation::Training => "a training has to be passed",
        Obligation::DetectiveControl => "its use is watched",
        Obligation::NotifyOwner => "the owner is told",
        Obligation::NotifySoc => "the security operations centre is told",
        Obligation::AfterReview => "somebody reviews it afterwards",
    }
}

/// Makes buttons about one thing, as its reader sees it now.
pub struct Buttons<'h> {
    house: &'h House,
    subject: Subject,
    seen: Digest,
    life: Seconds,
}

impl<'h> Buttons<'h> {
    /// Buttons about a subject, bound to what is shown.
    #[must_use]
    pub fn new(house: &'h House, subject: Subject, seen: Digest, life: Seconds) -> Self {
        Self { house, subject, seen, life }
    }

    /// A button.
    #[must_use]
    pub fn make(&self, verb: Verb, label: &str, style: Style) -> Button {
        self.numbered(verb, label, style, 0)
    }

    /// A button with a number, for choices.
    #[must_use]
    pub fn numbered(&self, verb: Verb, label: &str, style: Style, argument: u16) -> Button {
        let expires = self.life.after(self.house.now());
        let token = self.house.tokens.seal(&Action::new(verb, self.subject, self.seen, argument, expires));
        Button { verb, label: label.to_owned(), style, token, confirm: None, form: None }
    }

    /// A button that asks for one thing in words first.
    #[must_use]
    pub fn asking(&self, verb: Verb, label: &str, style: Style, input: Input) -> Button {
        let form = Form { title: label.to_owned(), inputs: vec![input], send: label.to_owned() };
        Button { form: Some(form), ..self.make(verb, label, style) }
    }
}

/// A field for several lines.
#[must_use]
pub fn lines(id: &str, label: &str, required: bool) -> Input {
    let max = u32::try_from(crate::workflow::decide::MAX_REASON).unwrap_or(u32::MAX);
    Input { id: id.into(), label: label.into(), required, max, value: String::new(), kind: InputKind::Lines }
}

/// A field for a time in words.
#[must_use]
pub fn time(id: &str, label: &str) -> Input {
    Input { id: id.into(), label: label.into(), required: true, max: 100, value: String::new(), kind: InputKind::Time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extract_keeps_its_shape_and_loses_its_links() {
        let said = article("1. Ask for [VPN](entitlement:vpn:use).\n2. Open **it**.\n\nIt says *no*?\nTry [again.");
        let plain = |rich: &Rich| rich.iter().map(Inline::plain).collect::<String>();
        let [Section::List { items }, Section::Para { text }] = said.as_slice() else { panic!("{said:?}") };
        assert_eq!(items.iter().map(plain).collect::<Vec<_>>(), ["Ask for VPN.", "Open it."]);
        assert_eq!(plain(text), "It says no? Try [again.");
    }
}
