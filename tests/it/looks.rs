//! Who is told about whose sign-ins: the helpdesk, a manager, security, the security desk, a colleague, a contractor, somebody unlinked.
//! What is told is recorded and can be seen by whoever it is about; what is not told is not told in the same bytes for every name.

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger::connectors::signin::read::{Hints, Records};
use claviger::domain::card::{Card, Section};
use claviger::domain::event::{Actor, EventBody, HouseEvent, Stream};
use claviger::domain::inquiry::Matter;
use claviger::domain::person::{Population, Presence};
use claviger::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use claviger::domain::signin_actor::Aliases;
use claviger::eval::lockouts;
use claviger::helpdesk::disclosure::{Level, Part, Policy};
use claviger::helpdesk::lockout::voice;
use claviger::model::scripted::{Line, ScriptedModel};
use claviger::ports::account_state::{AccountReport, AccountState, AccountStateError};
use claviger::ports::desk::Desk as _;
use claviger::ports::language_model::{LanguageModel, ModelError};
use claviger::ports::signin::{SigninLog, SigninQuery};
use claviger::ports::store::TicketQuery;
use claviger::store::database::Database;
use claviger::workflow::house::{House, Outside, Signins};
use jiff::SignedDuration;

use crate::bot::{TestBot, person};
use crate::helpdesk::words;

/// Three wrong passwords from one address and a lock, an hour ago, for each of these.
async fn locked(bot: &TestBot, database: &Database, people: &[&str]) {
    let now = bot.house.now();
    let ago = |n: i64| (now - SignedDuration::from_mins(n)).to_string();
    let mut lines = Vec::new();
    for who in people {
        for n in [60, 59, 58] {
            lines.push(format!(
                r#"{{"id":"{who}-{n}","provider":"generic","raw":{{"time":"{}","actor":"{who}","outcome":"failure","reason_code":"bad_password","ip":"192.0.2.66","device":"Tablet-{who}"}}}}"#,
                ago(n)
            ));
        }
        lines.push(format!(
            r#"{{"id":"{who}-57","provider":"generic","raw":{{"time":"{}","actor":"{who}","event":"account_locked","outcome":"blocked","reason_code":"locked_out"}}}}"#,
            ago(57)
        ));
    }
    let text = lines.join("\n");
    let records = Records::new(std::io::Cursor::new(text), Hints { provider: None, now });
    let events: Vec<_> = records.flat_map(|r| r.unwrap().read.unwrap()).collect();
    database.append_signins(&events, now).await.unwrap();
}

async fn bot(change: impl FnOnce(&mut House)) -> (TestBot, Arc<Database>) {
    let database = claviger::store::open::open_memory().await.unwrap();
    let signins = Signins { log: Some(database.clone()), ..Signins::default() };
    let bot = TestBot::with_outside(Outside { signins, ..Outside::default() }, change).await;
    locked(&bot, &database, &["ana.kovac", "lukas.weber"]).await;
    (bot, database)
}

async fn one(bot: &TestBot, who: &str, question: &str) -> Card {
    let mut cards = bot.say(who, question).await;
    assert_eq!(cards.len(), 1, "{who}: {question}: {cards:#?}");
    cards.remove(0)
}

async fn house_events(bot: &TestBot) -> Vec<(String, HouseEvent)> {
    let stored = bot.house.store.events_of(&Stream::House).await.unwrap();
    stored
        .into_iter()
        .filter_map(|s| match (s.event.actor, s.event.body) {
            (Actor::Person { id }, EventBody::House(what)) => Some((id.to_string(), what)),
            _ => None,
        })
        .collect()
}

const ASKS: [&str; 4] =
    ["why was {} locked out?", "has {} been locked out?", "why can't {} sign in?", "is {} locked out again"];

