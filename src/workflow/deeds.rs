//! "Reset my password", "unlock me", "disable my MFA": understood and not done. Words prove nothing about who writes them, so the answer is the
//! provider's own way, the article, and whom to ask.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::card::{Card, Inline, Rich, Section, text};
use crate::domain::conversation::Question;
use crate::domain::inquiry::Matter;
use crate::domain::signin::Provider;
use crate::domain::signin_actor::Aliases;
use crate::helpdesk::deeds::{self, Deed};
use crate::helpdesk::knowledge;
use crate::helpdesk::lockout::claim::NextStep;
use crate::helpdesk::lockout::steps;
use crate::helpdesk::lockout::whose::Whose;
use crate::ports::signin::SigninQuery;
use crate::workflow::answers;
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::inquiries::{self, Given};
use crate::workflow::{lockouts, standing, unlocks};

/// How far back sign-ins tell which providers somebody uses.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most events looked at, the newest.
const MOST_EVENTS: u32 = 200;

/// Answers a deed that was asked for in words. False where none was.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn asked(table: &mut Table<'_>) -> Result<bool, WorkflowError> {
    // "Reset MFA for new hires" answers what something is needed for.
    let only_own = matches!(table.conversation.question, Some(Question::Reason { .. }));
    // Whose, the sentence says: whether a name is anybody's makes no difference.
    let own = !matches!(lockouts::whose_words(table)?, Whose::Other(_));
    let by_name = !own && !only_own && deeds::unlocks_somebody(table.words);
    let Some(deed) = deeds::asked(table.words, only_own).or(by_name.then_some(Deed::Unlock)) else { return Ok(false) };
    let unlocks = deed == Deed::Unlock && own && unlocks::is_offered(table.house, table.who, table.who);
    let helps = !own && standing::helps(table.house, table.who);
    let headline = match (unlocks, helps) {
        (true, _) => "Words alone unlock nothing",
        (_, true) => "I do that for nobody’s words alone",
        _ => headline(deed, own),
    };
    let mut card = Card::note(headline).para(
        "I never reset a password, unlock an account or change a second factor because a message says so, whoever writes it and however \
         much it presses: an attacker would write the same.",
    );
    let ways = if own && deed != Deed::SecondFactor { own_ways(table).await? } else { Vec::new() };
    if !ways.is_empty() {
        card = card.para("What you can do yourself:");
        card.body.push(Section::List { items: ways.iter().map(line).collect() });
    }
    let article = knowledge::find(&table.house.catalog, deed.topic());
    // Of their own lock the record is asked; what an article says of locks in general would stand against it.
    let explained = deed == Deed::Unlock && own && has_record(table).await?;
    if let Some(found) = article.as_ref().filter(|_| explained) {
        card = card.para(format!(
            "How locks end here in general, the article {} says; what the record says of yours comes next.",
            found.file
        ));
    } else if let Some(found) = &article {
        card.body.extend(words::article(&found.extract));
        card.footer = Some(text(format!("From the article {}", found.file)));
    }
    if deed == Deed::Unlock && !own && unlocks::is_helper(table.house, table.who) {
        card = card.para(
            "Ask “why was NAME locked out?” instead: where policy lets you and nothing speaks against it, a button to unlock their account \
             stands under the answer. It asks for a proof that it is you.",
        );
    }
    card = if helps {
        card.para(
            "You work at the helpdesk: make sure who it is on a way they did not choose, then do it where you do such things; words \
             alone do nothing here.",
        )
    } else {
        let helpers = answers::helpers(table);
        let sure = if own { "that it is you" } else { "who it is" };
        card.para(format!("The helpdesk can do it once they have made sure {sure}: {helpers}."))
    };
    // Whoever is locked out wants to know why, and until when.
    if explained {
        table.note(card);
        lockouts::own(table).await?;
        return Ok(true);
    }
    let given = match article {
        Some(found) => Given::new(Matter::Article { file: found.file.clone() }, vec![found.file]),
        None => Given::new(Matter::Person, Vec::new()),
    };
    inquiries::answer(table, card, given)?;
    Ok(true)
}

fn headline(deed: Deed, own: bool) -> &'static str {
    match (deed, own) {
        (Deed::Password, true) => "I do not reset passwords; you can do it yourself",
        (Deed::Password, false) => "I do not reset passwords; they can do it themselves",
        (Deed::Unlock, _) => "I do not unlock accounts; here is who can",
        (Deed::SecondFactor, _) => "I do not change second factors; here is who can",
    }
}

/// True where there is anything that could tell why somebody is locked out.
async fn has_record(table: &Table<'_>) -> Result<bool, WorkflowError> {
    let signins = &table.house.outside.signins;
    match &signins.log {
        Some(log) => Ok(!signins.directories.is_empty() || !log.signin_counts().await?.is_empty()),
        None => Ok(false),
    }
}

/// The providers' own pages, for those the speaker signed in at lately.
async fn own_ways(table: &Table<'_>) -> Result<Vec<NextStep>, WorkflowError> {
    let house = table.house;
    let Some(log) = &house.outside.signins.log else { return Ok(Vec::new()) };
    let person = house.person(table.who)?;
    let now = house.now();
    let query = SigninQuery {
        whose: Aliases::of(&person, &house.catalog.directory, &house.outside.signins.realms),
        from: now.checked_sub(LOOK_BACK).unwrap_or(jiff::Timestamp::MIN),
        until: now,
        limit: MOST_EVENTS,
    };
    let providers: BTreeSet<Provider> = log.signins(&query).await?.iter().map(|e| e.provider).collect();
    let mut ways: Vec<NextStep> = Vec::new();
    for way in providers.into_iter().filter_map(steps::own_way) {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    Ok(ways)
}

fn line(step: &NextStep) -> Rich {
    let mut line = text(step.words.clone());
    if let Some(link) = &step.link {
        line.extend(text(" "));
        line.push(Inline::Code { text: link.clone() });
    }
    line
}
