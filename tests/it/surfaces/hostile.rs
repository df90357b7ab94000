//! Words in every place a card has stay words: no mention, no link, no mark, no picture, nothing that hides or turns. Each platform's own
//! grammar is read here once more, by a small reader that lists everything in a payload that is not plain text. For hostile words that
//! list is the same as for harmless ones.

use serde_json::Value;

use crate::sample_cards::everywhere;
use crate::surfaces::limits::objects;
use crate::surfaces::{Payloads, draw, faults, fixed_tokens};

/// Two hundred hostile texts: ten cores, each in twenty wrappings.
pub fn payloads() -> Vec<String> {
    let cores = [
        "<!channel> <!here|here> <@U0MARA> <#C01GEN|general>",
        "@everyone @here @channel <@80351110224678912> <@&1> <#1>",
        "<at id=\"0\">Mara</at> {{DATE(2026-01-01T00:00:00Z,SHORT)}} ${title}",
        "[Approve](https://evil.example) <https://evil.example|Approve> <a href='x'>x</a>",
        "https://evil.example www.evil.example mailto:a@evil.example discord://x",
        "**bold** *b* __u__ _i_ ~~s~~ ~s~ ||hidden|| `code`",
        "```\n**fence**\n``` > quote\n>>> all\n# big\n- item\n1. one",
        ":white_check_mark: Approved <t:0:R> <!date^0^{date}|x> <:ok:1> </access:1>",
        "Approved by Ana\n\n\n*Risk 0 of 100*\n> fine",
        "\\*a\\* \\[x\\]\\(https://evil.example\\) \\<@1\\> \\\\",
    ];
    let wraps: [(&str, &str); 20] = [
        ("", ""),
        ("\u{202E}", "\u{202C}"),
        ("\u{2066}\u{2067}", "\u{2069}"),
        ("\u{200B}", "\u{FEFF}"),
        ("@\u{200D}", "\u{200C}!"),
        ("\u{E0041}\u{E0042}", "\u{E007F}"),
        ("\0\x1b[31m", "\x1b[0m\u{0085}"),
        ("\u{FFFD}", "\u{FFFD}\u{FFFF}"),
        ("\r\n", "\u{2028}\u{2029}"),
        ("`", "`"),
        ("```", "```"),
        ("*", "*"),
        ("_**", "**_"),
        ("\\", "\\"),
        ("&lt;!channel&gt; ", " &#60;@U0MARA&#62;"),
        ("<", ">"),
        ("x|", "|y>"),
        ("](", ")["),
        ("e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}", "\u{3164}\u{2800}"),
        ("＜＠", "＞"),
    ];
    wraps.iter().flat_map(|(a, b)| cores.iter().map(move |core| format!("{a}{core}{b}"))).collect()
}

/// What stands between two letters or digits cannot open or close anything on Slack.
fn inside(text: &[char], at: usize) -> bool {
    let letter = |n: Option<usize>| n.and_then(|n| text.get(n)).is_some_and(|c| c.is_alphanumeric());
    letter(at.checked_sub(1)) && letter(Some(at + 1))
}

/// Everything that Slack would read in a `mrkdwn` text.
fn slack_marks(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at, mut in_code) = (Vec::new(), 0, false);
    let mut quoted = false;
    while at < chars.len() {
        let rest: String = chars[at..].iter().collect();
        let line_start = at == 0 || chars[at - 1] == '\n';
        if line_start && !rest.starts_with('>') {
            quoted = false;
        }
        match chars[at] {
            '<' => {
                let end = rest.find('>').unwrap_or_else(|| panic!("an open bracket in {text:?}"));
                let inner = &rest[1..end];
                let what = if inner.starts_with("https://access.example/") {
                    assert_eq!(inner.matches('|').count(), 1, "{text:?}");
                    "link"
                } else {
                    panic!("`<{inner}>` in {text:?}")
                };
                found.push(what.to_owned());
                at += rest[..=end].chars().count();
                continue;
            }
            '>' => {
                assert!(line_start, "a bracket in {text:?}");
                if !quoted {
                    found.push(">".into());
                }
                quoted = true;
            }
            '&' => assert!(["&amp;", "&lt;", "&gt;"].iter().any(|e| rest.starts_with(e)), "{text:?}"),
            '`' => {
                in_code = !in_code;
                found.push("`".into());
            }
            c @ ('*' | '_' | '~') if !in_code && !inside(&chars, at) => found.push(c.into()),
            ':' if !in_code => {
                let name: String =
                    chars[at + 1..].iter().take_while(|c| c.is_ascii_alphanumeric() || "_+-'".contains(**c)).collect();
                let closed = chars.get(at + 1 + name.len()) == Some(&':');
                assert!(name.is_empty() || !closed, "the picture `:{name}:` in {text:?}");
            }
            _ => {}
        }
        if line_start && rest.starts_with("&gt;") {
            panic!("a quotation in {text:?}");
        }
        at += 1;
    }
    assert!(!in_code, "an open code mark in {text:?}");
    found
}