#[tokio::test]
async fn each_is_told_what_policy_gives_and_no_more() {
    let (bot, _) = bot(|_| {}).await;
    for (who, level, because) in [
        ("julia.schmid", "operator", "helpdesk"),
        ("jasper.de-vries", "operator", "security"),
        ("ines.carvalho", "operator", "soc"),
        ("lukas.weber", "staff", "manager"),
    ] {
        for ask in ASKS {
            let said = one(&bot, who, &ask.replace("{}", "Ana Kovač")).await;
            let text = words(&said);
            assert!(text.contains("Ana Kovač’s") && text.contains("locked on"), "{who} {ask}: {text}");
            assert!(!text.contains(" your account") && !text.contains("Your "), "{who} {ask}: {text}");
            assert!(text.contains("3 refused sign-ins"), "{who} {ask}: {text}");
            assert!(text.contains("This look is recorded, and Ana can see it"), "{text}");
            assert!(!text.contains("lukas.weber-"), "nobody else's: {text}");
            let receipts = said.body.iter().any(|s| matches!(s, Section::Timeline { .. }));
            let whole = format!("{said:?}");
            assert_eq!(receipts, level == "operator", "{who} {ask}");
            assert_eq!(whole.contains("192.0.2.66"), level == "operator", "{who} {ask}: {text}");
            assert_eq!(whole.contains("Tablet"), level == "operator", "{who} {ask}: {text}");
            assert!(said.actions.is_empty(), "another's answer has no buttons of the person's own: {:?}", said.actions);
        }
        let told: Vec<_> = house_events(&bot).await.into_iter().filter(|(by, _)| by == who).collect();
        let expected =
            HouseEvent::SigninsTold { of: person("ana.kovac"), level: level.to_owned(), because: because.to_owned() };
        assert_eq!(told.iter().filter(|(_, what)| *what == expected).count(), ASKS.len(), "{who}: {told:#?}");
    }
    // What they were told stands in the record with what it rests on.
    let asked = bot.house.store.inquiries(jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    let looks = asked.iter().filter(|s| match &s.event.body {
        EventBody::Inquiry(claviger::domain::inquiry::InquiryEvent::Answered { answer }) => {
            matches!(&answer.matter, Matter::Colleague { person, .. } if person.as_str() == "ana.kovac")
                && answer.evidence.contains(&"ana.kovac-57".to_owned())
        }
        _ => false,
    });
    assert_eq!(looks.count(), 16);
    // It is work, and no question somebody needed help with.
    let asked = claviger::domain::deflection::questions(asked.iter().map(|s| &s.event)).unwrap();
    assert_eq!(claviger::domain::deflection::measure(&asked, bot.house.now()).all.questions, 0);
    bot.is_at_rest().await;
}

#[tokio::test]
async fn whoever_it_is_about_sees_who_looked() {
    let (bot, _) = bot(|_| {}).await;
    let none = words(&one(&bot, "ana.kovac", "Who looked at my sign-ins?").await);
    assert!(none.contains("Nobody asked me"), "{none}");
    one(&bot, "julia.schmid", "why was Ana Kovač locked out?").await;
    bot.pass(SignedDuration::from_hours(2)).await;
    one(&bot, "lukas.weber", "has Ana Kovač been locked out?").await;
    one(&bot, "tom.fischer", "has Ana Kovač been locked out?").await;
    let seen = words(&one(&bot, "ana.kovac", "who has looked at my sign-ins?").await);
    let (julia, lukas) =
        (seen.find("Julia Schmid, who works at the helpdesk"), seen.find("Lukas Weber, who is the manager"));
    assert!(lukas.is_some() && lukas < julia, "the newest first: {seen}");
    assert!(!seen.contains("Tom Fischer"), "who was told nothing saw nothing: {seen}");
    let other = words(&one(&bot, "elif.demir", "who looked at my sign-ins?").await);
    assert!(other.contains("Nobody asked me"), "{other}");
    // After ninety days it is out of the list, not out of the record.
    bot.pass(SignedDuration::from_hours(24 * 91)).await;
    let later = words(&one(&bot, "ana.kovac", "who looked at my sign-ins?").await);
    assert!(later.contains("Nobody asked me"), "{later}");
}

#[tokio::test]
async fn everybody_else_reads_the_same_bytes_for_every_name() {
    // A contractor who has got into the helpdesk's group is told nothing either.
    let (bot, _) = bot(|house| {
        let people = house.catalog.directory.iter().map(|p| {
            let mut p = (**p).clone();
            if p.id.as_str() == "nikhil.rao" {
                assert_eq!(p.population, Population::Contractor);
                p.groups.push(house.catalog.roles.helpdesk().clone());
            }
            p
        });
        let directory = claviger::domain::person::Directory::new(people);
        let mut catalog = (*house.catalog).clone();
        catalog.directory = directory;
        house.catalog = Arc::new(catalog);
    })
    .await;
    let names = ["Ana Kovač", "Lukas Weber", "Elif Demir", "ana.kovac", "Helene Brandt"];
    let nobody = ["for Zoltan Quimby", "for nobody.known@quillmere.example"];
    let mut read: BTreeSet<Vec<u8>> = BTreeSet::new();
    // A colleague in the same team, one far away, a contractor, somebody's report asking about their manager.
    for who in ["tom.fischer", "elif.demir", "nikhil.rao"] {
        for name in names {
            for ask in ASKS {
                if who == "elif.demir" && name == "Elif Demir" {
                    continue;
                }
                let card = one(&bot, who, &ask.replace("{}", name)).await;
                read.insert(serde_json::to_vec(&card).unwrap());
            }
        }
        for name in nobody {
            let card = one(&bot, who, &format!("why was the account locked out {name}?")).await;
            read.insert(serde_json::to_vec(&card).unwrap());
        }
    }
    assert_eq!(read.len(), 1, "{:#?}", read.iter().map(|b| String::from_utf8_lossy(b)).collect::<Vec<_>>());
    let withheld: Vec<_> = house_events(&bot)
        .await
        .into_iter()
        .filter_map(|(by, what)| match what {
            HouseEvent::SigninsWithheld { of } => Some((by, of)),
            _ => None,
        })
        .collect();
    assert!(withheld.contains(&("tom.fischer".to_owned(), Some(person("ana.kovac")))), "{withheld:?}");
    assert!(withheld.contains(&("nikhil.rao".to_owned(), None)), "{withheld:?}");
    let told = house_events(&bot).await.into_iter().any(|(_, what)| matches!(what, HouseEvent::SigninsTold { .. }));
    assert!(!told);
    bot.is_at_rest().await;
}

/// The receipts shown are those the cause rests on, each with what happened; times are those of whom it is about, and the reader's too.
#[tokio::test]
async fn receipts_tell_the_story_and_times_are_said_for_both() {
    let database = claviger::store::open::open_memory().await.unwrap();
    let signins = Signins { log: Some(database.clone()), ..Signins::default() };
    let bot = TestBot::with_outside(Outside { signins, ..Outside::default() }, |_| {}).await;
    let now = bot.house.now();
    let line = |id: &str, minutes: i64, rest: &str| {
        let at = now - SignedDuration::from_mins(minutes);
        format!(r#"{{"id":"{id}","provider":"generic","raw":{{"time":"{at}","actor":"ana.kovac",{rest}}}}}"#)
    };
    let phone = r#""ip":"192.0.2.66","device":"Phone""#;
    let mut lines = vec![
        line("before", 3000, &format!(r#""outcome":"success",{phone}"#)),
        line("renewed", 600, r#""event":"password_change","outcome":"success""#),
        line("shut", 30, r#""event":"account_locked","outcome":"blocked","reason_code":"locked_out""#),
    ];
    for n in 0..30 {
        let rest = format!(r#""outcome":"failure","reason_code":"bad_password",{phone}"#);
        lines.push(line(&format!("wrong-{n:02}"), 90 - 2 * n, &rest));
    }
    let records = Records::new(std::io::Cursor::new(lines.join("\n")), Hints { provider: None, now });
    let events: Vec<_> = records.flat_map(|r| r.unwrap().read.unwrap()).collect();
    database.append_signins(&events, now).await.unwrap();
    let entries = |card: &Card| -> Vec<String> {
        let plain = |s: &Section| match s {
            Section::Timeline { entries } => {
                let text =
                    |e: &claviger::domain::card::TimelineEntry| e.text.iter().map(|i| i.plain()).collect::<String>();
                entries.iter().map(|e| format!("{} {}", e.shown, text(e))).collect()
            }
            _ => Vec::new(),
        };
        card.body.iter().flat_map(plain).collect()
    };
    let card = one(&bot, "ana.kovac", "why was I locked out?").await;
    let shown = entries(&card);
    assert_eq!(shown.len(), 12, "{shown:#?}");
    for (at, said) in [(0, "signed in · before"), (1, "password changed · renewed"), (11, "locked · shut")] {
        assert!(shown[at].contains(said), "{at} {said}: {shown:#?}");
    }
    assert!(shown[2].contains("refused: wrong name or password · wrong-00"), "the first of them: {shown:#?}");
    assert!(shown[10].contains("wrong-29"), "and the last: {shown:#?}");
    assert!(words(&card).contains("more of the same are not shown"), "{}", words(&card));
    // Somebody of the helpdesk elsewhere.
    let directory = &bot.house.catalog.directory;
    let zone = |id: &str| directory.get(&person(id)).unwrap().time_zone();
    let elsewhere = ["julia.schmid", "dana.whitfield", "erik.johansson", "jasper.de-vries", "ines.carvalho"]
        .into_iter()
        .find(|id| zone(id).to_offset(now) != zone("ana.kovac").to_offset(now))
        .expect("somebody works in another zone");
    let card = one(&bot, elsewhere, "why was Ana Kovač locked out?").await;
    let own = now - SignedDuration::from_mins(30);
    let clock = |id: &str| own.to_zoned(zone(id)).strftime("%H:%M").to_string();
    let text = words(&card);
    assert!(text.contains(&format!("at {} (", clock("ana.kovac"))) && text.contains("Times are Ana’s"), "{text}");
    assert!(text.contains("where you are"), "{text}");
    let last = entries(&card).pop().unwrap();
    assert!(last.contains(&clock("ana.kovac")) && last.contains(&format!("{} (", clock(elsewhere))), "{last}");
    // Whoever's clock shows the same is told nothing of clocks.
    let same = directory.managers_of(&person("ana.kovac"))[0].clone();
    if same.time_zone().to_offset(now) == zone("ana.kovac").to_offset(now) {
        assert!(!words(&one(&bot, same.id.as_str(), "why was Ana Kovač locked out?").await).contains("Times are"));
    }
}

/// "Unlock me" beside a record that does not say when: an article's minutes are not this lock's.
#[tokio::test]
async fn an_article_of_locks_in_general_says_nothing_of_this_one() {
    let (bot, _) = bot(|_| {}).await;
    let cards = bot.say("ana.kovac", "unlock me").await;
    let text = cards.iter().map(words).collect::<Vec<_>>().join(" || ");
    assert!(text.contains("does not say when it ends by itself") && !text.contains("15 minutes"), "{text}");
    assert!(text.contains("in general"), "{text}");
}

#[tokio::test]
async fn a_manager_is_told_of_their_own_people_only_and_not_of_theirs() {
    let (bot, _) = bot(|_| {}).await;
    let refusal = one(&bot, "tom.fischer", "why was Ana Kovač locked out?").await;
    // Lukas manages Ana; his own manager stands above her, and the table gives that nothing.
    let above = bot.house.catalog.directory.get(&person("lukas.weber")).unwrap().manager.clone().unwrap();
    assert_eq!(one(&bot, above.as_str(), "why was Ana Kovač locked out?").await, refusal);
    let own = words(&one(&bot, above.as_str(), "why was Lukas Weber locked out?").await);
    assert!(own.contains("Lukas Weber’s") && own.contains("because you are their manager"), "{own}");
    assert_eq!(one(&bot, "lukas.weber", "why was Marcus Bell locked out?").await, refusal);
}

#[tokio::test]
async fn the_helpdesk_is_told_that_a_name_fits_nobody_or_several() {
    let (bot, _) = bot(|_| {}).await;
    let nobody = words(&one(&bot, "julia.schmid", "why was the account locked out for Zoltan Quimby?").await);
    assert!(nobody.contains("I do not find"), "{nobody}");
    let directory = &bot.house.catalog.directory;
    let first = |p: &claviger::domain::person::Person| p.first_name().to_owned();
    let shared = directory.iter().find(|p| {
        directory.iter().filter(|q| first(q) == first(p)).count() > 1
            && !["julia"].contains(&first(p).to_lowercase().as_str())
    });
    if let Some(shared) = shared {
        let which = words(&one(&bot, "julia.schmid", &format!("why was {} locked out?", first(shared))).await);
        assert!(which.starts_with("Which ") && which.contains(&shared.name), "{which}");
    }
}

#[tokio::test]
async fn the_table_decides_and_without_one_nobody_is_told() {
    let (bot, _) = bot(|house| house.disclosure = Policy::default()).await;
    let refusal = one(&bot, "tom.fischer", "why was Ana Kovač locked out?").await;
    for who in ["julia.schmid", "jasper.de-vries", "ines.carvalho", "lukas.weber"] {
        assert_eq!(one(&bot, who, "why was Ana Kovač locked out?").await, refusal, "{who}");
    }
    let (bot, _) = self::bot(|house| {
        house.disclosure.tell = [(Part::Helpdesk, Level::Person)].into();
        house.disclosure.page = [Part::Helpdesk].into();
    })
    .await;
    let told = words(&one(&bot, "julia.schmid", "why was Ana Kovač locked out?").await);
    assert!(told.contains("192.0.2.66"), "{told}");
    assert!(words(&one(&bot, "jasper.de-vries", "why was Ana Kovač locked out?").await).contains("not for me"));
    assert!(
        bot.desk.helpdesk(&person("ines.carvalho")).await.is_err()
            && !bot.desk.opens_helpdesk(&person("ines.carvalho"))
    );
}

#[tokio::test]
async fn the_page_opens_for_the_security_desk_too_and_is_linked_for_those_it_opens_for() {
    let (bot, _) = bot(|_| {}).await;
    for who in ["ines.carvalho", "dana.whitfield", "jasper.de-vries", "erik.johansson"] {
        assert!(bot.desk.helpdesk(&person(who)).await.is_ok() && bot.desk.opens_helpdesk(&person(who)), "{who}");
    }
    for who in ["tom.fischer", "lukas.weber", "nobody.at-all"] {
        assert!(bot.desk.helpdesk(&person(who)).await.is_err() && !bot.desk.opens_helpdesk(&person(who)), "{who}");
    }
}

#[tokio::test]
async fn a_danger_seen_on_the_way_goes_to_security() {
    let (bot, database) = bot(|_| {}).await;
    let now = bot.house.now();
    let line = format!(
        r#"{{"id":"elif-1","provider":"generic","raw":{{"time":"{}","actor":"elif.demir","event":"account_locked","outcome":"blocked","reason_code":"soc_hold","ip":"192.0.2.9"}}}}"#,
        now - SignedDuration::from_mins(9)
    );
    let records = Records::new(std::io::Cursor::new(line), Hints { provider: None, now });
    let events: Vec<_> = records.flat_map(|r| r.unwrap().read.unwrap()).collect();
    database.append_signins(&events, now).await.unwrap();
    let manager = words(&one(&bot, "lukas.weber", "why was Elif Demir locked out?").await);
    assert!(manager.contains("for safety") && !manager.contains("192.0.2.9"), "{manager}");
    one(&bot, "julia.schmid", "why was Elif Demir locked out?").await;
    let tickets = bot.house.store.tickets(&TicketQuery::default()).await.unwrap();
    assert_eq!(tickets.len(), 1, "once");
    assert_eq!(tickets[0].content.person, person("elif.demir"));
}

/// Told to others, no scripted case speaks to them as if it were about them, and none names what staff are not to know.
#[test]
fn every_scripted_case_can_be_told_about_somebody() {
    let read = |text: &str, now| {
        let records = Records::new(std::io::Cursor::new(text.to_owned()), Hints { provider: None, now });
        records.filter_map(Result::ok).filter_map(|r| r.read.ok()).flatten().collect()
    };
    let (cases, _) = lockouts::cases(include_str!("../../evals/lockouts.jsonl"));
    for case in &cases {
        let events = lockouts::events(case, &read);
        let told = voice::about(lockouts::explain(case, events), "Mira Okafor");
        for sentence in &told.sentences {
            let ours: String = sentence
                .text()
                .split_inclusive(['“', '”'])
                .enumerate()
                .filter(|(n, _)| n % 2 == 0)
                .map(|(_, part)| part)
                .collect();
            let plain = ours.to_lowercase();
            let left = plain.split(|c: char| !c.is_alphabetic()).any(|w| matches!(w, "you" | "your" | "yours"));
            assert!(!left, "{}: {}", case.id, sentence.text());
        }
    }
    assert!(cases.len() >= 80);
}

/// A model may word one's own answer. What it adds is not shown, and neither is an answer lost where it says nothing.
#[tokio::test]
async fn a_model_words_ones_own_answer_and_never_adds() {
    let faithful = |text: &str| {
        let answer = serde_json::json!({ "answer": text }).to_string();
        Line::Says(answer)
    };
    let (plain, _) = bot(|_| {}).await;
    let sentences = one(&plain, "ana.kovac", "why was I locked out?").await;
    let own: Vec<String> = sentences
        .body
        .iter()
        .map_while(|s| match s {
            Section::Para { text } => Some(text.iter().map(|i| i.plain()).collect::<String>()),
            _ => None,
        })
        .take_while(|p| p != "What you can do:")
        .collect();
    // The same sentences in one paragraph: faithful, and told apart from the template by that.
    let joined = own.join(" ");
    for (line, by_model) in [
        (faithful(&joined), true),
        (faithful(&joined.replace("3 refused", "4 refused")), false),
        (faithful(&format!("{joined} It was Victor from Sales.")), false),
        (Line::Says("not json".into()), false),
        (Line::CutOff(serde_json::json!({ "answer": joined }).to_string()), false),
        (Line::Fails(ModelError::Timeout), false),
        (Line::Fails(ModelError::CircuitOpen), false),
    ] {
        let model = Arc::new(ScriptedModel::new(vec![line.clone()]));
        let asked = Arc::clone(&model);
        let (bot, _) = bot(|house| house.phrasing = Some(model as Arc<dyn LanguageModel>)).await;
        let card = one(&bot, "ana.kovac", "why was I locked out?").await;
        let first = match &card.body[0] {
            Section::Para { text } => text.iter().map(|i| i.plain()).collect::<String>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(first, if by_model { joined.clone() } else { own[0].clone() }, "{line:?}");
        assert_eq!(asked.asked().len(), 1);
        // Receipts, steps and buttons are the house's own in either case.
        assert!(words(&card).contains("Rests on 4 recorded events"), "{}", words(&card));
        // What is told about others is never reworded.
        one(&bot, "julia.schmid", "why was Ana Kovač locked out?").await;
        assert_eq!(asked.asked().len(), 1);
    }
}

/// A directory that says what it is told to say, or nothing at all.
struct Live(std::sync::Mutex<Option<Vec<SigninEvent>>>);

#[async_trait::async_trait]
impl AccountState for Live {
    fn name(&self) -> &str {
        "live"
    }
    fn provider(&self) -> Option<Provider> {
        Some(Provider::ActiveDirectory)
    }
    async fn account(&self, whose: &Aliases, _: jiff::Timestamp) -> Result<AccountReport, AccountStateError> {
        match self.0.lock().unwrap().as_ref() {
            None => Err(AccountStateError::Unavailable { directory: "live".into(), what: "gone".into() }),
            Some(said) => {
                let events = said.iter().filter(|e| whose.own(e)).cloned().collect();
                Ok(AccountReport { events, lock_lasts: None })
            }
        }
    }
}

#[tokio::test]
async fn what_a_directory_said_and_an_answer_rests_on_is_kept() {
    let database = claviger::store::open::open_memory().await.unwrap();
    let live = Arc::new(Live(std::sync::Mutex::new(Some(Vec::new()))));
    let signins = Signins {
        log: Some(database.clone()),
        directories: vec![live.clone() as Arc<dyn AccountState>],
        ..Signins::default()
    };
    let bot = TestBot::with_outside(Outside { signins, ..Outside::default() }, |_| {}).await;
    let now = bot.house.now();
    let fact = |attribute: &str, value: &str, minutes: i64, outcome, code: &str, class| SigninEvent {
        id: format!("ana.kovac:{attribute}:{value}"),
        provider: Provider::ActiveDirectory,
        event: attribute.into(),
        at: Some(now - SignedDuration::from_mins(minutes)),
        time: Some(value.into()),
        actor: Some("ana.kovac".into()),
        subject: None,
        outcome: Some(outcome),
        reason_code: Some(code.into()),
        reason_class: Some(class),
        reason_text: None,
        ip: None,
        device: None,
        application: None,
        session: None,
        place: None,
        risk: None,
        raw_digest: claviger::domain::digest::Digest::of(value.as_bytes()),
    };
    let standing = vec![
        fact("badPasswordTime", "133001", 10, SigninOutcome::Failure, "52e", ReasonClass::BadCredentials),
        fact("lockoutTime", "133002", 10, SigninOutcome::Blocked, "775", ReasonClass::LockedOut),
    ];
    *live.0.lock().unwrap() = Some(standing);
    let kept = async || {
        let whose = Aliases::of(
            bot.house.catalog.directory.get(&person("ana.kovac")).unwrap(),
            &bot.house.catalog.directory,
            &[],
        );
        let query = SigninQuery { whose, from: jiff::Timestamp::UNIX_EPOCH, until: jiff::Timestamp::MAX, limit: 0 };
        let mut ids: Vec<String> = database.signins(&query).await.unwrap().into_iter().map(|e| e.id).collect();
        ids.sort();
        ids
    };
    let said = words(&one(&bot, "ana.kovac", "why was I locked out?").await);
    assert!(said.contains("account was locked on"), "{said}");
    let asked = bot.house.store.inquiries(jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    let EventBody::Inquiry(claviger::domain::inquiry::InquiryEvent::Answered { answer }) = &asked[0].event.body else {
        panic!("{asked:?}")
    };
    let mut evidence = answer.evidence.clone();
    evidence.sort();
    assert!(evidence.contains(&"ana.kovac:lockoutTime:133002".to_owned()), "{evidence:?}");
    assert_eq!(kept().await, evidence, "what the answer names is there to be read");
    // Asked again, by somebody else too, nothing is kept twice.
    one(&bot, "ana.kovac", "why was I locked out?").await;
    one(&bot, "julia.schmid", "why was Ana Kovač locked out?").await;
    assert_eq!(kept().await, evidence);
    // The directory does not answer: what it said before is told, with that said.
    *live.0.lock().unwrap() = None;
    let silent = words(&one(&bot, "ana.kovac", "why was I locked out?").await);
    assert!(silent.contains("account was locked on") && silent.contains("did not answer just now"), "{silent}");
    // It says that nothing stands any more: nothing of before is told as if it did, and it stays where tickets can find it.
    *live.0.lock().unwrap() = Some(Vec::new());
    let open = words(&one(&bot, "ana.kovac", "why was I locked out?").await);
    assert!(!open.contains("account was locked on"), "{open}");
    assert_eq!(kept().await, evidence);
}

#[tokio::test]
async fn a_name_nobody_has_reads_the_same_bytes_as_one_somebody_has() {
    let (bot, database) = bot(|_| {}).await;
    locked(&bot, &database, &["finn.aalto", "karl.nobody"]).await;
    let names = [
        "lukas.weber",
        "karl.nobody",
        "Lukas Weber",
        "Zaphod Beeblebrox",
        "zaphod",
        "lukas.weber@quillmere.example",
        "karl.nobody@quillmere.example",
    ];
    let asks = ["when can {} get in again?", "is {} still locked?", "tell me why {} was locked out"];
    let mut read: BTreeSet<Vec<u8>> = BTreeSet::new();
    for name in names {
        for ask in ASKS.iter().chain(&asks) {
            let card = one(&bot, "finn.aalto", &ask.replace("{}", name)).await;
            assert_eq!(card.headline, "That is not for me to tell", "{name} {ask}: {}", words(&card));
            read.insert(serde_json::to_vec(&card).unwrap());
        }
    }
    assert_eq!(read.len(), 1);
    for name in ["Zaphod Beeblebrox", "nobody.else"] {
        let card = one(&bot, "julia.schmid", &format!("why was {name} locked out?")).await;
        assert!(card.headline.starts_with("I do not find “"), "{}", words(&card));
    }
    let card = one(&bot, "julia.schmid", "why was karl.nobody locked out?").await;
    assert!(words(&card).contains("belongs to nobody here"), "{}", words(&card));
    let mine = one(&bot, "finn.aalto", "why was I locked out?").await;
    assert!(words(&mine).contains("3 refused sign-ins"), "{}", words(&mine));
    for name in ["Mira", "Mira Okafor", "Zaphod", "karl.nobody"] {
        let card = one(&bot, "finn.aalto", &format!("why was {name} denied?")).await;
        assert_eq!(card.headline, "That is not for me to tell", "{name}: {}", words(&card));
    }
}

#[tokio::test]
async fn the_helpdesk_finds_people_by_any_of_their_names_and_opens_nobody_unasked() {
    let (bot, _) = bot(|_| {}).await;
    for ask in [
        "did ana.kovac sign in today",
        "show sign-ins of ana.kovac",
        "user ana.kovac locked, why",
        "why is ANA KOVAC locked",
        "is ana.kovac@quillmere.example still locked",
        "did Ana Kovač sign in today",
        "why can't Ana Kovac get into Salesforce",
    ] {
        let said = words(&one(&bot, "julia.schmid", ask).await);
        assert!(said.contains("What the record says of Ana Kovač"), "{ask}: {said}");
        let other = words(&one(&bot, "finn.aalto", ask).await);
        assert!(other.contains("That is not for me to tell"), "{ask}: {other}");
    }
    let near = words(&one(&bot, "julia.schmid", "why was Anna Kovac locked out?").await);
    assert!(near.contains("Did you mean Ana Kovač") && !near.contains("refused sign-in"), "{near}");
    let left = bot.house.catalog.directory.iter().find(|p| p.presence == Presence::Departed).unwrap().clone();
    let said = words(&one(&bot, "julia.schmid", &format!("why was {} locked out?", left.name)).await);
    assert!(said.contains(&format!("{} has left", left.name)), "{said}");
    // Whoever does it for others is not sent to themselves.
    let said = words(&one(&bot, "julia.schmid", "unlock ana.kovac").await);
    assert!(said.contains("You work at the helpdesk") && !said.contains("Julia Schmid"), "{said}");
    let own = one(&bot, "julia.schmid", "who looked at Ana's sign-ins?").await;
    assert_eq!(own.headline, "I do not tell others who looked");
    for (who, name) in [("finn.aalto", "Ana"), ("finn.aalto", "Zaphod"), ("lukas.weber", "Zaphod")] {
        let card = one(&bot, who, &format!("who looked at {name}'s sign-ins?")).await;
        assert_eq!(words(&card), words(&own), "{who} {name}");
    }
}

#[tokio::test]
async fn a_risk_the_provider_names_goes_to_security_with_what_was_seen() {
    let (bot, database) = bot(|_| {}).await;
    let now = bot.house.now();
    let ago = |n: i64| (now - SignedDuration::from_mins(n)).to_string();
    let text = [
        format!(
            r#"{{"id":"tor-1","provider":"generic","raw":{{"time":"{}","actor":"mira.okafor","outcome":"failure","reason_code":"bad_password","ip":"192.0.2.99","place":"NG","risk":["high","anonymous_ip"]}}}}"#,
            ago(12)
        ),
        format!(
            r#"{{"id":"tor-2","provider":"generic","raw":{{"time":"{}","actor":"mira.okafor","event":"account_locked","outcome":"blocked","reason_code":"locked_out"}}}}"#,
            ago(10)
        ),
    ]
    .join("\n");
    let records = Records::new(std::io::Cursor::new(text), Hints { provider: None, now });
    let events: Vec<_> = records.flat_map(|r| r.unwrap().read.unwrap()).collect();
    database.append_signins(&events, now).await.unwrap();
    let own = words(&one(&bot, "mira.okafor", "why was I locked out?").await);
    assert!(own.contains("looked dangerous") && own.contains("has a case about this"), "{own}");
    assert!(!own.contains("hides its origin") && !own.contains("192.0.2.99") && !own.contains("Write to"), "{own}");
    let tickets = bot.house.store.tickets(&TicketQuery::default()).await.unwrap();
    assert_eq!(tickets.len(), 1, "{tickets:#?}");
    assert!(["tor-1", "tor-2"].iter().all(|id| tickets[0].content.evidence.contains(&(*id).to_owned())));
    for who in ["julia.schmid", "jasper.de-vries"] {
        let card = one(&bot, who, "why was Mira Okafor locked out?").await;
        let said = words(&card);
        for seen in ["192.0.2.99", "NG", "risk high", "hides its origin"] {
            assert!(said.contains(seen), "{who} {seen}: {said}");
        }
        assert!(format!("{card:?}").contains("tor-1"), "the event is named among the receipts");
    }
    assert_eq!(
        bot.house.store.tickets(&TicketQuery::default()).await.unwrap().len(),
        1,
        "one case for the same events"
    );
}

#[tokio::test]
async fn a_takeover_leads_to_security_and_until_when_is_answered() {
    let (bot, _) = bot(|_| {}).await;
    for said in [
        "my account was hacked",
        "I think somebody has my password",
        "I clicked a phishing link",
        "I got an MFA prompt I did not ask for",
    ] {
        let card = bot.say("ana.kovac", said).await.remove(0);
        assert!(card.headline.starts_with("Did somebody else use your account"), "{said}: {}", words(&card));
        assert_eq!(card.actions[0].label, "Yes, tell security", "{said}");
        assert!(words(&card).contains("security-contact.md"), "{said}: {}", words(&card));
    }
    // What leaves nothing to ask back is a case at once, with what the record holds; said again it is the same one.
    let card = bot.say("ana.kovac", "someone else signed in as me").await.remove(0);
    assert!(card.headline.starts_with("Security has your report"), "{}", words(&card));
    bot.say("ana.kovac", "Somebody is using my account!").await;
    let tickets = bot.house.store.tickets(&TicketQuery::default()).await.unwrap();
    assert_eq!(tickets.len(), 1, "{tickets:#?}");
    assert!(tickets[0].content.evidence.contains(&"ana.kovac-57".to_owned()), "{:?}", tickets[0].content.evidence);
    let read = words(&card);
    assert!(read.contains("ana.kovac-57 · ") && read.contains("· locked"), "when and what, not bare ids: {read}");
    assert!(read.contains("refused: wrong name or password, from the address 192.0.2.66"), "{read}");
    for ask in ["when can I get in again?", "how long am I locked?", "is my account still locked?"] {
        let said = words(&one(&bot, "ana.kovac", ask).await);
        assert!(said.contains("locked on") && said.contains("does not say when it ends"), "{ask}: {said}");
        assert!(said.contains("no unlock and no sign-in that worked"), "{ask}: {said}");
    }
}
