//! Who is clicking, and proving it once more: accounts found, linked and turned away; weighty decisions confirmed; links misused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use claviger::domain::account::{Account, Place, PlatformId, Posted};
use claviger::domain::card::{Card, Inline, Section};
use claviger::domain::conversation::Surface;
use claviger::domain::event::{EventBody, HouseEvent};
use claviger::domain::ids::PersonId;
use claviger::domain::link::How;
use claviger::domain::request::{Confirmed, RequestEvent};
use claviger::ports::accounts::{Passkey, PasskeyChange};
use claviger::ports::desk::{Desk as _, DeskError, DeskErrorKind};
use claviger::ports::identity::Identity as _;
use claviger::ports::store::{Batch, RequestQuery};
use claviger::ports::surface::{Back, Called, ChatSurface, Connection, Profile, Standing, SurfaceError};
use claviger::workflow::accounts::{Refused, Why, accounts_of, person_of};
use claviger::workflow::house::{House, IdentityRules, Outside, StepUp};
use jiff::SignedDuration;

use crate::bot::{TestBot, badge, person};

/// A platform that tells what it was told of accounts.
#[derive(Default)]
struct Told(Mutex<BTreeMap<Account, Profile>>);

impl Told {
    fn tells(&self, account: &Account, email: &str, standing: Standing) {
        let email = (!email.is_empty()).then(|| email.to_owned());
        self.0.lock().unwrap().insert(account.clone(), Profile { name: "Somebody".into(), email, standing });
    }
}

#[async_trait]
impl ChatSurface for Told {
    fn surface(&self) -> Surface {
        Surface::Slack
    }
    async fn direct(&self, _: &Account) -> Result<Place, SurfaceError> {
        Err(SurfaceError::Gone("nobody".into()))
    }
    async fn post(&self, _: &Place, _: &Card, _: &str) -> Result<Posted, SurfaceError> {
        Err(SurfaceError::Gone("nobody".into()))
    }
    async fn find(&self, _: &Place, _: &str) -> Result<Option<Posted>, SurfaceError> {
        Ok(None)
    }
    async fn update(&self, _: &Posted, _: &Card) -> Result<(), SurfaceError> {
        Ok(())
    }
    async fn whisper(&self, _: &Back, _: &Card) -> Result<(), SurfaceError> {
        Ok(())
    }
    async fn profile(&self, account: &Account) -> Result<Profile, SurfaceError> {
        let known = self.0.lock().unwrap().get(account).cloned();
        known.ok_or_else(|| SurfaceError::Gone("no such account".into()))
    }
    async fn called(&self, account: &Account) -> Result<Called, SurfaceError> {
        self.profile(account).await.map(|p| Called { name: p.name, space: Some("Acme".into()) })
    }
    fn drawn(&self, _: &Card) -> Vec<u8> {
        Vec::new()
    }
    fn connection(&self) -> Connection {
        Connection::Up
    }
}

fn id(text: &str) -> PlatformId {
    PlatformId::parse(text).unwrap()
}

fn account(surface: Surface, name: &str) -> Account {
    Account { surface, space: id("T1"), id: id(name) }
}

fn slack(name: &str) -> Account {
    account(Surface::Slack, name)
}

fn back(account: &Account) -> Back {
    let place = Place { space: account.space.clone(), channel: id("D1"), thread: None, via: None };
    Back { account: account.clone(), place, ticket: None }
}

