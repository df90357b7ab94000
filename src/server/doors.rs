//! The demo's own application: a room behind every entitlement, open to whoever the connector let in.

use async_trait::async_trait;

use crate::domain::digest::Digest;
use crate::domain::ids::{EntitlementId, PersonId};

/// A room of the demo's application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The entitlement that opens it.
    pub entitlement: EntitlementId,
    /// What stands on the door.
    pub title: String,
    /// What is behind it, in a sentence.
    pub about: String,
}

/// Who may pass which door now. The demo's connector answers, not the request: a door opens when access was really given.
#[async_trait]
pub trait DoorKeeper: Send + Sync {
    /// Every door, by title.
    fn doors(&self) -> Vec<Door>;
    /// True while this person may pass.
    async fn may(&self, person: &PersonId, entitlement: &EntitlementId) -> bool;
}

/// A row of invented figures.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Row {
    /// The month.
    pub month: &'static str,
    /// Orders.
    pub orders: String,
    /// Revenue, thousands of euros.
    pub revenue: String,
    /// Change against the year before, percent.
    pub change: String,
}

/// Invented figures for a room: always the same for the same door, and nobody's real ones.
#[must_use]
pub fn invented_figures(door: &EntitlementId) -> Vec<Row> {
    let seed = Digest::of(door.as_str().as_bytes()).prefix();
    ["July", "August", "September"]
        .into_iter()
        .zip(seed.chunks_exact(2))
        .map(|(month, pair)| {
            let orders = 1_100 + u32::from(pair[0]) * 7;
            let revenue = orders * (260 + u32::from(pair[1] % 90)) / 1_000;
            let change = i32::from(pair[1] % 21) - 6;
            Row {
                month,
                orders: grouped(orders),
                revenue: grouped(revenue),
                change: if change < 0 { format!("−{}", change.abs()) } else { format!("+{change}") },
            }
        })
        .collect()
}

fn grouped(n: u32) -> String {
    if n >= 1_000 { format!("{},{:03}", n / 1_000, n % 1_000) } else { n.to_string() }
}
