//! The journeys of people, from their words to the door that opens and closes, on the whole program. Each is played by the rules alone, and
//! once more with a real language model reading along (`weak_model.rs`).

use std::sync::Arc;

use claviger::ports::language_model::LanguageModel;
use jiff::SignedDuration;

use crate::bot::{Said, TestBot, badge, fact, person, score};

const Q3: &str = "Q3 sales reports EMEA (read)";

/// The example company on a fresh database.
async fn company(model: Option<Arc<dyn LanguageModel>>) -> Option<TestBot> {
    Some(TestBot::with(claviger::store::open::open_memory().await.unwrap(), Vec::new(), model))
}

/// The same with 6,501 entitlements of eight vendors beside the company's own; nothing where they are not at hand.
async fn vendors(model: Option<Arc<dyn LanguageModel>>) -> Option<TestBot> {
    let folder = std::env::var_os("CLAVIGER_DATA")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), Into::into)
        .join("entitlement-catalog");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: there is no {}", folder.display());
        return None;
    };
    let files =
        files.filter_map(|f| Some(f.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == "jsonl")).collect();
    Some(TestBot::with(claviger::store::open::open_memory().await.unwrap(), files, model))
}

/// A journey that was played twice.
pub struct Played {
    /// Its name.
    pub name: &'static str,
    /// What was decided by the rules alone.
    pub alone: Vec<String>,
    /// What was decided with a model reading along.
    pub beside: Vec<String>,
    /// What was counted with the model.
    pub said: Said,
}

macro_rules! journeys {
    ($($house:ident { $($name:ident,)* })*) => {
        mod by_rules {
            $($(#[tokio::test]
            async fn $name() {
                let Some(bot) = super::$house(None).await else { return };
                super::$name(&bot).await;
                bot.is_at_rest().await;
            })*)*
        }

        /// Plays every journey alone and beside a model. A journey that does not end right stops it.
        pub async fn all(model: &Arc<dyn LanguageModel>) -> Vec<Played> {
            let mut all = Vec::new();
            $($(
                if let (Some(alone), Some(beside)) = ($house(None).await, $house(Some(Arc::clone(model))).await) {
                    Box::pin($name(&alone)).await;
                    println!("{}", stringify!($name));
                    Box::pin($name(&beside)).await;
                    beside.is_at_rest().await;
                    let (alone, decided) = (alone.decided().await, beside.decided().await);
                    all.push(Played { name: stringify!($name), alone, beside: decided, said: beside.said() });
                }
            )*)*
            all
        }
    };
}

journeys! {
    company {
        a_sales_analyst_gets_the_reports_at_once_and_loses_them_by_themselves,
        a_draft_is_corrected_in_words_and_on_the_card_and_given_back_early,
        a_marketing_analyst_is_decided_by_her_manager,
        a_no_has_a_reason_and_is_told_with_it,
        a_data_scientist_reaches_security_and_gets_thirty_days_with_a_review,
        a_clerk_who_creates_vendors_cannot_release_payments,
        nobody_decides_for_themselves_and_strangers_see_nothing,
        questions_are_answered_from_the_record,
        silence_lapses_and_never_approves,
        empty_long_and_unknown_are_told_plainly,
        somebody_of_the_other_company_meets_a_human,
    }
    vendors {
        among_real_catalogs_the_narrow_directory_role_is_proposed,
    }
}

async fn a_sales_analyst_gets_the_reports_at_once_and_loses_them_by_themselves(bot: &TestBot) {
    let words = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
    let card = bot.say("ana.kovac", words).await.pop().unwrap();
    assert_eq!(fact(&card, "What"), format!("{Q3} in Sales reports"));
    assert!(fact(&card, "Allows").starts_with("read only"));
    assert_eq!(fact(&card, "Why"), "“for the board deck”");
    // Friday ends when Saturday begins in Zagreb.
    assert!(fact(&card, "Until").starts_with("end of Fri 20 Nov 2026 (CET)"), "{}", fact(&card, "Until"));
    assert!(fact(&card, "Who decides").contains("Nobody has to approve"), "{}", fact(&card, "Who decides"));
    assert_eq!(score(&card).0, 24);
    let q3 = bot.entitlement(Q3);
    assert!(!bot.door("ana.kovac", &q3), "the door is closed before anything is filed");

    let filed = bot.try_fill("ana.kovac", "Submit", &[]).await.unwrap();
    assert_eq!(badge(&filed[0]), "Approved, being set up", "active is said only once the connector confirmed");
    bot.settle().await;
    assert!(bot.door("ana.kovac", &q3));
    let (access, requests) = bot.mine("ana.kovac").await;
    assert_eq!((badge(&access[0]), badge(&requests[0])), ("Active", "Active"));

    bot.pass(SignedDuration::from_hours(24 * 3)).await;
    assert!(!bot.door("ana.kovac", &q3), "the end comes without anyone doing anything");
    let (access, requests) = bot.mine("ana.kovac").await;
    assert!(access.is_empty());
    assert_eq!(badge(&requests[0]), "Ended");
    assert!(bot.heard("ana.kovac").await.iter().any(|h| h.contains("has ended")));
}

