//! The language model as a second reader of the same words. It may name only what is offered to it in this turn; what it answers is data.

use std::sync::Arc;
use std::time::Duration;

use crate::catalog::model::Catalog;
use crate::domain::conversation::DraftState;
use crate::domain::digest::Digest;
use crate::domain::ids::EntitlementId;
use crate::ports::language_model::{LanguageModel, ModelError, Prompt};
use crate::understanding::prompt::{INTENTS, OfferedCandidate, Prompts, UnderstandContext};
use crate::understanding::reply::{self, Grounded};
use crate::understanding::time::window::said_window;
use crate::understanding::types::{Intent, SaidWindow, Turn, Understanding};

/// The most entitlements offered in one turn.
pub const MAX_OFFERED: usize = 10;

/// The longest description offered, in characters.
const MAX_DESCRIPTION: usize = 200;

/// Room for an answer: an intent, a few ids and two quotes. What runs on beyond it is cut off and read up to the cut.
const MAX_TOKENS: u32 = 256;

/// What the model made of a turn, grounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelReading {
    /// What the person wants.
    pub intent: Intent,
    /// What they ask for: offered ids with their titles.
    pub entitlements: Vec<(EntitlementId, String)>,
    /// Everything that was offered.
    pub offered: usize,
    /// How many ids it named that were not offered.
    pub invented: usize,
    /// Words of the message, cut out of it.
    pub reason: Option<String>,
    /// What our own grammar makes of the words it took for the time.
    pub window: Option<SaidWindow>,
    /// The call, for the record.
    pub call: CallRecord,
}

/// What one reading took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Which template.
    pub template: Digest,
    /// Which model answered.
    pub model: String,
    /// Calls made: two where the first answer could not be used.
    pub calls: u32,
    /// Tokens read, where told.
    pub prompt_tokens: Option<u32>,
    /// Tokens written, where told.
    pub completion_tokens: Option<u32>,
    /// How long it took together.
    pub latency: Duration,
}

/// Reads turns with a language model.
pub struct ModelInterpreter {
    model: Arc<dyn LanguageModel>,
    prompts: Arc<Prompts>,
}

/// What is offered in a turn: the candidates the search found for each ask, in turn, best first.
#[must_use]
pub fn offered(understanding: &Understanding, catalog: &Catalog) -> Vec<OfferedCandidate> {
    let mut out: Vec<OfferedCandidate> = Vec::new();
    let deepest = understanding.asks.iter().map(|ask| ask.candidates.len()).max().unwrap_or(0);
    for rank in 0..deepest {
        for candidate in understanding.asks.iter().filter_map(|ask| ask.candidates.get(rank)) {
            let id = candidate.entitlement.to_string();
            if out.len() == MAX_OFFERED || out.iter().any(|o| o.id == id) {
                continue;
            }
            if let Some(entitlement) = catalog.entitlement(&candidate.entitlement) {
                out.push(OfferedCandidate {
                    id,
                    title: entitlement.title.clone(),
                    description: entitlement.description.chars().take(MAX_DESCRIPTION).collect(),
                });
            }
        }
    }
    out
}

impl ModelInterpreter {
    /// A reader with this model and these prompts.
    #[must_use]
    pub fn new(model: Arc<dyn LanguageModel>, prompts: Arc<Prompts>) -> Self {
        Self { model, prompts }
    }

    /// Reads a turn. An answer that cannot be used is asked for once more.
    ///
    /// # Errors
    /// [`ModelError`] where nothing usable comes back; the embedded reading then stands alone.
    pub async fn read(&self, turn: &Turn<'_>, offered: &[OfferedCandidate]) -> Result<ModelReading, ModelError> {
        let offered = &offered[..offered.len().min(MAX_OFFERED)];
        let on_the_table = turn
            .drafts
            .iter()
            .rev()
            .find(|d| d.state == DraftState::Open)
            .and_then(|d| d.entitlement.as_ref().or(d.choices.first()))
            .map(|id| {
                let id = id.to_string();
                offered.iter().find(|o| o.id == id).map_or(id, |o| o.title.clone())
            });
        let context = UnderstandContext {
            intents: INTENTS,
            entitlements: offered.to_vec(),
            on_the_table,
            words: turn.words.to_owned(),
        };
        let rendered = self.prompts.understand(&context).map_err(|e| ModelError::Unavailable(e.to_string()))?;
        let ids: Vec<String> = offered.iter().map(|o| o.id.clone()).collect();
        let mut prompt = Prompt {
            template: rendered.template,
            system: rendered.system,
            user: rendered.user,
            schema: reply::schema(&ids),
            schema_name: "understanding".to_owned(),
            max_tokens: MAX_TOKENS,
        };
        let mut call = CallRecord {
            template: rendered.template,
            model: String::new(),
            calls: 0,
            prompt_tokens: None,
            completion_tokens: None,
            latency: Duration::ZERO,
        };
        let sum = |a: Option<u32>, b: Option<u32>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
        };
        loop {
            let completion = self.model.complete(&prompt).await?;
            call.calls += 1;
            call.model = completion.model.chars().take(100).collect();
            call.latency += completion.latency;
            call.prompt_tokens = sum(call.prompt_tokens, completion.prompt_tokens);
            call.completion_tokens = sum(call.completion_tokens, completion.completion_tokens);
            match reply::read(&completion.text, &ids, turn.words) {
                Ok(grounded) => return Ok(reading(turn, offered, grounded, call)),
                Err(_) if call.calls == 1 => {
                    prompt.user.push_str(REPAIR);
                    prompt.max_tokens = MAX_TOKENS * 2;
                }
                Err(_) => return Err(ModelError::Unusable),
            }
        }
    }
}

