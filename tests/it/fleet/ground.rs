//! The ground all of it stands on: the platforms, the target system, the database, the company, two processes; and a house of our own over
//! the same database, built as theirs are, that says how everything should look.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use claviger::app::data_dir::DataDir;
use claviger::app::house::{Parts, build_house};
use claviger::app::surfaces::{self, Around};
use claviger::app::system::{OsEntropy, SystemClock};
use claviger::catalog::source::Source;
use claviger::connectors::signature::WebhookSecret;
use claviger::domain::clock::Clock as _;
use claviger::domain::conversation::Surface;
use claviger::ports::surface::ChatSurface;
use claviger::store::database::Database;
use claviger::store::open::{Prepare, open_postgres};
use claviger::workflow::house::{House, Outside, StepUp};
use ed25519_dalek::SigningKey;
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, Row as _};

use crate::discord::fake::Fake as FakeDiscord;
use crate::discord::fake_gateway::FakeGateway;
use crate::fleet::company::{self, SECRET, Someone};
use crate::fleet::line::Lines;
use crate::fleet::process::Process;
use crate::slack_platform::fake::FakeSlack;
use crate::store::under::{Throwaway, admin};
use crate::teams::connector::Connector;
use crate::teams::world::{APP, TENANT};
use crate::webhook::webhook_receiver::Receiver;

/// How deliveries reach the processes. Teams always calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ways {
    /// Slack and Discord call, too.
    Called,
    /// Slack's come over sockets, one for each process; Discord's over its gateway, to both processes.
    Connected,
}