async fn a_draft_is_corrected_in_words_and_on_the_card_and_given_back_early(bot: &TestBot) {
    bot.say("ana.kovac", "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck").await;
    let card = bot.say("ana.kovac", "make it two weeks").await.pop().unwrap();
    assert!(fact(&card, "Until").contains("14 days"), "{}", fact(&card, "Until"));
    let card = bot.fill("ana.kovac", "Change the end", &[("until", "until Thursday")]).await.pop().unwrap();
    assert!(fact(&card, "Until").starts_with("end of Thu 19 Nov 2026"), "{}", fact(&card, "Until"));
    bot.press("ana.kovac", "Submit").await;
    let q3 = bot.entitlement(Q3);
    assert!(bot.door("ana.kovac", &q3));
    let said = bot.say("ana.kovac", "I'm done with it").await;
    assert!(said[0].headline.contains("is being closed"), "{}", said[0].headline);
    bot.settle().await;
    assert!(!bot.door("ana.kovac", &q3));
}

async fn a_marketing_analyst_is_decided_by_her_manager(bot: &TestBot) {
    let words = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
    let card = bot.say("mira.okafor", words).await.pop().unwrap();
    assert_eq!(score(&card), (61, "peer.rare".to_owned()));
    assert!(fact(&card, "Who decides").contains("as manager"), "{}", fact(&card, "Who decides"));
    let waiting = bot.press("mira.okafor", "Submit").await.pop().unwrap();
    assert_eq!(badge(&waiting), "Waiting");
    let manager = bot.house.catalog.directory.managers_of(&person("mira.okafor"))[0].id.to_string();
    let card = bot.inbox(&manager).await.pop().unwrap();
    assert!(card.headline.starts_with("Mira Okafor asks for"), "{}", card.headline);
    assert!(fact(&card, "Why you").starts_with("because you are their line manager"), "{}", fact(&card, "Why you"));

    // A question, an answer, a yes for less time.
    bot.fill(&manager, "Ask", &[("question", "Which deck?")]).await;
    let (_, requests) = bot.mine("mira.okafor").await;
    assert_eq!(requests.len(), 1);
    bot.fill("mira.okafor", "Answer", &[("answer", "The one for Thursday")]).await;
    bot.inbox(&manager).await;
    bot.fill(&manager, "Approve for less time", &[("until", "until Thursday")]).await;
    assert!(bot.door("mira.okafor", &bot.entitlement(Q3)));
    assert!(bot.inbox(&manager).await.is_empty(), "nothing waits any more");
    let heard = bot.heard("mira.okafor").await;
    assert!(heard.iter().any(|h| h.contains("You have") && h.contains("now")), "{heard:?}");
    bot.pass(SignedDuration::from_hours(48)).await;
    assert!(!bot.door("mira.okafor", &bot.entitlement(Q3)), "the approver's end counts");
}

async fn a_no_has_a_reason_and_is_told_with_it(bot: &TestBot) {
    bot.say("mira.okafor", "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck")
        .await;
    bot.press("mira.okafor", "Submit").await;
    let manager = bot.house.catalog.directory.managers_of(&person("mira.okafor"))[0].id.to_string();
    bot.inbox(&manager).await;
    let bare = bot.try_fill(&manager, "Deny", &[]).await.unwrap_err();
    assert!(bare.said.contains("reason"), "{bare:?}");
    bot.fill(&manager, "Deny", &[("reason", "Use the public summary")]).await;
    let why = bot.say("mira.okafor", "why was I denied?").await.pop().unwrap();
    let said = format!("{:?}", why.body);
    assert!(said.contains("Use the public summary"), "{said}");
    // Somebody else looks again.
    bot.mine("mira.okafor").await;
    bot.fill("mira.okafor", "Ask for another look", &[("reason", "The summary lacks EMEA")]).await;
    assert!(bot.inbox(&manager).await.is_empty(), "whoever said no is not asked again");
}

