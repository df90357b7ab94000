//! What a page answered, for the tests that ask for pages.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt as _;

/// The most bytes of a page.
const LARGEST: usize = 4 << 20;

/// What a page answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Asks for a page.
    pub async fn to(app: &Router, request: Request<Body>) -> Self {
        let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
        let body = String::from_utf8(to_bytes(body, LARGEST).await.unwrap().to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// Where it leads; nothing where it leads nowhere.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    /// The cookie that it sets, where it sets one.
    pub fn set_cookie(&self) -> Option<String> {
        let set = self.headers.get(header::SET_COOKIE)?.to_str().unwrap();
        Some(set.split(';').next().unwrap().to_owned())
    }

    /// The cookie that it sets.
    pub fn cookie(&self) -> String {
        self.set_cookie().unwrap()
    }
}