pub struct Fleet {
    pub ways: Ways,
    pub people: Vec<Someone>,
    pub slack: FakeSlack,
    pub teams: Arc<Connector>,
    pub discord: FakeDiscord,
    pub gateway: FakeGateway,
    pub lines: Arc<Lines>,
    /// Discord's signing key.
    pub key: SigningKey,
    /// What grants open.
    pub target: Arc<Receiver>,
    pub processes: [tokio::sync::Mutex<Process>; 2],
    /// Where the processes listen.
    pub addresses: [String; 2],
    pub store: Arc<Database>,
    /// How everything should be.
    pub house: Arc<House>,
    /// What the processes draw with.
    pub platforms: Vec<Arc<dyn ChatSurface>>,
    pub http: reqwest::Client,
    database: Throwaway,
    _folder: tempfile::TempDir,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until there is something. What is waited for is the product's own work; the limit is for the case that it never comes.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let end = tokio::time::Instant::now() + Duration::from_secs(300);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Fleet {
    /// Starts all of it on a database of its own; nothing where there is no PostgreSQL.
    pub async fn start(name: &str, ways: Ways) -> Option<Self> {
        let Some(admin) = admin() else {
            println!("`{name}` was not run: CLAVIGER_TEST_POSTGRES is not set");
            return None;
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let database = Throwaway::make(&admin).await;
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let slack = FakeSlack::start(clock.clone()).await;
        let teams = Connector::start(clock.clone()).await;
        let (discord, gateway) = (FakeDiscord::start().await, FakeGateway::start().await);
        discord.held.lock().unwrap().gateway = gateway.url.clone();
        let target = Receiver::new(WebhookSecret::parse(&SECRET.into()).unwrap(), || SystemClock.now().as_second());
        // Ours draws only, and so needs no target system.
        company::write(&folder.path().join("ours"));
        let people = company::write(&folder.path().join("company"));
        company::call(&folder.path().join("company"), &serve(Arc::clone(&target).routes()).await);
        for someone in &people {
            slack.user(&someone.on(Surface::Slack), someone.slack_profile());
            teams.member(&format!("29:{}", someone.id), someone.teams_member());
            let member = (someone.on(Surface::Discord), someone.discord_member());
            discord.held.lock().unwrap().members.insert(member.0, member.1);
        }
        let key = SigningKey::from_bytes(&[7; 32]);
        let settings = settings(folder.path(), &database.url, ways, &slack, &teams, &discord, &key);
        let mut processes = ["one", "two"].map(|name| Process::new(folder.path(), name, &settings));
        // Both at once, on an empty database and an empty folder for their keys.
        processes.iter_mut().for_each(Process::start);
        let lines = Lines::keep(slack.sockets());
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        for process in &mut processes {
            process.is_up(&http).await;
        }
        let store = open_postgres(&database.url, Prepare::AsItIs).await.unwrap();
        let (house, platforms) = house(&processes[0], &store);
        let addresses = [processes[0].address.clone(), processes[1].address.clone()];
        let processes = processes.map(tokio::sync::Mutex::new);
        let fleet = Self {
            ways,
            people,
            slack,
            teams,
            discord,
            gateway,
            lines,
            key,
            target,
            processes,
            addresses,
            store,
            house,
            platforms,
            http,
            database,
            _folder: folder,
        };
        fleet.everybody_comes_by().await;
        Some(fleet)
    }

    /// Somebody by the directory's id.
    pub fn someone(&self, id: &str) -> &Someone {
        self.people.iter().find(|p| p.id == id).unwrap()
    }

    /// The app was installed for everybody in Teams, so that everybody can be written to there.
    async fn everybody_comes_by(&self) {
        for (n, someone) in self.people.iter().enumerate() {
            let update = self.teams_activity(someone, json!({ "type": "conversationUpdate" }));
            let answer = self.call_teams(&update, n % 2).await.unwrap();
            assert!(answer.0.is_success(), "{answer:?}");
        }
    }

    /// A number from the database, past the store.
    pub async fn number(&self, statement: &str) -> i64 {
        let mut door = self.database.options.connect().await.unwrap();
        door.fetch_one(AssertSqlSafe(statement.to_owned())).await.unwrap().get(0)
    }

    /// Texts from the database, past the store.
    pub async fn texts(&self, statement: &str) -> Vec<String> {
        let mut door = self.database.options.connect().await.unwrap();
        let rows = door.fetch_all(AssertSqlSafe(statement.to_owned())).await.unwrap();
        rows.into_iter().map(|row| row.get(0)).collect()
    }

    /// Kills a process without a word.
    pub async fn kill(&self, which: usize) {
        self.processes[which].lock().await.kill();
    }

    /// Starts a killed process again, and waits until it is connected.
    pub async fn start_again(&self, which: usize) {
        let mut process = self.processes[which].lock().await;
        process.start();
        process.is_up(&self.http).await;
    }

    /// Ends all of it.
    pub async fn end(self) {
        for process in &self.processes {
            let mut process = process.lock().await;
            if process.runs() {
                process.kill();
            }
        }
        self.store.close().await;
        self.database.drop_it().await;
    }
}

/// What both processes are told; their keys are in one folder.
fn settings(
    folder: &Path,
    database: &str,
    ways: Ways,
    slack: &FakeSlack,
    teams: &Connector,
    discord: &FakeDiscord,
    key: &SigningKey,
) -> String {
    let called = ways == Ways::Called;
    let (mode, gateway) = if called { ("http", false) } else { ("socket", true) };
    let public = if called {
        format!("public_key = \"{}\"\n", hex::encode(key.verifying_key().as_bytes()))
    } else {
        String::new()
    };
    let (data, catalog) = (folder.join("data"), folder.join("company"));
    format!(
        "[storage]\ndata_dir = {data:?}\npostgres = \"{database}\"\n\n[catalog]\nfolder = {catalog:?}\n\n\
         [sign_in]\nissuer = \"http://127.0.0.1:9/\"\nclient_id = \"fleet\"\n\n[step_up]\nroutes = []\n\n\
         [slack]\nmode = \"{mode}\"\nbot_token = \"xoxb-test\"\napp_token = \"xapp-test\"\nsigning_secret = \"hush\"\napi_url = \"{}\"\n\n\
         [teams]\napp_id = \"{APP}\"\napp_secret = \"hush\"\ntenants = [\"{TENANT}\"]\nmetadata_url = \"{base}/openid\"\n\
         login_url = \"{base}/login\"\n\n\
         [discord]\ntoken = \"very.secret.token\"\napplication_id = \"1\"\nguilds = [\"7\"]\ngateway = {gateway}\n{public}api = \"{}\"\n\n\
         [log]\nfilter = \"warn\"\n",
        slack.base,
        discord.url,
        base = teams.base,
    )
}

/// A house over the same database, built from a process's own settings as the process builds its own.
fn house(process: &Process, store: &Arc<Database>) -> (Arc<House>, Vec<Arc<dyn ChatSurface>>) {
    let config = claviger::config::load::load(process.settings()).unwrap();
    let data = DataDir::open(&config.storage.data_dir).unwrap();
    let around = Around {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        public_url: config.http.public_url.clone(),
        whereabouts: store.clone(),
    };
    let platforms = surfaces::platforms(&config, &around).unwrap();
    let outside = claviger::app::outside::outside(
        &config.helpdesk,
        &config.http.public_url,
        store.clone(),
        Arc::new(SystemClock),
    )
    .unwrap();
    let parts = Parts {
        source: Source::Folder(config.catalog.folder.with_file_name("ours")),
        vendors: Vec::new(),
        model: None,
        prompts: None,
        step_up: StepUp::Pages,
        outside: Outside { identity: claviger::app::identity::rules(&config).unwrap(), ..outside },
        clock: Arc::new(SystemClock),
    };
    let known = surfaces::known(&platforms, &config.chat).unwrap();
    let house = build_house(parts, store.clone(), &data).unwrap().with_surfaces(known).house;
    (house, platforms.into_iter().map(|p| p.surface).collect())
}

/// Serves these routes on a free port of this machine.
async fn serve(routes: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}/")
}