async fn a_data_scientist_reaches_security_and_gets_thirty_days_with_a_review(bot: &TestBot) {
    let card = bot
        .say("elena.popescu", "I need permanent read access to the production database, to train the churn model")
        .await
        .pop()
        .unwrap();
    let (points, first) = score(&card);
    assert!((74..=75).contains(&points), "{points}");
    assert_eq!(first, "peer.rare");
    assert!(fact(&card, "Until").contains("30 days"), "{}", fact(&card, "Until"));
    bot.press("elena.popescu", "Submit").await;
    let asked = bot.inbox("jasper.de-vries").await.pop().expect("security is asked");
    assert!(fact(&asked, "Looked at again").contains("30 days"));
    bot.press("jasper.de-vries", "Approve").await;
    let (access, _) = bot.mine("elena.popescu").await;
    assert_eq!(badge(&access[0]), "Active");
    bot.pass(SignedDuration::from_hours(24 * 30)).await;
    assert!(bot.mine("elena.popescu").await.0.is_empty());
}

async fn a_clerk_who_creates_vendors_cannot_release_payments(bot: &TestBot) {
    let clerk = bot.house.catalog.holdings.iter().find(|h| {
        bot.house
            .catalog
            .entitlement(&h.entitlement)
            .is_some_and(|e| e.functions.iter().any(|f| f.as_str() == "vendor_maintenance"))
            && bot.house.catalog.directory.get(&h.person).is_some_and(|p| p.job_code == "ap_clerk")
    });
    let clerk = clerk.expect("a clerk maintains vendors").person.to_string();
    let card = bot.say(&clerk, "I need to release payments until Friday, for the month end").await.pop().unwrap();
    assert_eq!(badge(&card), "Not allowed", "{card:#?}");
    let rules = format!("{:?}", card.body);
    assert!(rules.contains("SOD-FI-"), "stopped by name of the rule: {rules}");
    bot.press(&clerk, "Put it on record").await;
    let (access, requests) = bot.mine(&clerk).await;
    assert!(access.is_empty());
    assert_eq!(badge(&requests[0]), "Denied");
}

async fn nobody_decides_for_themselves_and_strangers_see_nothing(bot: &TestBot) {
    bot.say("mira.okafor", "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck")
        .await;
    bot.press("mira.okafor", "Submit").await;
    let manager = bot.house.catalog.directory.managers_of(&person("mira.okafor"))[0].id.clone();
    bot.inbox(manager.as_str()).await;
    let approve = bot.token(&manager, "Approve");
    let own = bot.click(&person("mira.okafor"), &approve, &[]).await.unwrap_err();
    assert!(own.said.contains("Nobody decides on access for themselves"), "{own:?}");
    let stranger = bot.click(&person("tom.fischer"), &approve, &[]).await.unwrap_err();
    assert_eq!(stranger.kind, claviger::ports::desk::DeskErrorKind::NotFound);
    let forged = claviger::domain::action::ActionToken(approve.0.replace(&approve.0[..4], "AAAA"));
    assert_eq!(
        bot.click(&manager, &forged, &[]).await.unwrap_err().kind,
        claviger::ports::desk::DeskErrorKind::BadButton
    );
    // The same click twice: one decision, and the second is told so.
    bot.click(&manager, &approve, &[]).await.unwrap();
    bot.settle().await;
    let again = bot.click(&manager, &approve, &[]).await.unwrap_err();
    assert!(again.fresh.is_some(), "{again:?}");
}

