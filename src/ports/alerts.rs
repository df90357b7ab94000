//! Where the security operations centre hears of a case.

use async_trait::async_trait;

use crate::ports::tickets::TicketError;

/// The centre's ear. A finding may be told twice; `id` is the same then.
#[async_trait]
pub trait AlertSink: Send + Sync {
    /// Tells a finding (OCSF, JSON). Answers with what was said, short.
    async fn tell(&self, id: &str, finding: &serde_json::Value) -> Result<String, TicketError>;
}
