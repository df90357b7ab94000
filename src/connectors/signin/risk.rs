//! What the providers' records say of danger, read into one form. Each after its vendor's page; what a provider does not say is nothing.

use serde_json::Value;

use crate::connectors::signin::field::At;
use crate::domain::signin_risk::{Risk, RiskLevel, RiskSign};

/// A level by its name, whichever way it is written. `none` and `hidden` (not licensed to see it) say nothing.
fn level(word: Option<&str>) -> Option<RiskLevel> {
    match word?.trim().to_ascii_lowercase().as_str() {
        "low" => Some(RiskLevel::Low),
        "medium" | "moderate" => Some(RiskLevel::Medium),
        "high" | "critical" | "severe" => Some(RiskLevel::High),
        _ => None,
    }
}

/// What a detection's name stands for; names as Entra ID Protection writes them
/// (<https://learn.microsoft.com/entra/id-protection/concept-identity-protection-risks>). A name unknown here is a suspicion all the same.
fn sign(name: &str) -> Option<RiskSign> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| plain.contains(w));
    if plain.is_empty() || has(&["none", "safe", "dismiss", "unknownfuture"]) {
        None
    } else if has(&["travel", "velocity"]) {
        Some(RiskSign::Travel)
    } else if has(&["anonym"]) || plain == "tor" || plain.starts_with("torexit") || plain.starts_with("torbrowser") {
        Some(RiskSign::AnonymousAddress)
    } else if has(&["malicious", "suspiciousip", "malware", "attackedip", "badip", "botnet", "denylist", "untrustedip"])
    {
        Some(RiskSign::BadAddress)
    } else if has(&["leaked", "breach"]) {
        Some(RiskSign::LeakedPassword)
    } else if has(&["token", "cookie", "session", "primaryrefresh"]) {
        Some(RiskSign::StolenSession)
    } else if has(&["fraud", "reported"]) {
        Some(RiskSign::Reported)
    } else if has(&["compromised"]) {
        Some(RiskSign::Compromised)
    } else if has(&["unfamiliar", "newcountry", "newdevice", "newip", "newcity", "newstate", "newgeo"]) {
        // What is only new is no danger by itself: the level says whether it is.
        None
    } else {
        Some(RiskSign::Suspected)
    }
}

/// Entra sign-ins (<https://learn.microsoft.com/graph/api/resources/signin>): levels, state and the detections.
#[must_use]
pub fn entra(raw: At<'_>) -> Option<Risk> {
    let mut risk = Risk::default();
    risk.raise(level(raw.get("riskLevelDuringSignIn").str()));
    risk.raise(level(raw.get("riskLevelAggregated").str()));
    for list in ["riskEventTypes_v2", "riskEventTypes"] {
        raw.get(list).items().filter_map(|t| sign(t.str()?)).for_each(|s| risk.notice(s));
    }
    match raw.get("riskState").str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "atrisk" => risk.notice(RiskSign::AtRisk),
        "confirmedcompromised" => risk.notice(RiskSign::Compromised),
        "confirmedsafe" | "remediated" | "dismissed" => risk.settled = true,
        _ => {}
    }
    let detail = raw.get("riskDetail").str().unwrap_or_default().to_ascii_lowercase();
    risk.settled |= ["confirmedsigninsafe", "confirmedusersafe", "dismissed", "securedpassword", "accountsafe"]
        .iter()
        .any(|end| detail.contains(end));
    risk.said()
}

/// Entra's audit log: an administrator calls an account taken over, or its risk dealt with.
#[must_use]
pub fn entra_audit(name: Option<&str>) -> Option<Risk> {
    let name = name?.to_ascii_lowercase();
    let has = |word: &str| name.contains(word);
    let mut risk = Risk::default();
    if has("confirm") && has("compromised") {
        risk.notice(RiskSign::Compromised);
    }
    risk.settled = has("risk") && has("dismiss") || has("confirm") && has("safe");
    risk.said()
}

