//! Live news: a stream that says only that something of this person's changed, and which parts of a page may be old. What it is, the
//! page asks for itself, and is answered anew.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::domain::ids::PersonId;
use crate::ports::desk::Change;
use crate::server::problem::Problem;
use crate::server::session::Session;
use crate::server::state::{House, StreamSeat};
use crate::server::visit::Member;

/// The parts of pages that may be old after a change: ids of elements.
const FRAGMENTS: &str = r#"["thread","decisions","tasks","access","requests","request","doors","door","waiting"]"#;

struct Listener {
    house: Arc<House>,
    person: PersonId,
    session: Session,
    changes: Receiver<Change>,
    first: bool,
    _seat: StreamSeat,
}

/// The stream (WHATWG HTML §9.2, server-sent events).
///
/// # Errors
/// [`Problem`] where the person holds too many open.
pub async fn events(member: Member) -> Result<Response, Problem> {
    let Some(seat) = member.house.take_stream(&member.person.id) else {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many pages of yours listen for news at once.",
            "Close some of them. Pages without news still work; they are up to date when loaded.",
        ));
    };
    let listener = Listener {
        changes: member.house.state.desk.changes(),
        person: member.person.id.clone(),
        session: member.session,
        house: member.house,
        first: true,
        _seat: seat,
    };
    let news = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    Ok(Sse::new(news).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response())
}

impl Listener {
    /// The next thing to say; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.first) {
            // Says at once that the line is open; a page that was away asks for what it missed.
            return Some(Event::default().event("open").retry(Duration::from_secs(2)).data("[]"));
        }
        loop {
            let heard = tokio::select! {
                heard = self.changes.recv() => heard,
                () = self.house.state.shutdown.cancelled() => return None,
            };
            match heard {
                Ok(change) if !change.people.contains(&self.person) => {}
                // Who fell behind is told once; what was missed does not matter, because nothing is said but "look again".
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    return self.still_signed_in().await.then(|| Event::default().event("change").data(FRAGMENTS));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    async fn still_signed_in(&self) -> bool {
        self.session.is_kept(&self.house).await.unwrap_or(false)
            && (self.house.state.directory)().get(&self.person).is_some_and(|p| p.is_employed())
    }
}
