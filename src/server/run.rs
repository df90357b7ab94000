//! Listening, and stopping without cutting anyone off.

use std::future::IntoFuture as _;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long answers under way may take once the server is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until the token is cancelled; then takes nothing new and lets what is under way finish, for ten seconds at most.
///
/// # Errors
/// The listener's.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    let asked = stop.clone();
    let server =
        axum::serve(listener, router).with_graceful_shutdown(async move { asked.cancelled().await }).into_future();
    tokio::select! {
        done = server => done,
        () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => {
            tracing::warn!("stopped with answers still under way");
            Ok(())
        }
    }
}
