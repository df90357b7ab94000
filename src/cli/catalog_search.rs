//! `claviger catalog search`: searches catalogs, one query or a file of them.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::catalog::jsonl::parse_lines;
use crate::catalog::model::Catalog;
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::engine::{Answer, Index, SearchFilter};
use crate::catalog::source::Source;
use crate::cli::catalog_check::today;
use crate::domain::ids::SystemId;

/// The largest file of queries or of entitlements read, in bytes.
const LARGEST_FILE: u64 = 512 * 1024 * 1024;

/// The command's arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  claviger catalog search --catalog catalog read the sales reports\n  \
    claviger catalog search --catalog roles.jsonl --queries needs.jsonl --limit 3 --json")]
pub struct Args {
    /// A catalog folder or a JSON Lines file of entitlements; may be given several times.
    #[arg(long = "catalog", value_name = "PATH", required = true)]
    catalogs: Vec<PathBuf>,
    /// A file of queries, one JSON object a line with `id` and `text`.
    #[arg(long, value_name = "FILE", conflicts_with = "words")]
    queries: Option<PathBuf>,
    /// How many answers at most to each query.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Prints one JSON object a line: `{id, results: [{id, score}]}`.
    #[arg(long)]
    json: bool,
    /// Only this system; may be given several times.
    #[arg(long = "system", value_name = "SYSTEM")]
    systems: Vec<SystemId>,
    /// Only this kind; may be given several times.
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Also what a person cannot ask for.
    #[arg(long)]
    all: bool,
    /// What is wanted, in words.
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
}

/// One query of the file.
#[derive(Debug, Deserialize)]
struct QueryLine {
    /// Any JSON text or number; given back as it came.
    id: serde_json::Value,
    /// What is wanted.
    text: String,
}

/// One line of the answer.
#[derive(Debug, Serialize)]
struct AnswerLine<'a> {
    id: &'a serde_json::Value,
    results: Vec<ResultLine<'a>>,
}

/// One entitlement of an answer.
#[derive(Debug, Serialize)]
struct ResultLine<'a> {
    id: &'a str,
    /// The search's score; comparable within one answer only.
    score: f64,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let queries = match &args.queries {
        Some(file) => match read_queries(file)? {
            Ok(queries) => queries,
            Err(mistakes) => return Ok(refuse(&mistakes)),
        },
        None if args.words.is_empty() => bail!("say what is wanted, or give a file of queries with `--queries`"),
        None => vec![QueryLine { id: serde_json::Value::String("1".to_owned()), text: args.words.join(" ") }],
    };
    let (docs, titles) = match load(&args.catalogs)? {
        Ok(loaded) => loaded,
        Err(mistakes) => return Ok(refuse(&mistakes)),
    };
    let known: BTreeSet<&str> = docs.iter().map(|d| d.system.as_str()).collect();
    if let Some(unknown) = args.systems.iter().find(|s| !known.contains(s.as_str())) {
        bail!(
            "no system `{unknown}` in these catalogs; there are: {}",
            known.into_iter().collect::<Vec<_>>().join(", ")
        );
    }
    let kinds: BTreeSet<&str> = docs.iter().map(|d| d.kind.as_str()).collect();
    if let Some(unknown) = args.kinds.iter().find(|k| !kinds.contains(k.as_str())) {
        bail!("no kind `{unknown}` in these catalogs; there are: {}", kinds.into_iter().collect::<Vec<_>>().join(", "));
    }
    let index = Index::build(docs)?;
    let filter = SearchFilter { systems: &args.systems, kinds: &args.kinds, unassignable_too: args.all, visible: None };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = queries.iter().try_for_each(|query| {
        let answer = index.search(&query.text, &filter, args.limit as usize);
        if args.json { write_json(&mut out, query, &answer) } else { write_table(&mut out, query, &answer, &titles) }
    });
    // Whoever reads may stop reading ("| head"); that is no failure.
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("the answers could not be written")
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints mistakes and gives the exit code for input that cannot be used.
fn refuse(mistakes: &[String]) -> ExitCode {
    for mistake in mistakes {
        eprintln!("claviger: {mistake}");
    }
    ExitCode::from(2)
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("`{shown}` cannot be read"))?.len();
    if size > LARGEST_FILE {
        bail!("`{shown}` is larger than {LARGEST_FILE} bytes; split it");
    }
    std::fs::read_to_string(path).with_context(|| format!("`{shown}` cannot be read as text"))
}

