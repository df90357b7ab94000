//! What a delivery that was let in means. Pure: from the activity to what is handed over, or to what is answered without asking anybody.

use serde_json::Value;

use crate::chat::teams::activity::{Activity, Party};
use crate::chat::teams::answers;
use crate::chat::teams::token::Proven;
use crate::domain::account::{Account, Place, PlatformId, Posted};
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::ports::surface::{Back, Incoming, Standing, What};

/// The longest words taken, in characters; the rest is cut.
const WORDS: usize = 12_000;
/// The most bytes of what somebody wrote beside a thumb.
const REMARK: usize = 4_000;

/// What a delivery means.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Somebody said something or pressed a button; how it came says how it is answered.
    Delivery(Box<Incoming>, Came),
    /// We were installed somewhere.
    Installed(Place, Sort),
    /// A thumb under an answer.
    Thumb {
        /// Who and where.
        back: Box<Back>,
        /// The delivery's own name.
        once: String,
        /// The message it stands under.
        on: Posted,
        /// Which thumb.
        liked: bool,
    },
    /// An invoke we do not offer.
    Unknown,
    /// Nothing to do but to remember where people are.
    Nothing,
}

/// How a delivery came, and so how it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// Words: taken with an empty answer; what is said follows as messages.
    Words,
    /// `Action.Submit`: the same; the card is drawn anew by a call of ours.
    Submit,
    /// `Action.Execute`: the answer is the card, at once.
    Execute,
}

/// What sort of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// One person and we.
    Personal,
    /// A group chat.
    Group,
    /// A channel of a team.
    Channel,
}

/// Where somebody is to be found, learned from a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// Who.
    pub account: Account,
    /// What bots call them.
    pub native: Option<PlatformId>,
    /// The conversation with them alone, where this was it.
    pub direct: Option<PlatformId>,
}

/// Where the delivery happened.
#[must_use]
pub fn place(proven: &Proven) -> Option<(Place, Sort)> {
    let talk = proven.activity.conversation.as_ref()?;
    let whole = talk.id.as_deref()?;
    let (channel, thread) = match whole.split_once(";messageid=") {
        Some((channel, thread)) => (channel, Some(PlatformId::parse(thread).ok()?)),
        None => (whole, None),
    };
    let sort = match talk.conversation_type.as_deref() {
        Some("personal") => Sort::Personal,
        Some("channel") => Sort::Channel,
        _ => Sort::Group,
    };
    let place = Place {
        space: proven.tenant.clone(),
        channel: PlatformId::parse(channel).ok()?,
        thread,
        via: Some(proven.service.to_string()),
    };
    Some((place, sort))
}

/// Who did it: the Entra object id in the tenant. Programs and people without one are nobody.
fn account(proven: &Proven) -> Option<Account> {
    let from = proven.activity.from.as_ref()?;
    let id = PlatformId::parse(from.aad_object_id.as_deref()?.to_ascii_lowercase()).ok()?;
    Some(Account { surface: Surface::Teams, space: proven.tenant.clone(), id })
}

/// What the delivery tells about where its sender is.
#[must_use]
pub fn learned(proven: &Proven) -> Option<Learned> {
    let account = account(proven)?;
    let from = proven.activity.from.as_ref()?;
    let (place, sort) = place(proven)?;
    Some(Learned {
        account,
        native: from.id.as_deref().and_then(|id| PlatformId::parse(id).ok()),
        direct: (sort == Sort::Personal).then_some(place.channel),
    })
}

fn standing(proven: &Proven, from: &Party) -> Option<Standing> {
    let program = from.id.as_deref().is_some_and(|id| id.starts_with("28:"))
        || matches!(from.role.as_deref(), Some("bot" | "skill"));
    if program {
        return Some(Standing::Bot);
    }
    let elsewhere = from.tenant_id.as_deref().is_some_and(|t| !t.eq_ignore_ascii_case(proven.tenant.as_str()));
    elsewhere.then_some(Standing::Foreign)
}

/// Reads a delivery.
#[must_use]
pub fn read(proven: &Proven) -> Heard {
    let activity = &proven.activity;
    let Some((place, sort)) = place(proven) else { return Heard::Nothing };
    match activity.kind.as_str() {
        "message" => message(proven, place, sort),
        "invoke" => invoke(proven, place, sort),
        "installationUpdate" if activity.action.as_deref() == Some("add") => Heard::Installed(place, sort),
        _ => Heard::Nothing,
    }
}

fn incoming(proven: &Proven, place: Place, sort: Sort, what: What) -> Option<Incoming> {
    let activity = &proven.activity;
    let once = once(activity)?;
    let standing = standing(proven, activity.from.as_ref()?);
    let back = Back { account: account(proven)?, place, ticket: None };
    Some(Incoming { once, back, private: sort == Sort::Personal, standing, what })
}

/// The delivery's own name: activity ids are unique in their conversation only.
fn once(activity: &Activity) -> Option<String> {
    let id = activity.id.as_deref().filter(|id| !id.is_empty())?;
    let talk = activity.conversation.as_ref()?.id.as_deref()?;
    let name = format!("{id}@{talk}");
    Some(if name.len() <= 200 { name } else { Digest::of(name.as_bytes()).to_string() })
}