/// The last part of the first path on a card that begins like this.
fn secret(card: &Card, path: &str) -> String {
    let found = card.body.iter().find_map(|section| match section {
        Section::Para { text } => text.iter().find_map(|part| match part {
            Inline::Link { path: p, .. } => p.strip_prefix(path).map(str::to_owned),
            _ => None,
        }),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no link {path} on {card:#?}"))
}

async fn whose(bot: &TestBot, told: &Told, account: &Account) -> Result<PersonId, Refused> {
    person_of(&bot.house, Some(told), &back(account), None).await
}

async fn turned_away(bot: &TestBot, told: &Told, account: &Account) -> Refused {
    whose(bot, told, account).await.unwrap_err()
}

/// Links an account to somebody as people do it: by the link in the refusal, signed in.
async fn linked(bot: &TestBot, told: &Told, account: &Account, who: &str) {
    told.tells(account, "", Standing::Member);
    let refused = turned_away(bot, told, account).await;
    bot.desk.link(&person(who), &secret(&refused.card, "/link/")).await.unwrap();
    assert_eq!(whose(bot, told, account).await.unwrap(), person(who));
}

async fn house_events(bot: &TestBot) -> Vec<HouseEvent> {
    let events = bot.house.store.events(0, 10_000).await.unwrap();
    let house = events.into_iter().filter_map(|e| match e.event.body {
        EventBody::House(event) => Some(event),
        _ => None,
    });
    house.collect()
}

async fn refusals(bot: &TestBot, verb: &str) -> Vec<String> {
    let events = house_events(bot).await.into_iter().filter_map(|e| match e {
        HouseEvent::Refused { verb: v, cause, .. } if v == verb => Some(cause),
        _ => None,
    });
    events.collect()
}

#[tokio::test]
async fn an_unknown_account_is_told_alone_and_recorded_once_an_hour() {
    let (bot, told) = (TestBot::start().await, Told::default());
    let account = slack("U1");
    told.tells(&account, "ana.kovac@northwind.example", Standing::Member);
    for _ in 0..3 {
        let refused = turned_away(&bot, &told, &account).await;
        assert_eq!(refused.why, Why::Unlinked);
        // Whoever is locked out cannot sign in to link it: whom to call is said to everybody, whatever they wrote.
        let said = serde_json::to_string(&refused.card).unwrap();
        assert!(said.contains("cannot sign in at all") && said.contains("julia.schmid@quillmere.example"), "{said}");
        let text = format!("{:?}", refused.card);
        assert!(
            text.contains("ten minutes") && !text.to_lowercase().contains("kova"),
            "nothing is told of people: {text}"
        );
        assert_eq!(secret(&refused.card, "/link/").len(), 43);
    }
    let recorded =
        async || house_events(&bot).await.iter().filter(|e| matches!(e, HouseEvent::TurnedAway { .. })).count();
    assert_eq!(recorded().await, 1);
    bot.clock.advance(SignedDuration::from_hours(1));
    turned_away(&bot, &told, &account).await;
    assert_eq!(recorded().await, 2);
    bot.is_at_rest().await;
}

#[tokio::test]
async fn whoever_signs_in_and_says_so_is_linked_and_both_are_told() {
    let (bot, told) = (TestBot::start().await, Told::default());
    let (account, ana) = (slack("U1"), person("ana.kovac"));
    told.tells(&account, "", Standing::Member);
    let refused = turned_away(&bot, &told, &account).await;
    let link = secret(&refused.card, "/link/");
    let shown = bot.desk.asked_to_link(&link).await.unwrap();
    assert_eq!((&shown.account, shown.name.as_str()), (&account, "Somebody"));
    bot.desk.link(&ana, &link).await.unwrap();
    assert_eq!(whose(&bot, &told, &account).await.unwrap(), ana);
    assert_eq!(accounts_of(&bot.house, &ana).await.unwrap(), [account.clone()]);
    let own = bot.desk.accounts(&ana).await.unwrap();
    assert_eq!((own.len(), own[0].how), (1, How::SignIn));
    assert!(bot.heard("ana.kovac").await.iter().any(|h| h == "Your Slack account is linked"));
    let there = bot.desk.messages(&ana, Surface::Slack, None).await.unwrap().pop().unwrap().card.unwrap();
    assert_eq!(there.headline, "This account is linked now");
    assert!(format!("{there:?}").contains("Ana Kova"), "the account learns whose it is now");
    // The account says: that is not me. Nobody has to sign in for that, and no later link is undone by it.
    let undo = secret(&there, "/unlink/");
    bot.desk.unlink_by(&undo).await.unwrap();
    assert_eq!(turned_away(&bot, &told, &account).await.why, Why::Unlinked);
    assert!(bot.heard("ana.kovac").await.iter().any(|h| h == "A Slack account is no longer yours"));
    linked(&bot, &told, &account, "ana.kovac").await;
    assert!(bot.desk.unlink_by(&undo).await.is_err(), "it was used");
    assert_eq!(whose(&bot, &told, &account).await.unwrap(), ana);
    // And the person gives it up.
    bot.desk.unlink(&ana, account.key()).await.unwrap();
    assert_eq!(bot.desk.accounts(&ana).await.unwrap(), []);
    assert!(bot.desk.unlink(&person("mira.okafor"), account.key()).await.is_err());
    bot.is_at_rest().await;
}

#[tokio::test]
async fn guests_foreigners_programs_and_leavers_are_turned_away_whatever_is_linked() {
    let (bot, told) = (TestBot::start().await, Told::default());
    let account = slack("U1");
    linked(&bot, &told, &account, "ana.kovac").await;
    for (standing, why) in [
        (Standing::Guest, Why::Guest),
        (Standing::Foreign, Why::Foreign),
        (Standing::Deactivated, Why::Deactivated),
        (Standing::Bot, Why::Bot),
    ] {
        // The delivery itself shows it, linked or not.
        let refused = person_of(&bot.house, Some(&told), &back(&account), Some(standing)).await.unwrap_err();
        assert_eq!(refused.why, why);
        let stranger = slack(&format!("X{standing:?}"));
        told.tells(&stranger, "", standing);
        assert_eq!(turned_away(&bot, &told, &stranger).await.why, why, "the platform says so");
        assert!(!format!("{:?}", refused.card).contains("/link/"));
    }
    // A member who became a guest is noticed within a quarter of an hour.
    told.tells(&account, "", Standing::Guest);
    assert!(whose(&bot, &told, &account).await.is_ok(), "looked up a moment ago");
    bot.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(turned_away(&bot, &told, &account).await.why, Why::Guest);
    // A platform that does not answer keeps nobody out who is linked.
    assert!(person_of(&bot.house, None, &back(&account), None).await.is_ok());
    bot.is_at_rest().await;
}

#[tokio::test]
async fn ones_accounts_are_listed_by_what_people_call_them() {
    use claviger::workflow::surfaces::known::Surfaces;
    use claviger::workflow::surfaces::people::Linked;
    let (known, gone) = (slack("U1"), slack("U2"));
    let told = Told::default();
    told.tells(&known, "", Standing::Member);
    let bot = TestBot::with_outside(Outside::default(), |house: &mut House| {
        let mut catalog = (*house.catalog).clone();
        catalog.accounts.extend([known.clone(), gone.clone()].map(|account| (account, person("ana.kovac"))));
        house.catalog = Arc::new(catalog);
        house.surfaces = Surfaces::new(vec![Arc::new(told)], Arc::new(Linked), Vec::new());
    })
    .await;
    let own = bot.desk.accounts(&person("ana.kovac")).await.unwrap();
    let called: Vec<_> =
        own.iter().map(|a| (a.account.id.as_str(), a.called.name.as_str(), a.called.space.as_deref())).collect();
    assert_eq!(
        called,
        [("U1", "Somebody", Some("Acme")), ("U2", "", None)],
        "whoever is not told of is called by the id"
    );
}

#[tokio::test]
async fn the_directory_names_accounts_and_leavers_and_contradictions_are_nobody() {
    let (mine, gone, both) = (slack("U1"), slack("U2"), slack("U3"));
    let named = [(mine.clone(), "ana.kovac"), (gone.clone(), "somebody.gone"), (both.clone(), "ana.kovac")];
    let bot = TestBot::with_outside(Outside::default(), |house: &mut House| {
        let mut catalog = (*house.catalog).clone();
        catalog.accounts.extend(named.map(|(a, p)| (a, person(p))));
        house.catalog = Arc::new(catalog);
    })
    .await;
    let told = Told::default();
    for account in [&mine, &gone, &both] {
        told.tells(account, "", Standing::Member);
    }
    let ana = person("ana.kovac");
    assert_eq!(whose(&bot, &told, &mine).await.unwrap(), ana);
    assert_eq!(turned_away(&bot, &told, &gone).await.why, Why::NotEmployed);
    let own = bot.desk.accounts(&ana).await.unwrap();
    assert_eq!(own[0].called, Called::default(), "a platform that is not set up tells no names");
    assert!(bot.desk.unlink(&ana, mine.key()).await.is_err(), "what the directory says is mended there");
    let link = claviger::domain::link::Link {
        account: both.clone(),
        version: 1,
        person: Some(person("mira.okafor")),
        how: How::SignIn,
        at: bot.house.now(),
    };
    bot.house.store.commit(Batch { links: vec![link], ..Batch::default() }).await.unwrap();
    assert_eq!(turned_away(&bot, &told, &both).await.why, Why::Ambiguous);
    assert_eq!(accounts_of(&bot.house, &ana).await.unwrap(), [mine], "what two claim is nobody's");
}

#[tokio::test]
async fn a_mail_address_counts_only_where_the_operator_said_so_and_leads_to_one_person() {
    let rules = IdentityRules { email: [Surface::Slack].into(), ..IdentityRules::default() };
    let bot = TestBot::with_outside(Outside { identity: rules, ..Outside::default() }, |_| {}).await;
    let told = Told::default();
    let ana = bot.house.catalog.directory.get(&person("ana.kovac")).unwrap().clone();
    let (one, second) = (slack("U1"), slack("U2"));
    told.tells(&one, &ana.email.to_uppercase(), Standing::Member);
    assert_eq!(whose(&bot, &told, &one).await.unwrap(), ana.id);
    assert_eq!(bot.desk.accounts(&ana.id).await.unwrap()[0].how, How::Email);
    // From now on the link counts, whatever the address becomes; a second account there would be somebody else's.
    told.tells(&one, "mira.okafor@northwind.example", Standing::Member);
    assert_eq!(whose(&bot, &told, &one).await.unwrap(), ana.id);
    told.tells(&second, &ana.email, Standing::Member);
    assert_eq!(turned_away(&bot, &told, &second).await.why, Why::Ambiguous);
    // What was undone by hand is not done again by an address.
    bot.desk.unlink(&ana.id, one.key()).await.unwrap();
    told.tells(&one, &ana.email, Standing::Member);
    assert_eq!(turned_away(&bot, &told, &one).await.why, Why::Unlinked);
    for (name, email, standing, why) in [
        ("U3", "stranger@example.test", Standing::Member, Why::Unlinked),
        ("U4", "", Standing::Member, Why::Unlinked),
        ("U5", ana.email.as_str(), Standing::Guest, Why::Guest),
    ] {
        told.tells(&slack(name), email, standing);
        assert_eq!(turned_away(&bot, &told, &slack(name)).await.why, why, "{name}");
    }
    // Teams was not named.
    let teams = account(Surface::Teams, "U9");
    told.tells(&teams, &ana.email, Standing::Member);
    assert_eq!(turned_away(&bot, &told, &teams).await.why, Why::Unlinked);
    bot.is_at_rest().await;
}

#[tokio::test]
async fn two_people_of_one_address_are_nobody() {
    let rules = IdentityRules { email: [Surface::Slack].into(), ..IdentityRules::default() };
    let bot = TestBot::with_outside(Outside { identity: rules, ..Outside::default() }, |house| {
        let mut catalog = (*house.catalog).clone();
        let people = catalog.directory.iter().map(|p| {
            let mut p = (**p).clone();
            if p.id == person("mira.okafor") {
                p.email = "ana.kovac@shared.example".into();
            } else if p.id == person("ana.kovac") {
                p.email = "Ana.Kovac@shared.example".into();
            }
            p
        });
        catalog.directory = claviger::domain::person::Directory::new(people.collect::<Vec<_>>());
        house.catalog = Arc::new(catalog);
    })
    .await;
    let told = Told::default();
    told.tells(&slack("U1"), "ana.kovac@shared.example", Standing::Member);
    assert_eq!(turned_away(&bot, &told, &slack("U1")).await.why, Why::Ambiguous);
}

/// Security is asked for production data; Jasper clicks Approve in Slack.
async fn security_is_asked(bot: &TestBot) {
    bot.say("elena.popescu", "I need permanent read access to the production database, to train the churn model").await;
    bot.press("elena.popescu", "Submit").await;
}

async fn approves(bot: &TestBot, who: &str, on: Surface, label: &str, until: &str) -> Result<Vec<Card>, DeskError> {
    bot.inbox(who).await;
    let token = bot.token(&person(who), label);
    let inputs = if until.is_empty() { BTreeMap::new() } else { BTreeMap::from([("until".into(), until.into())]) };
    bot.desk.click(&person(who), on, &token, &inputs).await.map(|reply| reply.cards)
}

/// The secret of the confirming link that a click in Slack is answered with.
async fn asked_to_confirm(bot: &TestBot, who: &str) -> String {
    let error = approves(bot, who, Surface::Slack, "Approve", "").await.unwrap_err();
    assert_eq!(error.kind, DeskErrorKind::StepUp);
    secret(&error.fresh.unwrap(), "/confirm/")
}

async fn votes(bot: &TestBot) -> Vec<(PersonId, Option<Confirmed>)> {
    let events = bot.house.store.events(0, 10_000).await.unwrap();
    let votes = events.into_iter().filter_map(|e| match e.event.body {
        EventBody::Request(RequestEvent::Voted { vote }) => Some((vote.by, vote.confirmed)),
        _ => None,
    });
    votes.collect()
}

#[tokio::test]
async fn a_weighty_yes_in_a_chat_is_confirmed_and_the_record_says_how() {
    let bot = TestBot::start().await;
    security_is_asked(&bot).await;
    for on in [Surface::Slack, Surface::Teams, Surface::Discord] {
        let error = approves(&bot, "jasper.de-vries", on, "Approve", "").await.unwrap_err();
        assert_eq!(error.kind, DeskErrorKind::StepUp, "{on:?}");
        assert!(votes(&bot).await.is_empty());
    }
    let link = asked_to_confirm(&bot, "jasper.de-vries").await;
    let jasper = person("jasper.de-vries");
    let asked = bot.desk.asked_to_confirm(&jasper, &link).await.unwrap();
    assert_eq!(asked.does, "Approve");
    assert!(
        asked.card.actions.is_empty() && format!("{:?}", asked.card).contains("Elena"),
        "it shows what is approved"
    );
    let card = bot.desk.confirm(&jasper, &link, Confirmed::Demo, None).await.unwrap();
    assert_eq!(badge(&card), "Approved, being set up");
    assert_eq!(votes(&bot).await, [(jasper.clone(), Some(Confirmed::Demo))]);
    // The other links were for what is decided now.
    let again = bot.desk.confirm(&jasper, &link, Confirmed::Demo, None).await.unwrap_err();
    assert!(again.said.contains("used already"), "{}", again.said);
    let story = bot.house.store.requests(&RequestQuery::default()).await.unwrap()[0].id;
    let story = bot.desk.request(&jasper, story).await.unwrap();
    assert!(format!("{story:?}").contains("confirmed with a click"), "the story tells it");
    bot.settle().await;
    bot.is_at_rest().await;
}

#[tokio::test]
async fn less_time_is_read_when_it_is_said_and_bound_to_the_link() {
    let bot = TestBot::start().await;
    security_is_asked(&bot).await;
    let jasper = person("jasper.de-vries");
    let unclear =
        approves(&bot, "jasper.de-vries", Surface::Slack, "Approve for less time", "soonish").await.unwrap_err();
    assert_eq!(unclear.kind, DeskErrorKind::Invalid);
    let error =
        approves(&bot, "jasper.de-vries", Surface::Slack, "Approve for less time", "two days").await.unwrap_err();
    let link = secret(&error.fresh.unwrap(), "/confirm/");
    let asked = bot.desk.asked_to_confirm(&jasper, &link).await.unwrap();
    assert!(asked.does.starts_with("Approve until"), "{}", asked.does);
    bot.clock.advance(SignedDuration::from_mins(4));
    bot.desk.confirm(&jasper, &link, Confirmed::Demo, None).await.unwrap();
    let request = bot.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
    let ends = request.approved().unwrap().window().end().unwrap();
    let after = ends.duration_since(bot.house.now()).as_mins();
    assert!((2 * 24 * 60 - 5..=2 * 24 * 60).contains(&after), "{after}: two days from the click, not from the proof");
}

#[tokio::test]
async fn low_tiers_and_the_web_stay_one_click_and_an_empty_list_asks_for_nothing() {
    let bot = TestBot::start().await;
    bot.say("mira.okafor", "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck")
        .await;
    bot.press("mira.okafor", "Submit").await;
    let request = bot.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
    let manager = request.open_step().unwrap().1.candidates[0].person.to_string();
    approves(&bot, &manager, Surface::Slack, "Approve", "").await.unwrap();
    security_is_asked(&bot).await;
    approves(&bot, "jasper.de-vries", Surface::Web, "Approve", "").await.unwrap();

    let rules = IdentityRules { step_up: claviger::workflow::step_up::Weighs::none(), ..IdentityRules::default() };
    let bot = TestBot::with_outside(Outside { identity: rules, ..Outside::default() }, |_| {}).await;
    security_is_asked(&bot).await;
    approves(&bot, "jasper.de-vries", Surface::Slack, "Approve", "").await.unwrap();

    let mut rules = IdentityRules::default();
    rules.step_up.web = true;
    let bot = TestBot::with_outside(Outside { identity: rules, ..Outside::default() }, |_| {}).await;
    security_is_asked(&bot).await;
    let error = approves(&bot, "jasper.de-vries", Surface::Web, "Approve", "").await.unwrap_err();
    assert_eq!(error.kind, DeskErrorKind::StepUp);
    approves(&bot, "jasper.de-vries", Surface::Terminal, "Approve", "").await.unwrap();
}

#[tokio::test]
async fn without_a_way_to_prove_it_nothing_weighty_is_decided_in_a_chat() {
    let bot = TestBot::with_outside(Outside::default(), |house| house.step_up = StepUp::Unavailable).await;
    security_is_asked(&bot).await;
    let error = approves(&bot, "jasper.de-vries", Surface::Slack, "Approve", "").await.unwrap_err();
    assert_eq!(error.kind, DeskErrorKind::Forbidden);
    assert!(votes(&bot).await.is_empty());
}

#[tokio::test]
async fn one_human_with_three_accounts_has_one_vote() {
    let (bot, told) = (TestBot::start().await, Told::default());
    let accounts = [
        account(Surface::Slack, "U1"),
        account(Surface::Teams, "aad-1"),
        account(Surface::Discord, "80351110224678912"),
    ];
    bot.say("mira.okafor", "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck")
        .await;
    bot.press("mira.okafor", "Submit").await;
    let request = bot.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
    let manager = request.open_step().unwrap().1.candidates[0].person.to_string();
    bot.inbox(&manager).await;
    let token = bot.token(&person(&manager), "Approve");
    let mut done = 0;
    for account in &accounts {
        linked(&bot, &told, account, &manager).await;
        let who = whose(&bot, &told, account).await.unwrap();
        done += usize::from(bot.desk.click(&who, account.surface, &token, &BTreeMap::new()).await.is_ok());
    }
    assert_eq!((done, votes(&bot).await.len()), (1, 1));
    assert_eq!(accounts_of(&bot.house, &person(&manager)).await.unwrap().len(), 3);
}

fn passkey(id: &str, whose: &str) -> Passkey {
    Passkey {
        id: id.into(),
        version: 1,
        person: person(whose),
        name: "Key".into(),
        user: String::new(),
        key: String::new(),
        state: String::new(),
        transports: String::new(),
        at: jiff::Timestamp::UNIX_EPOCH,
        used: None,
    }
}

#[tokio::test]
async fn links_and_proofs_cannot_be_misused() {
    let (bot, told) =
        (TestBot::with_outside(Outside::default(), |house| house.step_up = StepUp::Pages).await, Told::default());
    let (jasper, mira) = (person("jasper.de-vries"), person("mira.okafor"));
    security_is_asked(&bot).await;
    let link = asked_to_confirm(&bot, "jasper.de-vries").await;
    let now = || Confirmed::SignIn { at: bot.house.now(), class: None };
    let ago =
        |minutes: i64| Confirmed::SignIn { at: bot.house.now() - SignedDuration::from_mins(minutes), class: None };
    let wrong = |passkey: &Passkey| Confirmed::Passkey { passkey: passkey.digest() };
    let (own, other) = (passkey("k1", "jasper.de-vries"), passkey("k2", "mira.okafor"));
    let confirm = async |who: &PersonId, secret: &str, how: Confirmed, used: Option<Passkey>| {
        bot.desk.confirm(who, secret, how, used).await.unwrap_err()
    };
    // 1–3: secrets nobody made.
    for made_up in ["", "x", &"A".repeat(43)] {
        assert_eq!(confirm(&jasper, made_up, now(), None).await.kind, DeskErrorKind::Invalid);
    }
    // 4, 5: somebody else's link, looked at or used; recorded.
    assert_eq!(bot.desk.asked_to_confirm(&mira, &link).await.unwrap_err().kind, DeskErrorKind::Forbidden);
    assert_eq!(confirm(&mira, &link, now(), None).await.kind, DeskErrorKind::Forbidden);
    assert_eq!(refusals(&bot, "confirm").await, ["somebody_elses", "somebody_elses"]);
    // 6–11: proofs that are none: the demo's, too old, of tomorrow, somebody else's passkey, another than said, none at all.
    for (how, used) in [
        (Confirmed::Demo, None),
        (ago(2), None),
        (ago(-2), None),
        (wrong(&other), Some(other.clone())),
        (wrong(&other), Some(own.clone())),
        (wrong(&own), None),
    ] {
        assert_eq!(confirm(&jasper, &link, how.clone(), used).await.kind, DeskErrorKind::Forbidden, "{how:?}");
    }
    assert_eq!(refusals(&bot, "confirm").await[2..], ["not_fresh"; 6]);
    // 12: a passkey that was used elsewhere meanwhile (or a copy of it) loses, and nothing is decided.
    bot.house
        .store
        .commit(Batch { passkeys: vec![PasskeyChange::Put(own.clone())], ..Batch::default() })
        .await
        .unwrap();
    assert!(bot.desk.confirm(&jasper, &link, wrong(&own), Some(own.clone())).await.is_err());
    // 13, 14: a confirming link links and unlinks nothing.
    assert_eq!(bot.desk.link(&jasper, &link).await.unwrap_err().kind, DeskErrorKind::NotFound);
    assert_eq!(bot.desk.unlink_by(&link).await.unwrap_err().kind, DeskErrorKind::NotFound);
    // 15, 16: a linking link confirms nothing, and is of no use once it was used.
    told.tells(&slack("U1"), "", Standing::Member);
    let linking = secret(&turned_away(&bot, &told, &slack("U1")).await.card, "/link/");
    assert_eq!(confirm(&jasper, &linking, now(), None).await.kind, DeskErrorKind::NotFound);
    bot.desk.link(&mira, &linking).await.unwrap();
    assert!(bot.desk.link(&jasper, &linking).await.unwrap_err().said.contains("used already"));
    // 17: an account that is somebody's is not taken over by a second link made before.
    told.tells(&slack("U2"), "", Standing::Member);
    let first = secret(&turned_away(&bot, &told, &slack("U2")).await.card, "/link/");
    let second = secret(&turned_away(&bot, &told, &slack("U2")).await.card, "/link/");
    bot.desk.link(&mira, &first).await.unwrap();
    assert_eq!(bot.desk.link(&jasper, &second).await.unwrap_err().kind, DeskErrorKind::Forbidden);
    assert_eq!(refusals(&bot, "link").await, ["somebody_elses"]);
    assert_eq!(whose(&bot, &told, &slack("U2")).await.unwrap(), mira);
    // 18: too late.
    told.tells(&slack("U3"), "", Standing::Member);
    let late = secret(&turned_away(&bot, &told, &slack("U3")).await.card, "/link/");
    bot.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(bot.desk.link(&mira, &late).await.unwrap_err().kind, DeskErrorKind::Invalid);
    assert_eq!(confirm(&jasper, &link, now(), None).await.kind, DeskErrorKind::Invalid);
    // 19: what they saw has changed: the proof is good, and nothing is decided.
    let link = asked_to_confirm(&bot, "jasper.de-vries").await;
    bot.mine("elena.popescu").await;
    bot.press("elena.popescu", "Take it back").await;
    let stale = confirm(&jasper, &link, now(), None).await;
    assert_eq!(stale.kind, DeskErrorKind::Stale);
    assert!(stale.fresh.is_some(), "the card as it stands now comes with it");
    // 20: two at once with one proof: one decision.
    assert!(votes(&bot).await.is_empty());
    security_is_asked(&bot).await;
    let link = asked_to_confirm(&bot, "jasper.de-vries").await;
    let (a, b) =
        tokio::join!(bot.desk.confirm(&jasper, &link, now(), None), bot.desk.confirm(&jasper, &link, now(), None));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    assert!(matches!(votes(&bot).await.as_slice(), [(who, Some(Confirmed::SignIn { .. }))] if *who == jasper));
    bot.settle().await;
    bot.is_at_rest().await;
}

#[tokio::test]
async fn the_emergency_path_opens_only_for_whoever_proves_it() {
    let somebody = |house: &House| {
        let group = house.catalog.roles.break_glass.clone();
        house.catalog.directory.members(&group).next().unwrap().id.to_string()
    };
    for (step_up, on, asks) in [
        (StepUp::Demo, Surface::Web, false),
        (StepUp::Demo, Surface::Slack, true),
        (StepUp::Pages, Surface::Web, true),
        (StepUp::Pages, Surface::Slack, true),
    ] {
        let bot = TestBot::with_outside(Outside::default(), |house| house.step_up = step_up).await;
        let who = somebody(&bot.house);
        let cards =
            bot.say(&who, "Emergency: I need to write to the production database now, the payments are down").await;
        let button = cards.iter().flat_map(|c| &c.actions).find(|b| b.label == "Open now");
        let token = button.unwrap_or_else(|| panic!("no emergency on {cards:#?}")).token.clone();
        let inputs = BTreeMap::from([("incident".to_owned(), "INC-7 payments are down".to_owned())]);
        let clicked = bot.desk.click(&person(&who), on, &token, &inputs).await;
        if !asks {
            assert_eq!(badge(&clicked.unwrap().cards[0]), "Approved, being set up");
            continue;
        }
        let error = clicked.unwrap_err();
        assert_eq!(error.kind, DeskErrorKind::StepUp, "{step_up:?} {on:?}");
        assert_eq!(bot.house.store.requests(&RequestQuery::default()).await.unwrap().len(), 0);
        let link = secret(&error.fresh.unwrap(), "/confirm/");
        let shown = bot.desk.asked_to_confirm(&person(&who), &link).await.unwrap();
        assert!(format!("{:?}", shown.card).contains("INC-7"));
        let how = match step_up {
            StepUp::Demo => Confirmed::Demo,
            _ => Confirmed::SignIn { at: bot.house.now(), class: Some("mfa".into()) },
        };
        let card = bot.desk.confirm(&person(&who), &link, how.clone(), None).await.unwrap();
        assert_eq!(badge(&card), "Approved, being set up", "{card:#?}");
        let recorded =
            house_events(&bot).await.into_iter().any(|e| matches!(e, HouseEvent::Confirmed { how: h, .. } if h == how));
        assert!(recorded, "the record says how");
        bot.settle().await;
        bot.is_at_rest().await;
    }
}

#[tokio::test]
async fn passkeys_are_kept_told_and_taken_away() {
    let bot = TestBot::start().await;
    let ana = person("ana.kovac");
    for n in 0..10 {
        bot.desk.add_passkey(passkey(&format!("k{n}"), "ana.kovac")).await.unwrap();
    }
    assert_eq!(bot.desk.add_passkey(passkey("k10", "ana.kovac")).await.unwrap_err().kind, DeskErrorKind::Invalid);
    assert!(bot.desk.add_passkey(passkey("k0", "mira.okafor")).await.is_err(), "it is somebody's");
    assert_eq!(bot.heard("ana.kovac").await.iter().filter(|h| *h == "A passkey was added").count(), 10);
    let first = passkey("k0", "ana.kovac").digest();
    assert_eq!(bot.desk.remove_passkey(&person("mira.okafor"), first).await.unwrap_err().kind, DeskErrorKind::NotFound);
    bot.desk.remove_passkey(&ana, first).await.unwrap();
    assert_eq!(bot.desk.passkeys(&ana).await.unwrap().len(), 9);
    assert!(bot.heard("ana.kovac").await.iter().any(|h| h == "A passkey was removed"));
    bot.is_at_rest().await;
}
