//! A process that stands still for longer than its leases last, and then goes on as if nothing had been: another one has done its work
//! meanwhile, and what it still does must change nothing.

use std::time::Duration;

use claviger::jobs::runner::LEASE;

use crate::fleet::clicks::{Fate, decided};
use crate::fleet::ground::{Fleet, Ways};

/// Waits until whatever a process had claimed is anybody's again.
pub async fn longer_than_a_lease() {
    tokio::time::sleep(Duration::try_from(LEASE).unwrap() + Duration::from_secs(15)).await;
}

/// `cargo test --test it fleet::stopped -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it waits for leases to run out in every step, which takes some minutes"]
async fn a_process_that_stood_still_does_nothing_twice() {
    let Some(fleet) = Fleet::start("a process stands still", Ways::Called).await else { return };
    decided(&fleet, Fate::StandsStill).await;
    fleet.end().await;
}
