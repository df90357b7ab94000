//! The marks on an answer that a model had a hand in: Teams' label “AI generated” and its citations (Microsoft Learn, “Bot messages with
//! AI-generated content”). One entity of this kind stands in a message's `entities`; the text refers to citations as `[1]`.

use serde_json::{Value, json};

use crate::chat::scene::Scene;
use crate::chat::teams::inert::line;
use crate::chat::teams::limits::{CITATION_ABSTRACT, CITATION_NAME, CITATIONS};

/// Where a statement comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// What it is called.
    pub name: String,
    /// What it says, in a sentence.
    pub says: String,
    /// Its page, a path of ours.
    pub path: Option<String>,
}

/// The entity; citations beyond the twenty that Teams shows are left out.
#[must_use]
pub fn entity(citations: &[Citation], scene: &Scene<'_>) -> Value {
    let claims: Vec<Value> = citations
        .iter()
        .take(CITATIONS)
        .enumerate()
        .map(|(n, citation)| {
            let mut page = json!({
                "@type": "DigitalDocument",
                "name": line(&citation.name, CITATION_NAME).text,
                "abstract": line(&citation.says, CITATION_ABSTRACT).text,
            });
            if let Some(address) = citation.path.as_deref().and_then(|p| scene.address(p)) {
                page["url"] = address.into();
            }
            json!({ "@type": "Claim", "position": n + 1, "appearance": page })
        })
        .collect();
    let mut entity = json!({
        "type": "https://schema.org/Message",
        "@type": "Message",
        "@context": "https://schema.org",
        "additionalType": ["AIGeneratedContent"],
    });
    if !claims.is_empty() {
        entity["citation"] = claims.into();
    }
    entity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_numbered_and_short() {
        let one = Citation { name: "n".repeat(300), says: "s".repeat(900), path: Some("//evil".into()) };
        let entity = entity(&vec![one; 30], &Scene::bare());
        let claims = entity["citation"].as_array().unwrap();
        assert_eq!(claims.len(), 20);
        assert_eq!(claims[19]["position"], 20);
        assert_eq!(claims[0]["appearance"]["name"].as_str().unwrap().chars().count(), 80);
        assert_eq!(claims[0]["appearance"]["abstract"].as_str().unwrap().chars().count(), 160);
        assert!(claims[0]["appearance"].get("url").is_none());
        assert_eq!(entity["additionalType"][0], "AIGeneratedContent");
    }
}
