//! How often the search puts the right entitlement first, on data written by others that lies beside the project, and what it must never get
//! wrong. Where the data is not there the figures are skipped, and the test says so.

use std::collections::BTreeSet;
use std::path::PathBuf;

use claviger::catalog::jsonl::parse_lines;
use claviger::catalog::search::doc::SearchDoc;
use claviger::catalog::search::engine::{Index, SearchFilter};
use claviger::domain::ids::EntitlementId;
use serde_json::Value;

/// Where the data lies; `None` where it does not.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CLAVIGER_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")), PathBuf::from);
    if folder.join("entitlement-catalog").is_dir() {
        return Some(folder);
    }
    println!("skipped: no measuring data at {}", folder.display());
    None
}

fn docs(folder: &std::path::Path, file: &str) -> Vec<SearchDoc> {
    let text = std::fs::read_to_string(folder.join("entitlement-catalog").join(file)).unwrap();
    parse_lines(file, &text).unwrap().iter().map(SearchDoc::from_vendor).collect()
}

/// Every document of the six files.
fn everything(folder: &std::path::Path) -> Vec<SearchDoc> {
    let files =
        ["entra_roles", "azure_roles", "gcp_roles", "aws_managed_policies", "msgraph_permissions", "devtool_roles"];
    files.iter().flat_map(|f| docs(folder, &format!("{f}.jsonl"))).collect()
}

/// Words and what they should find.
type Case = (String, BTreeSet<String>);

/// The rows one may ask for that have an answer; every `nth` of them.
fn cases(folder: &std::path::Path, set: &str, words: &str, gold: &str, nth: usize) -> Vec<Case> {
    let text = std::fs::read_to_string(folder.join(set).join("dev.jsonl")).unwrap();
    let rows = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()).filter(|r| r["requestable"] != false);
    let id = |g: &Value| g.as_str().or_else(|| g["id"].as_str()).unwrap().to_owned();
    rows.map(|r| {
        (
            r[words].as_str().unwrap().to_owned(),
            r[gold].as_array().into_iter().flatten().map(id).collect::<BTreeSet<_>>(),
        )
    })
    .filter(|c| !c.1.is_empty())
    .step_by(nth)
    .collect()
}

/// Prints the shares of right firsts and right among the first three, in thousandths, and gives them.
fn measure(name: &str, index: &Index, kinds: &[String], cases: &[Case]) -> (usize, usize) {
    let filter = SearchFilter { kinds, ..SearchFilter::default() };
    let (mut first, mut three) = (0, 0);
    for (words, gold) in cases {
        let hits = index.search(words, &filter, 3).hits;
        let place = hits.iter().position(|h| gold.contains(h.id.as_str()));
        first += usize::from(place == Some(0));
        three += usize::from(place.is_some());
    }
    let share = |n: usize| n * 1000 / cases.len().max(1);
    println!("{name}: first 0.{:03}, in three 0.{:03}, of {}", share(first), share(three), cases.len());
    (share(first), share(three))
}

#[test]
fn the_figures_on_the_visible_halves_are_reached() {
    let Some(folder) = data() else { return };
    let entra = cases(&folder, "entra-least-privilege", "query", "gold", 1);
    let index = Index::build(docs(&folder, "entra_roles.jsonl")).unwrap();
    let (first, three) = measure("entra-least-privilege, Entra roles", &index, &[], &entra);
    assert!(first >= ENTRA.0 && three >= ENTRA.1, "{first} {three}");
    let all = Index::build(everything(&folder)).unwrap();
    let (first, three) = measure("entra-least-privilege, everything", &all, &[], &entra);
    assert!(first >= 260 && three >= 420, "{first} {three}");
    // Every third row, so that an unoptimised build stays quick.
    let graph = cases(&folder, "msgraph-least-privilege", "task", "gold_delegated", 3);
    let delegated = ["delegated_permission".to_owned()];
    let (first, three) = measure("msgraph-least-privilege, delegated", &all, &delegated, &graph);
    assert!(first >= 330 && three >= 520, "{first} {three}");
    let github = cases(&folder, "github-repository-roles", "query", "gold", 1);
    let roles = docs(&folder, "devtool_roles.jsonl").into_iter().filter(|d| d.system.as_str() == "github");
    let (first, _) = measure("github-repository-roles", &Index::build(roles).unwrap(), &[], &github);
    assert!(first >= 600, "{first}");
}

/// The floors over the Entra roles alone, thousandths.
const ENTRA: (usize, usize) = (480, 680);

#[test]
fn the_narrow_role_comes_before_the_broad_one_and_the_order_of_files_does_not_matter() {
    let Some(folder) = data() else { return };
    let mut list = everything(&folder);
    let index = Index::build(list.iter().cloned()).unwrap();
    let words = "I have to reset MFA for people in my department until Friday";
    let answer = index.search(words, &SearchFilter::default(), 20);
    let place = |name: &str| {
        let id = list.iter().find(|d| d.system.as_str() == "entra" && d.name == name).map(|d| d.id.clone()).unwrap();
        answer.hits.iter().position(|h| h.id == id).unwrap_or(usize::MAX)
    };
    assert_eq!(place("Authentication Administrator"), 0);
    assert!(place("Privileged Authentication Administrator") > 0 && place("Global Administrator") > 0);
    list.reverse();
    assert_eq!(Index::build(list).unwrap().search(words, &SearchFilter::default(), 20), answer);
}

