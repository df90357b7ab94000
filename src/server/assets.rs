//! Style, script and picture, part of the program. Their names carry their digest, so that browsers may keep them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use crate::server::problem::Problem;

struct Asset {
    name: String,
    kind: &'static str,
    bytes: &'static [u8],
}

/// The paths of the files, as pages name them.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Paths {
    /// The style sheet.
    pub css: String,
    /// The script.
    pub js: String,
    /// The picture beside the title.
    pub icon: String,
    /// The script of pages with passkeys.
    pub passkey: String,
}

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset("app", "css", "text/css; charset=utf-8", include_bytes!("assets/app.css")),
        asset("app", "js", "text/javascript; charset=utf-8", include_bytes!("assets/app.js")),
        asset("key", "svg", "image/svg+xml", include_bytes!("assets/key.svg")),
        asset("passkey", "js", "text/javascript; charset=utf-8", include_bytes!("assets/passkey.js")),
    ]
});

static PATHS: LazyLock<Paths> = LazyLock::new(|| {
    let [css, js, icon, passkey] = &*ASSETS;
    let path = |asset: &Asset| format!("/static/{}", asset.name);
    Paths { css: path(css), js: path(js), icon: path(icon), passkey: path(passkey) }
});

/// The paths of the files.
#[must_use]
pub fn paths() -> &'static Paths {
    &PATHS
}

fn asset(stem: &str, ending: &str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = hex::encode(&Sha256::digest(bytes)[..6]);
    Asset { name: format!("{stem}-{digest}.{ending}"), kind, bytes }
}

/// One of the files.
///
/// # Errors
/// [`Problem`] for any other name.
pub async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == name).ok_or_else(Problem::not_found)?;
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.bytes).into_response())
}
