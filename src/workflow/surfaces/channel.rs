//! Cards in a group's channel: the one that decides, drawn for everybody who reads there rather than for one person.

use std::sync::Arc;

use crate::domain::action::Subject;
use crate::domain::card::{Card, CardKey, Section, View, text};
use crate::domain::decision::Slot;
use crate::domain::ids::{GroupId, PersonId};
use crate::domain::posting::{Audience, Lane, Posting, Shows};
use crate::domain::request::Request;
use crate::workflow::cards;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::known::GroupChannel;

/// Wants the card of the open step posted in the channels of the groups that decide it, once.
pub fn announce(change: &mut Change<'_>, house: &House, request: &Request) {
    for channel in deciding(house, request) {
        let Some((step, _)) = request.open_step() else { continue };
        let lane = Lane::channel(channel.surface, &channel.place);
        let key = format!("{} decide:{}:{}:{step}", lane.0, request.id, request.revision);
        change.post_once(&key, |id, at| {
            let shows = Shows::Live { key: key_of(request) };
            let audience = Audience::Group { id: channel.group.clone() };
            let mut posting = Posting::wanted(id, lane, channel.surface, shows, audience, at);
            posting.place = Some(channel.place.clone());
            posting
        });
    }
}

/// Says something about a request in the thread of its card, in the channels of the groups that decide it.
pub fn say(change: &mut Change<'_>, house: &House, request: &Request, key: &str, card: &Card) {
    for channel in deciding(house, request) {
        let lane = Lane::channel(channel.surface, &channel.place);
        let name = format!("{} {key}", lane.0);
        change.post_once(&name, |id, at| {
            let shows = Shows::Said { card: Box::new(card.clone()) };
            let audience = Audience::Group { id: channel.group.clone() };
            let mut posting = Posting::wanted(id, lane, channel.surface, shows, audience, at);
            posting.place = Some(channel.place.clone());
            posting.about = Some(Subject::Request(request.id));
            posting
        });
    }
}

fn key_of(request: &Request) -> CardKey {
    CardKey { subject: Subject::Request(request.id), view: View::Deciding }
}

/// The channels of the groups that decide the open step: security's and compliance's by the step's name, another group's where it is
/// the one that several are asked from.
fn deciding<'h>(house: &'h House, request: &Request) -> Vec<&'h GroupChannel> {
    let Some((_, step)) = request.open_step() else { return Vec::new() };
    let roles = &house.catalog.roles;
    let member = |person: &PersonId, group: &GroupId| {
        house.catalog.directory.get(person).is_some_and(|p| p.groups.contains(group))
    };
    let decides = |channel: &&GroupChannel| match step.slot {
        Slot::Security => channel.group == roles.security,
        Slot::Compliance => channel.group == roles.compliance,
        Slot::Manager | Slot::Sponsor => false,
        Slot::Owner | Slot::SecondPerson => {
            step.candidates.len() > 1 && step.candidates.iter().all(|c| member(&c.person, &channel.group))
        }
    };
    house.surfaces.channels.iter().filter(|c| house.surfaces.get(c.surface).is_some()).filter(decides).collect()
}

/// Draws a card for a group's channel. Whoever clicks there is looked up anew, so buttons stand there while anybody may decide.
///
/// # Errors
/// Where the store cannot be read.
pub async fn draw(house: &Arc<House>, group: &GroupId, key: CardKey) -> Result<Card, WorkflowError> {
    let Subject::Request(id) = key.subject else { return Err(WorkflowError::NotFound("card")) };
    let request = house.store.request(id).await?.ok_or(WorkflowError::NotFound("request"))?;
    // Drawn as one of those who are asked sees it, then without what is for them alone. Once it is decided: as any member sees it.
    let asked = request.open_step().and_then(|(_, step)| step.candidates.first().map(|c| c.person.clone()));
    let member = || house.catalog.directory.members(group).next().map(|p| p.id.clone());
    let reader = asked.or_else(member).unwrap_or_else(|| request.content.requester.clone());
    let mut card = cards::request::draw(house, &request, &reader, View::Deciding).await?;
    card.facts.retain(|fact| fact.label != "Why you");
    let nobody = PersonId::parse("nobody").map_err(|_| WorkflowError::NotFound("person"))?;
    let zone = house.person(&reader)?.time_zone();
    for fact in card.facts.iter_mut().filter(|f| f.label == "How it stands") {
        fact.value = cards::request::standing(house, &request, &zone, &nobody);
    }
    if request.open_step().is_some() {
        card.body
            .push(Section::Para { text: text("Whoever of you is asked may decide; nobody decides for themselves.") });
    }
    Ok(card)
}
