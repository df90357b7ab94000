//! Cards on Slack, Teams and Discord: any card fits, any words stay words, and what is drawn does not change unnoticed.

mod any_card;
mod golden;
pub mod hostile;
pub mod limits;
pub mod schemas;

use claviger::chat::budget::Dropped;
use claviger::chat::discord::render::Seen;
use claviger::chat::scene::Scene;
use claviger::chat::{discord, slack, teams};
use claviger::domain::action::ActionToken;
use claviger::domain::card::{Card, InputKind, Section};
use claviger::ports::desk::{Inbox, Mine};
use serde_json::{Value, json};
use url::Url;

/// Everything the platforms would be sent for one card.
pub struct Payloads {
    pub slack: Value,
    pub slack_home: Value,
    pub slack_modals: Vec<Value>,
    pub teams: Value,
    pub discord: Value,
    pub discord_modals: Vec<Value>,
    /// What was dropped from the message on Slack, Teams and Discord.
    pub dropped: [Dropped; 3],
}

/// Draws a card everywhere. Our pages are at `https://access.example`, and one person is known on every platform.
pub fn draw(card: &Card) -> Payloads {
    let base = Url::parse("https://access.example/").unwrap();
    let on_slack = Scene { base: Some(&base), mention: &|id| (id.as_str() == "mara.lindt").then(|| "U0MARA".into()) };
    let on_discord =
        Scene { base: Some(&base), mention: &|id| (id.as_str() == "mara.lindt").then(|| "80351110224678912".into()) };
    let (slack, a) = slack::render::message(card, &on_slack);
    let (teams, b) = teams::render::activity(card, &on_slack);
    let (discord, c) = discord::render::message(card, &on_discord, Seen::ByAll);
    // The home tab of a person with one such card among many.
    let many = |n| {
        let mut cards = vec![Card::note("another"); n];
        cards[0] = card.clone();
        cards
    };
    let inbox = Inbox { decisions: many(3), tasks: many(30) };
    let mine = Mine { access: many(12), requests: many(12) };
    let (slack_home, _) = slack::home::home(&inbox, &mine, &on_slack);
    let slack_modals = card.actions.iter().filter_map(|b| slack::modal::modal(b, &on_slack)).map(|(v, _)| v).collect();
    let discord_modals = card.actions.iter().filter_map(discord::modal::modal).map(|(v, _)| v).collect();
    Payloads { slack, slack_home, slack_modals, teams, discord, discord_modals, dropped: [a, b, c] }
}

/// Everything wrong with what the platforms would be sent: structure by the vendors' own types, numbers by ours.
pub fn faults(card: &Card) -> Vec<String> {
    let p = draw(card);
    let mut faults = Vec::new();
    let mut add = |what: &str, found: Vec<String>| faults.extend(found.into_iter().map(|f| format!("{what}: {f}")));
    add("slack", schemas::slack_blocks(&p.slack["blocks"]));
    add("slack", limits::slack_message(&p.slack));
    for view in p.slack_modals.iter().chain([&p.slack_home, &slack::modal::waiting()]) {
        add("slack view", schemas::slack_view(view));
        add("slack view", limits::slack_view(view));
    }
    add("teams", schemas::adaptive_card(&p.teams["attachments"][0]["content"]));
    add("teams", limits::teams(&p.teams));
    add("discord", schemas::discord_message(&p.discord));
    add("discord", limits::discord_message(&p.discord));
    for (n, question) in card.actions.iter().filter_map(discord::render::question).enumerate() {
        add(&format!("discord question {n}"), schemas::discord_message(&question));
        add(&format!("discord question {n}"), limits::discord_message(&question));
    }
    for modal in &p.discord_modals {
        add("discord modal", schemas::discord_response(&json!({ "type": 9, "data": modal })));
        add("discord modal", limits::discord_modal(modal));
    }
    faults
}

/// The same card with tokens that look like ours.
pub fn fixed_tokens(mut card: Card) -> Card {
    let mut n = 0;
    let mut next = || {
        n += 1;
        ActionToken(format!("TOKEN-{n:0>58}"))
    };
    card.actions.iter_mut().for_each(|b| b.token = next());
    // Nor are a select's values anybody's words.
    for input in card.actions.iter_mut().flat_map(|b| &mut b.form).flat_map(|f| &mut f.inputs) {
        if let InputKind::Select { options } = &mut input.kind {
            options.iter_mut().enumerate().for_each(|(n, option)| option.0 = format!("value-{n}"));
        }
    }
    for section in &mut card.body {
        if let Section::Choices { options, .. } = section {
            options.iter_mut().for_each(|o| o.token = next());
        }
    }
    card
}
