//! The Bot Connector's addresses and what its answers mean (Microsoft Learn, “Bot Connector API reference” and “Status codes from bot
//! conversational APIs”). Pure.

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::chat::teams::http::{Answer, NoAnswer};
use crate::domain::account::{Place, PlatformId, Posted};
use crate::ports::surface::SurfaceError;

/// What a call is for; it decides whether a broken one may have done something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Something new is made: twice would be twice.
    Making,
    /// Doing it again comes to the same.
    Setting,
}

/// An address below a service. Every part is one segment, with everything but letters, digits and `-._~` written as bytes: Teams' ids
/// hold `:` and `@`, and it does not find them otherwise.
#[must_use]
pub fn below(service: &Url, parts: &[&str]) -> Option<Url> {
    let mut text = service.as_str().trim_end_matches('/').to_owned();
    for part in parts {
        if part.is_empty() || *part == "." || *part == ".." {
            return None;
        }
        text.push('/');
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    Url::parse(&text).ok()
}

/// True for a channel of a team; group chats end differently, and personal chats do not begin like this.
#[must_use]
pub fn is_channel(channel: &PlatformId) -> bool {
    let id = channel.as_str();
    id.starts_with("19:") && (id.ends_with("@thread.tacv2") || id.ends_with("@thread.skype"))
}

/// The conversation a message is sent into. Only channels have threads; elsewhere one message follows the other.
#[must_use]
pub fn conversation(place: &Place) -> String {
    match &place.thread {
        Some(root) if is_channel(&place.channel) => format!("{};messageid={root}", place.channel),
        _ => place.channel.to_string(),
    }
}

/// The conversation a message of ours stands in: in a channel that is the thread it begins or hangs in.
#[must_use]
pub fn conversation_of(posted: &Posted) -> String {
    if posted.place.thread.is_none() && is_channel(&posted.place.channel) {
        return format!("{};messageid={}", posted.place.channel, posted.message);
    }
    conversation(&posted.place)
}

/// What opens a conversation with one person.
#[must_use]
pub fn open_direct(app_id: &str, tenant: &PlatformId, member: &PlatformId) -> Value {
    json!({
        "bot": { "id": format!("28:{app_id}") },
        "isGroup": false,
        "members": [{ "id": member }],
        "tenantId": tenant,
        "channelData": { "tenant": { "id": tenant } },
    })
}

/// What begins a thread in a channel.
#[must_use]
pub fn open_thread(app_id: &str, tenant: &PlatformId, channel: &PlatformId, activity: Value) -> Value {
    json!({
        "bot": { "id": format!("28:{app_id}") },
        "isGroup": true,
        "tenantId": tenant,
        "channelData": { "channel": { "id": channel }, "tenant": { "id": tenant } },
        "activity": activity,
    })
}

#[derive(Deserialize)]
struct Said {
    error: Inner,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

fn words(answer: &Answer) -> String {
    let Ok(said) = serde_json::from_slice::<Said>(&answer.body) else { return answer.said() };
    let text = format!("Teams answered {}: {} {}", answer.status.as_u16(), said.error.code, said.error.message);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect::<String>().trim_end().to_owned()
}

/// What an answer that is no success means; 401 is the caller's, who may have a better token.
#[must_use]
pub fn meaning(answer: &Answer, doing: Doing) -> SurfaceError {
    let why = words(answer);
    let later = |unsure| SurfaceError::Later { after: answer.after, unsure, why: why.clone() };
    match answer.status {
        // Nothing was done: too much at once, or somebody else was just writing there.
        StatusCode::TOO_MANY_REQUESTS | StatusCode::PRECONDITION_FAILED => later(false),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => later(doing == Doing::Making),
        s if s.is_server_error() => later(doing == Doing::Making),
        StatusCode::UNAUTHORIZED => SurfaceError::ShutOut(format!(
            "Teams does not take our token: {why}. Check that teams.app_id is the bot's and that the bot is not disabled"
        )),
        // Removed from the conversation, blocked by the person, the conversation or the message deleted.
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => SurfaceError::Gone(why),
        _ => SurfaceError::Refused(why),
    }
}

/// What it means that no answer came.
#[must_use]
pub fn silence(error: NoAnswer, doing: Doing) -> SurfaceError {
    SurfaceError::Later {
        after: None,
        unsure: error.unsure && doing == Doing::Making,
        why: format!("Teams: {}", error.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn id(text: &str) -> PlatformId {
        PlatformId::parse(text).unwrap()
    }

    fn place(channel: &str, thread: Option<&str>) -> Place {
        Place { space: id("t"), channel: id(channel), thread: thread.map(id), via: None }
    }

    #[test]
    fn every_part_of_an_address_is_one_segment() {
        let service = Url::parse("https://smba.trafficmanager.net/emea/").unwrap();
        let url =
            below(&service, &["v3", "conversations", "19:a/b?c#d@thread.tacv2;messageid=1", "activities"]).unwrap();
        assert_eq!(
            url.as_str(),
            "https://smba.trafficmanager.net/emea/v3/conversations/19%3Aa%2Fb%3Fc%23d%40thread.tacv2%3Bmessageid%3D1/activities"
        );
        for bad in ["", ".", ".."] {
            assert_eq!(below(&service, &["v3", bad]), None);
        }
    }

    #[test]
    fn a_message_is_found_again_in_its_thread() {
        let posted = |channel, thread| Posted { place: place(channel, thread), message: id("9") };
        assert_eq!(conversation_of(&posted("19:c@thread.tacv2", None)), "19:c@thread.tacv2;messageid=9");
        assert_eq!(conversation_of(&posted("19:c@thread.tacv2", Some("7"))), "19:c@thread.tacv2;messageid=7");
        assert_eq!(conversation_of(&posted("19:c@thread.v2", None)), "19:c@thread.v2");
        assert_eq!(conversation_of(&posted("a:1", None)), "a:1");
        assert_eq!(conversation_of(&posted("a:1", Some("7"))), "a:1", "a personal chat has no threads");
    }

    #[test]
    fn what_answers_mean() {
        let mean = |status: u16, doing| {
            let after = Some(Duration::from_secs(3));
            meaning(
                &Answer { status: StatusCode::from_u16(status).unwrap(), after, date: None, body: b"x".to_vec() },
                doing,
            )
        };
        for (status, unsure) in
            [(429, false), (412, false), (500, true), (502, true), (503, true), (504, true), (408, true)]
        {
            assert!(
                matches!(mean(status, Doing::Making), SurfaceError::Later { after: Some(_), unsure: u, .. } if u == unsure),
                "{status}"
            );
            assert!(matches!(mean(status, Doing::Setting), SurfaceError::Later { unsure: false, .. }), "{status}");
        }
        for status in [403, 404, 410] {
            assert!(matches!(mean(status, Doing::Making), SurfaceError::Gone(_)), "{status}");
        }
        for status in [400, 405, 413, 302] {
            assert!(matches!(mean(status, Doing::Making), SurfaceError::Refused(_)), "{status}");
        }
        assert!(matches!(mean(401, Doing::Making), SurfaceError::ShutOut(_)));
        let body =
            br#"{"error":{"code":"BotNotInConversationRoster","message":"The bot is not part of it."}}"#.to_vec();
        let answer = Answer { status: StatusCode::FORBIDDEN, after: None, date: None, body };
        assert!(meaning(&answer, Doing::Making).to_string().contains("BotNotInConversationRoster"));
    }
}
