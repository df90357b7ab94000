//! One process of the program, with its own log, that can be killed, stood still and started again.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::fleet::company::{SECRET, SECRET_VARIABLE};
use crate::fleet::ground::free_port;

/// A process, running or not.
pub struct Process {
    config: PathBuf,
    log: PathBuf,
    /// Where it listens.
    pub address: String,
    child: Option<Child>,
}

impl Process {
    /// A process that is not started yet. `settings` are those all processes share.
    pub fn new(folder: &Path, name: &str, settings: &str) -> Self {
        let port = free_port();
        let config = folder.join(format!("{name}.toml"));
        let own =
            format!("[http]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"https://access.example/\"\n\n{settings}");
        std::fs::write(&config, own).unwrap();
        let log = folder.join(format!("{name}.log"));
        Self { config, log, address: format!("http://127.0.0.1:{port}"), child: None }
    }

    /// Where its settings are.
    pub fn settings(&self) -> &Path {
        &self.config
    }

    /// Starts it.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_claviger"))
            .args(["serve", "--config"])
            .arg(&self.config)
            .env(SECRET_VARIABLE, SECRET)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.child = Some(child.unwrap());
    }

    /// Waits until all its platforms are connected.
    pub async fn is_up(&mut self, http: &reqwest::Client) {
        let address = format!("{}/health/surfaces", self.address);
        loop {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none(), "it ended: {ended:?}\n{}", self.said());
            if let Ok(answer) = http.get(&address).send().await {
                let said = answer.text().await.unwrap_or_default();
                if said.lines().count() == 3 && said.lines().all(|line| line.ends_with(" up")) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// True while it runs, or stands still.
    pub fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Stands still (`SIGSTOP`), and goes on (`SIGCONT`).
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        let done = Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", name, &id]).status().unwrap();
        assert!(done.success());
    }

    /// The end of its log, for whoever has to find out what went wrong.
    pub fn said(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            println!("—— {}\n{}", self.log.display(), self.said());
        }
    }
}
