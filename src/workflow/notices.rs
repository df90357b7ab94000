//! "Tell me when I'm locked out": who wants to be told before they ask, and where.

use crate::domain::card::Card;
use crate::domain::event::HouseEvent;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;

/// Switches notices on or off for this person, here.
///
/// # Errors
/// Never.
pub fn set(table: &mut Table<'_>, on: bool) -> Result<(), WorkflowError> {
    table.conversation.notices = on;
    let surface = table.conversation.surface;
    table.change.house_event(HouseEvent::NoticesSet { person: table.who.clone(), surface, on });
    table.note(if on {
        Card::note("I will tell you here when you are locked out")
            .para("At most a few times a day, with what the record says. If a lock looks like an attack, security hears of it instead.")
            .para("To stop it, say “stop telling me when I'm locked out”.")
    } else {
        Card::note("I no longer tell you when you are locked out").para("You can still ask me why at any time.")
    });
    Ok(())
}
