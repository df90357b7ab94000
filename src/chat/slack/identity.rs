//! Who we are on Slack, as `auth.test` tells, and whose account somebody's is. On Enterprise Grid an app may be installed for the whole
//! organisation; then people of all its workspaces are ours, their ids are the organisation's, and so is the space of their accounts.

use serde_json::Value;

use crate::domain::account::{Account, PlatformId};
use crate::domain::conversation::Surface;
use crate::ports::surface::Standing;

/// Who we are on Slack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The workspace we are installed in; the organisation's id where we are installed for all of it.
    pub team: PlatformId,
    /// The organisation, on Enterprise Grid.
    pub enterprise: Option<PlatformId>,
    /// True where we are installed for the whole organisation.
    pub org_wide: bool,
    /// What the workspace is called; the organisation's name where we are installed for all of it.
    pub name: Option<String>,
    /// Our own user id, which mentions name.
    pub user: PlatformId,
    /// Our own bot id, which our own messages name.
    pub bot: Option<PlatformId>,
}

impl Own {
    /// Reads the answer of `auth.test`. `None` where it names neither workspace nor user.
    #[must_use]
    pub fn read(answer: &Value) -> Option<Self> {
        let id = |name: &str| answer.get(name).and_then(Value::as_str).and_then(|t| PlatformId::parse(t).ok());
        let enterprise = id("enterprise_id");
        let org_wide = answer.get("is_enterprise_install").and_then(Value::as_bool).unwrap_or(false);
        let team = id("team_id").or_else(|| enterprise.clone())?;
        Some(Self {
            team,
            org_wide: org_wide && enterprise.is_some(),
            enterprise,
            name: answer
                .get("team")
                .and_then(Value::as_str)
                .filter(|t| !t.is_empty())
                .map(|t| t.chars().take(80).collect()),
            user: id("user_id")?,
            bot: id("bot_id"),
        })
    }

    /// The space of our people's accounts: one for each human, whichever of the organisation's workspaces they click in.
    #[must_use]
    pub fn space(&self) -> &PlatformId {
        match &self.enterprise {
            Some(enterprise) if self.org_wide => enterprise,
            _ => &self.team,
        }
    }

    /// Somebody's account and what their payload alone shows of their standing. Where a payload names a workspace that is not ours and
    /// says nothing of an organisation we share, they are of another company (Slack Connect); on Enterprise Grid their profile has to
    /// tell.
    #[must_use]
    pub fn account(
        &self,
        user: PlatformId,
        team: Option<&str>,
        enterprise: Option<&str>,
    ) -> (Account, Option<Standing>) {
        let of_ours = |space: &PlatformId| Account { surface: Surface::Slack, space: space.clone(), id: user.clone() };
        let shared = self.enterprise.as_ref().map(PlatformId::as_str);
        let in_team = team.is_none_or(|t| t == self.team.as_str() || Some(t) == shared);
        let in_enterprise = shared.is_some() && enterprise == shared;
        if in_team || in_enterprise {
            return (of_ours(self.space()), None);
        }
        let elsewhere = shared.is_none() || enterprise.is_some();
        match team.and_then(|t| PlatformId::parse(t).ok()) {
            Some(theirs) if elsewhere => (of_ours(&theirs), Some(Standing::Foreign)),
            _ => (of_ours(self.space()), None),
        }
    }

    /// What a profile of `users.info` shows of somebody's standing.
    #[must_use]
    pub fn standing(&self, user: &Value) -> Standing {
        let flag = |name: &str| user.get(name).and_then(Value::as_bool).unwrap_or(false);
        let text = |pointer: &str| user.pointer(pointer).and_then(Value::as_str);
        let (_, foreign) = match PlatformId::parse("x") {
            Ok(somebody) => {
                self.account(somebody, text("/team_id"), text("/enterprise_user/enterprise_id").or(Some("")))
            }
            Err(_) => return Standing::Foreign,
        };
        if flag("deleted") {
            Standing::Deactivated
        } else if flag("is_bot") || user.get("id").and_then(Value::as_str) == Some("USLACKBOT") {
            Standing::Bot
        } else if flag("is_stranger") || foreign.is_some() {
            Standing::Foreign
        } else if flag("is_restricted") || flag("is_ultra_restricted") {
            Standing::Guest
        } else {
            Standing::Member
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn id(text: &str) -> PlatformId {
        PlatformId::parse(text).unwrap()
    }

    fn workspace() -> Own {
        Own::read(&json!({"ok": true, "team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "enterprise_id": null}))
            .unwrap()
    }

    fn grid() -> Own {
        let answer = json!({"team_id": "E1", "enterprise_id": "E1", "is_enterprise_install": true, "user_id": "UBOT"});
        Own::read(&answer).unwrap()
    }

    #[test]
    fn another_companys_people_are_foreign() {
        let (ours, standing) = workspace().account(id("U1"), Some("T1"), None);
        assert_eq!((ours.space.as_str(), standing), ("T1", None));
        let (theirs, standing) = workspace().account(id("U1"), Some("T2"), Some("E9"));
        assert_eq!((theirs.space.as_str(), standing), ("T2", Some(Standing::Foreign)));
        let (theirs, standing) = grid().account(id("U1"), Some("T2"), Some("E9"));
        assert_eq!((theirs.space.as_str(), standing), ("T2", Some(Standing::Foreign)));
    }

    #[test]
    fn one_human_is_one_account_in_every_workspace_of_the_organisation() {
        let own = grid();
        for (team, enterprise) in [(Some("T1"), Some("E1")), (Some("T2"), Some("E1")), (None, None), (Some("T3"), None)]
        {
            let (account, standing) = own.account(id("U1"), team, enterprise);
            assert_eq!((account.space.as_str(), standing), ("E1", None), "{team:?}");
        }
    }

    #[test]
    fn profiles_tell_who_counts() {
        for (user, standing) in [
            (json!({"team_id": "T1"}), Standing::Member),
            (json!({"team_id": "T1", "deleted": true}), Standing::Deactivated),
            (json!({"team_id": "T1", "is_bot": true}), Standing::Bot),
            (json!({"team_id": "T1", "is_restricted": true}), Standing::Guest),
            (json!({"team_id": "T2"}), Standing::Foreign),
            (json!({"team_id": "T1", "is_stranger": true}), Standing::Foreign),
        ] {
            assert_eq!(workspace().standing(&user), standing, "{user}");
        }
        assert_eq!(
            grid().standing(&json!({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}})),
            Standing::Member
        );
        assert_eq!(grid().standing(&json!({"team_id": "T2"})), Standing::Foreign);
    }
}
