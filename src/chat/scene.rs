//! What a renderer may know besides the card: where our own pages are, and who is who on its platform.

use url::Url;

use crate::domain::action::{ActionToken, Verb};
use crate::domain::ids::PersonId;

/// The longest path of ours that becomes a link.
const LONGEST_PATH: usize = 600;
/// The longest token a button carries: Discord's hundred characters less our prefix.
const LONGEST_TOKEN: usize = 90;

/// What is known about the place a card is shown in.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Where our pages are; without it links are words.
    pub base: Option<&'a Url>,
    /// A person's id on the platform, where it is known and they are to be mentioned. Without it there is their name.
    pub mention: &'a dyn Fn(&PersonId) -> Option<String>,
}

impl std::fmt::Debug for Scene<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene").field("base", &self.base.map(Url::as_str)).finish_non_exhaustive()
    }
}

impl Scene<'static> {
    /// No links, nobody mentioned.
    #[must_use]
    pub fn bare() -> Self {
        Self { base: None, mention: &|_| None }
    }
}

impl Scene<'_> {
    /// The address of a path of ours; `None` for anything that leads, or might lead, elsewhere.
    #[must_use]
    pub fn address(&self, path: &str) -> Option<String> {
        let base = self.base?;
        let ours = path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= LONGEST_PATH
            && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.~?=&#%:+,".contains(&b));
        if !ours {
            return None;
        }
        let whole = base.join(path).ok()?;
        let same = whole.origin() == base.origin() && whole.origin().is_tuple();
        (same && matches!(whole.scheme(), "https" | "http")).then(|| whole.to_string())
    }
}

/// A verb as it is written in payloads.
#[must_use]
pub fn verb_name(verb: Verb) -> String {
    serde_json::to_value(verb).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The token, where a platform can carry it. Ours always can be; anything else gives no button.
#[must_use]
pub fn carried(token: &ActionToken) -> Option<&str> {
    let text = token.0.as_str();
    let fine = !text.is_empty()
        && text.len() <= LONGEST_TOKEN
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fine.then_some(text)
}

/// A field's name, where it can be one on every platform. Ours always can be.
#[must_use]
pub fn field_name(id: &str) -> Option<&str> {
    let fine =
        !id.is_empty() && id.len() <= 40 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fine.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_become_addresses() {
        let base = Url::parse("https://access.example/").unwrap();
        let scene = Scene { base: Some(&base), mention: &|_| None };
        assert_eq!(scene.address("/requests/r_1").as_deref(), Some("https://access.example/requests/r_1"));
        for bad in [
            "",
            "x",
            "//evil",
            "/\\evil",
            "https://evil",
            "/a b",
            "/a|b",
            "/a>b",
            "/a)b",
            "javascript:alert(1)",
            "/\u{202E}",
        ] {
            assert_eq!(scene.address(bad), None, "{bad}");
        }
        assert_eq!(Scene::bare().address("/requests"), None);
        assert_eq!(verb_name(Verb::ApproveShorter), "approve_shorter");
    }
}
