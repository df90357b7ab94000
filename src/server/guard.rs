//! What stands around every page: our host only (a page of another site cannot reach us by a name of its own that resolves to this
//! machine), our origin only for whatever changes something, time limits, caught panics, problem pages, security headers, a line in the
//! log.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;

use crate::server::pages;
use crate::server::problem::Problem;
use crate::server::state::House;

/// Only our own files, forms and connections; no frames either way (CSP Level 3).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a request is called in the log and on problem pages.
#[derive(Debug, Clone)]
pub struct Reference(pub String);

/// Wraps every request.
pub async fn guard(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    let reference = house.reference();
    request.extensions_mut().insert(Reference(reference.clone()));
    let route = request.extensions().get::<MatchedPath>().map_or("none", |p| p.as_str()).to_owned();
    let method = request.method().clone();
    let began = Instant::now();
    let mut response = match refusal(&house, &request) {
        Some(problem) => problem.into_response(),
        None => answer(&house, request, next, &reference).await,
    };
    let cookie = response.headers_mut().remove(header::SET_COOKIE);
    if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
        response = pages::problem(&house, &problem, &reference);
    } else if response.status().is_client_error() && route != "/health/ready" {
        // The framework's own refusals (an address that is no text, say) get a page, too.
        let plain = Problem { status: response.status(), ..Problem::not_found() };
        response = pages::problem(&house, &plain, &reference);
    }
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    let status = response.status().as_u16();
    let spent = began.elapsed();
    metrics::counter!("http_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("http_request_seconds", "route" => route.clone()).record(spent.as_secs_f64());
    tracing::info!(%method, route, status, reference, micros = spent.as_micros(), "answered");
    headers(&house, response.headers_mut(), &reference);
    response
}

async fn answer(house: &House, request: Request, next: Next, reference: &str) -> Response {
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(house.state.limits.answer, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(reference, "a page panicked");
            Problem::ours().into_response()
        }
        Err(_) => Problem::too_slow().into_response(),
    }
}

/// Why a request is not even looked at.
fn refusal(house: &House, request: &Request) -> Option<Problem> {
    let path = request.uri().path();
    // Probes and collectors come by address.
    if path.starts_with("/health/") || (path == "/metrics" && !house.is_demo()) {
        return None;
    }
    let host = request
        .uri()
        .authority()
        .map(|a| a.as_str().to_owned())
        .or_else(|| header(request.headers(), &header::HOST).map(str::to_owned));
    if !host.is_some_and(|host| house.hosts.contains(&host.to_ascii_lowercase())) {
        return Some(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This address is not one Claviger answers to.",
            "Use the address it printed when it started, or the one your company gave you.",
        ));
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    (!safe && !is_from_us(house, request.headers())).then(Problem::not_ours)
}

/// True where the browser says the request comes from a page of ours. One that says nothing has the form's token checked all the same.
fn is_from_us(house: &House, headers: &HeaderMap) -> bool {
    let site = header(headers, &HeaderName::from_static("sec-fetch-site"));
    let origin = header(headers, &header::ORIGIN);
    site.is_none_or(|site| site == "same-origin" || site == "none")
        && origin.is_none_or(|origin| house.origins.contains(&origin.to_ascii_lowercase()))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn headers(house: &House, headers: &mut HeaderMap, reference: &str) {
    let fixed = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"),
        ("x-robots-tag", "noindex"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if house.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(reference) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// A page as a response.
#[must_use]
pub fn html(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], Body::from(text)).into_response()
}
