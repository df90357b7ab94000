//! Conversations with the helpdesk, on the whole program: answers with their article, what goes to a person and with what, reports that
//! something was not the person's doing, and what is counted of it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use claviger::domain::card::{Card, Inline, Section};
use claviger::domain::deflection;
use claviger::domain::digest::Digest;
use claviger::domain::event::EventBody;
use claviger::domain::ids::TicketId;
use claviger::domain::inquiry::Matter;
use claviger::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use claviger::domain::ticket::{Category, Cause, Priority, SessionsEnded, TicketEvent};
use claviger::ports::alerts::AlertSink;
use claviger::ports::connector::{Connector, ConnectorError, Errand, Holding, Receipt, SessionsReceipt};
use claviger::ports::desk::Desk as _;
use claviger::ports::signin::SigninLog;
use claviger::ports::store::TicketQuery;
use claviger::ports::tickets::{Filing, TicketDesk, TicketError, TicketPaper};
use claviger::workflow::house::Outside;
use claviger::workflow::notices::Notices;
use jiff::SignedDuration;

use crate::bot::{TestBot, badge, fact, person};

/// Everything a card says, in one line.
pub fn words(card: &Card) -> String {
    let rich = |r: &[Inline]| r.iter().map(Inline::plain).collect::<String>();
    let mut out = card.headline.clone();
    for section in &card.body {
        match section {
            Section::Para { text } => out.push_str(&format!(" | {}", rich(text))),
            Section::List { items } => items.iter().for_each(|i| out.push_str(&format!(" | {}", rich(i)))),
            Section::Quote { by, text } => out.push_str(&format!(" | {by}: {text}")),
            _ => {}
        }
    }
    if let Some(footer) = &card.footer {
        out.push_str(&format!(" | {}", rich(footer)));
    }
    out
}

fn labels(card: &Card) -> Vec<&str> {
    card.actions.iter().map(|b| b.label.as_str()).collect()
}

async fn tickets(bot: &TestBot) -> Vec<claviger::domain::ticket::Ticket> {
    bot.house.store.tickets(&TicketQuery::default()).await.unwrap()
}

