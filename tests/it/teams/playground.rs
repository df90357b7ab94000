//! The journey: link one's account, ask, approve by `Action.Execute`, active, and deny with a reason, in Microsoft's 365 Agents Playground: the whole house
//! behind the adapter, two people, every token checked. The Playground's licence is for evaluation only, so nothing here installs it:
//!
//! ```text
//! (cd tests/chat/teams_peer && npm install)     # accepts the licence
//! CLAVIGER_PLAYGROUND=1 cargo test --test it teams::playground -- --nocapture
//! ```

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use claviger::app::system::SystemClock;
use claviger::app::teams::{reception, surface};
use claviger::chat::teams::routes;
use claviger::chat::teams::settings::{Cloud, Settings, Written};
use claviger::domain::clock::Clock;
use claviger::ports::identity::Identity as _;
use claviger::ports::surface::ChatSurface;
use claviger::ports::whereabouts::WhereaboutsBook;
use claviger::store::open::open_memory;
use claviger::workflow::house::Outside;
use claviger::workflow::surfaces::door::Door;
use claviger::workflow::surfaces::known::Surfaces;
use claviger::workflow::surfaces::people::Linked;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::bot::{TestBot, person};
use crate::teams::world::{APP, TENANT};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ask_approve_active_and_deny() {
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chat/teams_peer");
    if std::env::var("CLAVIGER_PLAYGROUND").is_err() {
        println!("skipped: CLAVIGER_PLAYGROUND is not set (the Playground's licence is for evaluation only)");
        return;
    }
    assert!(peer.join("node_modules").exists(), "`npm install` in {} first", peer.display());
    let (asker, decider) = ("0a000000-0000-0000-0000-000000000001", "0a000000-0000-0000-0000-000000000002");
    let told = TestBot::start().await;
    let manager = told.house.catalog.directory.managers_of(&person("mira.okafor"))[0].clone();
    drop(told);
    let people = json!([
        { "id": "mira.okafor", "name": "Mira Okafor", "entra": asker },
        { "id": manager.id.as_str(), "name": manager.name, "entra": decider },
    ]);
    let mut node = tokio::process::Command::new("node")
        .arg("journey.mjs")
        .current_dir(&peer)
        .env("TEAMS_APP", APP)
        .env("TEAMS_TENANT", TENANT)
        .env("TEAMS_PEOPLE", people.to_string())
        .env("TEAMS_SHOTS", Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(node.stdout.take().unwrap()).lines();
    let gateway = said.next_line().await.unwrap().unwrap();
    let gateway = format!("http://127.0.0.1:{}", gateway.strip_prefix("gateway ").unwrap());

    let settings = Settings::parse(Written {
        app_id: APP.into(),
        app_secret: "hush".into(),
        tenants: vec![TENANT.into()],
        app_tenant: None,
        cloud: Cloud::Public,
        metadata_url: Some(format!("{gateway}/openid")),
        login_url: Some(gateway),
        service_hosts: Vec::new(),
        public_url: "https://access.example/".into(),
    });
    let settings = Arc::new(settings.unwrap());
    // Tokens are made by the real time; the house lives in its own.
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let book: Arc<dyn WhereaboutsBook> = open_memory().await.unwrap();
    let teams = surface(&settings, Arc::clone(&book), Arc::clone(&clock)).unwrap();
    let platform: Arc<dyn ChatSurface> = teams.clone();
    let bot = TestBot::with_outside(Outside::default(), |house| {
        house.surfaces = Surfaces::new(vec![platform], Arc::new(Linked), Vec::new());
    })
    .await;
    let door = Arc::new(Door(Arc::clone(&bot.house)));
    let router = routes::router(reception(&settings, &teams, door, book, clock));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}{}\n", listener.local_addr().unwrap(), routes::ADDRESS);
    tokio::spawn(async move { axum::serve(listener, router).await });
    node.stdin.as_mut().unwrap().write_all(address.as_bytes()).await.unwrap();

    // The house does what is due until the two of them are done.
    let ended = loop {
        tokio::select! {
            ended = node.wait() => break ended.unwrap(),
            line = said.next_line() => {
                let Ok(Some(line)) = line else { continue };
                // Somebody opened the link that they were sent, signed in as who they are, and said that the account is theirs.
                if let Some((who, secret)) = line.strip_prefix("link ").and_then(|l| l.split_once(' ')) {
                    bot.desk.link(&person(who), secret).await.unwrap();
                }
                println!("{line}");
            },
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                bot.clock.advance(jiff::SignedDuration::from_millis(100));
                bot.settle().await;
            }
        }
    };
    while let Ok(Some(line)) = said.next_line().await {
        println!("{line}");
    }
    assert!(ended.success(), "see target/screenshots/teams-playground-failed-*.png");
}
