//! Reminders on chat platforms: a line in the thread of the card that waits, at growing intervals, to those who have not answered.

use crate::domain::action::Subject;
use crate::domain::card::{Card, Inline};
use crate::domain::conversation::MessageBody;
use crate::domain::request::Request;
use crate::workflow::cards::words;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::news;
use crate::workflow::surfaces::{channel, reach};

/// Reminds whoever is asked and has not answered, wherever they are reached on a platform, and the channels of their groups.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn say(change: &mut Change<'_>, house: &House, request: &Request) -> Result<(), WorkflowError> {
    let Some((step, open)) = request.open_step() else { return Ok(()) };
    if house.surfaces.is_empty() {
        return Ok(());
    }
    let key = format!("remind:{}:{}:{step}:{}", request.id, request.revision, request.version);
    let title = house.catalog.title(&request.content.entitlement);
    let name = house.name(&request.content.requester);
    let plain = Card::note(format!("Still waiting: {name} asks for {title}"));
    for candidate in &open.candidates {
        let person = &candidate.person;
        if request.votes().iter().any(|v| v.by == *person) {
            continue;
        }
        let zone = house.person(person)?.time_zone();
        let card = plain
            .clone()
            .fact("Asked", vec![Inline::Text { text: "on ".into() }, words::instant(request.filed_at, &zone)]);
        for surface in reach::platforms_of(house, person).await? {
            let conversation = news::conversation(house, person, surface).await?;
            let body = MessageBody::Said { card: Box::new(card.clone()) };
            change.say_about(conversation.id, &key, body, Subject::Request(request.id));
        }
    }
    channel::say(change, house, request, &key, &plain);
    Ok(())
}
