//! What went wrong, as people read it: what happened, what to do next, what to quote. The guard draws the page, because it knows the
//! reference.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::domain::card::Card;
use crate::ports::desk::{DeskError, DeskErrorKind};
use crate::ports::store::StoreError;
use crate::server::pages::Frame;

/// What went wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// What happened, in a plain sentence.
    pub said: String,
    /// What to do next, in a plain sentence.
    pub next: String,
    /// What to quote, where it was given elsewhere; else the request's own.
    pub reference: String,
    /// The card as it stands now.
    pub fresh: Option<Box<Card>>,
    /// Who is looking, where that is known.
    pub frame: Option<Box<Frame>>,
    /// The session's token, for the fresh card's buttons.
    pub csrf: String,
    /// The page to go back to.
    pub back: String,
    /// Where to come back to as somebody else, where that is the way on.
    pub switch: Option<String>,
}

impl Problem {
    /// A problem of this status, in two sentences.
    #[must_use]
    pub fn new(status: StatusCode, said: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            status,
            said: said.into(),
            next: next.into(),
            reference: String::new(),
            fresh: None,
            frame: None,
            csrf: String::new(),
            back: "/".to_owned(),
            switch: None,
        }
    }

    /// There is no such page.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such page, or it is not yours to see.",
            "Check the address, or start again from the chat.",
        )
    }

    /// The form did not come from our own page.
    #[must_use]
    pub fn not_ours() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This did not come from a page of yours here, so nothing was done.",
            "Open the page again and repeat what you wanted to do.",
        )
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "You are not signed in any more, so nothing was done.",
            "Sign in again and repeat what you wanted to do.",
        )
    }

    /// Too much at once.
    #[must_use]
    pub fn too_many() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "That was a lot at once, so this one was not taken.",
            "Wait a few seconds and send it again. Nothing you sent before is lost.",
        )
    }

    /// The body is longer than we take.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That is longer than can be taken here, so nothing was done.",
            "Say it shorter, in at most 4,000 characters.",
        )
    }

    /// Our own fault.
    #[must_use]
    pub fn ours() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong on our side.",
            "Try again in a moment. If it happens again, tell your administrators and quote the reference.",
        )
    }

    /// It takes too long.
    #[must_use]
    pub fn too_slow() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The answer is taking too long.",
            "Look at the page again before you repeat anything: it may have been done.",
        )
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let status = match error.kind {
            DeskErrorKind::NotFound => StatusCode::NOT_FOUND,
            DeskErrorKind::Forbidden => StatusCode::FORBIDDEN,
            DeskErrorKind::BadButton => StatusCode::BAD_REQUEST,
            DeskErrorKind::Stale => StatusCode::CONFLICT,
            DeskErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            DeskErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            DeskErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            DeskErrorKind::StepUp => StatusCode::FORBIDDEN,
        };
        Self { reference: error.reference, fresh: error.fresh, ..Self::new(status, error.said, error.next) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "sessions cannot be read or written");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The database cannot be reached right now.",
            "Try again in a moment; nothing was lost.",
        )
    }
}

impl From<minijinja::Error> for Problem {
    fn from(error: minijinja::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "a page could not be drawn");
        Self::ours()
    }
}

impl From<crate::chat::web::render::RenderError> for Problem {
    fn from(error: crate::chat::web::render::RenderError) -> Self {
        tracing::error!(error = format!("{error:?}"), "a card could not be drawn");
        Self::ours()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
