//! What came in from chat platforms, and what stands there of ours.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::SqlSafeStr as _;

use crate::domain::account::{Account, Place, PlatformId};
use crate::domain::action::Subject;
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::posting::{Due, Lane, Posting, Standing};
use crate::ports::posting::{Claim, Delivered, Deliveries, Lag, LaneTaken, Postings};
use crate::ports::store::{Batch, StoreError};
use crate::store::database::Database;
use crate::store::engine::{Row, Session, Value};
use crate::store::rows::{self, Reader};
use crate::store::sql;

/// The dedupe key of the job that deals with a delivery.
fn deal_job(key: &Digest) -> Value {
    Value::Text(format!("deal:{key}"))
}

fn account_key(account: &Account) -> Value {
    Value::text(format!("{} {} {}", account.surface.name(), account.space, account.id))
}

/// Writes the deliveries of a batch, and what it says of one that was dealt with.
///
/// # Errors
/// [`StoreError::AlreadyDone`] where one came before, or was dealt with before.
pub async fn deliveries(on: &mut dyn Session, batch: &Batch) -> Result<(), StoreError> {
    let at = Value::Int(rows::micros(batch.at.unwrap_or_default()));
    for new in &batch.deliveries {
        let values = vec![
            Value::Text(new.key.to_string()),
            Value::text(new.surface.name()),
            at.clone(),
            Value::text(&new.payload),
        ];
        if on.execute("a delivery", sql::INSERT_DELIVERY.into_sql_str(), values).await? == 0 {
            return Err(StoreError::AlreadyDone(new.key.short()));
        }
    }
    if let Some(key) = &batch.dealt {
        let values = vec![Value::Text(key.to_string()), at];
        if on.execute("a delivery", sql::DEAL_DELIVERY.into_sql_str(), values).await? == 0 {
            return Err(StoreError::AlreadyDone(key.short()));
        }
        on.execute("a delivery's job", sql::FINISH_UNCLAIMED.into_sql_str(), vec![deal_job(key)]).await?;
    }
    Ok(())
}

/// Writes the messages a batch wants posted, in order from this place on, and marks what changed.
///
/// # Errors
/// What the database says.
pub async fn wanted(on: &mut dyn Session, batch: &Batch, first: i64) -> Result<(), StoreError> {
    let at = Value::Int(rows::micros(batch.at.unwrap_or_default()));
    for subject in &batch.lagging {
        let (statement, key) = match subject {
            Subject::Conversation(id) => (sql::MARK_DRAFTS, Lane::of(*id).0),
            other => (sql::MARK_SUBJECT, other.to_string()),
        };
        on.execute("a mark", statement.into_sql_str(), vec![Value::Text(key), at.clone()]).await?;
    }
    for (n, posting) in (first..).zip(&batch.postings) {
        let values = vec![
            Value::Text(posting.id.to_string()),
            Value::text(&posting.lane.0),
            Value::Int(n),
            Value::text(posting.surface.name()),
            subject_of(posting),
            Value::text(posting.standing.name()),
            at.clone(),
            Value::Text(rows::json(posting)?),
        ];
        on.execute("a posting", sql::INSERT_POSTING.into_sql_str(), values).await?;
    }
    for claim in &batch.claims {
        let values = vec![
            Value::Text(claim.subject.to_string()),
            Value::text(claim.person.as_str()),
            Value::Int(rows::micros(claim.at)),
        ];
        on.execute("a claim", sql::PUT_CLAIM.into_sql_str(), values).await?;
    }
    Ok(())
}

fn subject_of(posting: &Posting) -> Value {
    Value::Text(posting.key().map(|key| key.subject.to_string()).unwrap_or_default())
}

fn surface_of(row: &mut Reader) -> Result<Surface, StoreError> {
    let name = row.text()?;
    let known = Surface::PLATFORMS.into_iter().find(|s| s.name() == name);
    known.ok_or_else(|| row.corrupt(format!("`{name}` is no chat platform")))
}

