//! How often the search puts the right entitlement first, on data written by others that lies beside the project, and what it must never get
//! wrong. Where the data is not there the figures are skipped, and the test says so.

use std::path::PathBuf;

use claviger::catalog::defaults;
use claviger::catalog::jsonl::{VendorEntitlement, parse_lines};
use claviger::catalog::model::Catalog;
use claviger::catalog::search::doc::SearchDoc;
use claviger::catalog::search::engine::{Index, SearchFilter};
use claviger::catalog::source::Source;
use claviger::domain::entitlement::Entitlement;
use claviger::domain::ids::EntitlementId;
use claviger::eval::retrieval::{CATALOG, SETS, measure};
use jiff::civil::Date;
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

fn rows(folder: &std::path::Path, file: &str) -> Vec<VendorEntitlement> {
    parse_lines(file, &std::fs::read_to_string(folder.join(file)).unwrap()).unwrap()
}

fn docs(folder: &std::path::Path, file: &str) -> Vec<SearchDoc> {
    rows(folder, file).iter().map(SearchDoc::from_vendor).collect()
}

const DAY: Date = jiff::civil::date(2026, 11, 21);

/// Every document of the six files.
fn everything(folder: &std::path::Path) -> Vec<SearchDoc> {
    CATALOG.iter().flat_map(|f| docs(folder, f)).collect()
}

/// What each set has to reach: right first and right among the first three, in thousandths, with every how many-th need it is measured, so
/// that an unoptimised build stays quick.
const FLOORS: [(&str, (u64, u64), usize); 8] = [
    ("entra over Entra roles", (500, 680), 1),
    ("github over the repository roles", (780, 900), 1),
    ("github over its whole file", (700, 850), 1),
    ("entitlement management over its whole file", (400, 800), 1),
    ("entra over all six files", (340, 470), 1),
    ("github over all six files", (540, 640), 1),
    ("msgraph over delegated permissions", (390, 560), 3),
    ("msgraph samples over delegated permissions", (300, 400), 3),
];

#[test]
fn the_figures_on_the_visible_halves_are_reached() {
    let Some(folder) = data() else { return };
    let mut built: Option<(&[&str], Index)> = None;
    for set in &SETS {
        let (_, floor, nth) = FLOORS.iter().find(|f| f.0 == set.name).unwrap();
        if built.as_ref().is_none_or(|(files, _)| *files != set.catalog) {
            let all = set.catalog.iter().flat_map(|f| docs(&folder, f));
            built = Some((set.catalog, Index::build(all).unwrap()));
        }
        let needs = std::fs::read_to_string(folder.join(set.needs)).unwrap();
        let tally = measure(set, &needs, &built.as_ref().unwrap().1, *nth);
        let (first, three) = tally.milli();
        println!("{}: first 0.{first:03}, in three 0.{three:03}, of {}", set.name, tally.of);
        assert!(first >= floor.0 && three >= floor.1, "{}: {first} {three}", set.name);
    }
}

/// The vendors' rows as the house holds them are searched as well as the rows themselves.
#[test]
fn search_through_the_house_is_as_good_as_search_in_the_files() {
    let Some(folder) = data() else { return };
    let terms = Catalog::load(&Source::Example, DAY).unwrap().vendor_terms;
    for name in ["entra over Entra roles", "github over its whole file"] {
        let set = SETS.iter().find(|s| s.name == name).unwrap();
        let needs = std::fs::read_to_string(folder.join(set.needs)).unwrap();
        let rows: Vec<VendorEntitlement> = set.catalog.iter().flat_map(|f| rows(&folder, f)).collect();
        let raw = measure(set, &needs, &Index::build(rows.iter().map(SearchDoc::from_vendor)).unwrap(), 1);
        let held: Vec<Entitlement> = rows.iter().map(|row| defaults::entitlement(row, &terms, DAY)).collect();
        let housed = Index::build(held.iter().map(|e| SearchDoc::from_entitlement(e, None))).unwrap();
        let housed = measure(set, &needs, &housed, 1);
        println!("{name}: {:?} in the files, {:?} in the house", raw.milli(), housed.milli());
        // Two needs in a hundred may come out otherwise: the house knows owners and classes besides.
        assert!(housed.first * 50 + housed.of >= raw.first * 50 && housed.three * 50 + housed.of >= raw.three * 50);
    }
}

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
