//! Guardrails in the Cedar language: parsed once, held against the schema, sliced by action, asked fast (RISK.md §7).
//!
//! Cedar skips a policy that cannot be evaluated, so a `forbid` could fail open. Three things keep that from happening: only sets that
//! pass strict validation are loaded, every attribute a rule may name is always there, and any error on a decision is handed on to
//! send the request to people.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    ActionConstraint, Authorizer, Context, Effect, Entities, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, Schema, ValidationMode, Validator,
};

use crate::domain::decision::Requirement;
use crate::domain::ids::RuleId;
use crate::domain::problem::Problem;
use crate::policy::annotations::{DEMANDS, GuardedAction, KNOWN, demand};

/// What the file is called in messages.
pub const FILE: &str = "policy/guardrails.cedar";

/// What guardrails may look at.
const SCHEMA: &str = include_str!("guardrails.cedarschema");

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// One guardrail's words and demands.
#[derive(Debug, Clone)]
pub struct Guardrail {
    /// Its id.
    pub id: RuleId,
    /// Its sentence.
    pub reason: String,
    /// The control it serves; may be empty.
    pub control: String,
    /// Not even the emergency path passes it.
    pub absolute: bool,
    /// What it demands besides what its actions imply.
    pub demands: Requirement,
}

/// The policies of one action, behind a permit that lets everything else through.
#[derive(Debug, Clone)]
struct Slice {
    action: EntityUid,
    policies: PolicySet,
}

/// All guardrails, ready to be asked.
#[derive(Debug, Clone)]
pub struct Guardrails {
    /// In the order of the file.
    rules: Vec<Guardrail>,
    by_id: BTreeMap<String, usize>,
    slices: BTreeMap<GuardedAction, Slice>,
    authorizer: Authorizer,
    schema: Schema,
}

/// What one question was answered.
#[derive(Debug, Default)]
pub struct Answer {
    /// Guardrails that forbid it, as places in the file's order.
    pub forbidden_by: BTreeSet<usize>,
    /// Guardrails that could not be evaluated, and why.
    pub errors: Vec<String>,
}

impl Guardrails {
    /// Reads and checks the text.
    ///
    /// # Errors
    /// Every mistake, with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let whole = |what: String| vec![Problem::new(FILE, None, what)];
        if text.len() > LONGEST {
            return Err(whole(format!("the file is longer than {LONGEST} bytes")));
        }
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|e| whole(e.to_string()))?;
        let parsed: PolicySet = text.parse().map_err(|e: cedar_policy::ParseErrors| syntax(text, &e))?;
        let mut problems = Vec::new();
        for template in parsed.templates() {
            let at = template.as_ref().loc().map(|l| line(text, l.start()));
            problems.push(Problem::new(FILE, at, "a guardrail has no slots; name who and what in `when`"));
        }
        let mut policies: Vec<(usize, &Policy)> =
            parsed.policies().map(|p| (p.as_ref().loc().map_or(0, |l| l.start()), p)).collect();
        policies.sort_by_key(|(start, _)| *start);

        let mut rules: Vec<Guardrail> = Vec::new();
        let mut by_id = BTreeMap::new();
        let mut named: Vec<(Policy, Vec<GuardedAction>)> = Vec::new();
        for (start, policy) in policies {
            let at = line(text, start);
            let mut wrong = |what: String| problems.push(Problem::new(FILE, at, what));
            let actions = actions(policy, &mut wrong);
            let Some(rule) = words(policy, &actions, &mut wrong) else { continue };
            if by_id.insert(rule.id.to_string(), rules.len()).is_some() {
                wrong(format!("the id `{}` is used twice", rule.id));
                continue;
            }
            named.push((policy.new_id(PolicyId::new(rule.id.as_str())), actions));
            rules.push(rule);
        }

        // Held against the schema under their own ids, so that messages name them.
        match PolicySet::from_policies(named.iter().map(|(p, _)| p.clone())) {
            Ok(set) => {
                let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
                problems.extend(result.validation_errors().map(|e| located(text, &DetailedError::from(e))));
                problems.extend(result.validation_warnings().map(|w| located(text, &DetailedError::from(w))));
            }
            Err(error) => problems.push(Problem::new(FILE, None, error.to_string())),
        }
        if !problems.is_empty() {
            problems.sort();
            problems.dedup();
            return Err(problems);
        }
        let slices = slices(&named).map_err(whole)?;
        Ok(Self { rules, by_id, slices, authorizer: Authorizer::new(), schema })
    }

    /// The guardrail at this place.
    #[must_use]
    pub fn rule(&self, place: usize) -> Option<&Guardrail> {
        self.rules.get(place)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// True where there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What guardrails may look at.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// True where some guardrail speaks of this action.
    #[must_use]
    pub fn speak_of(&self, action: GuardedAction) -> bool {
        self.slices.contains_key(&action)
    }

    /// Which guardrails forbid this action.
    #[must_use]
    pub fn ask(
        &self,
        action: GuardedAction,
        principal: &EntityUid,
        resource: &EntityUid,
        context: &Context,
        entities: &Entities,
    ) -> Answer {
        let mut answer = Answer::default();
        let Some(slice) = self.slices.get(&action) else { return answer };
        let asked = Request::new(principal.clone(), slice.action.clone(), resource.clone(), context.clone(), None);
        let response = match asked {
            Ok(request) => self.authorizer.is_authorized(&request, &slice.policies, entities),
            Err(error) => {
                answer.errors.push(format!("guardrails for `{}` could not be asked: {error}", action.name()));
                return answer;
            }
        };
        if response.decision() == cedar_policy::Decision::Deny {
            let reasons = response.diagnostics().reason();
            answer.forbidden_by = reasons.filter_map(|id| self.by_id.get(AsRef::<str>::as_ref(id))).copied().collect();
            if answer.forbidden_by.is_empty() {
                answer.errors.push(format!("guardrails for `{}` refused without naming a rule", action.name()));
            }
        }
        answer.errors.extend(response.diagnostics().errors().map(ToString::to_string));
        answer.errors.sort();
        answer
    }
}