fn lane_row(row: Row) -> Result<(Surface, Lane), StoreError> {
    let mut row = Reader::new("postings", row);
    let lane = Lane(row.text()?);
    Ok((surface_of(&mut row)?, lane))
}

fn all(found: Vec<Row>) -> Result<Vec<Posting>, StoreError> {
    found.into_iter().map(|row| rows::snapshot("postings", row)).collect()
}

impl Database {
    /// Forgets deliveries, settled messages and claims of long ago; answers how many.
    pub(crate) async fn prune_chat(&self, before: Value) -> Result<u64, StoreError> {
        let mut dropped = self.run("dropping old deliveries", sql::PRUNE_DELIVERIES, vec![before.clone()]).await?;
        dropped += self.run("dropping old postings", sql::PRUNE_POSTINGS, vec![before.clone()]).await?;
        Ok(dropped + self.run("dropping old claims", sql::PRUNE_CLAIMS, vec![before]).await?)
    }
}

#[async_trait]
impl Deliveries for Database {
    async fn delivery(&self, key: &Digest) -> Result<Delivered, StoreError> {
        let found = self.row("a delivery", sql::DELIVERY, vec![Value::Text(key.to_string())]).await?;
        let Some(row) = found else { return Ok(Delivered::Unknown) };
        let mut row = Reader::new("deliveries", row);
        row.text()?;
        Ok(match row.maybe_int()? {
            Some(_) => Delivered::Dealt,
            None => Delivered::Waits { payload: row.text()? },
        })
    }

    async fn undealt(&self, before: Timestamp) -> Result<u64, StoreError> {
        let found = self.row("waiting deliveries", sql::UNDEALT, vec![Value::Int(rows::micros(before))]).await?;
        found.map_or(Ok(0), |row| Reader::new("deliveries", row).count())
    }

    async fn place_of(&self, account: &Account) -> Result<Option<Place>, StoreError> {
        let found = self.row("a place", sql::ACCOUNT_PLACE, vec![account_key(account)]).await?;
        found.map(|row| rows::snapshot("account_places", row)).transpose()
    }

    async fn put_place(&self, account: &Account, place: &Place, now: Timestamp) -> Result<(), StoreError> {
        let values = vec![account_key(account), Value::Text(rows::json(place)?), Value::Int(rows::micros(now))];
        self.run("a place", sql::PUT_ACCOUNT_PLACE, values).await.map(drop)
    }

    async fn drop_place(&self, account: &Account) -> Result<(), StoreError> {
        self.run("a place", sql::DROP_ACCOUNT_PLACE, vec![account_key(account)]).await.map(drop)
    }

    async fn claim_on(&self, subject: &Subject) -> Result<Option<Claim>, StoreError> {
        let found = self.row("a claim", sql::CLAIM_ON, vec![Value::Text(subject.to_string())]).await?;
        let read = |row| {
            let mut row = Reader::new("claims", row);
            row.text()?;
            Ok(Claim { subject: *subject, person: row.parsed()?, at: row.moment()? })
        };
        found.map(read).transpose()
    }
}