fn row(id: &str, name: &str, description: &str) -> SearchDoc {
    let (system, _) = id.split_once(':').unwrap();
    let line =
        format!(r#"{{"id":"{id}","system":"{system}","kind":"role","name":"{name}","description":"{description}"}}"#);
    SearchDoc::from_vendor(&parse_lines("t", &line).unwrap()[0])
}

fn small() -> Index {
    Index::build([
        row("shop:orders-reader", "Orders Reader", "View customer orders."),
        row("shop:orders-editor", "Orders Editor", "Create and change customer orders."),
        row("shop:orders-admin", "Global Orders Administrator", "Manage every customer order and its settings."),
        row("lake:sales-db", "Sales Database Reader", "Read the production sales database."),
        row("lake:hr-files", "Payroll Files Contributor", "Upload and edit payroll files."),
    ])
    .unwrap()
}

fn first(index: &Index, words: &str) -> String {
    index.search(words, &SearchFilter::default(), 3).hits.first().map_or_else(String::new, |h| h.id.to_string())
}

#[test]
fn verbs_spelling_and_abbreviations_lead_to_the_least_that_will_do() {
    let index = small();
    assert_eq!(first(&index, "I need to see the orders"), "shop:orders-reader");
    assert_eq!(first(&index, "let me change customer orders"), "shop:orders-editor");
    assert_eq!(first(&index, "read the prod sales db"), "lake:sales-db");
    assert_eq!(first(&index, "edit the payrol flies"), "lake:hr-files");
    assert_eq!(first(&index, "Global Orders Administrator"), "shop:orders-admin");
}

#[test]
fn what_may_not_be_seen_is_never_named() {
    let index = small();
    let hidden = EntitlementId::parse("shop:orders-reader").unwrap();
    let visible = |id: &EntitlementId| *id != hidden;
    let filter = SearchFilter { visible: Some(&visible), ..SearchFilter::default() };
    let answer = index.search("Orders Reader shop:orders-reader", &filter, 10);
    assert!(!answer.hits.is_empty() && answer.hits.iter().all(|h| h.id != hidden));
}

#[test]
fn nothing_near_is_said_and_no_input_makes_it_fail() {
    let index = small();
    assert!(index.search("purple elephants", &SearchFilter::default(), 5).hits.is_empty());
    let long = "база данных é".repeat(2_000);
    for words in [
        "",
        " ",
        "(((((",
        "))))",
        "\u{0}\u{202e}",
        "+",
        "a+b",
        "…—–",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &long,
    ] {
        let answer = index.search(words, &SearchFilter::default(), 5);
        assert!(answer.confidence_bp < 9_000, "{words}");
    }
    let empty = Index::build([]).unwrap();
    assert!(empty.search("orders", &SearchFilter::default(), 5).hits.is_empty());
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn any_words_get_an_answer_in_order(words in "\\PC{0,200}") {
        let answer = small().search(&words, &SearchFilter::default(), 5);
        proptest::prop_assert!(answer.confidence_bp <= 10_000);
        proptest::prop_assert!(answer.hits.iter().all(|h| h.coverage_bp <= 10_000));
    }
}

/// Runs `claviger catalog search` with these arguments: exit code, what it printed, what it complained of.
fn command(args: &[&str]) -> (Option<i32>, String, String) {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_claviger"))
        .args(["catalog", "search"])
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
fn the_command_answers_line_by_line_and_names_every_bad_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let catalog = path("shop.jsonl");
    let row =
        r#"{"id":"shop:orders-reader","system":"shop","name":"Orders Reader","description":"View customer orders."}"#;
    std::fs::write(&catalog, row).unwrap();
    let queries = path("queries.jsonl");
    std::fs::write(&queries, "{\"id\":7,\"text\":\"see orders\"}\n{\"id\":\"b\",\"text\":\"\"}\n").unwrap();
    let (code, out, _) = command(&["--catalog", &catalog, "--queries", &queries, "--limit", "3", "--json"]);
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["results"][0]["id"]), (&Value::from(7), &Value::from("shop:orders-reader")));
    assert_eq!((&lines[1]["id"], lines[1]["results"].as_array().map(Vec::len)), (&Value::from("b"), Some(0)));
    std::fs::write(&queries, "{\"id\":7}\nnonsense\n{\"id\":1,\"text\":\"x\"}\n").unwrap();
    let (code, _, complaints) = command(&["--catalog", &catalog, "--queries", &queries]);
    assert_eq!(code, Some(2));
    assert!(complaints.contains("queries.jsonl:1:") && complaints.contains("queries.jsonl:2:"), "{complaints}");
    assert!(!complaints.contains("queries.jsonl:3:"));
}
