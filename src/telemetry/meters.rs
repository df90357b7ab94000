//! Counters and timings in the form Prometheus reads.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Starts measuring; the handle renders the page. `None` where something measures already.
#[must_use]
pub fn start() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().ok()
}