/// Everything that Discord would read in a text with markdown.
fn discord_marks(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at, mut in_code) = (Vec::new(), 0, false);
    let mut quoted = false;
    while at < chars.len() {
        let rest: String = chars[at..].iter().collect();
        let line_start = at == 0 || chars[at - 1] == '\n';
        if line_start && !rest.starts_with("> ") {
            quoted = false;
        }
        if chars[at] == '`' {
            in_code = !in_code;
            found.push("`".into());
        } else if in_code {
        } else if chars[at] == '\\' {
            at += 2;
            continue;
        } else if line_start && rest.starts_with("> ") {
            if !quoted {
                found.push("> ".into());
            }
            quoted = true;
        } else if line_start && rest.starts_with("- ") {
            found.push("- ".into());
        } else if let Some(stamp) = rest.strip_prefix("<t:") {
            let end = stamp.find('>').unwrap();
            assert!(stamp[..end].trim_end_matches(":f").bytes().all(|b| b.is_ascii_digit()), "{text:?}");
            found.push("time".into());
            at += 3 + end + 1;
            continue;
        } else if chars[at] == ']' {
            let address =
                rest.strip_prefix("](https://access.example/").unwrap_or_else(|| panic!("a bracket in {text:?}"));
            found.push("link".into());
            at += "](https://access.example/".len() + address.find(')').unwrap() + 1;
            continue;
        } else if "*[".contains(chars[at]) {
            found.push(chars[at].into());
        } else {
            assert!(!"_~|<>]()@".contains(chars[at]), "`{}` in {text:?}", chars[at]);
            assert!(!rest.starts_with("://"), "a link in {text:?}");
            assert!(
                !(line_start && ["# ", "## ", "-# ", "+ "].iter().any(|m| rest.starts_with(m))),
                "a mark in {text:?}"
            );
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            assert!(!(line_start && digits > 0 && rest[digits..].starts_with(". ")), "a list in {text:?}");
        }
        at += 1;
    }
    assert!(!in_code, "an open code mark in {text:?}");
    found
}

fn skeleton_of_slack(payload: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for object in objects(payload) {
        found.push(format!("{}", object["type"]));
        match object["type"].as_str() {
            Some("mrkdwn") => {
                assert_eq!(object["verbatim"], true);
                found.extend(slack_marks(object["text"].as_str().unwrap()));
            }
            Some("plain_text") => {
                assert_eq!(object["emoji"], false);
                assert!(!object["text"].as_str().unwrap().contains(['<', '>', '\n']), "{object}");
            }
            _ => {}
        }
    }
    found
}

/// Everything in a payload that is not plain words, in order.
fn skeleton(p: &Payloads) -> Vec<String> {
    let mut found = Vec::new();
    // The home tab is read like the others, but it shows so little of each card that long words push parts out.
    let home = skeleton_of_slack(&p.slack_home);
    assert!(!home.is_empty());
    for payload in [&p.slack].into_iter().chain(&p.slack_modals) {
        found.extend(skeleton_of_slack(payload));
    }
    let notification = p.slack["text"].as_str().unwrap();
    found.extend(slack_marks(notification));
    assert!(
        !notification.contains("://") && !notification.contains("@e") && !notification.contains('\n'),
        "{notification}"
    );

    let card = &p.teams["attachments"][0]["content"];
    for object in objects(&p.teams) {
        let kind = object["type"].as_str().unwrap_or_default();
        if kind == "TextRun" {
            let text = object["text"].as_str().unwrap();
            assert!(!text.contains("{{") && !text.contains("${") && !text.contains('\n'), "{text:?}");
            assert!(!text.contains("<at") && !text.contains("</"), "{text:?}");
            continue;
        }
        // A quotation has as many lines as its words.
        if kind == "RichTextBlock" {
            continue;
        }
        found.push(kind.to_owned());
        if kind == "TextBlock" {
            let chars: Vec<char> = object["text"].as_str().unwrap().chars().collect();
            for (n, c) in chars.iter().enumerate() {
                assert!(!"*~`[]<>@\\&".contains(*c) && (*c != '_' || inside(&chars, n)), "`{c}` in {chars:?}");
            }
            let text: String = chars.iter().collect();
            assert!(!text.contains("://") && !text.contains("www.") && !text.contains("{{"), "{text:?}");
        }
        if kind == "Action.OpenUrl" {
            assert!(object["url"].as_str().unwrap().starts_with("https://access.example/"), "{object}");
        }
    }
    assert!(card["msteams"].get("entities").is_none());

    assert_eq!(p.discord["allowed_mentions"], serde_json::json!({ "parse": [] }));
    for embed in p.discord["embeds"].as_array().unwrap() {
        for key in ["title", "description"] {
            found.extend(embed[key].as_str().map(discord_marks).unwrap_or_default());
        }
        for field in embed["fields"].as_array().into_iter().flatten() {
            found.push("field".into());
            found.extend(discord_marks(field["name"].as_str().unwrap()));
            found.extend(discord_marks(field["value"].as_str().unwrap()));
        }
    }
    for object in objects(&p.discord["components"]).into_iter().chain(p.discord_modals.iter().flat_map(objects)) {
        found.push(format!("component {}", object["type"]));
    }
    found
}

