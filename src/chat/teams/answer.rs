//! The marks on an answer: what it rests on as citations, and Teams' label “AI generated” where a model worded it (Microsoft Learn, “Bot
//! messages with AI-generated content”). One entity of this kind stands in a message's `entities`; the text refers to citations as `[1]`.

use serde_json::{Value, json};

use crate::chat::scene::Scene;
use crate::chat::teams::inert::line;
use crate::chat::teams::limits::{CITATION_ABSTRACT, CITATION_NAME, CITATIONS};
use crate::domain::action::Verb;
use crate::domain::card::Card;

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

/// True for an answer to a question: it is nothing that is drawn anew from what it is about, and a model worded it, or one can say whether
/// it helped, or hand it on. Only these cite.
#[must_use]
pub fn is_one(card: &Card) -> bool {
    let asks = |verb| matches!(verb, Verb::Helped | Verb::NotHelped | Verb::Human | Verb::NotMe);
    card.key.is_none() && (card.is_by_model() || card.actions.iter().any(|b| asks(b.verb)))
}

/// The entity; citations beyond the twenty that Teams shows are left out. `None` where there is nothing to mark.
#[must_use]
pub fn entity(citations: &[Citation], by_model: bool, scene: &Scene<'_>) -> Option<Value> {
    if citations.is_empty() && !by_model {
        return None;
    }
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
    });
    if by_model {
        entity["additionalType"] = json!(["AIGeneratedContent"]);
    }
    if !claims.is_empty() {
        entity["citation"] = claims.into();
    }
    Some(entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_numbered_and_short() {
        let one = Citation { name: "n".repeat(300), says: "s".repeat(900), path: Some("//evil".into()) };
        let scene = Scene::bare();
        assert_eq!(entity(&[], false, &scene), None);
        assert_eq!(entity(std::slice::from_ref(&one), false, &scene).unwrap().get("additionalType"), None);
        assert_eq!(entity(&[], true, &scene).unwrap().get("citation"), None);
        let entity = entity(&vec![one; 30], true, &scene).unwrap();
        let claims = entity["citation"].as_array().unwrap();
        assert_eq!(claims.len(), 20);
        assert_eq!(claims[19]["position"], 20);
        assert_eq!(claims[0]["appearance"]["name"].as_str().unwrap().chars().count(), 80);
        assert_eq!(claims[0]["appearance"]["abstract"].as_str().unwrap().chars().count(), 160);
        assert!(claims[0]["appearance"].get("url").is_none());
        assert_eq!(entity["additionalType"][0], "AIGeneratedContent");
    }
}
