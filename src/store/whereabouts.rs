//! Where accounts are to be found, and the buttons behind thumbs.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::account::{Account, PlatformId};
use crate::domain::action::ActionToken;
use crate::domain::conversation::Surface;
use crate::ports::store::StoreError;
use crate::ports::whereabouts::{Thumbs, Whereabouts, WhereaboutsBook};
use crate::store::database::Database;
use crate::store::engine::Value;
use crate::store::rows::{self, Reader};
use crate::store::sql;

fn key(account: &Account) -> [Value; 3] {
    let [surface, space] = organisation(account.surface, &account.space);
    [surface, space, Value::text(account.id.as_str())]
}

fn organisation(surface: Surface, space: &PlatformId) -> [Value; 2] {
    [Value::text(rows::surface(surface)), Value::text(space.as_str())]
}

fn or_empty(id: Option<&PlatformId>) -> Value {
    Value::text(id.map_or("", PlatformId::as_str))
}

fn id(reader: &mut Reader) -> Result<Option<PlatformId>, StoreError> {
    let text = reader.text()?;
    if text.is_empty() {
        return Ok(None);
    }
    PlatformId::parse(text).map(Some).map_err(|e| reader.corrupt(e))
}

#[async_trait]
impl WhereaboutsBook for Database {
    async fn learn(&self, learned: &Whereabouts) -> Result<(), StoreError> {
        let mut values = key(&learned.account).to_vec();
        values.extend([
            or_empty(learned.native.as_ref()),
            or_empty(learned.direct.as_ref()),
            Value::text(learned.via.as_str()),
            Value::Int(rows::micros(learned.at)),
        ]);
        self.run("somebody's whereabouts", sql::LEARN_WHEREABOUTS, values).await.map(drop)
    }

    async fn whereabouts(&self, account: &Account) -> Result<Option<Whereabouts>, StoreError> {
        let found = self.row("somebody's whereabouts", sql::WHEREABOUTS, key(account).to_vec()).await?;
        let Some(row) = found else { return Ok(None) };
        let mut reader = Reader::new("whereabouts", row);
        let (native, direct) = (id(&mut reader)?, id(&mut reader)?);
        let via = reader.text()?;
        let at = reader.int()?;
        let at = Timestamp::from_microsecond(at).map_err(|e| reader.corrupt(e))?;
        Ok(Some(Whereabouts { account: account.clone(), native, direct, via, at }))
    }

    async fn way_to(&self, surface: Surface, space: &PlatformId) -> Result<Option<String>, StoreError> {
        let found = self.row("the way to an organisation", sql::WAY_TO, organisation(surface, space).to_vec()).await?;
        found.map(|row| Reader::new("whereabouts", row).text()).transpose()
    }

    async fn keep_thumbs(&self, message: &str, thumbs: &Thumbs, until: Timestamp) -> Result<(), StoreError> {
        let values = vec![
            Value::text(message),
            Value::text(thumbs.helped.0.as_str()),
            Value::text(thumbs.not_helped.0.as_str()),
            Value::Int(rows::micros(until)),
        ];
        self.run("the buttons behind thumbs", sql::KEEP_THUMBS, values).await.map(drop)
    }

    async fn thumbs(&self, message: &str, now: Timestamp) -> Result<Option<Thumbs>, StoreError> {
        let now = Value::Int(rows::micros(now));
        let found = self.row("the buttons behind thumbs", sql::THUMBS, vec![Value::text(message), now]).await?;
        let Some(row) = found else { return Ok(None) };
        let mut reader = Reader::new("thumbs", row);
        Ok(Some(Thumbs { helped: ActionToken(reader.text()?), not_helped: ActionToken(reader.text()?) }))
    }

    async fn sweep_thumbs(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run("sweeping thumbs", sql::SWEEP_THUMBS, vec![Value::Int(rows::micros(now))]).await
    }
}
