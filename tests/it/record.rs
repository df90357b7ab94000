//! The record in a real database file: signed, sealed, proved, and found out wherever a byte of it changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use claviger::app::record::{Head, Keeper, open_key, read_key, read_public_key, seal_path, unseal};
use claviger::app::verify::{Exported, verify};
use claviger::audit::verify::Report;
use claviger::domain::clock::Entropy;
use claviger::ports::store::{Artifact, Batch, Record as _, Store as _};
use claviger::store::database::Database;
use claviger::store::open::{Location, Prepare, open_postgres, open_sqlite};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

use crate::audit::{house, key};
use crate::store::under::{Throwaway, admin};

/// Writes a small house's record into a new database and signs it, in two goes; closes it. Answers with the file, its keeper and what
/// was signed.
async fn database(folder: &Path) -> (PathBuf, Keeper, Head) {
    let path = folder.join("claviger.db");
    let store = open_sqlite(&path, Prepare::Migrate).await.unwrap();
    let (keeper, head) = furnish(&store).await;
    store.close().await;
    (path, keeper, head)
}

async fn furnish(store: &Arc<Database>) -> (Keeper, Head) {
    let keeper = Keeper::new(key());
    let mut house = house(4);
    let artifacts = house.kept.artifacts.drain(..).map(|(_, kind, bytes)| Artifact { kind, bytes }).collect();
    let later = house.events.split_off(3);
    let beginning = Batch { events: house.events, artifacts, texts: house.texts, ..Batch::default() };
    store.commit(beginning).await.unwrap();
    keeper.checkpoint(store.as_ref()).await.unwrap();
    let (requests, grants) = (std::mem::take(&mut house.kept.requests), std::mem::take(&mut house.kept.grants));
    store.commit(Batch { events: later, requests, grants, ..Batch::default() }).await.unwrap();
    let head = keeper.checkpoint(store.as_ref()).await.unwrap();
    // Nothing new is not signed again.
    assert_eq!(keeper.checkpoint(store.as_ref()).await.unwrap(), head);
    // Another keeper (after a restart, or beside it) comes to the same.
    assert_eq!(Keeper::new(key()).checkpoint(store.as_ref()).await.unwrap(), head);
    assert_eq!(store.checkpoints().await.unwrap().len(), 2);
    (keeper, head)
}

async fn proved(path: &Path) -> Report {
    verify(&Location::File(path.to_owned()), key().public(), Vec::new()).await.unwrap()
}

#[tokio::test]
async fn a_closed_database_is_proved_without_changing_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keeper, head) = database(folder.path()).await;
    let unsealed = proved(&path).await;
    assert!(unsealed.is_sound(), "{:?}", unsealed.faults);
    assert!(unsealed.notes.iter().any(|note| note.contains("there is no seal")));
    keeper.seal(&path).await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let report = proved(&path).await;
    assert!(report.is_sound() && report.notes.is_empty(), "{:?} {:?}", report.faults, report.notes);
    assert_eq!((report.events, report.root, report.signed_events), (head.size, head.root, head.signed));
    assert_eq!(std::fs::read(&path).unwrap(), before, "proving changed the file");
    let beside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "proving left files behind: {beside:?}");
    // Whoever has another key is told so.
    let other = claviger::audit::key::SecretKey::from_seed("claviger.example/record", &[9; 32]).unwrap();
    let stranger = verify(&Location::File(path.clone()), other.public(), Vec::new()).await.unwrap();
    assert!(!stranger.is_sound());
}

/// Every 211th byte of the whole file, and with it every page, row kind and unused corner.
#[tokio::test]
async fn a_flipped_byte_anywhere_in_the_file_is_found_in_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keeper, _) = database(folder.path()).await;
    keeper.seal(&path).await.unwrap();
    let sound = std::fs::read(&path).unwrap();
    for at in (0..sound.len()).step_by(211) {
        let mut altered = sound.clone();
        altered[at] ^= 0x10;
        std::fs::write(&path, &altered).unwrap();
        let report = proved(&path).await;
        let at = at as u64;
        let located = report.faults.iter().any(|fault| {
            let (from, to) = (fault.place.byte.unwrap_or(u64::MAX), fault.place.byte_end.unwrap_or(0));
            from <= at && at < to && to - from <= 4096
        });
        assert!(located, "byte {at}: {:?}", report.faults);
    }
    std::fs::write(&path, &sound).unwrap();
    assert!(proved(&path).await.is_sound());
    for spoilt in [&sound[..sound.len() - 4096], &[&sound[..], &[0; 4096]].concat()[..], &b"not a database"[..]] {
        std::fs::write(&path, spoilt).unwrap();
        assert!(!proved(&path).await.is_sound());
    }
}