/// The message a button or a thumb stands on. Its place is the thread it hangs in, or the channel where it begins one.
fn on(activity: &Activity, place: &Place) -> Option<Posted> {
    let message = PlatformId::parse(activity.reply_to_id.as_deref()?).ok()?;
    let mut place = place.clone();
    if place.thread.as_ref() == Some(&message) {
        place.thread = None;
    }
    Some(Posted { place, message })
}

fn message(proven: &Proven, place: Place, sort: Sort) -> Heard {
    let activity = &proven.activity;
    if let Some((token, fields)) = activity.value.as_ref().and_then(answers::read) {
        let what = What::Clicked { token, fields, on: on(activity, &place) };
        return delivery(incoming(proven, place, sort, what), Came::Submit);
    }
    let (words, mentioned) = words(activity);
    // Where others read along we answer only when we are spoken to.
    if sort != Sort::Personal && !mentioned {
        return Heard::Nothing;
    }
    delivery(incoming(proven, place, sort, What::Said { words }), Came::Words)
}

fn delivery(incoming: Option<Incoming>, came: Came) -> Heard {
    incoming.map_or(Heard::Nothing, |incoming| Heard::Delivery(Box::new(incoming), came))
}

fn invoke(proven: &Proven, place: Place, sort: Sort) -> Heard {
    let activity = &proven.activity;
    let value = activity.value.as_ref();
    match activity.name.as_deref() {
        Some("adaptiveCard/action") => {
            let data = value.and_then(|v| v.pointer("/action/data"));
            let Some((token, fields)) = data.and_then(answers::read) else { return Heard::Unknown };
            let what = What::Clicked { token, fields, on: on(activity, &place) };
            match incoming(proven, place, sort, what) {
                Some(incoming) => Heard::Delivery(Box::new(incoming), Came::Execute),
                None => Heard::Unknown,
            }
        }
        Some("message/submitAction") => thumb(proven, place, sort, value).unwrap_or(Heard::Unknown),
        _ => Heard::Unknown,
    }
}

fn thumb(proven: &Proven, place: Place, sort: Sort, value: Option<&Value>) -> Option<Heard> {
    let value = value?;
    if value.get("actionName")?.as_str()? != "feedback" || value.to_string().len() > REMARK * 2 {
        return None;
    }
    let liked = match value.pointer("/actionValue/reaction")?.as_str()? {
        "like" => true,
        "dislike" => false,
        _ => return None,
    };
    let on = on(&proven.activity, &place)?;
    let incoming = incoming(proven, place, sort, What::Said { words: String::new() })?;
    Some(Heard::Thumb { back: Box::new(incoming.back), once: incoming.once, on, liked })
}

/// The words without the mention of us, and whether there was one. What Teams wrote as entities is read back; other people's mentions
/// stay as their names.
fn words(activity: &Activity) -> (String, bool) {
    let mut text: String = activity.text.as_deref().unwrap_or_default().chars().take(WORDS).collect();
    let us = activity.recipient.as_ref().and_then(|r| r.id.as_deref());
    let mut mentioned = false;
    for entity in activity.entities.iter().flatten() {
        if entity.get("type").and_then(Value::as_str) != Some("mention") {
            continue;
        }
        let whom = entity.pointer("/mentioned/id").and_then(Value::as_str);
        if whom.is_none() || whom != us {
            continue;
        }
        mentioned = true;
        if let Some(shown) = entity.get("text").and_then(Value::as_str).filter(|s| !s.is_empty()) {
            text = text.replace(shown, " ");
        }
    }
    let text = without_tags(&text);
    (text.split_whitespace().collect::<Vec<_>>().join(" "), mentioned)
}

