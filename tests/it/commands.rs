//! Commands as operators type them, where what they say depends on what they find.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use axum::Router;
use axum::routing::get;
use serde_json::json;

fn claviger() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claviger"));
    command.env_remove("CLAVIGER_DATABASE").env_remove("CLAVIGER_MODEL_URL").stdin(Stdio::null());
    command
}

/// Both outputs.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Settings that lack nothing, with this provider.
fn settings(folder: &Path, issuer: &str, port: u16, more: &str) -> std::path::PathBuf {
    let file = folder.join("claviger.toml");
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let text = format!(
        "[http]\nlisten = '127.0.0.1:{port}'\npublic_url = 'http://localhost:{port}/'\n[storage]\ndata_dir = '{}'\n[catalog]\nfolder = \
         '{}'\n[sign_in]\nissuer = '{issuer}'\nclient_id = 'claviger'\n{more}",
        folder.join("data").display(),
        catalog.display()
    );
    std::fs::write(&file, text).unwrap();
    file
}

/// An address on this machine where nobody listens.
fn nobody() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_asks_the_provider() {
    let folder = tempfile::tempdir().unwrap();
    let file = settings(folder.path(), &format!("http://{}", nobody()), 0, "");
    let ill = claviger().args(["doctor", "--config"]).arg(&file).output().unwrap();
    assert_eq!(ill.status.code(), Some(3), "{}", said(&ill));
    assert!(said(&ill).contains("ok    sign-in settings"), "{}", said(&ill));
    assert!(said(&ill).contains("WRONG sign-in provider"), "{}", said(&ill));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let described = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let keys =
        json!({ "keys": [{ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": "AQAB", "e": "AQAB" }] });
    let provider = Router::new()
        .route("/.well-known/openid-configuration", get(|| async { axum::Json(described) }))
        .route("/keys", get(|| async { axum::Json(keys) }));
    tokio::spawn(async move { axum::serve(listener, provider).await });
    let prompts = "[model]\nbase_url = 'http://127.0.0.1:1/v1'\nname = 'm'\nprompts = '/nowhere'\n";
    let file = settings(folder.path(), &issuer, 0, prompts);
    let better = claviger().args(["doctor", "--config"]).arg(&file).output().unwrap();
    assert!(said(&better).contains("ok    sign-in provider"), "{}", said(&better));
    assert!(said(&better).contains("WRONG model prompts"), "{}", said(&better));
    let file = settings(folder.path(), &issuer, 0, &prompts.replace("prompts = '/nowhere'", ""));
    let well = claviger().args(["doctor", "--config"]).arg(&file).output().unwrap();
    assert_eq!(well.status.code(), Some(0), "{}", said(&well));
}

#[test]
fn serving_without_a_provider_is_said_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let port = nobody().port();
    let file = settings(folder.path(), &format!("http://{}", nobody()), port, "");
    let mut serving =
        claviger().args(["serve", "--config"]).arg(&file).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut told = BufReader::new(serving.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = told.find(|line| line.contains("NOBODY CAN SIGN IN"));
    let asked = |path: &str| {
        // The listener stands already; the answer comes as soon as the rest does.
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").unwrap();
        std::io::read_to_string(stream).unwrap()
    };
    let (live, ready) = (asked("/health/live"), asked("/health/ready"));
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(line.is_some(), "it did not say so");
    assert!(live.starts_with("HTTP/1.1 200"), "{live}");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("nobody can sign in"), "{ready}");
}

#[test]
fn words_about_an_altered_record_come_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let ask =
        || claviger().args(["ask", "--as", "ana.kovac", "what do I have?", "--data"]).arg(&data).output().unwrap();
    let mut chat = claviger()
        .args(["chat", "--as", "ana.kovac", "--data"])
        .arg(&data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    chat.stdin.take().unwrap().write_all(b"What do I have?\nquit\n").unwrap();
    assert!(chat.wait().unwrap().success());
    let sound = ask();
    assert!(sound.status.success() && !said(&sound).contains("warning"), "{}", said(&sound));
    let file = data.join("claviger.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let needle = b"what_do_i_have";
    let places: Vec<usize> = (0..bytes.len() - needle.len()).filter(|n| bytes[*n..].starts_with(needle)).collect();
    assert!(!places.is_empty(), "no event says what was understood");
    for at in places {
        bytes[at] ^= 0x20;
    }
    std::fs::write(&file, bytes).unwrap();
    let verified = claviger().args(["audit", "verify", "--data"]).arg(&data).output().unwrap();
    assert_eq!(verified.status.code(), Some(3), "{}", said(&verified));
    let altered = ask();
    let stderr = String::from_utf8_lossy(&altered.stderr);
    assert!(stderr.contains("NOT sound") && stderr.contains("claviger audit verify"), "{}", said(&altered));
    assert!(String::from_utf8_lossy(&altered.stdout).contains("You have"), "the answer comes all the same");
}

/// The README's sample, explained for these words.
fn explained(who: &str, at: &str, words: &str, more: &[&str]) -> Output {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/lockout.jsonl");
    let mut command = claviger();
    command.args(["helpdesk", "explain", "--as", who, "--at", at, "--events"]).arg(sample).args(more).arg(words);
    command.output().unwrap()
}

#[test]
fn nothing_that_comes_later_is_told_as_the_past() {
    let out = explained("ana.kovac", "2026-11-20T08:09:30Z", "why was I locked out?", &["--json"]);
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let answer = told["answer"].as_str().unwrap();
    assert!(
        !answer.contains("was locked on") && !answer.contains("09:10") && !answer.contains("impossible"),
        "{answer}"
    );
    assert!(told["later_records"].as_u64().unwrap() >= 4 && told["set_aside"] == json!([]), "{told}");
    let yesterday = explained("ana.kovac", "yesterday", "why was I locked out?", &[]);
    assert_eq!(yesterday.status.code(), Some(2));
    assert!(said(&yesterday).contains("2026-11-20T09:00:00Z"), "{}", said(&yesterday));
}

#[test]
fn what_is_no_question_and_who_is_nobody_get_no_story() {
    for words in ["lunch", "", "hello"] {
        let out = explained("ana.kovac", "2026-11-20T09:00:00Z", words, &["--json"]);
        let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!((out.status.code(), &told["certainty"]), (Some(0), &json!("no_question")), "{words}: {told}");
        assert!(told["reason_class"].is_null() && told["cited"] == json!([]), "{told}");
        assert!(told["next_steps"].to_string().contains("why was I locked out"), "{told}");
    }
    let out = explained("nobody.atall", "2026-11-20T09:00:00Z", "why was I locked out?", &[]);
    assert_eq!(out.status.code(), Some(5), "{}", said(&out));
    assert!(out.stdout.is_empty() && said(&out).contains("nobody"), "{}", said(&out));
    let out = explained("nobody.atall", "2026-11-20T09:00:00Z", "why was I locked out?", &["--json"]);
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), &told["error"]), (Some(5), &json!("unknown_person")), "{told}");
}

#[test]
fn a_name_that_is_nearly_somebodys_is_asked_back() {
    for (typed, meant) in [("Ana Kovač", "did you mean `ana.kovac`?"), ("ana.kovak", "ana.kovac")] {
        let out = explained(typed, "2026-11-20T09:00:00Z", "why was I locked out?", &[]);
        let complaint = String::from_utf8(out.stderr.clone()).unwrap();
        assert_eq!(out.status.code(), Some(5), "{complaint}");
        assert!(complaint.contains(meant), "{typed}: {complaint}");
    }
    let out = explained("zzqx", "2026-11-20T09:00:00Z", "why was I locked out?", &[]);
    assert!(!String::from_utf8(out.stderr).unwrap().contains("did you mean"), "nobody is near");
    let help = said(&claviger().args(["helpdesk", "explain", "--help"]).output().unwrap());
    assert!(help.contains("Required unless --directories is given"), "{help}");
}

#[test]
fn the_data_folder_is_named_alike_everywhere() {
    for command in [
        &["demo"][..],
        &["chat"],
        &["audit", "verify"],
        &["helpdesk", "ingest"],
        &["helpdesk", "triage"],
        &["helpdesk", "report"],
    ] {
        let help = said(&claviger().args(command).arg("--help").output().unwrap());
        assert!(help.contains("--data ") && help.contains("--data-dir"), "{command:?}: {help}");
    }
}

#[test]
fn the_report_tells_the_words_no_article_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut chat = claviger()
        .args(["chat", "--as", "ana.kovac", "--data-dir"])
        .arg(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut chat.stdin.take().unwrap(), b"how do I bake bread?\nquit\n").unwrap();
    assert!(chat.wait_with_output().unwrap().status.success());
    let report = |more: &[&str]| {
        let out = claviger().args(["helpdesk", "report", "--data-dir"]).arg(folder.path()).args(more).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let told: serde_json::Value = serde_json::from_str(&report(&["--json"])).unwrap();
    assert!(told["gaps"][0]["about"].is_string() && told["gaps"][0].get("words").is_none(), "{told}");
    assert!(told["gaps"][0]["id"].is_string() && told["all"]["questions"] == 1, "{told}");
    // What people wrote may name others: it is shown to whoever asks for it by name.
    let told: serde_json::Value = serde_json::from_str(&report(&["--json", "--words"])).unwrap();
    assert_eq!(told["gaps"][0]["words"], "how do I bake bread?", "{told}");
    let table = report(&[]);
    assert!(!table.contains("bread") && table.contains("1 about "), "{table}");
    assert!(report(&["--words"]).contains("“how do I bake bread?”"));
}

/// What the doctor says with these settings, and its exit code.
fn doctor(more: &str, set: &[(&str, &str)]) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let file = settings(folder.path(), &format!("http://{}", nobody()), 0, more);
    let mut command = claviger();
    command.args(["doctor", "--config"]).arg(&file).envs(set.iter().copied());
    let told = command.output().unwrap();
    (said(&told), told.status.code())
}