/// Okta's System Log (`debugContext.debugData`): `risk`, `threatSuspected`, `behaviors` and `logOnlySecurityData`, each an object or a text
/// (<https://help.okta.com/oie/en-us/content/topics/security/risk-scoring/risk-scoring-syslog.htm>). Of behaviours only the impossible one is
/// a danger: a new place or device is not.
#[must_use]
pub fn okta(raw: At<'_>) -> Option<Risk> {
    let debug = raw.path("debugContext.debugData");
    let mut risk = Risk::default();
    for name in ["risk", "logOnlySecurityData", "behaviors"] {
        let text = debug.get(name).value().map(|v| match v {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        // `{level=HIGH, reasons=…}`, `{"risk":{"level":"HIGH"}}` and `{Velocity=POSITIVE}` differ in their signs only.
        let words: Vec<String> = text
            .unwrap_or_default()
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .filter(|w| !w.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        for pair in words.windows(2) {
            match pair {
                [key, value] if key == "level" => risk.raise(level(Some(value))),
                [key, value] if key == "velocity" && value == "positive" => risk.notice(RiskSign::Travel),
                _ => {}
            }
        }
    }
    if debug.get("threatSuspected").is_true() {
        risk.notice(RiskSign::BadAddress);
    }
    let name = raw.get("eventType").str().unwrap_or_default();
    if name.starts_with("user.account.report_suspicious_activity") {
        risk.notice(RiskSign::Reported);
    }
    risk.said()
}

/// Duo (<https://duo.com/docs/adminapi#authentication-logs>): a prompt marked as fraud, and how far risk-based factors trusted it.
#[must_use]
pub fn duo(raw: At<'_>) -> Option<Risk> {
    let mut risk = Risk::default();
    let fraud = raw.get("result").str().is_some_and(|r| r.eq_ignore_ascii_case("fraud"));
    match raw.get("reason").str().unwrap_or_default() {
        "user_marked_fraud" => risk.notice(RiskSign::Reported),
        "anonymous_ip" => risk.notice(RiskSign::AnonymousAddress),
        "anomalous_push" => risk.notice(RiskSign::Suspected),
        _ if fraud => risk.notice(RiskSign::Reported),
        _ => {}
    }
    let trust = raw.path("adaptive_trust_assessments.more_secure_auth");
    if trust.get("trust_level").str().is_some_and(|t| t.eq_ignore_ascii_case("low")) {
        risk.raise(Some(RiskLevel::Medium));
    }
    risk.said()
}

/// Google: the mark on a sign-in, and events that are warnings themselves.
#[must_use]
pub fn google(name: Option<&str>, is_suspicious: bool) -> Option<Risk> {
    let mut risk = Risk::default();
    if is_suspicious {
        risk.notice(RiskSign::Suspected);
    }
    match name.unwrap_or_default() {
        "account_disabled_password_leak" => risk.notice(RiskSign::LeakedPassword),
        "account_disabled_hijacked" => risk.notice(RiskSign::Compromised),
        name if name.starts_with("suspicious") || name == "gov_attack_warning" => risk.notice(RiskSign::Suspected),
        _ => {}
    }
    risk.said()
}

/// Auth0's Adaptive MFA (`details.riskAssessment`, <https://auth0.com/docs/secure/multi-factor-authentication/adaptive-mfa>): it writes how far
/// it trusts, so that little confidence is much danger.
#[must_use]
pub fn auth0(raw: At<'_>) -> Option<Risk> {
    let assessed = raw.path("details.riskAssessment");
    let low = |at: At<'_>| at.get("confidence").str().is_some_and(|c| c.eq_ignore_ascii_case("low"));
    let mut risk = Risk::default();
    if low(assessed) {
        risk.raise(Some(RiskLevel::High));
    } else if assessed.get("confidence").str().is_some_and(|c| c.eq_ignore_ascii_case("medium")) {
        risk.raise(Some(RiskLevel::Low));
    }
    for (name, at) in assessed.get("assessments").fields() {
        if low(at) {
            sign(name).filter(|s| *s != RiskSign::Suspected).into_iter().for_each(|s| risk.notice(s));
        }
    }
    risk.said()
}

/// OneLogin writes a score from 0 to 100 (`risk_score`); its own five bands are twenty points each, of which the upper two are high.
#[must_use]
pub fn onelogin(raw: At<'_>) -> Option<Risk> {
    let mut risk = Risk::default();
    risk.raise(raw.get("risk_score").int().and_then(|score| match score {
        61.. => Some(RiskLevel::High),
        41..=60 => Some(RiskLevel::Medium),
        1..=40 => Some(RiskLevel::Low),
        _ => None,
    }));
    risk.said()
}

/// The generic form: `risk` as a level or a word for what was noticed, or a list of such words.
#[must_use]
pub fn generic(raw: At<'_>) -> Option<Risk> {
    let mut risk = Risk::default();
    for word in raw.get("risk").items().filter_map(At::str) {
        match level(Some(word)) {
            Some(level) => risk.raise(Some(level)),
            None => sign(word).into_iter().for_each(|s| risk.notice(s)),
        }
        risk.settled |= ["safe", "dismissed", "remediated"].iter().any(|w| word.to_ascii_lowercase().contains(w));
    }
    risk.said()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_provider_in_its_own_words() {
        let tor = entra(At::of(&json!({ "riskLevelDuringSignIn": "high", "riskState": "atRisk",
            "riskEventTypes_v2": ["unfamiliarFeatures", "anonymizedIPAddress"] })))
        .unwrap();
        assert_eq!((tor.level, tor.counts()), (Some(RiskLevel::High), true));
        assert_eq!(tor.signs, [RiskSign::AnonymousAddress, RiskSign::AtRisk]);
        let safe =
            json!({ "riskLevelDuringSignIn": "high", "riskState": "none", "riskDetail": "aiConfirmedSigninSafe" });
        assert!(!entra(At::of(&safe)).unwrap().counts());
        let quiet =
            json!({ "riskLevelDuringSignIn": "none", "riskState": "none", "riskDetail": "none", "riskEventTypes": [] });
        assert_eq!(entra(At::of(&quiet)), None);

        for data in [
            json!({ "risk": "{level=HIGH, reasons=Anomalous Device}" }),
            json!({ "logOnlySecurityData": "{\"risk\":{\"level\":\"MEDIUM\"},\"behaviors\":{\"New IP\":\"NEGATIVE\"}}" }),
            json!({ "behaviors": "{New Geo-Location=NEGATIVE, Velocity=POSITIVE}" }),
            json!({ "logOnlySecurityData": { "behaviors": { "Velocity": "POSITIVE" } } }),
            json!({ "threatSuspected": "true" }),
        ] {
            assert!(okta(At::of(&json!({ "debugContext": { "debugData": data } }))).unwrap().counts(), "{data}");
        }
        for data in [
            json!({ "threatSuspected": "false" }),
            json!({ "behaviors": "{New Geo-Location=POSITIVE, New Device=POSITIVE, Velocity=NEGATIVE}" }),
            json!({ "logOnlySecurityData": "{\"risk\":{\"level\":\"LOW\"},\"behaviors\":{\"New IP\":\"POSITIVE\",\"Velocity\":\"NEGATIVE\"}}" }),
        ] {
            let said = okta(At::of(&json!({ "debugContext": { "debugData": data } })));
            assert!(!said.is_some_and(|r| r.counts()), "{data}");
        }

        assert!(duo(At::of(&json!({ "result": "fraud", "reason": "user_marked_fraud" }))).unwrap().counts());
        assert_eq!(duo(At::of(&json!({ "result": "denied", "reason": "no_response" }))), None);
        assert!(google(Some("login_success"), true).unwrap().counts());
        assert_eq!(google(Some("login_failure"), false), None);
        let travel = json!({ "details": { "riskAssessment": { "confidence": "low",
            "assessments": { "ImpossibleTravel": { "confidence": "low" }, "NewDevice": { "confidence": "high" } } } } });
        assert_eq!(auth0(At::of(&travel)).unwrap().signs, [RiskSign::Travel]);
        assert_eq!(onelogin(At::of(&json!({ "risk_score": 88 }))).unwrap().level, Some(RiskLevel::High));
        assert!(generic(At::of(&json!({ "risk": ["high", "tor"] }))).unwrap().counts());
        assert!(!generic(At::of(&json!({ "risk": ["high", "confirmed_safe"] }))).unwrap().counts());
        assert!(entra_audit(Some("Confirm user compromised")).unwrap().counts());
        assert!(entra_audit(Some("Dismiss user risk")).unwrap().settled);
        assert_eq!(entra_audit(Some("Update user")), None);
    }
}
