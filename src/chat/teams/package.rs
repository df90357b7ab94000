//! The app package that an administrator uploads to Teams: `manifest.json` and two icons in a zip. The manifest follows version 1.30 of
//! Microsoft's schema, with which a test compares it.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use url::Url;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::chat::teams::settings::Settings;

/// The schema's version.
pub const MANIFEST_VERSION: &str = "1.30";
/// The package's own version. Teams takes a changed package only with a higher one.
pub const APP_VERSION: &str = "1.0.0";
/// 192 by 192, in full colour. `deploy/teams/draw-icons` draws both.
const COLOR: &[u8] = include_bytes!("../../../deploy/teams/color.png");
/// 32 by 32, white on nothing.
const OUTLINE: &[u8] = include_bytes!("../../../deploy/teams/outline.png");

/// The package could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the package could not be put together: {0}")]
pub struct PackageError(String);

fn command(title: &str, description: &str) -> Value {
    json!({ "title": title, "description": description, "type": "prompt", "prompt": title })
}

/// The manifest. The app carries the bot's own id, so that there is one of it in a tenant.
#[must_use]
pub fn manifest(settings: &Settings) -> Value {
    let page = |path: &str| {
        settings.public_url.join(path).map_or_else(|_| settings.public_url.to_string(), |u: Url| u.to_string())
    };
    let host = settings.public_url.host_str().unwrap_or_default();
    let commands = [
        command("What do I have?", "Access you hold now, and until when"),
        command("Where do my requests stand?", "What you asked for and what became of it"),
        command("What waits for me?", "Requests that you may decide"),
        command("Why can't I sign in?", "What the sign-in logs say about your account"),
    ];
    json!({
        "$schema": format!("https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}/MicrosoftTeams.schema.json"),
        "manifestVersion": MANIFEST_VERSION,
        "version": APP_VERSION,
        "id": settings.app_id,
        "developer": {
            "name": "Claviger",
            "websiteUrl": page("/"),
            "privacyUrl": page("/"),
            "termsOfUseUrl": page("/"),
        },
        "name": { "short": "Claviger", "full": "Claviger: ask for access in plain words" },
        "description": {
            "short": "Ask for access in plain words; get it, or get the reason.",
            "full": "Say what you need, what for and until when. Claviger finds the right access, reads it back to you, asks whoever has to decide, \
                     sets it up and takes it away in time. It also tells you what you have, who approves what, why something was refused, and why \
                     you cannot sign in. Every answer comes with its reasons.",
        },
        "icons": { "color": "color.png", "outline": "outline.png" },
        "accentColor": "#1F4E79",
        "bots": [{
            "botId": settings.app_id,
            "scopes": ["personal", "team", "groupChat"],
            "isNotificationOnly": false,
            "supportsFiles": false,
            "commandLists": [{ "scopes": ["personal"], "commands": commands }],
        }],
        "defaultInstallScope": "personal",
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host],
    })
}

/// The package's bytes; the same settings give the same bytes.
///
/// # Errors
/// [`PackageError`].
pub fn package(settings: &Settings) -> Result<Vec<u8>, PackageError> {
    let told = |e: &dyn std::fmt::Display| PackageError(e.to_string());
    let manifest = serde_json::to_vec_pretty(&manifest(settings)).map_err(|e| told(&e))?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in [("manifest.json", manifest.as_slice()), ("color.png", COLOR), ("outline.png", OUTLINE)] {
        zip.start_file(name, plain).map_err(|e| told(&e))?;
        zip.write_all(bytes).map_err(|e| told(&e))?;
    }
    Ok(zip.finish().map_err(|e| told(&e))?.into_inner())
}