#[test]
fn the_doctor_names_each_missing_secret_and_goes_on() {
    let ids = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    let more = format!(
        "[slack]\n[discord]\napi = 'http://127.0.0.1:1'\napplication_id = '1000'\nguilds = ['2000']\n[teams]\napp_id = '{ids}'\ntenants = \
         ['{ids}']\n"
    );
    let (told, code) = doctor(&more, &[]);
    assert_eq!(code, Some(3));
    for part in [
        "CLAVIGER_SLACK__BOT_TOKEN",
        "CLAVIGER_DISCORD__TOKEN",
        "CLAVIGER_TEAMS__APP_SECRET",
        "docs/slack.md",
        "docs/discord.md",
        "docs/teams.md",
        "ok    settings",
        "ok    catalog",
        "ok    database",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let (told, _) = doctor(&more.replace("guilds = ['2000']\n", ""), &[("CLAVIGER_DISCORD__TOKEN", "abc")]);
    assert!(told.contains("discord.guilds is missing") && told.contains("ok    database"), "{told}");
}

#[test]
fn a_secret_left_over_in_the_environment_sets_nothing_up() {
    let (told, _) = doctor("", &[("CLAVIGER_TEAMS__APP_SECRET", "hush"), ("CLAVIGER_SLACK__BOT_TOKEN", "xoxb-hush")]);
    assert!(told.contains("note  CLAVIGER_TEAMS__APP_SECRET is set, but there is no [teams] in"), "{told}");
    assert!(told.contains("CLAVIGER_SLACK__BOT_TOKEN is set"), "{told}");
    assert!(
        !told.contains("WRONG Teams") && !told.contains("WRONG Slack") && told.contains("ok    database"),
        "{told}"
    );
    assert!(!told.contains("hush"), "{told}");
}

#[test]
fn the_doctor_looks_at_groups_channels() {
    let channel = |platform: &str, group: &str, space: &str, id: &str| {
        format!("[[chat.channels]]\nplatform = '{platform}'\ngroup = '{group}'\nspace = '{space}'\nchannel = '{id}'\n")
    };
    let all = [
        channel("slack", "securty", "T0123456789", "C0123456789"),
        channel("slack", "security", "acme", "#security"),
        channel("discord", "security", "", "security"),
    ];
    let (told, code) = doctor(&all.concat(), &[]);
    assert_eq!(code, Some(3), "{told}");
    for part in [
        "group `securty`: there is no such group in the directory; did you mean",
        "channel `#security` is a name, not an id",
        "space `acme` is a name, not the workspace's id",
        "channel `security` is a name, not an id",
        "there is no [slack] in the settings",
        "did you mean `security`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn the_doctor_names_what_an_example_left_over() {
    let (told, code) =
        doctor("[discord]\napplication_id = '…'\nguilds = ['…']\n", &[("CLAVIGER_DISCORD__TOKEN", "a…b")]);
    assert_eq!(code, Some(3), "{told}");
    for key in ["discord.application_id", "discord.guilds", "discord.token"] {
        assert!(told.contains(&format!("WRONG settings: `{key}` is still the example's")), "{key}: {told}");
    }
    assert!(!told.contains("a…b") && told.contains("ok    database"), "{told}");
}

#[test]
fn the_teams_package_needs_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let ids = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    let out = folder.path().join("teams.zip");
    let package = |public: &str| {
        let file = settings(folder.path(), "http://127.0.0.1:1", 0, &format!("[teams]\napp_id = '{ids}'\n"));
        let text = std::fs::read_to_string(&file).unwrap().replace("http://localhost:0/", public);
        std::fs::write(&file, text).unwrap();
        claviger().args(["teams", "package", "--config"]).arg(&file).arg("--out").arg(&out).output().unwrap()
    };
    let refused = package("http://access.example.com/");
    assert!(!refused.status.success() && said(&refused).contains("https addresses only"), "{}", said(&refused));
    assert!(!out.exists());
    let made = package("https://access.example.com/");
    assert!(made.status.success() && out.exists(), "{}", said(&made));
}

#[test]
fn the_demo_says_where_it_is_and_which_platforms_it_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.toml");
    std::fs::write(&file, "[log]\n").unwrap();
    let mut demo = claviger()
        .args(["demo", "--port", "0", "--data"])
        .arg(folder.path().join("data"))
        .arg("--chat")
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told: Vec<String> = lines.by_ref().take(4).collect();
    demo.kill().unwrap();
    demo.wait().unwrap();
    let told = told.join("\n");
    assert!(told.contains("Open http://localhost:") && told.contains("http://127.0.0.1:"), "{told}");
    assert!(told.contains("No chat platform is opened"), "{told}");
}