async fn measured(bot: &TestBot) -> deflection::Deflection {
    let events = bot.house.store.inquiries(jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    let asked = deflection::questions(events.iter().map(|e| &e.event)).unwrap();
    deflection::measure(&asked, bot.house.now())
}

#[tokio::test]
async fn how_do_i_is_answered_by_the_article_and_starts_the_request() {
    let bot = TestBot::start().await;
    let catalog = &bot.house.catalog;
    let has_vpn =
        |p: &str| catalog.holdings.iter().any(|h| h.person.as_str() == p && h.entitlement.as_str() == "vpn:use");
    let someone = catalog.directory.iter().find(|p| p.is_employed() && !has_vpn(p.id.as_str())).unwrap().id.to_string();
    let someone = someone.as_str();
    let card = bot.say(someone, "How do I request VPN access?").await.pop().unwrap();
    assert!(card.headline.contains("VPN") && words(&card).contains("vpn.md"), "{}", words(&card));
    assert!(words(&card).contains("Ask for VPN here"), "the extract stands as written: {}", words(&card));
    assert!(labels(&card).contains(&"That helped") && labels(&card).contains(&"It didn't"), "{:?}", labels(&card));
    let ask = labels(&card).into_iter().find(|l| l.starts_with("Ask for “")).map(str::to_owned);
    if let Some(ask) = ask {
        let draft = bot.press(someone, &ask).await.pop().unwrap();
        assert!(fact(&draft, "What").contains("VPN"), "{draft:#?}");
        assert!(draft.actions.iter().any(|b| b.label == "Submit"), "filing is another click");
        let (_, requests) = bot.mine(someone).await;
        assert!(requests.is_empty(), "nothing was filed by the answer");
    } else {
        panic!("no button starts the request: {:?}", labels(&card));
    }
    bot.is_at_rest().await;
}

#[tokio::test]
async fn an_article_offers_only_what_its_answer_speaks_of() {
    let bot = TestBot::start().await;
    let card = bot.say("ana.kovac", "How do I reset my password?").await.pop().unwrap();
    assert!(words(&card).contains("password-reset.md"), "{}", words(&card));
    assert!(labels(&card).iter().all(|l| !l.starts_with("Ask for")), "nobody needs the helpdesk's rights: {card:#?}");
    bot.press("ana.kovac", "That helped").await;
    assert_eq!(measured(&bot).await.all.helpful, 1);
    bot.is_at_rest().await;
}

#[tokio::test]
async fn no_article_says_so_counts_the_gap_and_offers_a_person() {
    let bot = TestBot::start().await;
    let card = bot.say("ana.kovac", "How do I configure the conference room system?").await.pop().unwrap();
    if !card.headline.contains("no article") {
        panic!("{}", words(&card));
    }
    assert_eq!(labels(&card), ["Hand it to a person"]);
    let seen = measured(&bot).await;
    assert_eq!((seen.gaps.len(), seen.all.answered, seen.all.questions), (1, 0, 1));
    let ticket = bot.press("ana.kovac", "Hand it to a person").await.pop().unwrap();
    assert!(ticket.headline.starts_with("Handed to a person, H-"), "{}", ticket.headline);
    assert!(words(&ticket).contains("conference room system"), "the conversation goes with it: {}", words(&ticket));
    let all = tickets(&bot).await;
    assert_eq!((all.len(), all[0].content.cause), (1, Cause::NoArticle));
    assert_eq!(measured(&bot).await.all.handed_over, 1);
    // The same click again shows the same ticket.
    bot.say("ana.kovac", "what do I have?").await;
    bot.is_at_rest().await;
}

#[tokio::test]
async fn asking_for_a_person_makes_one_ticket_which_the_helpdesk_solves() {
    let bot = TestBot::start().await;
    bot.say("ana.kovac", "what do I have?").await;
    let card = bot.say("ana.kovac", "I want to talk to a human").await.pop().unwrap();
    assert_eq!(badge(&card), "Open");
    let again = bot.say("ana.kovac", "I want to talk to a person").await;
    assert!(again[0].headline.contains("already"), "{}", again[0].headline);
    bot.settle().await;
    let all = tickets(&bot).await;
    assert_eq!(all.len(), 1, "one matter, one ticket");
    assert!(all[0].content.understanding.as_ref().is_some_and(|g| g.intent == "human"));
    // More is said; the helpdesk sees it, and nobody else does.
    bot.say("ana.kovac", "talk to a human").await;
    bot.fill("ana.kovac", "Say more", &[("words", "It is about the scanner in Zagreb")]).await;
    let helpers: Vec<String> =
        bot.house.catalog.directory.members(bot.house.catalog.roles.helpdesk()).map(|p| p.id.to_string()).collect();
    let task = bot.inbox(&helpers[0]).await.pop().expect("the helpdesk has it");
    assert!(words(&task).contains("scanner in Zagreb") && words(&task).contains("category."), "{}", words(&task));
    assert!(bot.inbox("tom.fischer").await.is_empty());
    let stranger = bot.desk_draw_ticket("tom.fischer", all[0].id).await;
    assert!(stranger.is_err(), "a ticket is not for everybody");
    let bare = bot.try_fill(&helpers[0], "Done", &[]).await;
    assert!(bare.is_err());
    bot.inbox(&helpers[0]).await;
    bot.fill(&helpers[0], "Done", &[("proof", "Replaced the scanner")]).await;
    let ticket = bot.house.store.ticket(all[0].id).await.unwrap().unwrap();
    assert_eq!(ticket.state.name(), "resolved");
    let heard = bot.desk_last("ana.kovac").await;
    assert!(words(&heard).contains("Replaced the scanner"), "{}", words(&heard));
    // It was not.
    bot.show("ana.kovac", heard);
    bot.press("ana.kovac", "It is not solved").await;
    assert!(!bot.inbox(&helpers[0]).await.is_empty(), "people look again");
    bot.is_at_rest().await;
}

#[tokio::test]
async fn feedback_counts_once_in_clicks_and_words_and_silence_is_no_success() {
    let bot = TestBot::start().await;
    bot.say("ana.kovac", "How do I reset my password?").await;
    let helped = bot.token(&person("ana.kovac"), "That helped");
    for _ in 0..3 {
        bot.click(&person("ana.kovac"), &helped, &[]).await.unwrap();
    }
    bot.say("mira.okafor", "How do I reset my password?").await;
    let said = bot.say("mira.okafor", "that didn't help").await.pop().unwrap();
    assert!(labels(&said).contains(&"Hand it to a person"), "{said:#?}");
    bot.say("elif.demir", "How do I reset my password?").await;
    bot.say("elif.demir", "thanks").await;
    let now = measured(&bot).await.all;
    assert_eq!((now.questions, now.helpful, now.not_helped, now.pending), (3, 1, 1, 1), "thanks confirms nothing");
    bot.pass(SignedDuration::from_hours(25)).await;
    let later = measured(&bot).await.all;
    assert_eq!((later.helpful, later.abandoned, later.confirmed_bp), (1, 1, 3_333));
    // The same matter within the week: the first answer did not last.
    bot.say("ana.kovac", "How do I reset my password?").await;
    let again = measured(&bot).await.all;
    assert_eq!((again.helpful, again.reopened), (0, 1));
    // Somebody else's button is nobody's.
    let stranger = bot.click(&person("tom.fischer"), &helped, &[]).await.unwrap_err();
    assert_eq!(stranger.kind, claviger::ports::desk::DeskErrorKind::NotFound);
    bot.is_at_rest().await;
}

/// A desk outside that fails so often, then takes everything.
struct Outpost {
    fails: Mutex<u32>,
    refuses: bool,
    papers: Mutex<Vec<TicketPaper>>,
    findings: Mutex<Vec<(String, serde_json::Value)>>,
    /// Asked so often whether it is closed, and the answer.
    looks: Mutex<(u32, bool)>,
}

impl Outpost {
    fn new(fails: u32, refuses: bool) -> Arc<Self> {
        Arc::new(Self {
            fails: Mutex::new(fails),
            refuses,
            papers: Mutex::default(),
            findings: Mutex::default(),
            looks: Mutex::default(),
        })
    }

    fn fail(&self) -> Result<(), TicketError> {
        if self.refuses {
            return Err(TicketError::Refused { what: "no".into() });
        }
        let mut fails = self.fails.lock().unwrap();
        if *fails == 0 {
            return Ok(());
        }
        *fails -= 1;
        Err(TicketError::Unavailable { what: "busy".into() })
    }
}

#[async_trait]
impl TicketDesk for Outpost {
    fn name(&self) -> &'static str {
        "jira"
    }
    async fn file(&self, paper: &TicketPaper) -> Result<Filing, TicketError> {
        self.fail()?;
        self.papers.lock().unwrap().push(paper.clone());
        Ok(Filing { reference: "IT-1".into(), known: false })
    }
    fn tells_when_closed(&self) -> bool {
        true
    }
    async fn is_closed(&self, id: &TicketId, reference: &str) -> Result<bool, TicketError> {
        assert!(self.papers.lock().unwrap().iter().any(|p| p.id == *id) && reference == "IT-1");
        self.fail()?;
        let mut looks = self.looks.lock().unwrap();
        looks.0 += 1;
        Ok(looks.1)
    }
}