/// Nothing invisible, nothing that turns the reading direction, no control character. The word joiner is ours, behind `@` and `#`.
fn nothing_hidden(value: &Value) {
    match value {
        Value::String(text) => {
            let shown = text.replace("@\u{2060}", "@").replace("#\u{2060}", "#");
            for c in shown.chars() {
                let hidden = (c.is_control() && c != '\n')
                    || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}' | '\u{3164}' | '\u{2800}' | '\u{E0000}'..='\u{E0FFF}');
                assert!(!hidden, "U+{:04X} in {text:?}", c as u32);
            }
        }
        Value::Array(list) => list.iter().for_each(nothing_hidden),
        Value::Object(map) => map.values().for_each(nothing_hidden),
        _ => {}
    }
}

#[test]
fn hostile_words_change_nothing_but_the_words() {
    // As long as the hostile ones: a long title is said in full below a modal's own.
    let want = skeleton(&draw(&fixed_tokens(everywhere("two words and some more, so that it is long enough"))));
    let all = payloads();
    assert_eq!(all.len(), 200);
    for payload in all {
        let card = fixed_tokens(everywhere(&payload));
        assert_eq!(faults(&card), Vec::<String>::new(), "{payload:?}");
        let p = draw(&card);
        for value in
            [&p.slack, &p.slack_home, &p.teams, &p.discord].into_iter().chain(&p.slack_modals).chain(&p.discord_modals)
        {
            nothing_hidden(value);
        }
        let got = skeleton(&p);
        let differs = got.iter().zip(&want).position(|(a, b)| a != b);
        assert!(
            got.len() == want.len() && differs.is_none(),
            "{payload:?}: {:?}",
            differs.map(|n| (&got[n.saturating_sub(4)..(n + 4).min(got.len())], &want[n]))
        );
    }
}

#[test]
fn harmless_words_are_shown_wherever_there_is_room() {
    let p = draw(&fixed_tokens(everywhere("two words")));
    let count = |v: &Value| v.to_string().matches("two words").count();
    let shown = [count(&p.slack), count(&p.teams), count(&p.discord)];
    assert!(shown.iter().all(|n| *n >= 22), "{shown:?}");
    assert!(count(&p.slack_modals[0]) >= 6 && count(&p.discord_modals[0]) >= 6);
}

#[test]
fn a_person_is_mentioned_by_their_id_only() {
    let mut card = claviger::domain::card::Card::note("x");
    let person = |id: &str, name: &str| claviger::domain::card::Inline::Person {
        id: claviger::domain::ids::PersonId::parse(id).unwrap(),
        name: name.into(),
    };
    card =
        card.fact("Who", vec![person("mara.lindt", "Mara Lindt")]).fact("By", vec![person("ana.kovac", "<@U0MARA>")]);
    let p = draw(&card);
    let slack = p.slack["blocks"].to_string();
    assert!(slack.contains("<@U0MARA>") && slack.matches("<@").count() == 1, "{slack}");
    let discord = p.discord.to_string();
    assert!(discord.contains("<@80351110224678912>") && discord.matches("<@").count() == 1, "{discord}");
    assert!(p.teams.to_string().contains("Mara Lindt") && !p.teams.to_string().contains("<at>"));
}
