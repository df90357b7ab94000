//! Chat platforms from the house's side, against platforms in memory that keep order, fail in every way a platform can, and deliver twice.
//! Every case runs on SQLite and, where there is one, on PostgreSQL.

mod converge;
mod crash;
mod deliveries;
mod fake;
mod load;
mod replicas;
mod talks;
mod town;

/// Runs each case on both databases.
#[macro_export]
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::store::under::on_sqlite(super::$case).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::store::under::on_postgres(stringify!($case), super::$case).await;
            })*
        }
    };
}
