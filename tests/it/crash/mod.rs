//! Killed at every step: whatever happens in a journey, the process ends there, on the spot, and is started again on the same
//! files, until the journey has come to its end. Then nothing may be lost, nothing done twice, and no access open past its end.
//!
//! A *point* is a place where the process may end: before and after every write to the database and every effect on the target
//! system. The parent test runs a journey once to count its points, then once for every point, in a child process (this same test
//! binary) that ends itself there with `abort`, which like `kill -9` runs no destructor and flushes nothing.

mod harness;
mod house;
mod points;
mod spine;
pub mod store;
mod target;

/// Journeys that children can be sent on, by name.
async fn travel(name: &str, folder: &std::path::Path) {
    match name {
        "house" => house::travel(folder).await,
        "spine" => spine::travel(folder).await,
        other => panic!("no journey is called {other}"),
    }
}

/// Does nothing unless a parent test started it.
#[test]
fn child() {
    harness::child();
}

#[test]
fn the_spine_of_a_grant_survives_every_kill() {
    let kills = harness::kill_at_every_point("spine", 100, spine::check);
    println!("{kills} kills");
}

#[test]
fn the_whole_journey_survives_every_kill() {
    let kills = harness::kill_at_every_point("house", 200, house::check);
    println!("{kills} kills");
}
