//! What an answer of Discord's that is no success means for us (Discord, “Opcodes and status codes”, JSON error codes, and “Rate limits”,
//! read November 2026).

use std::time::Duration;

use serde_json::Value;

use crate::ports::surface::SurfaceError;

/// How long to wait where Discord does not say.
const UNSAID: Duration = Duration::from_secs(5);
/// How long to wait where whatever stands before Discord shuts us out for calling too often.
const BLOCKED: Duration = Duration::from_secs(60);
/// The longest wait that is believed.
const LONGEST: f64 = 3_600.0;

/// The message, channel, person or way back is gone, or shuts us out: other places are not affected.
const GONE: &[(u64, &str)] = &[
    (10_003, "the channel is gone"),
    (10_004, "the server is gone"),
    (10_007, "the person is not on the server"),
    (10_008, "the message is gone"),
    (10_013, "there is no such account"),
    (10_015, "the way back is closed"),
    (10_062, "the click is too old to be answered"),
    (20_026, "the person does not take such messages"),
    (40_060, "the click was answered before"),
    (50_001, "the bot may not see the channel"),
    (50_005, "the message is not the bot's own"),
    (50_007, "the person takes no direct messages from the bot"),
    (50_013, "the bot may not write in the channel"),
    (50_027, "the way back is closed"),
    (50_083, "the thread is closed"),
    (50_278, "the person shares no server with the bot"),
];

/// What an answer says, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// `Retry-After`, or `X-RateLimit-Reset-After`, in seconds.
    pub after: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
    /// True where the call carried the bot's token rather than a ticket for one answer.
    pub as_bot: bool,
}

/// A number of seconds as Discord writes them; at least a millisecond, at most an hour.
#[must_use]
pub fn seconds(number: f64) -> Option<Duration> {
    let fine = number.is_finite() && number >= 0.0;
    fine.then(|| Duration::from_secs_f64(number.clamp(0.001, LONGEST)))
}

/// What it means.
#[must_use]
pub fn meaning(answer: &Answer<'_>) -> SurfaceError {
    let body: Option<Value> = serde_json::from_slice(answer.body).ok().filter(Value::is_object);
    let field = |name: &str| body.as_ref().and_then(|b| b.get(name));
    let code = field("code").and_then(Value::as_u64).unwrap_or(0);
    let said = field("message").and_then(Value::as_str).unwrap_or_default();
    let said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    let why = format!("Discord answered {} ({code}) {said}", answer.status).trim_end().to_owned();
    let header = answer.after.and_then(|a| a.trim().parse().ok()).and_then(seconds);
    let told = header.max(field("retry_after").and_then(Value::as_f64).and_then(seconds));
    let gone = GONE.iter().find(|(known, _)| *known == code);
    match answer.status {
        429 => SurfaceError::Later { after: Some(told.unwrap_or(UNSAID)), unsure: false, why },
        408 | 500..=599 => SurfaceError::Later { after: told, unsure: true, why },
        // Without words of Discord's own it is what stands before it that refuses.
        403 if body.is_none() => SurfaceError::Later { after: Some(told.unwrap_or(BLOCKED)), unsure: false, why },
        _ if gone.is_some() => SurfaceError::Gone(gone.map_or(String::new(), |(_, what)| format!("{what} ({code})"))),
        401 if answer.as_bot => SurfaceError::ShutOut(
            "Discord does not take the bot's token: make a new one in the developer portal (page “Bot”, “Reset Token”) and put it into \
             discord.token"
                .into(),
        ),
        401 | 404 => SurfaceError::Gone(why),
        // Slow mode, and too many changes of an old message.
        400 | 403 if matches!(code, 20_016 | 20_028 | 30_046 | 40_004) => {
            SurfaceError::Later { after: Some(told.unwrap_or(BLOCKED)), unsure: false, why }
        }
        _ => SurfaceError::Refused(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, after: Option<&str>, body: &str) -> SurfaceError {
        meaning(&Answer { status, after, body: body.as_bytes(), as_bot: true })
    }

    #[test]
    fn waits_are_kept_and_never_shortened() {
        let wait = |e| match e {
            SurfaceError::Later { after, unsure, .. } => (after, unsure),
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(of(429, Some("2"), r#"{"retry_after":0.5}"#)), (Some(Duration::from_secs(2)), false));
        assert_eq!(
            wait(of(429, None, r#"{"retry_after":64.57,"global":true}"#)).0,
            Some(Duration::from_secs_f64(64.57))
        );
        assert_eq!(wait(of(429, Some("soon"), "")).0, Some(UNSAID));
        assert_eq!(wait(of(429, Some("1e300"), "")).0, Some(Duration::from_secs(3_600)));
        assert_eq!(wait(of(502, None, "<html>")), (None, true));
        assert_eq!(wait(of(403, None, "error code: 1015")), (Some(BLOCKED), false));
        assert_eq!(wait(of(400, None, r#"{"code":20016,"retry_after":7}"#)).0, Some(Duration::from_secs(7)));
    }

    #[test]
    fn what_is_gone_is_not_tried_again_and_a_dead_ticket_is_no_dead_token() {
        for (code, _) in GONE {
            assert!(matches!(of(403, None, &format!(r#"{{"code":{code}}}"#)), SurfaceError::Gone(_)), "{code}");
        }
        assert!(matches!(of(404, None, r#"{"code":0,"message":"404: Not Found"}"#), SurfaceError::Gone(_)));
        assert!(matches!(of(401, None, r#"{"code":0,"message":"401: Unauthorized"}"#), SurfaceError::ShutOut(_)));
        assert!(matches!(of(401, None, r#"{"code":50027}"#), SurfaceError::Gone(_)));
        let ticket = Answer { status: 401, after: None, body: b"{}", as_bot: false };
        assert!(matches!(meaning(&ticket), SurfaceError::Gone(_)));
        assert!(matches!(of(400, None, r#"{"code":50035,"message":"Invalid Form Body"}"#), SurfaceError::Refused(_)));
    }
}
