//! The app package that an administrator uploads to Teams: `manifest.json` and two icons in a zip. The manifest follows version 1.30 of
//! Microsoft's schema, with which a test compares it.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use url::Url;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::chat::reach;
use crate::chat::teams::settings::app_id;

/// The schema's version.
pub const MANIFEST_VERSION: &str = "1.30";
/// The package's own version, where no other is asked for. Teams takes a changed package only with a higher one.
pub const APP_VERSION: &str = "1.0.0";
/// 192 by 192, in full colour. `deploy/teams/draw-icons` draws both.
const COLOR: &[u8] = include_bytes!("../../../deploy/teams/color.png");
/// 32 by 32, white on nothing.
const OUTLINE: &[u8] = include_bytes!("../../../deploy/teams/outline.png");

/// What the package says of the app. No secret is in it, and none is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    app_id: String,
    public: Url,
    privacy: Option<Url>,
    terms: Option<Url>,
    version: String,
}

impl Listing {
    /// Takes what an operator wrote: the bot's id, our public address, and where they have them pages on privacy and terms of use.
    ///
    /// # Errors
    /// [`PackageError`] names what cannot be used.
    pub fn parse(
        app: &str,
        public_url: &str,
        (privacy, terms): (Option<&str>, Option<&str>),
        version: &str,
    ) -> Result<Self, PackageError> {
        let public = Url::parse(public_url).map_err(|_| PackageError(format!("`{public_url}` is no web address")))?;
        reach::public(&public, "Microsoft").map_err(PackageError)?;
        let page = |text: Option<&str>| {
            let url = text.map(|text| {
                let url = Url::parse(text).ok().filter(|u| u.scheme() == "https" && u.host().is_some());
                url.ok_or_else(|| PackageError(format!("`{text}` is no https address")))
            });
            url.transpose()
        };
        let parts: Vec<&str> = version.split('.').collect();
        let number = |part: &&str| part.parse::<u32>().is_ok_and(|n| n.to_string() == **part);
        if parts.len() != 3 || !parts.iter().all(number) {
            return Err(PackageError(format!("`{version}` is no version; it looks like 1.0.1")));
        }
        Ok(Self {
            app_id: app_id(app).map_err(|e| PackageError(e.to_string()))?,
            public,
            privacy: page(privacy)?,
            terms: page(terms)?,
            version: version.to_owned(),
        })
    }

    /// Our public address.
    #[must_use]
    pub fn public(&self) -> &Url {
        &self.public
    }
}

/// The package could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the package could not be put together: {0}")]
pub struct PackageError(String);

fn command(title: &str, description: &str) -> Value {
    json!({ "title": title, "description": description, "type": "prompt", "prompt": title })
}

/// The manifest. The app carries the bot's own id, so that there is one of it in a tenant.
#[must_use]
pub fn manifest(listing: &Listing) -> Value {
    let first = listing.public.join("/").map_or_else(|_| listing.public.to_string(), |u: Url| u.to_string());
    let page = |own: &Option<Url>| own.as_ref().map_or_else(|| first.clone(), Url::to_string);
    let host = listing.public.host_str().unwrap_or_default();
    let commands = [
        command("What do I have?", "Access you hold now, and until when"),
        command("Where do my requests stand?", "What you asked for and what became of it"),
        command("What waits for me?", "Requests that you may decide"),
        command("Why can't I sign in?", "What the sign-in logs say about your account"),
    ];
    json!({
        "$schema": format!("https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}/MicrosoftTeams.schema.json"),
        "manifestVersion": MANIFEST_VERSION,
        "version": listing.version,
        "id": listing.app_id,
        "developer": {
            "name": "Claviger",
            "websiteUrl": first,
            "privacyUrl": page(&listing.privacy),
            "termsOfUseUrl": page(&listing.terms),
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
            "botId": listing.app_id,
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
pub fn package(listing: &Listing) -> Result<Vec<u8>, PackageError> {
    let told = |e: &dyn std::fmt::Display| PackageError(e.to_string());
    let manifest = serde_json::to_vec_pretty(&manifest(listing)).map_err(|e| told(&e))?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in [("manifest.json", manifest.as_slice()), ("color.png", COLOR), ("outline.png", OUTLINE)] {
        zip.start_file(name, plain).map_err(|e| told(&e))?;
        zip.write_all(bytes).map_err(|e| told(&e))?;
    }
    Ok(zip.finish().map_err(|e| told(&e))?.into_inner())
}
