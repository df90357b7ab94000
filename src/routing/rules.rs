//! The whole rule book: guardrails, duty separation, risk and routing tables, loaded together, named by one digest, kept as one
//! artifact from which any decision can be made again.

use serde::{Deserialize, Serialize};

use crate::domain::decision::Decision;
use crate::domain::digest::{Digest, canonical};
use crate::domain::entitlement::SodRule;
use crate::domain::facts::DecisionFacts;
use crate::domain::problem::Problem;
use crate::policy::evaluate::evaluate;
use crate::policy::set::PolicySet;
use crate::policy::sod_text;
use crate::risk::assess::assess;
use crate::risk::table::RiskTable;
use crate::routing::route::route;
use crate::routing::table::RoutingTable;

/// Rules as loaded; immutable and shared.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Guardrails and duty separation.
    pub policy: PolicySet,
    /// The risk tables.
    pub risk: RiskTable,
    /// The routing tables.
    pub routing: RoutingTable,
    artifact: Vec<u8>,
    digest: Digest,
}

/// The source texts of a rule book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts<'t> {
    /// `policy/guardrails.cedar`.
    pub guardrails: &'t str,
    /// `policy/sod.yaml`.
    pub sod: &'t str,
    /// `policy/risk.yaml`.
    pub risk: &'t str,
    /// `policy/routing.yaml`.
    pub routing: &'t str,
}

/// What an artifact holds. Canonical JSON (RFC 8785), so that the same rules are the same bytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Artifact {
    version: u32,
    guardrails: String,
    sod: Vec<SodRule>,
    risk: String,
    routing: String,
}

impl Rules {
    /// The texts this program ships with.
    #[must_use]
    pub fn default_texts() -> Texts<'static> {
        Texts {
            guardrails: include_str!("../../catalog/policy/guardrails.cedar"),
            sod: include_str!("../../catalog/policy/sod.yaml"),
            risk: include_str!("../../catalog/policy/risk.yaml"),
            routing: include_str!("../../catalog/policy/routing.yaml"),
        }
    }

    /// Reads all four texts.
    ///
    /// # Errors
    /// Every mistake in any of them.
    pub fn from_texts(texts: &Texts<'_>) -> Result<Self, Vec<Problem>> {
        match sod_text::parse(texts.sod) {
            Ok(rules) => Self::load(texts.guardrails, &rules, texts.risk, texts.routing),
            Err(mut problems) => {
                // The other texts are read all the same, so that one run tells everything.
                problems
                    .extend(Self::load(texts.guardrails, &[], texts.risk, texts.routing).err().into_iter().flatten());
                problems.sort();
                Err(problems)
            }
        }
    }

    /// Takes duty-separation rules that were read already, and reads the other texts.
    ///
    /// # Errors
    /// Every mistake in any of them.
    pub fn load(guardrails: &str, sod: &[SodRule], risk: &str, routing: &str) -> Result<Self, Vec<Problem>> {
        let loaded = (PolicySet::load(guardrails, sod), RiskTable::parse(risk), RoutingTable::parse(routing));
        let (policy, risk_table, routing_table) = match loaded {
            (Ok(policy), Ok(risk), Ok(routing)) => (policy, risk, routing),
            (policy, risk, routing) => {
                let problems = [policy.err(), risk.err(), routing.err()];
                let mut problems: Vec<Problem> = problems.into_iter().flatten().flatten().collect();
                problems.sort();
                return Err(problems);
            }
        };
        let artifact = Artifact {
            version: 1,
            guardrails: guardrails.to_owned(),
            sod: sod.to_vec(),
            risk: risk.to_owned(),
            routing: routing.to_owned(),
        };
        let artifact = canonical(&artifact).map_err(|e| vec![Problem::new("policy", None, e.to_string())])?;
        let digest = Digest::of(&artifact);
        Ok(Self { policy, risk: risk_table, routing: routing_table, artifact, digest })
    }

    /// The digest of the whole rule book: that of its artifact.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The rule book as bytes, to be kept beside the decisions it made.
    #[must_use]
    pub fn to_artifact(&self) -> &[u8] {
        &self.artifact
    }

    /// The rule book these bytes hold.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn from_artifact(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let wrong = |text: String| vec![Problem::new("policy artifact", None, text)];
        let artifact: Artifact = serde_json::from_slice(bytes).map_err(|e| wrong(e.to_string()))?;
        if artifact.version != 1 {
            return Err(wrong(format!("version {} is not known; this reads 1", artifact.version)));
        }
        Self::load(&artifact.guardrails, &artifact.sod, &artifact.risk, &artifact.routing)
    }
}

/// Decides. The same rules and facts give the same decision, byte for byte, wherever and whenever.
#[must_use]
pub fn decide(rules: &Rules, facts: &DecisionFacts) -> Decision {
    let mut verdict = evaluate(&rules.policy, facts);
    let digest = Digest::of_value(facts).unwrap_or_else(|error| {
        // Facts hold nothing that JSON cannot; should that change, people decide.
        verdict.errors.push(error.to_string());
        Digest::of(&[])
    });
    let assessment = assess(&rules.risk, facts, &verdict);
    let route = route(&rules.routing, facts, &verdict, &assessment);
    Decision { facts: digest, policy: rules.digest, assessment, verdict, route }
}