/// Takes mention tags off, keeps what they enclose, and reads the few entities that Teams writes.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let known = ["<at>", "<at ", "</at>"].iter().any(|start| tag.starts_with(start));
        match tag.find('>').filter(|_| known) {
            Some(end) => rest = &tag[end + 1..],
            None => {
                out.push('<');
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
    // `&amp;` comes last, so that nothing is read twice.
    for (written, meant) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        if out.contains(written) {
            out = out.replace(written, meant);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn proven(activity: Value) -> Proven {
        let mut whole = json!({
            "id": "1", "channelId": "msteams", "serviceUrl": "https://smba.trafficmanager.net/emea/",
            "from": { "id": "29:abc", "aadObjectId": "AAAA-1" }, "recipient": { "id": "28:bot" },
            "conversation": { "id": "a:1", "conversationType": "personal", "tenantId": "t" },
        });
        for (key, value) in activity.as_object().unwrap() {
            whole[key] = value.clone();
        }
        Proven {
            activity: serde_json::from_value(whole).unwrap(),
            tenant: PlatformId::parse("t").unwrap(),
            service: url::Url::parse("https://smba.trafficmanager.net/emea/").unwrap(),
        }
    }

    fn taken(heard: Heard) -> (Incoming, Came) {
        match heard {
            Heard::Delivery(incoming, came) => (*incoming, came),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_in_a_personal_chat() {
        let p = proven(json!({ "type": "message", "text": "I need &lt;b&gt; &amp;amp; sales\n" }));
        let (incoming, came) = taken(read(&p));
        assert_eq!(incoming.what, What::Said { words: "I need <b> &amp; sales".into() });
        assert_eq!((incoming.once.as_str(), incoming.private, came), ("1@a:1", true, Came::Words));
        assert_eq!(incoming.back.account.id.as_str(), "aaaa-1");
        assert_eq!(learned(&p).unwrap().direct.unwrap().as_str(), "a:1");
    }

    #[test]
    fn where_others_read_along_only_a_mention_is_for_us() {
        let talk = json!({ "id": "19:c@thread.tacv2;messageid=77", "conversationType": "channel" });
        let silent = proven(json!({ "type": "message", "text": "hello", "conversation": talk }));
        assert_eq!(read(&silent), Heard::Nothing);
        let other = json!([{ "type": "mention", "mentioned": { "id": "29:x" }, "text": "<at>Ana</at>" }]);
        assert_eq!(
            read(&proven(
                json!({ "type": "message", "text": "<at>Ana</at> hi", "conversation": talk, "entities": other })
            )),
            Heard::Nothing
        );
        let us = json!([
            { "type": "mention", "mentioned": { "id": "28:bot" }, "text": "<at>Claviger</at>" },
            { "type": "mention", "mentioned": { "id": "29:x" }, "text": "<at>Ana</at>" },
        ]);
        let p = proven(json!({
            "type": "message", "conversation": talk, "entities": us,
            "text": "<at>Claviger</at>&nbsp; who approves sales for <at>Ana</at>, a < b?",
        }));
        let (incoming, _) = taken(read(&p));
        assert_eq!(incoming.what, What::Said { words: "who approves sales for Ana, a < b?".into() });
        assert!(!incoming.private);
        assert_eq!(incoming.back.place.channel.as_str(), "19:c@thread.tacv2");
        assert_eq!(incoming.back.place.thread.unwrap().as_str(), "77");
        assert_eq!(learned(&p).unwrap().direct, None);
    }

    #[test]
    fn both_sorts_of_buttons() {
        let submit = proven(
            json!({ "type": "message", "replyToId": "9", "value": { "token": "T", "form": 0, "0.reason": "no" } }),
        );
        let (incoming, came) = taken(read(&submit));
        assert_eq!(came, Came::Submit);
        let What::Clicked { fields, on, .. } = incoming.what else { panic!() };
        assert_eq!(fields["reason"], "no");
        assert_eq!(on.unwrap().message.as_str(), "9");
        let execute = proven(json!({
            "type": "invoke", "name": "adaptiveCard/action", "replyToId": "77",
            "conversation": { "id": "19:c@thread.tacv2;messageid=77", "conversationType": "channel" },
            "value": { "action": { "type": "Action.Execute", "verb": "approve", "data": { "token": "T" } }, "trigger": "manual" },
        }));
        let (incoming, came) = taken(read(&execute));
        assert_eq!(came, Came::Execute);
        let What::Clicked { on: Some(on), .. } = incoming.what else { panic!() };
        assert_eq!((on.message.as_str(), on.place.thread), ("77", None));
    }

    #[test]
    fn thumbs_installations_and_what_we_do_not_offer() {
        let value = json!({ "actionName": "feedback", "actionValue": { "reaction": "dislike", "feedback": "{}" } });
        let p = proven(json!({ "type": "invoke", "name": "message/submitAction", "replyToId": "5", "value": value }));
        assert!(matches!(read(&p), Heard::Thumb { liked: false, .. }));
        assert!(matches!(
            read(&proven(json!({ "type": "installationUpdate", "action": "add" }))),
            Heard::Installed(_, Sort::Personal)
        ));
        for nothing in [
            json!({ "type": "installationUpdate", "action": "remove" }),
            json!({ "type": "conversationUpdate" }),
            json!({ "type": "messageReaction" }),
            json!({ "type": "message", "id": null, "text": "hi" }),
            json!({ "type": "message", "from": { "id": "29:abc" }, "text": "hi" }),
        ] {
            assert_eq!(read(&proven(nothing.clone())), Heard::Nothing, "{nothing}");
        }
        for unknown in ["task/fetch", "composeExtension/query", "adaptiveCard/action", "message/submitAction"] {
            assert_eq!(read(&proven(json!({ "type": "invoke", "name": unknown, "value": {} }))), Heard::Unknown);
        }
    }

    #[test]
    fn programs_and_strangers_are_told_apart() {
        let bot = proven(json!({ "type": "message", "text": "x", "from": { "id": "28:b", "aadObjectId": "b" } }));
        assert_eq!(taken(read(&bot)).0.standing, Some(Standing::Bot));
        let from = json!({ "id": "29:b", "aadObjectId": "b", "tenantId": "other" });
        assert_eq!(
            taken(read(&proven(json!({ "type": "message", "text": "x", "from": from })))).0.standing,
            Some(Standing::Foreign)
        );
    }
}
