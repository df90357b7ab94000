//! The security operations centre behind a signed HTTP call: the body is one OCSF Detection Finding, `webhook-id` is `<ticket>.case`
//! however often it is told. Any 2xx means that it was heard.

use async_trait::async_trait;

use crate::connectors::outgoing::{fault_of_status, short};
use crate::connectors::tickets::webhook::{Signed, error_of};
use crate::ports::alerts::AlertSink;
use crate::ports::tickets::TicketError;

/// The centre.
pub struct Soc(pub Signed);

#[async_trait]
impl AlertSink for Soc {
    async fn tell(&self, id: &str, finding: &serde_json::Value) -> Result<String, TicketError> {
        let body = serde_json::to_vec(finding).map_err(|e| TicketError::Refused { what: e.to_string() })?;
        let (status, bytes) = self.0.send(id, body).await?;
        if !status.is_success() {
            return Err(error_of(fault_of_status(status, &bytes)));
        }
        let said = short(&String::from_utf8_lossy(&bytes));
        Ok(if said.is_empty() { format!("it answered {status}") } else { said })
    }
}