/// The queries, or every line that is none.
fn read_queries(path: &Path) -> anyhow::Result<Result<Vec<QueryLine>, Vec<String>>> {
    let text = read_text(path)?;
    let mut queries = Vec::new();
    let mut mistakes = Vec::new();
    for (number, line) in (1u64..).zip(text.lines()) {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        match serde_json::from_str::<QueryLine>(line) {
            Ok(query) => queries.push(query),
            Err(error) => {
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or(&what);
                mistakes.push(format!(
                    "{}:{number}: not a query: {what} — one JSON object a line with `id` and `text`",
                    path.display()
                ));
            }
        }
    }
    Ok(if mistakes.is_empty() { Ok(queries) } else { Err(mistakes) })
}

/// Titles by id, for people.
type Titles = std::collections::HashMap<String, String>;

/// What is searched, with titles, or everything that is wrong with it.
type Loaded = Result<(Vec<SearchDoc>, Titles), Vec<String>>;

fn load(paths: &[PathBuf]) -> anyhow::Result<Loaded> {
    let mut docs: Vec<SearchDoc> = Vec::new();
    let mut mistakes = Vec::new();
    for path in paths {
        if path.is_dir() {
            match Catalog::load(&Source::Folder(path.clone()), today()) {
                Ok(catalog) => docs.extend(
                    catalog
                        .entitlements
                        .values()
                        .map(|e| SearchDoc::from_entitlement(e, catalog.systems.get(&e.system))),
                ),
                Err(found) => mistakes.extend(found.iter().map(ToString::to_string)),
            }
            continue;
        }
        match parse_lines(&path.display().to_string(), &read_text(path)?) {
            Ok(rows) => docs.extend(rows.iter().map(SearchDoc::from_vendor)),
            Err(found) => mistakes.extend(found.iter().map(ToString::to_string)),
        }
    }
    let mut seen = BTreeSet::new();
    for doc in &docs {
        if !seen.insert(&doc.id) {
            mistakes.push(format!("the id `{}` is in more than one of these catalogs — keep one of them", doc.id));
        }
    }
    let titles = docs.iter().map(|d| (d.id.to_string(), d.title.clone())).collect();
    Ok(if mistakes.is_empty() { Ok((docs, titles)) } else { Err(mistakes) })
}

fn write_json(out: &mut impl Write, query: &QueryLine, answer: &Answer) -> std::io::Result<()> {
    let results = answer
        .hits
        .iter()
        .map(|h| ResultLine { id: h.id.as_str(), score: f64::from(h.score_milli) / 1000.0 })
        .collect();
    serde_json::to_writer(&mut *out, &AnswerLine { id: &query.id, results })?;
    out.write_all(b"\n")
}

fn write_table(out: &mut impl Write, query: &QueryLine, answer: &Answer, titles: &Titles) -> std::io::Result<()> {
    writeln!(out, "{}", plain(&query.text))?;
    if answer.hits.is_empty() {
        writeln!(out, "  nothing near")?;
    }
    for (place, hit) in (1..).zip(&answer.hits) {
        let title = titles.get(hit.id.as_str()).map_or("", String::as_str);
        let score = format!("{}.{:03}", hit.score_milli / 1000, hit.score_milli % 1000);
        writeln!(out, "{place:>3}  {score}  {}  {}", plain(title), hit.id)?;
        if !hit.unmatched.is_empty() {
            writeln!(out, "            not found in it: {}", plain(&hit.unmatched.join(", ")))?;
        }
    }
    writeln!(out)
}

/// The text without control characters, so that it cannot steer a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