#[async_trait]
impl AlertSink for Outpost {
    async fn tell(&self, id: &str, finding: &serde_json::Value) -> Result<String, TicketError> {
        self.fail()?;
        self.findings.lock().unwrap().push((id.to_owned(), finding.clone()));
        Ok("heard".into())
    }
}

/// A system that can end sessions.
struct Sessions(claviger::domain::ids::ConnectorId, Mutex<Vec<String>>);

#[async_trait]
impl Connector for Sessions {
    fn id(&self) -> &claviger::domain::ids::ConnectorId {
        &self.0
    }
    async fn open(&self, _: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        Err(ConnectorError::Refused { what: "not here".into() })
    }
    async fn close(&self, _: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        Err(ConnectorError::Refused { what: "not here".into() })
    }
    async fn holds(&self, _: &Errand<'_>) -> Result<Holding, ConnectorError> {
        Ok(Holding::Unknown)
    }
    async fn end_sessions(
        &self,
        case: &str,
        _: &claviger::domain::person::Person,
    ) -> Result<SessionsReceipt, ConnectorError> {
        self.1.lock().unwrap().push(case.to_owned());
        Ok(SessionsReceipt::Ended { evidence: "3 sessions".into() })
    }
}

#[tokio::test]
async fn a_desk_outside_gets_the_ticket_by_a_job_that_tries_again() {
    let outpost = Outpost::new(3, false);
    let outside = Outside { tickets: Some(outpost.clone()), ..Outside::default() };
    let bot = TestBot::with_outside(outside, |_| {}).await;
    bot.say("ana.kovac", "I want to talk to a human").await;
    for _ in 0..4 {
        bot.pass(SignedDuration::from_mins(2)).await;
    }
    let all = tickets(&bot).await;
    assert_eq!(all[0].filed.as_ref().map(|f| (f.desk.as_str(), f.reference.as_str())), Some(("jira", "IT-1")));
    let papers = outpost.papers.lock().unwrap().clone();
    assert_eq!(papers.len(), 1);
    assert_eq!(papers[0].person.id, person("ana.kovac"));
    assert!(papers[0].plain().contains("I want to talk to a human"), "{}", papers[0].plain());
    let helper = bot.house.catalog.directory.members(bot.house.catalog.roles.helpdesk()).next().unwrap().id.to_string();
    assert!(bot.inbox(&helper).await.is_empty(), "the desk outside has it");
    bot.is_at_rest().await;
}

