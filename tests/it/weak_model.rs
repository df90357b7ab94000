//! Everything once more with a real, weak language model reading along: a 135M-parameter instruct model, served by llama.cpp's own server
//! and reached through the client that the program uses. `tests/run` starts it and gives its address in `CLAVIGER_TEST_MODEL_URL`; without
//! that these tests say so and do nothing.
//!
//! A model that is not asked proves nothing, so it is counted how often it was asked, answered and could be read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use claviger::app::system::SystemClock;
use claviger::ports::language_model::{Completion, LanguageModel, ModelError, Prompt};
use claviger::understanding::reply;

use crate::{injection, journeys};

/// How many of the takeover texts are said with the model, alone and as a reason each: a turn takes it seconds.
const TAKEOVERS: usize = 5;

/// What a witness saw.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    asked: usize,
    answered: usize,
    read: usize,
    invented: usize,
    took: Duration,
}

/// Stands in front of the model and counts.
struct Witness {
    model: Arc<dyn LanguageModel>,
    seen: Mutex<Seen>,
}

#[async_trait]
impl LanguageModel for Witness {
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let answer = self.model.complete(prompt).await;
        let mut seen = self.seen.lock().unwrap();
        seen.asked += 1;
        match &answer {
            Ok(done) => {
                let offered = prompt.schema["properties"]["entitlements"]["items"]["enum"].as_array();
                let ids: Vec<String> =
                    offered.into_iter().flatten().map(|id| id.as_str().unwrap().to_owned()).collect();
                seen.answered += 1;
                seen.took += done.latency;
                if let Ok(grounded) = reply::read(&done.text, &ids, "") {
                    seen.read += 1;
                    seen.invented += grounded.invented;
                }
            }
            Err(error) => println!("no answer: {error}"),
        }
        answer
    }
}

/// The model as the program reaches it, time-out and circuit breaker included, and its witness.
fn weak_model() -> Option<(Arc<Witness>, Arc<dyn LanguageModel>)> {
    let Ok(address) = std::env::var("CLAVIGER_TEST_MODEL_URL") else {
        println!("skipped: CLAVIGER_TEST_MODEL_URL is not set; tests/model/serve.py says how to have a model");
        return None;
    };
    let patient = Duration::from_secs(900);
    let model = claviger::app::model::client(&address, "weak", None, patient, Arc::new(SystemClock)).unwrap();
    let witness = Arc::new(Witness { model, seen: Mutex::default() });
    Some((Arc::clone(&witness), witness))
}

/// The model was asked in every turn, always answered, and most of what it said could be read; nothing of it was made up.
fn really_read_along(witness: &Witness, turns: usize) {
    let seen = *witness.seen.lock().unwrap();
    println!("{turns} turns; the model: {seen:?}");
    assert!(turns > 0 && seen.asked >= turns, "{turns} turns, {seen:?}");
    assert_eq!(seen.answered, seen.asked, "it did not always answer");
    assert!(seen.read * 4 >= turns * 3, "of {turns} turns only {} were read", seen.read);
    assert_eq!(seen.invented, 0, "strict mode keeps the list closed");
}

#[tokio::test]
async fn every_journey_ends_right_beside_a_weak_model() {
    let Some((witness, model)) = weak_model() else { return };
    let played = Box::pin(journeys::all(&model)).await;
    let sum = |count: fn(&journeys::Played) -> usize| played.iter().map(count).sum::<usize>();
    let moved: Vec<&str> = played.iter().filter(|p| p.alone != p.beside).map(|p| p.name).collect();
    let bad = (sum(|p| p.said.ungrounded), sum(|p| p.said.filed), moved.len());
    println!(
        "{} journeys beside a weak model, {} decisions: {bad:?} ungrounded, filed without a click, decisions moved",
        played.len(),
        sum(|p| p.beside.len())
    );
    assert_eq!(bad, (0, 0, 0), "{moved:?}");
    assert!(sum(|p| p.beside.len()) > 5, "too little was decided to show anything");
    really_read_along(&witness, sum(|p| p.said.turns));
}

#[tokio::test]
async fn no_text_takes_over_a_weak_model() {
    let Some((witness, model)) = weak_model() else { return };
    let turns = Box::pin(injection::takeover(Some(model), TAKEOVERS)).await;
    if turns > 0 {
        really_read_along(&witness, turns);
    }
}