/// Without the seal, what events and projections say is still held to its bytes.
#[tokio::test]
async fn without_a_seal_a_changed_event_is_still_found() {
    let folder = tempfile::tempdir().unwrap();
    let (path, ..) = database(folder.path()).await;
    let sound = std::fs::read(&path).unwrap();
    let needle = b"door list holds it";
    let places: Vec<usize> = (0..sound.len() - needle.len()).filter(|n| sound[*n..].starts_with(needle)).collect();
    assert!(places.len() >= 4, "{places:?}");
    for at in places {
        let mut altered = sound.clone();
        altered[at] = b'D';
        std::fs::write(&path, &altered).unwrap();
        assert!(!proved(&path).await.is_sound(), "byte {at}");
    }
}

#[tokio::test]
async fn a_log_that_went_on_is_compared_by_its_root_and_an_altered_seal_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (path, keeper, head) = database(folder.path()).await;
    keeper.seal(&path).await.unwrap();
    let store = open_sqlite(&path, Prepare::AsItIs).await.unwrap();
    let mut extra = house(1).events.remove(0);
    extra.id = claviger::domain::ids::EventId::from_bytes([200; 16]);
    store.commit(Batch { events: vec![extra], ..Batch::default() }).await.unwrap();
    store.close().await;
    let grown = proved(&path).await;
    assert!(grown.is_sound(), "{:?}", grown.faults);
    assert!(grown.notes.iter().any(|note| note.contains("the seal is older")), "{:?}", grown.notes);
    let seal = std::fs::read_to_string(seal_path(&path)).unwrap();
    std::fs::write(seal_path(&path), seal.replacen("\n4096\n", "\n4097\n", 1)).unwrap();
    assert!(proved(&path).await.faults[0].place.table.ends_with(".seal"));
    unseal(&path).unwrap();
    unseal(&path).unwrap();
    assert!(proved(&path).await.is_sound());
    // A checkpoint of another history, given away before, convicts this one.
    let note = claviger::audit::checkpoint::Checkpoint::sign(2, head.root, &key());
    let exported = vec![Exported { name: "the auditor's copy".into(), note }];
    let report = verify(&Location::File(path), key().public(), exported).await.unwrap();
    assert_eq!(report.faults[0].place.table, "the auditor's copy");
}

