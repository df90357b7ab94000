//! Chat platforms, from the house's side: what comes in by the [`door`], what goes out by the [`outbox`], and how every copy of a card
//! comes to show the same.
//!
//! In: an adapter hands over a delivery, which is kept before it is acknowledged; dealing with it is one commit that holds the effect and
//! the mark that it was dealt with, so that a second delivery, or a second process, changes nothing.
//!
//! Out: whatever is said in a conversation on a platform, and every change of what a posted card shows, is noted in the batch that caused
//! it. One worker at a time tends each lane (a conversation, a channel): it posts in order, noting the intent before the effect, and draws
//! copies anew until they show how things stand. What could not be done waits in the lane; a sweep finds lanes that lag.

pub mod channel;
pub mod claims;
pub mod copies;
pub mod deal;
pub mod dealing;
pub mod door;
pub mod draw;
pub mod known;
pub mod outbox;
pub mod pace;
pub mod people;
pub mod reach;
pub mod redraw;
pub mod reminders;
pub mod start_page;
pub mod sweep;
pub mod tend;
pub mod turn;