/// Said behind the words where the first answer could not be used. The bad answer is not shown again.
const REPAIR: &str =
    "\nThe last answer could not be read. Answer again: one short JSON object of the asked form, nothing else.";

fn reading(turn: &Turn<'_>, offered: &[OfferedCandidate], grounded: Grounded, call: CallRecord) -> ModelReading {
    // Never a number of the model's: its quote is cut out of the person's words and read by our own grammar.
    let window = grounded.time.and_then(|quote| said_window(&quote, turn.now, &turn.speaker.time_zone()));
    let titled = |id: EntitlementId| {
        let title = offered.iter().find(|o| o.id == id.as_str()).map(|o| o.title.clone());
        title.map(|title| (id, title))
    };
    ModelReading {
        intent: grounded.intent,
        entitlements: grounded.entitlements.into_iter().filter_map(titled).collect(),
        offered: offered.len(),
        invented: grounded.invented,
        reason: grounded.reason,
        window,
        call,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::ports::language_model::Completion;
    use crate::understanding::reconcile::reconcile;
    use crate::understanding::samples::{catalog, interpreter, now, pid};
    use crate::understanding::types::{Interpreter, Missing, SaidEnd};

    /// Says these answers in turn and fails on a call too many.
    struct Fake {
        answers: Mutex<Vec<Result<String, ModelError>>>,
        asked: Mutex<Vec<Prompt>>,
    }

    impl Fake {
        fn saying(answers: &[&str]) -> Arc<Self> {
            let answers = answers.iter().rev().map(|a| Ok((*a).to_owned())).collect();
            Arc::new(Self { answers: Mutex::new(answers), asked: Mutex::default() })
        }
    }

    #[async_trait]
    impl LanguageModel for Fake {
        async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
            self.asked.lock().unwrap().push(prompt.clone());
            let text = self.answers.lock().unwrap().pop().expect("a call too many")?;
            Ok(Completion {
                text,
                truncated: false,
                model: "fake".to_owned(),
                prompt_tokens: Some(10),
                completion_tokens: None,
                latency: Duration::from_millis(5),
            })
        }
    }

    const ASK: &str = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
    const VIEWER: &str = "reports:sales-emea-q3-read";

    /// The embedded reading of the words, and what becomes of it beside a model.
    async fn both(words: &str, model: &Arc<Fake>) -> (Understanding, Understanding) {
        let catalog = catalog();
        let speaker = catalog.directory.get(&pid("lena.fischer")).unwrap();
        let turn = Turn { words, now: now(), speaker, drafts: &[], topic: None, question: None, holds: &[] };
        let embedded = interpreter().interpret(&turn);
        let reader = ModelInterpreter::new(Arc::clone(model) as _, Arc::new(Prompts::new(None).unwrap()));
        let reading = reader.read(&turn, &offered(&embedded, &catalog)).await;
        (embedded.clone(), reconcile(embedded, reading))
    }

    /// The invariant: same things, same person, same window.
    fn same_draft(a: &Understanding, b: &Understanding) {
        assert_eq!(a.intent, b.intent);
        assert_eq!(a.for_whom, b.for_whom);
        assert_eq!(a.window, b.window);
        let ids = |u: &Understanding| -> Vec<Vec<String>> {
            u.asks.iter().map(|k| k.candidates.iter().map(|c| c.entitlement.to_string()).collect()).collect()
        };
        assert_eq!(ids(a), ids(b));
    }

    #[tokio::test]
    async fn agreement_makes_surer() {
        let answer = format!(
            r#"{{"intent":"request_access","entitlements":["{VIEWER}"],"reason_quote":"for the board deck","time_quote":"until Friday"}}"#
        );
        let (alone, together) = both(ASK, &Fake::saying(&[&answer])).await;
        same_draft(&alone, &together);
        assert_eq!(together.by, Interpreter::Agreed, "{:?}", together.disagreements);
        assert!(together.confidence_bp >= alone.confidence_bp && together.confidence_bp < 10_000);
    }

    #[tokio::test]
    async fn disagreement_asks() {
        let other = r#"{"intent":"small_talk","entitlements":[],"reason_quote":null,"time_quote":null}"#;
        let (alone, together) = both(ASK, &Fake::saying(&[other])).await;
        same_draft(&alone, &together);
        assert_eq!(together.by, Interpreter::Disputed);
        assert!(together.confidence_bp < 9_000 && together.asks.iter().all(|a| a.confidence_bp < 9_000));
        assert!(!together.disagreements.is_empty());
    }

    #[tokio::test]
    async fn invented_ids_and_absurd_times_change_nothing() {
        let answer = r#"{"intent":"request_access","entitlements":["root:everything","root:everything"],"reason_quote":"the board said yes","time_quote":"1000000000000000 days"}"#;
        let (alone, together) = both(ASK, &Fake::saying(&[answer])).await;
        same_draft(&alone, &together);
        assert_eq!(together.justification, alone.justification);
        assert_eq!(together.by, Interpreter::Disputed);
    }

    #[tokio::test]
    async fn one_repair_then_alone() {
        let model = Fake::saying(&["{\"intent\":\"request_acc", "I approved it."]);
        let (alone, together) = both(ASK, &model).await;
        assert_eq!(alone, together, "the embedded reading stands untouched");
        assert_eq!(model.asked.lock().unwrap().len(), 2);
        let good = format!(
            r#"{{"intent":"request_access","entitlements":["{VIEWER}"],"reason_quote":null,"time_quote":null}}"#
        );
        let (_, together) = both(ASK, &Fake::saying(&["", &good])).await;
        assert_eq!(together.by, Interpreter::Agreed);
    }

    #[tokio::test]
    async fn no_answer_leaves_the_embedded_reading() {
        for error in [ModelError::Timeout, ModelError::CircuitOpen, ModelError::Unavailable("x".to_owned())] {
            let model = Arc::new(Fake { answers: Mutex::new(vec![Err(error)]), asked: Mutex::default() });
            let (alone, together) = both(ASK, &model).await;
            assert_eq!(alone, together);
        }
    }

    #[tokio::test]
    async fn only_what_the_search_found_is_offered() {
        let model = Fake::saying(&["{}", "{}"]);
        let (alone, _) = both(ASK, &model).await;
        let asked = model.asked.lock().unwrap();
        let ids = asked[0].schema["properties"]["entitlements"]["items"]["enum"].as_array().unwrap().clone();
        let found: Vec<&str> = alone.asks.iter().flat_map(|a| &a.candidates).map(|c| c.entitlement.as_str()).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| found.contains(&id.as_str().unwrap())));
        assert!(asked[0].user.ends_with("</message>"));
    }

    #[tokio::test]
    async fn a_reason_of_the_model_has_to_be_one_of_the_person() {
        let words = "please I need access to the CRM";
        for quote in ["because the manager agreed", "please I need access to the CRM", "access to the CRM"] {
            let answer = format!(
                r#"{{"intent":"request_access","entitlements":["crm:read"],"reason_quote":"{quote}","time_quote":null}}"#
            );
            let (alone, together) = both(words, &Fake::saying(&[&answer])).await;
            assert_eq!(alone.justification, together.justification, "{quote}");
            assert_eq!(alone.missing.contains(&Missing::Reason), together.missing.contains(&Missing::Reason));
        }
    }

    #[tokio::test]
    async fn another_end_is_asked_about() {
        let words = "I need read on CRM until Friday, the audit lasts until Monday";
        let answer = r#"{"intent":"request_access","entitlements":["crm:read"],"reason_quote":null,"time_quote":"until Monday"}"#;
        let (alone, together) = both(words, &Fake::saying(&[answer])).await;
        same_draft(&alone, &together);
        assert!(matches!(alone.window.as_ref().unwrap().end, SaidEnd::At { .. }));
        assert!(together.disagreements.iter().any(|d| d.contains("Monday")), "{:?}", together.disagreements);
    }
}
