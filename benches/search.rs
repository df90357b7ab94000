//! How fast the search is: building the index, and the time of a query at the median and the 99th percentile. Real data where it lies beside the
//! project (or at `CLAVIGER_DATA`), else a synthetic catalog of the same size. `cargo bench --bench search`.

#![allow(clippy::panic, reason = "a bench that cannot start stops at once")]

use std::path::PathBuf;
use std::time::Instant;

use claviger::catalog::jsonl::{VendorEntitlement, parse_lines};
use claviger::catalog::search::doc::SearchDoc;
use claviger::catalog::search::engine::{Index, SearchFilter};
use hdrhistogram::Histogram;

/// How many entitlements the real catalog has.
const SIZE: usize = 6_501;

fn main() {
    let (name, rows, queries) = real().unwrap_or_else(synthetic);
    let start = Instant::now();
    let index = Index::build(rows.iter().map(SearchDoc::from_vendor)).unwrap_or_else(|e| panic!("{e}"));
    println!("{name}: {} entitlements indexed in {} ms (figure: 3000)", index.len(), start.elapsed().as_millis());
    let mut times: Histogram<u64> = Histogram::new_with_max(60_000_000, 3).unwrap_or_else(|e| panic!("{e}"));
    let filter = SearchFilter::default();
    let mut answers = 0usize;
    // One round to warm up, then rounds until there are enough times.
    queries.iter().for_each(|q| answers += index.search(q, &filter, 10).hits.len());
    while times.len() < 5_000 {
        for query in &queries {
            let start = Instant::now();
            answers += index.search(query, &filter, 10).hits.len();
            times.saturating_record(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
    }
    println!(
        "{} queries ({} different, {answers} answers): p50 {} µs, p99 {} µs, most {} µs (figure: p99 2000 µs)",
        times.len(),
        queries.len(),
        times.value_at_quantile(0.5),
        times.value_at_quantile(0.99),
        times.max()
    );
}

type Load = (&'static str, Vec<VendorEntitlement>, Vec<String>);

fn real() -> Option<Load> {
    let folder = std::env::var_os("CLAVIGER_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")), PathBuf::from);
    let mut rows = Vec::new();
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("entitlement-catalog")).ok()?.flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "jsonl")) {
        rows.extend(parse_lines("catalog", &std::fs::read_to_string(file).ok()?).ok()?);
    }
    let mut queries = Vec::new();
    for (set, field) in
        [("entra-least-privilege", "query"), ("msgraph-least-privilege", "task"), ("msgraph-sample-queries", "query")]
    {
        let text = std::fs::read_to_string(folder.join(set).join("dev.jsonl")).ok()?;
        let lines = text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
        queries.extend(lines.filter_map(|v| v.get(field)?.as_str().map(str::to_owned)));
    }
    Some(("real catalog", rows, queries))
}

fn synthetic() -> Load {
    let things = [
        "Orders",
        "Invoices",
        "Payroll",
        "Customers",
        "Contracts",
        "Shipments",
        "Tickets",
        "Budgets",
        "Suppliers",
        "Warehouses",
    ];
    let places = ["North", "South", "East", "West", "Central", "Online", "Retail", "Wholesale"];
    let levels = [("Reader", "View"), ("Editor", "Create and change"), ("Administrator", "Manage everything about")];
    let mut lines = String::new();
    for i in 0..SIZE {
        let (thing, place) = (things[i % things.len()], places[i / 10 % places.len()]);
        let (level, verb) = levels[i / 80 % levels.len()];
        lines.push_str(&format!(
            "{{\"id\":\"s{}:{i}\",\"system\":\"s{}\",\"kind\":\"role\",\"name\":\"{place}{thing}Unit{i} {level}\",\"description\":\"{verb} the {} of the {} unit {i}.\"}}\n",
            i % 9,
            i % 9,
            thing.to_lowercase(),
            place.to_lowercase()
        ));
    }
    let queries = (0..400)
        .map(|i| format!("I need to see the {} of the {} unit {}", things[i % 10], places[i % 8], i * 13))
        .collect();
    ("synthetic catalog", parse_lines("synthetic", &lines).unwrap_or_default(), queries)
}