#[async_trait]
impl Postings for Database {
    async fn take_lane(
        &self,
        lane: &Lane,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<LaneTaken, StoreError> {
        let now = rows::micros(now);
        let values =
            vec![Value::text(&lane.0), Value::text(holder), Value::Int(rows::micros_up(until)), Value::Int(now)];
        if self.run("a lane", sql::TAKE_LANE, values).await? == 1 {
            return Ok(LaneTaken::Yours);
        }
        let Some(row) = self.row("a lane", sql::LANE, vec![Value::text(&lane.0)]).await? else {
            return Ok(LaneTaken::Busy);
        };
        let mut row = Reader::new("lanes", row);
        row.text()?;
        let (busy, not_before) = (row.int()?, row.moment()?);
        Ok(if busy > now || rows::micros(not_before) <= now { LaneTaken::Busy } else { LaneTaken::Wait(not_before) })
    }

    async fn leave_lane(&self, lane: &Lane, holder: &str, not_before: Option<Timestamp>) -> Result<(), StoreError> {
        let not_before = Value::Int(not_before.map_or(0, rows::micros_up));
        self.run("a lane", sql::LEAVE_LANE, vec![Value::text(&lane.0), Value::text(holder), not_before]).await.map(drop)
    }

    async fn due_in(&self, lane: &Lane) -> Result<Option<Due>, StoreError> {
        let found = self.row("what is due", sql::DUE_IN_LANE, vec![Value::text(&lane.0)]).await?;
        let read = |row| {
            let mut row = Reader::new("postings", row);
            row.text()?;
            let marks = row.count()?;
            Ok(Due { posting: row.json()?, marks })
        };
        found.map(read).transpose()
    }

    async fn put_posting(
        &self,
        posting: &Posting,
        marks: u64,
        lags: bool,
        holder: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let settled = posting.settled || posting.standing == Standing::Gone;
        let values = vec![
            Value::Text(posting.id.to_string()),
            Value::text(&posting.lane.0),
            Value::text(holder),
            Value::text(posting.message.as_ref().map(PlatformId::as_str).unwrap_or_default()),
            Value::text(posting.standing.name()),
            Value::flag(settled),
            Value::flag(lags),
            Value::Int(rows::whole(marks)),
            Value::MaybeInt(posting.fades.filter(|_| !settled).map(rows::micros)),
            Value::Int(rows::micros(now)),
            Value::Text(rows::json(posting)?),
        ];
        match self.run("a posting", sql::PUT_POSTING, values).await? {
            1 => Ok(()),
            _ => Err(StoreError::Conflict(posting.id.to_string())),
        }
    }

    async fn posting_on(
        &self,
        surface: Surface,
        place: &Place,
        message: &PlatformId,
    ) -> Result<Option<Posting>, StoreError> {
        let values = vec![Value::text(message.as_str()), Value::text(surface.name())];
        let found = all(self.rows("a posting", sql::POSTINGS_ON, values).await?)?;
        let there =
            |p: &Posting| p.place.as_ref().is_some_and(|p| p.channel == place.channel && p.space == place.space);
        Ok(found.into_iter().find(there))
    }

    async fn postings_of(&self, subject: &Subject) -> Result<Vec<Posting>, StoreError> {
        all(self.rows("postings", sql::POSTINGS_OF, vec![Value::Text(subject.to_string())]).await?)
    }

    async fn postings_in(&self, lane: &Lane) -> Result<Vec<Posting>, StoreError> {
        all(self.rows("postings", sql::POSTINGS_IN, vec![Value::text(&lane.0)]).await?)
    }

    async fn lanes_lagging(&self, subject: &Subject) -> Result<Vec<(Surface, Lane)>, StoreError> {
        let (statement, key) = match subject {
            Subject::Conversation(id) => (sql::DRAFTS_LAGGING, Lane::of(*id).0),
            other => (sql::LANES_LAGGING, other.to_string()),
        };
        self.rows("lanes", statement, vec![Value::Text(key)]).await?.into_iter().map(lane_row).collect()
    }

    async fn lanes_due(&self, before: Timestamp, limit: u32) -> Result<Vec<(Surface, Lane)>, StoreError> {
        let values = vec![Value::Int(rows::micros(before)), Value::Int(i64::from(limit))];
        self.rows("lanes", sql::LANES_DUE, values).await?.into_iter().map(lane_row).collect()
    }

    async fn mark_fading(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let values = vec![Value::Int(rows::micros(before)), Value::Int(rows::micros(now))];
        self.run("a mark", sql::MARK_FADING, values).await
    }

    async fn mark_buttons(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run("a mark", sql::MARK_BUTTONS, vec![Value::Int(rows::micros(now))]).await
    }

    async fn lag(&self) -> Result<Vec<Lag>, StoreError> {
        let read = |row| {
            let mut row = Reader::new("postings", row);
            Ok(Lag { surface: surface_of(&mut row)?, messages: row.count()?, since: row.moment()? })
        };
        self.rows("the lag", sql::LAG, Vec::new()).await?.into_iter().map(read).collect()
    }
}
