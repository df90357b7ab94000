//! What is done behind the store's back is found.

use claviger::domain::request::Ballot;
use claviger::ports::store::Batch;

use crate::store::sample::{self, Story, steps};
use crate::store::under::Under;

async fn furnish(under: &Under) {
    for n in 1..=3 {
        let mut story = Story::filed(n, "ana", "crm:read", steps(&["bob", "eve"])).voted("bob", Ballot::Approve);
        let batch = Batch {
            grants: vec![sample::grant(n, "ana", "crm:read", Some(3))],
            tasks: vec![sample::task(n, &["bob"], 60)],
            texts: vec![sample::text(n, "ana", 0, "words")],
            ..story.batch()
        };
        under.store.commit(batch).await.unwrap();
    }
}

pub async fn an_untouched_database_is_sound(under: Under) {
    furnish(&under).await;
    let held = under.store.held().await.unwrap();
    assert_eq!(held.broken, []);
    assert_eq!((held.requests.len(), held.grants.len(), held.tasks.len(), held.texts.len()), (3, 3, 3, 3));
    assert_eq!(under.store.soundness().await.unwrap(), Vec::<String>::new());
}

/// Does it behind the store's back, and expects a complaint about this table that says this.
async fn finds(under: &Under, statement: &str, undo: &str, table: &str, says: &str) {
    assert!(under.behind_its_back(statement).await > 0, "{statement}");
    let broken = under.store.held().await.unwrap().broken;
    assert!(
        broken.iter().any(|(t, row, what)| t == table && !row.is_empty() && what.contains(says)),
        "{statement}: {broken:?}"
    );
    under.behind_its_back(undo).await;
    assert_eq!(under.store.held().await.unwrap().broken, [], "{undo}");
}

pub async fn altered_columns_are_found(under: Under) {
    furnish(&under).await;
    for (table, column, bad, good) in [
        ("requests", "state", "'approved'", "'pending'"),
        ("requests", "is_open", "0", "1"),
        ("requests", "beneficiary", "'cyd'", "'ana'"),
        ("requests", "filed_us", "filed_us + 1", "filed_us - 1"),
        ("grants", "ends_us", "ends_us + 1", "ends_us - 1"),
        ("grants", "request", "request || 'x'", "substr(request, 1, 34)"),
        ("tasks", "due_us", "due_us + 1", "due_us - 1"),
        ("events", "at_us", "at_us + 1", "at_us - 1"),
        ("events", "version", "version + 7", "version - 7"),
    ] {
        let set = |value| format!("UPDATE {table} SET {column} = {value}");
        let says = if table == "events" { "columns" } else { column };
        finds(&under, &set(bad), &set(good), table, says).await;
    }
    let (gone, back) = (
        "DELETE FROM request_waiting WHERE person = 'eve'",
        "INSERT INTO request_waiting SELECT id, 'eve' FROM requests",
    );
    finds(&under, gone, back, "request_waiting", "`eve` is missing").await;
    let (more, less) =
        ("INSERT INTO task_waiting SELECT id, 'cyd' FROM tasks", "DELETE FROM task_waiting WHERE person = 'cyd'");
    finds(&under, more, less, "task_waiting", "`cyd` should not be there").await;
}

pub async fn altered_snapshots_are_found(under: Under) {
    furnish(&under).await;
    let swap = |table: &str, column: &str, from: &str, to: &str| {
        format!("UPDATE {table} SET {column} = replace({column}, '{from}', '{to}')")
    };
    for (table, from, to) in
        [("requests", "\"id\"", "\"it\""), ("grants", "crm:read", "crm:rule"), ("tasks", "open", "opem")]
    {
        finds(&under, &swap(table, "snapshot", from, to), &swap(table, "snapshot", to, from), table, "").await;
    }
}

pub async fn a_missing_event_is_found(under: Under) {
    furnish(&under).await;
    assert_eq!(under.behind_its_back("DELETE FROM events WHERE seq = 2").await, 1);
    let lines = under.store.soundness().await.unwrap();
    assert_eq!(lines, ["the log says it has 6 events; 5 are there, the next place is 6"]);
}
