//! What Teams sends, as far as we read it (Bot Framework Activity protocol; Microsoft Learn, “Activity schema”). Everything may be missing;
//! nothing here is believed before [`crate::chat::teams::token`] let it through.

use serde::Deserialize;
use serde_json::Value;

/// One delivery.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Activity {
    /// `message`, `invoke`, `installationUpdate`, `conversationUpdate` and others.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id, unique in its conversation.
    pub id: Option<String>,
    /// Which channel of the Bot Framework: `msteams`.
    pub channel_id: Option<String>,
    /// Where to answer.
    pub service_url: Option<String>,
    /// Who did it.
    pub from: Option<Party>,
    /// To whom: us.
    pub recipient: Option<Party>,
    /// Where.
    pub conversation: Option<Talk>,
    /// What Teams adds.
    pub channel_data: Option<ChannelData>,
    /// The words of a message.
    pub text: Option<String>,
    /// What a button carried.
    pub value: Option<Value>,
    /// What sort of invoke.
    pub name: Option<String>,
    /// The message a button stands on.
    pub reply_to_id: Option<String>,
    /// Mentions and others.
    pub entities: Option<Vec<Value>>,
    /// What an installation update is about: `add`, `remove`, `add-upgrade`, `remove-upgrade`.
    pub action: Option<String>,
}

/// Somebody, or a program.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Party {
    /// Their id for bots: `29:…` for people, `28:…` for programs.
    pub id: Option<String>,
    /// Their id in Entra, which never changes hands.
    pub aad_object_id: Option<String>,
    /// Their tenant, where it is told.
    pub tenant_id: Option<String>,
    /// `user`, `bot` or `skill`, where it is told.
    pub role: Option<String>,
}

/// A conversation.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Talk {
    /// Its id; in a channel `;messageid=…` with the thread's first message follows.
    pub id: Option<String>,
    /// `personal`, `groupChat` or `channel`.
    pub conversation_type: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
}

/// What Teams adds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelData {
    /// The tenant.
    pub tenant: Option<Named>,
}

/// Something with an id.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Named {
    /// The id.
    pub id: Option<String>,
}

impl Activity {
    /// The tenant it names. `None` where it names none, or two.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        let in_data = self.channel_data.as_ref().and_then(|d| d.tenant.as_ref()).and_then(|t| t.id.as_deref());
        let in_talk = self.conversation.as_ref().and_then(|c| c.tenant_id.as_deref());
        match (in_data, in_talk) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b).then_some(a),
            (one, other) => one.or(other),
        }
    }
}