/// The record on a server, proved by the command as an auditor runs it: the address, the public key, nothing else.
#[tokio::test]
async fn on_a_server_the_command_finds_a_flipped_byte_wherever_it_is() {
    let Some(admin) = admin() else {
        println!("not run on PostgreSQL: CLAVIGER_TEST_POSTGRES is not set");
        return;
    };
    let fresh = Throwaway::make(&admin).await;
    let store = open_postgres(&fresh.url, Prepare::Migrate).await.unwrap();
    let (_, head) = furnish(&store).await;
    store.close().await;
    let folder = tempfile::tempdir().unwrap();
    let public = folder.path().join("audit.pub");
    std::fs::write(&public, format!("{}\n", key().public().to_text())).unwrap();
    let proved = || {
        // The address goes by the environment, as it should where it holds a password.
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_claviger"))
            .args(["audit", "verify", "--json", "--key"])
            .arg(&public)
            .env("CLAVIGER_DATABASE", &fresh.url)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let report: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&done.stderr)));
        (done.status.code(), report)
    };
    let (code, report) = proved();
    assert_eq!(
        (code, report["events"].as_u64(), report["root"].as_str()),
        (Some(0), Some(head.size), Some(&*head.root.to_string()))
    );

    let mut door = fresh.options.connect().await.unwrap();
    let mut flipped = 0;
    // One bit of every event in turn, at another byte each time; then of everything that stands beside the log.
    let flip = |table: &str, column: &str, byte: u64, which: &str| {
        format!(
            "UPDATE {table} SET {column} = set_byte({column}, {byte}, get_byte({column}, {byte}) # 16) WHERE {which}"
        )
    };
    let swap = |table: &str, from: &str, to: &str| {
        let set = |from: &str, to: &str| format!("UPDATE {table} SET snapshot = replace(snapshot, '{from}', '{to}')");
        (set(from, to), set(to, from))
    };
    let twice = |statement: String| (statement.clone(), statement);
    let mut spoils: Vec<(String, String, &str, Option<u64>)> = Vec::new();
    for seq in 0..head.size {
        let (doing, undoing) = twice(flip("events", "leaf", 7 + seq * 5, &format!("seq = {seq}")));
        spoils.push((doing, undoing, "events", Some(seq)));
    }
    for (table, column) in [("artifacts", "bytes"), ("texts", "body"), ("texts", "salt")] {
        let (doing, undoing) = twice(flip(table, column, 3, "1 = 1"));
        spoils.push((doing, undoing, table, None));
    }
    for (table, from, to) in [("requests", "crm:reports.read", "crm:reports.rear"), ("grants", "\"ana\"", "\"bna\"")] {
        let (doing, undoing) = swap(table, from, to);
        spoils.push((doing, undoing, table, None));
    }
    for (doing, undoing, table, seq) in spoils {
        let touched = door.execute(AssertSqlSafe(doing.clone())).await.unwrap().rows_affected();
        assert!(touched > 0, "{doing}");
        let (code, report) = proved();
        assert_eq!(code, Some(3), "{doing}: {report:#}");
        let faults = report["faults"].as_array().unwrap();
        // By itself, or within the stretch of events that one checkpoint vouches for.
        let located = faults.iter().any(|fault| match seq {
            Some(seq) => {
                let what = fault["what"].as_str().unwrap_or_default();
                fault["place"]["seq"].as_u64() == Some(seq) || what.contains("was changed") || what.contains("events ")
            }
            None => fault["place"]["table"] == table,
        });
        assert!(located, "{doing}: {faults:#?}");
        door.execute(AssertSqlSafe(undoing)).await.unwrap();
        flipped += 1;
    }
    println!("{flipped} places altered on PostgreSQL, all found");
    assert_eq!(proved().0, Some(0), "everything was put back");
    door.execute("DELETE FROM events WHERE seq = 2").await.unwrap();
    assert_eq!(proved().0, Some(3));
    door.close().await.unwrap();
    fresh.drop_it().await;
}

/// Entropy that is none.
struct Fives;

impl Entropy for Fives {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(5);
    }
}

#[tokio::test]
async fn a_keeper_does_not_sign_a_log_that_contradicts_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, ..) = database(folder.path()).await;
    let store = open_sqlite(&path, Prepare::AsItIs).await.unwrap();
    let stranger = Keeper::new(
        open_key(&folder.path().join("k"), &folder.path().join("p"), "claviger.example/record", &Fives).unwrap(),
    );
    let error = stranger.checkpoint(store.as_ref()).await.unwrap_err();
    assert!(error.to_string().contains("audit verify"), "{error:#}");
    store.close().await;
}

#[test]
fn keys_are_made_once_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, public) = (folder.path().join("audit.key"), folder.path().join("audit.pub"));
    let made = open_key(&secret, &public, "claviger.example/record", &Fives).unwrap();
    let again = open_key(&secret, &public, "another.name", &Fives).unwrap();
    assert_eq!(made.public(), again.public(), "the key that is there stays");
    assert_eq!(read_public_key(&public).unwrap(), *made.public());
    assert_eq!(read_key(&secret).unwrap().public(), made.public());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&secret, "PRIVATE+KEY+x+00000000+c2VjcmV0").unwrap();
    let error = format!("{:#}", open_key(&secret, &public, "a.name", &Fives).err().unwrap());
    assert!(!error.contains("c2VjcmV0"), "{error}");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "PRIVATE+KEY+x+00000000+c2VjcmV0", "it was written over");
}