async fn questions_are_answered_from_the_record(bot: &TestBot) {
    let have = bot.say("elif.demir", "What do I have?").await.pop().unwrap();
    assert!(format!("{:?}", have.body).contains(Q3), "{have:#?}");
    let who = bot.say("elena.popescu", "who approves the production database?").await.pop().unwrap();
    assert!(fact(&who, "If you asked now").contains("security"), "{who:#?}");
    let none = bot.say("ana.kovac", "what happened to my request?").await.pop().unwrap();
    assert!(none.headline.contains("not asked for anything"), "{}", none.headline);
    let how = bot.say("ana.kovac", "How do I get VPN access?").await.pop().unwrap();
    assert!(how.headline.contains("VPN"), "{how:#?}");
    let gap = bot.say("ana.kovac", "How do I water the office plants?").await.pop().unwrap();
    assert!(gap.headline.contains("no article") || gap.headline.contains("not something"), "{}", gap.headline);
    let locked = bot.say("ana.kovac", "why was I locked out?").await.pop().unwrap();
    assert!(locked.headline.contains("cannot see sign-in"), "{}", locked.headline);
    let scope = bot.say("ana.kovac", "what is the weather tomorrow?").await.pop().unwrap();
    assert!(scope.headline.contains("not something I can do"), "{}", scope.headline);
    let other = bot.say("ana.kovac", "what does Helene Brandt have?").await.pop().unwrap();
    assert!(other.headline.contains("not for me to tell"), "{}", other.headline);
}

async fn silence_lapses_and_never_approves(bot: &TestBot) {
    bot.say("mira.okafor", "I need read access to the Q3 sales reports for EMEA for 30 days, for the board deck").await;
    bot.press("mira.okafor", "Submit").await;
    for _ in 0..16 {
        bot.pass(SignedDuration::from_hours(12)).await;
    }
    let (access, requests) = bot.mine("mira.okafor").await;
    assert!(access.is_empty());
    assert_eq!(badge(&requests[0]), "Lapsed");
}

async fn empty_long_and_unknown_are_told_plainly(bot: &TestBot) {
    for words in ["", "   ", &"x".repeat(5_000)] {
        let error = bot.try_say("ana.kovac", words).await.unwrap_err();
        assert!(!error.said.is_empty() && !error.next.is_empty() && !error.reference.is_empty());
    }
    assert!(bot.try_say("no.body", "hello").await.is_err());
    let own = bot.say("ana.kovac", "I need read access to the Q3 sales reports for EMEA because Henrik is away").await;
    assert!(own.iter().all(|c| c.facts.iter().all(|f| f.label != "For")), "a reason names nobody to hold it: {own:#?}");
    let nothing = bot.say("ana.kovac", "I need access to the zorblax flux capacitor").await.pop().unwrap();
    assert!(nothing.headline.contains("nothing like") || badge(&nothing) == "Question", "{nothing:#?}");
}

/// What a merger leaves open is nobody's to have by the way, however ordinary it is on the other side.
async fn somebody_of_the_other_company_meets_a_human(bot: &TestBot) {
    let words = "I need the product repositories for two weeks, to move our importer over";
    let card = bot.say("isla.fraser", words).await.pop().unwrap();
    assert!(fact(&card, "What").starts_with("Product repositories (read)"), "{}", fact(&card, "What"));
    assert!(score(&card).0 < 30, "the score alone would ask for nobody: {}", score(&card).0);
    assert!(fact(&card, "Who decides").contains("as manager"), "{}", fact(&card, "Who decides"));
    assert!(format!("{:?}", card.body).contains("Until the merger is settled"), "{card:#?}");
    bot.press("isla.fraser", "Submit").await;
    assert!(!bot.door("isla.fraser", &bot.entitlement("Product repositories (read)")));
    // The same words of somebody of the same company ask for nobody.
    let own = bot.say("giulia.ferrari", words).await.pop().unwrap();
    assert!(fact(&own, "Who decides").contains("Nobody has to approve"), "{}", fact(&own, "Who decides"));
}

/// The main job on real input: 6,501 entitlements of eight vendors beside the company's own.
async fn among_real_catalogs_the_narrow_directory_role_is_proposed(bot: &TestBot) {
    let words = "I have to reset MFA for people in my department until Friday";
    let reply = bot.try_say("claire.fontaine", words).await.unwrap();
    let card = reply.cards.last().unwrap();
    assert!(fact(card, "What").starts_with("Authentication Administrator in Microsoft Entra"), "{card:#?}");
    // Its privilege demands people, and an end.
    assert!(!fact(card, "Who decides").contains("Nobody"), "{}", fact(card, "Who decides"));
    assert!(fact(card, "Until").contains("Nov 2026"), "{}", fact(card, "Until"));
}