#[tokio::test]
async fn what_the_desk_outside_has_closed_its_owner_hears_of() {
    let outpost = Outpost::new(0, false);
    let outside = Outside { tickets: Some(outpost.clone()), ..Outside::default() };
    let bot = TestBot::with_outside(outside, |_| {}).await;
    bot.say("ana.kovac", "I want to talk to a human").await;
    bot.settle().await;
    let state = async || tickets(&bot).await[0].state.name();
    // Still at work there: it is asked now and then, and nothing changes.
    for _ in 0..6 {
        bot.pass(SignedDuration::from_mins(16)).await;
    }
    assert_eq!((outpost.looks.lock().unwrap().0, state().await), (6, "open"));
    let before = bot.heard("ana.kovac").await.len();
    // It does not answer for a while; then it says that it is closed.
    *outpost.fails.lock().unwrap() = 2;
    outpost.looks.lock().unwrap().1 = true;
    for _ in 0..6 {
        bot.pass(SignedDuration::from_mins(10)).await;
    }
    assert_eq!(state().await, "closed_outside");
    let card = bot.desk_last("ana.kovac").await;
    assert_eq!(badge(&card), "Closed");
    assert!(words(&card).contains("closed it as IT-1 (jira)"), "{}", words(&card));
    assert!(bot.heard("ana.kovac").await.len() <= before + 1, "told once");
    let looks = outpost.looks.lock().unwrap().0;
    bot.pass(SignedDuration::from_hours(48)).await;
    assert_eq!(outpost.looks.lock().unwrap().0, looks, "what is closed is not asked about any more");
    // It was not solved: people here look, and the desk outside is not asked again.
    bot.show("ana.kovac", card);
    bot.press("ana.kovac", "It is not solved").await;
    let helper = bot.house.catalog.directory.members(bot.house.catalog.roles.helpdesk()).next().unwrap().id.to_string();
    assert!(!bot.inbox(&helper).await.is_empty());
    bot.pass(SignedDuration::from_hours(2)).await;
    assert_eq!((outpost.looks.lock().unwrap().0, state().await), (looks, "open"));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn a_desk_that_will_not_take_it_hands_it_to_the_people_here() {
    let outside = Outside { tickets: Some(Outpost::new(0, true)), ..Outside::default() };
    let bot = TestBot::with_outside(outside, |_| {}).await;
    bot.say("ana.kovac", "I want to talk to a human").await;
    bot.settle().await;
    let helper = bot.house.catalog.directory.members(bot.house.catalog.roles.helpdesk()).next().unwrap().id.to_string();
    assert!(!bot.inbox(&helper).await.is_empty());
    bot.is_at_rest().await;
}

#[tokio::test]
async fn it_was_not_me_makes_one_case_with_the_evidence_and_tells_everybody_once() {
    let outpost = Outpost::new(2, false);
    let ends = Arc::new(Sessions("idp".parse().unwrap(), Mutex::default()));
    let outside =
        Outside { soc: Some(outpost.clone()), public_url: "https://access.example.com".into(), ..Outside::default() };
    let connector: Arc<dyn Connector> = ends.clone();
    let bot = TestBot::with_outside(outside, |house| {
        house.connectors.insert("idp".parse().unwrap(), connector);
    })
    .await;
    let evidence = vec!["okta:1".to_owned(), "okta:2".to_owned()];
    bot.lockout_answer("ana.kovac", evidence.clone()).await;
    let not_me = bot.token(&person("ana.kovac"), "It wasn't me");
    let card = bot.click(&person("ana.kovac"), &not_me, &[]).await.unwrap().pop().unwrap();
    assert!(card.headline.starts_with("Security has your report"), "{}", card.headline);
    let again = bot.click(&person("ana.kovac"), &not_me, &[]).await.unwrap().pop().unwrap();
    assert_eq!(again.headline, card.headline, "the same case");
    let by_words = bot.say("ana.kovac", "that wasn't me!").await.pop().unwrap();
    assert_eq!(by_words.headline, card.headline, "still the same case");
    for _ in 0..6 {
        bot.pass(SignedDuration::from_mins(5)).await;
    }
    let all = tickets(&bot).await;
    assert_eq!(all.len(), 1);
    let case = &all[0];
    assert_eq!((case.content.category, case.content.priority), (Category::Security, Priority::High));
    assert_eq!((case.content.cause, &case.content.evidence), (Cause::NotMe, &evidence));
    assert_eq!(*ends.1.lock().unwrap(), [case.id.to_string()], "asked once, by the case's id");
    assert_eq!(case.sessions.len(), 1);
    assert!(matches!(&case.sessions[0].1, SessionsEnded::Ended { evidence } if evidence == "3 sessions"));
    let findings = outpost.findings.lock().unwrap().clone();
    assert_eq!(findings.len(), 1, "told once, after two failures");
    assert_eq!((&findings[0].1["class_uid"], &findings[0].1["evidences"][0]["uid"]), (&2004.into(), &"okta:1".into()));
    assert!(!findings[0].1.to_string().contains("wasn't me"), "nobody's words leave the house");
    // Security has it in the inbox; the person's manager and the helpdesk do not.
    let security =
        bot.house.catalog.directory.members(&bot.house.catalog.roles.security).next().unwrap().id.to_string();
    let task = bot.inbox(&security).await.pop().expect("security has it");
    assert!(words(&task).contains("okta:2") && words(&task).contains("3 sessions"), "{}", words(&task));
    let manager = bot.house.catalog.directory.managers_of(&person("ana.kovac"))[0].id.to_string();
    assert!(bot.inbox(&manager).await.is_empty());
    bot.is_at_rest().await;
}

#[tokio::test]
async fn without_a_system_that_can_the_record_says_so() {
    let bot = TestBot::start().await;
    bot.lockout_answer("ana.kovac", vec!["okta:1".into()]).await;
    bot.press("ana.kovac", "It wasn't me").await;
    let case = tickets(&bot).await.pop().unwrap();
    let events = bot.house.store.events_of(&claviger::domain::event::Stream::Ticket(case.id)).await.unwrap();
    assert!(events.iter().any(|e| matches!(e.event.body, EventBody::Ticket(TicketEvent::NoSessionsToEnd))));
    bot.is_at_rest().await;
}

/// In words as with the button: one question before sessions end, and the case holds what the answer rested on.
#[tokio::test]
async fn not_me_in_words_asks_once_and_keeps_the_evidence() {
    let bot = TestBot::start().await;
    bot.lockout_answer("ana.kovac", vec!["okta:1".into()]).await;
    let asked = bot.say("ana.kovac", "that wasn't me").await.pop().unwrap();
    assert!(tickets(&bot).await.is_empty(), "nothing is filed before they say so: {}", words(&asked));
    assert_eq!(labels(&asked), ["Yes, tell security"]);
    let card = bot.press("ana.kovac", "Yes, tell security").await.pop().unwrap();
    assert!(card.headline.starts_with("Security has your report"), "{}", card.headline);
    let all = tickets(&bot).await;
    assert_eq!((all.len(), &all[0].content.evidence), (1, &vec!["okta:1".to_owned()]));
}

#[tokio::test]
async fn not_me_out_of_the_blue_asks_first() {
    let bot = TestBot::start().await;
    let card = bot.say("ana.kovac", "that wasn't me").await.pop().unwrap();
    assert!(tickets(&bot).await.is_empty(), "nothing is raised from words alone: {card:#?}");
    bot.press("ana.kovac", "Yes, tell security").await;
    assert_eq!(tickets(&bot).await[0].content.cause, Cause::NotMe);
    bot.is_at_rest().await;
}

/// A house with a sign-in log and three notices a day, and the log itself.
pub async fn with_log() -> (TestBot, Arc<claviger::store::database::Database>) {
    let store = claviger::store::open::open_memory().await.unwrap();
    let log: Arc<dyn SigninLog> = store.clone();
    let outside = Outside { notices: Some(Notices { log, realms: vec![], a_day: 3 }), ..Outside::default() };
    (TestBot::over_with(store.clone(), outside), store)
}

/// A sign-in event of Ana Kovač, so many minutes from now.
pub fn signin(bot: &TestBot, minutes: i64, class: Option<ReasonClass>, ip: &str) -> SigninEvent {
    let at = bot.house.now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
    let outcome = if class.is_some() { SigninOutcome::Failure } else { SigninOutcome::Success };
    let email = bot.house.person(&person("ana.kovac")).unwrap().email.clone();
    let raw = format!("{at} {class:?} {ip}");
    SigninEvent {
        id: format!("okta:{}", at.as_second()),
        provider: Provider::Okta,
        event: "user.session.start".into(),
        at: Some(at),
        time: None,
        actor: Some(email),
        subject: None,
        outcome: Some(outcome),
        reason_code: None,
        reason_class: class,
        reason_text: None,
        ip: Some(ip.into()),
        device: None,
        application: None,
        session: None,
        place: None,
        risk: None,
        raw_digest: Digest::of(raw.as_bytes()),
    }
}

pub const HOME: &str = "198.51.100.7";

/// A good sign-in a day ago, then a burst of wrong passwords from here and the lock.
pub async fn locked(bot: &TestBot, log: &dyn SigninLog, ip: &str) {
    let wrong = Some(ReasonClass::BadCredentials);
    let events = [
        signin(bot, -24 * 60, None, HOME),
        signin(bot, -3, wrong, ip),
        signin(bot, -2, wrong, ip),
        signin(bot, -1, Some(ReasonClass::LockedOut), ip),
    ];
    log.append_signins(&events, bot.house.now()).await.unwrap();
}

#[tokio::test]
async fn notices_are_switched_on_and_off_in_words() {
    let none = TestBot::start().await.say("ana.kovac", "tell me when I'm locked out").await.pop().unwrap();
    assert!(none.headline.contains("cannot tell you"), "nothing is promised without a log: {}", none.headline);
    let (bot, log) = with_log().await;
    let on = bot.say("ana.kovac", "tell me when I'm locked out").await.pop().unwrap();
    assert!(on.headline.contains("I will tell you"), "{}", on.headline);
    bot.say("ana.kovac", "stop telling me when I'm locked out").await;
    locked(&bot, log.as_ref(), HOME).await;
    bot.pass(SignedDuration::from_mins(2)).await;
    assert!(bot.heard("ana.kovac").await.iter().all(|h| h != "Your account was locked"), "off is off");
    bot.is_at_rest().await;
}

#[tokio::test]
async fn whoever_wants_it_is_told_once_and_only_so_often_a_day() {
    let (bot, log) = with_log().await;
    bot.say("ana.kovac", "tell me when I'm locked out").await;
    locked(&bot, log.as_ref(), HOME).await;
    for _ in 0..5 {
        bot.pass(SignedDuration::from_mins(1)).await;
    }
    let heard = async || bot.heard("ana.kovac").await.iter().filter(|h| *h == "Your account was locked").count();
    assert_eq!(heard().await, 1, "one lock is told once");
    let said = bot.desk_last("ana.kovac").await;
    assert!(words(&said).contains("2 attempts failed from 198.51.100.7"), "{}", words(&said));
    assert!(words(&said).contains("okta:") && labels(&said).contains(&"It wasn't me"), "{}", words(&said));
    for _ in 0..4 {
        bot.pass(SignedDuration::from_mins(90)).await;
        locked(&bot, log.as_ref(), HOME).await;
        bot.pass(SignedDuration::from_mins(1)).await;
    }
    assert_eq!(heard().await, 3, "three a day");
    assert!(tickets(&bot).await.is_empty());
    assert_eq!(measured(&bot).await.all.questions, 0, "nobody asked, so nothing is counted as answered");
    bot.show("ana.kovac", said);
    bot.press("ana.kovac", "It wasn't me").await;
    assert_eq!(tickets(&bot).await[0].content.evidence.len(), 3);
    bot.is_at_rest().await;
}

#[tokio::test]
async fn a_lock_from_elsewhere_goes_to_security_and_not_to_the_channel() {
    let (bot, log) = with_log().await;
    bot.say("ana.kovac", "tell me when I'm locked out").await;
    locked(&bot, log.as_ref(), "203.0.113.9").await;
    for _ in 0..3 {
        bot.pass(SignedDuration::from_mins(1)).await;
    }
    assert!(bot.heard("ana.kovac").await.iter().all(|h| h != "Your account was locked"));
    let all = tickets(&bot).await;
    assert_eq!((all.len(), all[0].content.cause, all[0].content.category), (1, Cause::Noticed, Category::Security));
    assert_eq!(all[0].content.evidence.len(), 3);
    assert!(all[0].sessions.is_empty(), "nobody's sessions are ended on a suspicion");
    bot.is_at_rest().await;
}

#[tokio::test]
async fn why_questions_are_answered_with_who_since_when_and_until_when() {
    let bot = TestBot::start().await;
    let asked = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
    bot.say("mira.okafor", asked).await;
    bot.press("mira.okafor", "Submit").await;
    let manager = bot.house.catalog.directory.managers_of(&person("mira.okafor"))[0].clone();
    let card = bot.say("mira.okafor", "why is my request still waiting?").await.pop().unwrap();
    let said = words(&card);
    assert!(card.headline.contains("waits for"), "{said}");
    assert!(said.contains(&format!("It waits for {}", manager.name)), "{said}");
    assert!(said.contains("since Wed 18 Nov 2026") && said.contains("it lapses"), "{said}");
    assert!(said.contains("R-") && said.contains("facts ") && said.contains("policy "), "the ids are cited: {said}");
    bot.inbox(manager.id.as_str()).await;
    bot.fill(manager.id.as_str(), "Approve for less time", &[("until", "until Thursday")]).await;
    let card = bot.say("mira.okafor", "why does my access end on Thursday?").await.pop().unwrap();
    let said = words(&card);
    assert!(said.contains(&format!("{} said yes for less time", manager.name)), "{said}");
    assert!(said.contains("It ends by itself") && said.contains("grant G-"), "{said}");
    bot.pass(SignedDuration::from_hours(60)).await;
    let card = bot.say("mira.okafor", "why did my access end?").await.pop().unwrap();
    assert!(words(&card).contains("its time was over"), "{}", words(&card));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn an_end_that_was_asked_for_is_told_as_such() {
    let bot = TestBot::start().await;
    bot.say("ana.kovac", "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck").await;
    bot.press("ana.kovac", "Submit").await;
    let card = bot.say("ana.kovac", "why does it expire?").await.pop().unwrap();
    assert!(words(&card).contains("the end that was asked for"), "{}", words(&card));
    assert!(labels(&card).contains(&"That helped"));
    let nobody = bot.say("tom.fischer", "why is my request still pending?").await.pop().unwrap();
    assert!(nobody.headline.contains("no decision of yours"), "{}", words(&nobody));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn why_others_have_it_tells_nothing_about_them_whatever_is_true() {
    let bot = TestBot::start().await;
    // Elif Demir holds the reports; Tom Fischer does not.
    let of = async |name: &str| {
        let words_said = format!("why does {name} have the Q3 sales reports for EMEA and I don't?");
        let card = bot.say("mira.okafor", &words_said).await.pop().unwrap();
        (words(&card), card.facts.clone())
    };
    let holder = of("Elif Demir").await;
    let stranger = of("Tom Fischer").await;
    assert_eq!(holder, stranger, "the same answer whatever is true");
    assert!(holder.0.contains("not for me to tell") && !holder.0.contains("Elif"), "{}", holder.0);
    assert!(holder.1.iter().any(|f| f.label == "If you asked now"), "what it takes for the asker: {:#?}", holder.1);
    bot.is_at_rest().await;
}

#[tokio::test]
async fn the_page_is_for_the_helpdesk_security_and_auditors() {
    let bot = TestBot::start().await;
    bot.say("ana.kovac", "How do I reset my password?").await;
    bot.press("ana.kovac", "That helped").await;
    bot.say("ana.kovac", "I want to talk to a human").await;
    let helper = bot.house.catalog.directory.members(bot.house.catalog.roles.helpdesk()).next().unwrap().id.clone();
    let view = bot.desk.helpdesk(&helper).await.unwrap();
    assert_eq!((view.deflection.all.questions, view.tickets.len()), (2, 1), "{:#?}", view.deflection);
    for nobody in ["tom.fischer", "ana.kovac"] {
        let refused = bot.desk.helpdesk(&person(nobody)).await.unwrap_err();
        assert_eq!(refused.kind, claviger::ports::desk::DeskErrorKind::NotFound);
    }
}

impl TestBot {
    /// A lockout was explained to somebody, from these events, as the engine does it.
    pub async fn lockout_answer(&self, who: &str, evidence: Vec<String>) {
        let card = self.answered(who, Matter::Lockout { class: None }, evidence).await;
        self.show(who, card);
    }
}