/// The actions a policy names in its scope.
fn actions(policy: &Policy, wrong: &mut impl FnMut(String)) -> Vec<GuardedAction> {
    if policy.effect() == Effect::Permit {
        wrong("a guardrail can only `forbid`; what is not forbidden is left to the other rules".to_owned());
    }
    let named = match policy.action_constraint() {
        ActionConstraint::Any => Vec::new(),
        ActionConstraint::In(uids) => uids,
        ActionConstraint::Eq(uid) => vec![uid],
    };
    if named.is_empty() {
        let known = GuardedAction::ALL.map(GuardedAction::name).join(", ");
        wrong(format!(
            "name the action it forbids, `action == Action::\"auto_approve\"` for instance; there are {known}"
        ));
    }
    // An action that does not exist is told by the validation against the schema.
    let mut actions: Vec<_> = named.iter().filter_map(|uid| GuardedAction::parse(uid.id().unescaped())).collect();
    actions.sort_unstable();
    actions.dedup();
    actions
}

/// The id, words and demands of a policy; `None` where it has no usable id.
fn words(policy: &Policy, actions: &[GuardedAction], wrong: &mut impl FnMut(String)) -> Option<Guardrail> {
    let text = |key: &str| policy.annotation(key).map(str::trim).filter(|v| !v.is_empty());
    for (key, _) in policy.annotations().filter(|(key, _)| !KNOWN.contains(key)) {
        wrong(format!("`@{key}` is not known; there are {}", KNOWN.map(|k| format!("@{k}")).join(", ")));
    }
    if text("reason").is_none() {
        wrong("the sentence is missing: add `@reason(\"…\")`, people will read it".to_owned());
    }
    let mut demands = Requirement::default();
    let given: Vec<&str> = DEMANDS.into_iter().filter(|key| policy.annotation(key).is_some()).collect();
    if !given.is_empty() && !actions.is_empty() && !actions.iter().any(|a| a.takes_demands()) {
        wrong(format!(
            "`@{}` demands more people or less time, which needs auto_approve, skip_security or skip_second_person",
            given.join("`, `@")
        ));
    }
    for key in given {
        match demand(key, policy.annotation(key).unwrap_or_default()) {
            Ok(more) => demands = demands.join(more),
            Err(what) => wrong(what),
        }
    }
    let absolute = match text("absolute") {
        None => false,
        Some("true") if actions.contains(&GuardedAction::Request) => true,
        Some("true") => {
            wrong("only a guardrail on `request` can be absolute".to_owned());
            false
        }
        Some(_) => {
            wrong("write `@absolute(\"true\")` or leave it out".to_owned());
            false
        }
    };
    let Some(id) = text("id") else {
        wrong("the id is missing: add `@id(\"GR-…\")`".to_owned());
        return None;
    };
    match RuleId::parse(id) {
        Ok(id) => Some(Guardrail {
            id,
            reason: text("reason").unwrap_or_default().to_owned(),
            control: text("control").unwrap_or_default().to_owned(),
            absolute,
            demands,
        }),
        Err(error) => {
            wrong(format!("`{id}` cannot be an id: {error}"));
            None
        }
    }
}

/// One policy set an action that some guardrail names: those guardrails, and a permit for everything they do not forbid.
fn slices(named: &[(Policy, Vec<GuardedAction>)]) -> Result<BTreeMap<GuardedAction, Slice>, String> {
    let action_type: EntityTypeName = "Action".parse().map_err(|e: cedar_policy::ParseErrors| e.to_string())?;
    let mut slices = BTreeMap::new();
    for action in GuardedAction::ALL {
        let mine = named.iter().filter(|(_, actions)| actions.contains(&action)).map(|(policy, _)| policy.clone());
        let mut policies = PolicySet::from_policies(mine).map_err(|e| e.to_string())?;
        if policies.is_empty() {
            continue;
        }
        let open = Policy::parse(Some(PolicyId::new("open unless forbidden")), "permit (principal, action, resource);");
        policies.add(open.map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
        let uid = EntityUid::from_type_name_and_id(action_type.clone(), EntityId::new(action.name()));
        slices.insert(action, Slice { action: uid, policies });
    }
    Ok(slices)
}

/// The line, from 1, of a place in the text.
fn line(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset.min(text.len())).unwrap_or_default();
    u32::try_from(before.iter().filter(|&&b| b == b'\n').count() + 1).unwrap_or(u32::MAX)
}

fn located(text: &str, error: &DetailedError) -> Problem {
    let at = error.source_locations.first().map(|l| line(text, l.loc.start));
    let help = error.help.as_ref().map(|h| format!(" ({h})")).unwrap_or_default();
    Problem::new(FILE, at, format!("{}{help}", error.message))
}

fn syntax(text: &str, errors: &cedar_policy::ParseErrors) -> Vec<Problem> {
    errors.iter().map(|error| located(text, &DetailedError::from(error))).collect()
}
