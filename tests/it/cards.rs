//! Cards as people see them: snapshots of the two renderers, and hostile words in every place a card has.

use claviger::chat::terminal::render::{Paint, WIDTH, card as as_text};
use claviger::chat::web::render::{Place, card as as_html};
use claviger::domain::card::{Bar, Card, Section};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

use crate::sample_cards::{approvers_card, everywhere};

fn html(card: &Card) -> String {
    as_html(card, Place { csrf: "session-token", back: "/inbox", id: "c1", level: 2 }).unwrap()
}

#[test]
fn the_approvers_card_as_html() {
    insta::assert_snapshot!(html(&approvers_card()));
}

#[test]
fn the_approvers_card_as_text() {
    let drawn = as_text(&approvers_card(), 1, Paint::Plain);
    assert_eq!(drawn.presses.len(), 2);
    insta::assert_snapshot!(drawn.text);
}

#[test]
fn every_element_as_html() {
    insta::assert_snapshot!(html(&everywhere("words")));
}

/// Two hundred hostile texts: eight cores, each in twenty-five wrappings.
fn payloads() -> Vec<String> {
    let cores = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "javascript:alert(1)",
        "{{ 7*7 }}{% raw %}",
        "<!--[if]><svg/onload=alert(1)>",
        "</textarea><form action=//evil>",
        "<a href=\"//evil.example\">*bold* @everyone <@U123> [x](http://evil)</a>",
    ];
    let wraps: [(&str, &str); 25] = [
        ("", ""),
        ("\u{202E}", "\u{202C}"),
        ("\0", "\0"),
        ("\x1b[31m", "\x1b[0m"),
        ("\x1b]8;;http://evil\x07", "\x1b]8;;\x07"),
        ("\u{2066}", "\u{2069}"),
        ("\u{200B}", "\u{FEFF}"),
        ("\u{E0041}", "\u{E007F}"),
        ("&lt;", "&gt;"),
        ("&#60;", "&#x3e;"),
        ("%3C", "%3E"),
        ("<![CDATA[", "]]>"),
        ("</title>", "<title>"),
        ("</article></main>", "<!--"),
        ("`", "`"),
        ("\\", "\\"),
        ("\r\nSet-Cookie: a=b\r\n\r\n", ""),
        ("\u{2028}", "\u{2029}"),
        ("\u{009b}31m", "\u{0085}"),
        ("＜", "＞"),
        ("</dd></dl>", "<dl>"),
        ("x\" autofocus onfocus=\"", "\""),
        ("<style>*{display:none}", "</style>"),
        ("<base href=//evil>", "<meta http-equiv=refresh>"),
        ("e\u{301}\u{301}\u{301}", "\u{FFFF}"),
    ];
    wraps.iter().flat_map(|(a, b)| cores.iter().map(move |core| format!("{a}{core}{b}"))).collect()
}

/// The tags of a page with their attributes' names, in order; fails where a tag or attribute is not well formed or unbalanced.
fn skeleton(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find(['<', '>']) {
        assert_eq!(&rest[start..=start], "<", "a bare `>` in {:?}", &rest[start.saturating_sub(40)..]);
        let mut quoted = false;
        let end = rest[start..]
            .char_indices()
            .find(|(_, c)| {
                quoted ^= *c == '"';
                *c == '>' && !quoted
            })
            .map(|(n, _)| start + n)
            .expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "`</{name}>` closes something else");
            continue;
        }
        let outside: String = tag.split('"').step_by(2).collect::<Vec<_>>().join("\"");
        let shape = outside.trim_end_matches('/').to_owned();
        let name = shape.split_whitespace().next().unwrap().to_owned();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "`{name}` is no tag of ours");
        if !tag.ends_with('/') && !matches!(name.as_str(), "input" | "br" | "img") {
            open.push(name);
        }
        tags.push(shape);
    }
    assert!(open.is_empty(), "left open: {open:?}");
    tags
}

#[test]
fn hostile_words_change_no_tag_and_no_attribute() {
    // A link with a path of ours is the one tag words can decide on: harmless words make none here either, having a space.
    let want = skeleton(&html(&everywhere("two words")));
    let all = payloads();
    assert_eq!(all.len(), 200);
    for payload in all {
        let got = skeleton(&html(&everywhere(&payload)));
        let got: Vec<_> = got.into_iter().filter(|t| !t.starts_with("a ")).collect();
        assert_eq!(got, want, "{payload:?}");
    }
}

#[test]
fn hostile_words_stay_one_piece_of_plain_text_in_the_terminal() {
    for payload in payloads() {
        let drawn = as_text(&everywhere(&payload), 1, Paint::Plain);
        assert!(drawn.text.chars().all(|c| c == '\n' || !c.is_control()), "{payload:?}: {:?}", drawn.text);
        assert!(!drawn.text.contains(['\u{202E}', '\u{2066}', '\u{200B}']), "{payload:?}");
        assert_eq!(drawn.presses.len(), 3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_words_give_a_balanced_page(words in "\\PC{0,60}|[<>&\"'/=a-z \\n{}%]{0,60}", score in any::<u8>(), tenths in any::<i32>()) {
        let mut card = everywhere(&words);
        card.body.push(Section::Factors {
            score,
            bars: vec![Bar { factor: words.clone(), label: words.clone(), tenths }],
            confidence: words.clone(),
        });
        skeleton(&html(&card));
    }

    #[test]
    fn any_words_fit_the_terminal(words in "\\PC{0,300}|[a-z売 ]{0,300}") {
        let drawn = as_text(&everywhere(&words), 1, Paint::Plain);
        for line in drawn.text.lines() {
            prop_assert!(line.width() <= WIDTH, "{} columns: {line:?}", line.width());
        }
    }
}
