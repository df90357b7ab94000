//! The durable queue. A lease's holder is the number of the claim, which no two claims of a job share: it fences off whoever
//! claimed it before.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::SqlSafeStr as _;

use crate::domain::ids::JobId;
use crate::domain::job::{Job, Lease};
use crate::ports::store::{ClaimedJob, JobOutcome, Jobs, StoreError};
use crate::store::database::Database;
use crate::store::engine::{Row, Value};
use crate::store::rows::{self, Reader};
use crate::store::sql;

/// The longest error kept with a job, in characters.
const LONGEST_ERROR: usize = 1_000;

fn error_text(error: &str) -> Value {
    Value::text(error.chars().take(LONGEST_ERROR).collect::<String>())
}

/// The lease of a claimed row, and the job where it can be read.
fn claimed(row: Row) -> Result<(Lease, Result<ClaimedJob, StoreError>), StoreError> {
    let mut row = Reader::new("jobs", row);
    let id: JobId = row.parsed()?;
    let job = row.json::<Job>();
    let run_at = row.moment();
    let attempts = u32::try_from(row.count()?).unwrap_or(u32::MAX);
    let lease = Lease { job: id, holder: row.text()? };
    let job = job.and_then(|job| Ok(ClaimedJob { lease: lease.clone(), job, run_at: run_at?, attempts }));
    Ok((lease, job))
}

#[async_trait]
impl Jobs for Database {
    async fn claim(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<ClaimedJob>, StoreError> {
        let mut session = self.engine.write().await?;
        let values =
            vec![Value::Int(rows::micros_up(until)), Value::Int(rows::micros(now)), Value::Int(i64::from(limit))];
        let found = session.fetch("a claim", self.engine.claim().into_sql_str(), values).await?;
        let mut jobs = Vec::with_capacity(found.len());
        for row in found {
            match claimed(row)? {
                (_, Ok(job)) => jobs.push(job),
                // A job nobody can read must not hold up the others: it is given up, for an operator to look at.
                (lease, Err(error)) => {
                    tracing::error!(job = %lease.job, %error, "a job cannot be read and was given up");
                    let id = Value::Text(lease.job.to_string());
                    let values = vec![id, Value::text(&lease.holder), error_text(&error.to_string())];
                    session.execute("the end of a job", sql::FINISH_DEAD.into_sql_str(), values).await?;
                }
            }
        }
        session.commit().await?;
        jobs.sort_by_key(|job| (job.run_at, job.lease.job));
        Ok(jobs)
    }

    async fn finish(&self, lease: &Lease, outcome: &JobOutcome) -> Result<(), StoreError> {
        let mut values = vec![Value::Text(lease.job.to_string()), Value::text(&lease.holder)];
        let statement = match outcome {
            JobOutcome::Done => sql::FINISH_DONE,
            JobOutcome::Retry { at, error } => {
                values.extend([Value::Int(rows::micros_up(*at)), error_text(error)]);
                sql::FINISH_RETRY
            }
            JobOutcome::Dead { error } => {
                values.push(error_text(error));
                sql::FINISH_DEAD
            }
        };
        match self.run("the end of a job", statement, values).await? {
            1 => Ok(()),
            _ => Err(StoreError::Conflict(lease.job.to_string())),
        }
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let Some(row) = self.row("the next job", sql::NEXT_DUE, Vec::new()).await? else { return Ok(None) };
        let mut row = Reader::new("jobs", row);
        let due = row.maybe_int()?;
        due.map(|due| Timestamp::from_microsecond(due).map_err(|error| row.corrupt(error))).transpose()
    }

    async fn dead(&self) -> Result<Vec<(JobId, Job, String)>, StoreError> {
        let dead = |row| {
            let mut row = Reader::new("jobs", row);
            Ok((row.parsed()?, row.json()?, row.text()?))
        };
        self.rows("the jobs given up", sql::DEAD_JOBS, Vec::new()).await?.into_iter().map(dead).collect()
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let before = Value::Int(rows::micros(before));
        let jobs = self.run("dropping old jobs", sql::PRUNE_JOBS, vec![before.clone()]).await?;
        let keys = self.run("dropping old keys", sql::PRUNE_ONCE, vec![before.clone()]).await?;
        Ok(jobs + keys + self.prune_chat(before).await?)
    }

    async fn backlog(&self) -> Result<u64, StoreError> {
        let found = self.row("the backlog", sql::BACKLOG, Vec::new()).await?;
        found.map_or(Ok(0), |row| Reader::new("jobs", row).count())
    }
}
