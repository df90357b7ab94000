//! Keeps the plan of the house. The first table says which module may import which (DESIGN.md §5); the second which outside crates, and
//! which parts of the standard library, belong where. Besides: no re-exports, no logic in `mod.rs`, no overlong files, no relative
//! imports, and a map in `src/lib.rs` that names every room.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Who may import whom.
enum May {
    /// These, and every one of them has to be used (or stand in [`EXPECTED_LATER`]).
    Import(&'static [&'static str]),
    /// Anything but the commands above.
    AllBelow,
    /// Anything.
    Everything,
}

/// Table 1, bottom to top: module → may import.
const ROWS: &[(&str, May)] = &[
    ("domain", May::Import(&[])),
    ("audit", May::Import(&["domain"])),
    ("policy", May::Import(&["domain"])),
    ("risk", May::Import(&["domain"])),
    ("routing", May::Import(&["domain", "policy", "risk"])),
    ("ports", May::Import(&["domain"])),
    ("catalog", May::Import(&["domain", "ports"])),
    ("understanding", May::Import(&["domain", "ports", "catalog"])),
    ("helpdesk", May::Import(&["domain", "ports", "catalog", "understanding"])),
    (
        "workflow",
        May::Import(&["domain", "audit", "policy", "risk", "routing", "ports", "catalog", "understanding", "helpdesk"]),
    ),
    ("store", May::Import(&["domain", "ports"])),
    ("model", May::Import(&["domain", "ports"])),
    ("connectors", May::Import(&["domain", "ports"])),
    ("chat", May::Import(&["domain", "ports"])),
    ("jobs", May::Import(&["domain", "ports", "workflow"])),
    ("server", May::Import(&["domain", "ports", "workflow", "chat"])),
    ("eval", May::Import(&["domain", "ports", "catalog", "understanding", "helpdesk"])),
    ("config", May::Import(&["domain"])),
    ("telemetry", May::Import(&["domain"])),
    ("app", May::AllBelow),
    ("cli", May::Everything),
    ("main", May::Everything),
];

/// Permissions of table 1 that nothing uses yet. A line whose permission is used fails until it is taken out here.
const EXPECTED_LATER: &[(&str, &str)] = &[
    ("catalog", "ports"),
    ("workflow", "policy"),
    ("workflow", "risk"),
    ("jobs", "workflow"),
    ("server", "workflow"),
    ("telemetry", "domain"),
];

/// Where an outside crate may be named.
enum Where {
    /// Anywhere: it does nothing but shape data, text and errors.
    Anywhere,
    /// Everywhere but in the pure rooms: it waits, speaks or observes.
    NotPure,
    /// Here only.
    In(&'static [&'static str]),
}

/// Rooms without clock, files, network or tasks.
const PURE: &[&str] = &["domain", "audit", "policy", "risk", "routing"];

/// Table 2: outside crate (or part of `std`) → where it belongs. Every dependency has a row.
const OUTSIDE: &[(&str, Where)] = &[
    ("base64", Where::Anywhere),
    ("hex", Where::Anywhere),
    ("jiff", Where::Anywhere),
    ("schemars", Where::Anywhere),
    ("secrecy", Where::Anywhere),
    ("serde", Where::Anywhere),
    ("serde_json", Where::Anywhere),
    ("sha2", Where::Anywhere),
    ("subtle", Where::Anywhere),
    ("thiserror", Where::Anywhere),
    ("uuid", Where::Anywhere),
    ("async_trait", Where::NotPure),
    ("futures_util", Where::NotPure),
    ("metrics", Where::NotPure),
    ("tokio", Where::NotPure),
    ("tokio_util", Where::NotPure),
    ("tracing", Where::NotPure),
    ("url", Where::NotPure),
    ("anyhow", Where::In(&["app", "cli"])),
    ("axum", Where::In(&["server", "chat"])),
    ("cedar_policy", Where::In(&["policy"])),
    ("clap", Where::In(&["cli"])),
    ("ed25519_dalek", Where::In(&["audit", "chat"])),
    ("figment", Where::In(&["config"])),
    ("getrandom", Where::In(&["app"])),
    ("governor", Where::In(&["server", "workflow"])),
    ("jsonwebtoken", Where::In(&["chat"])),
    ("ldap3", Where::In(&["connectors"])),
    ("hmac", Where::In(&["domain", "connectors", "server", "chat"])),
    ("lettre", Where::In(&["connectors"])),
    ("metrics_exporter_prometheus", Where::In(&["telemetry"])),
    ("minijinja", Where::In(&["understanding", "helpdesk", "chat", "server", "eval"])),
    ("openidconnect", Where::In(&["server"])),
    ("reqwest", Where::In(&["model", "connectors", "server", "chat"])),
    ("rustls", Where::In(&["app", "cli", "model", "connectors", "server", "chat"])),
    ("serenity", Where::In(&["chat"])),
    ("slack_morphism", Where::In(&["chat"])),
    ("serde_json_canonicalizer", Where::In(&["domain"])),
    ("serde_saphyr", Where::In(&["catalog", "config", "policy", "risk", "routing", "helpdesk"])),
    ("sqlx", Where::In(&["store"])),
    ("strsim", Where::In(&["catalog", "understanding"])),
    ("tantivy", Where::In(&["catalog"])),
    ("tokio_tungstenite", Where::In(&["chat"])),
    ("webauthn_rp", Where::In(&["server"])),
    ("zip", Where::In(&["chat", "cli"])),
    ("unicode_segmentation", Where::In(&["chat"])),
    ("unicode_width", Where::In(&["chat"])),
    ("tracing_subscriber", Where::In(&["telemetry"])),
    ("std::fs", Where::In(&["config", "catalog", "cli", "app", "connectors::local", "store::sqlite"])),
    ("std::env", Where::In(&["config", "catalog", "cli", "app"])),
    ("std::process", Where::In(&["cli", "app", "main"])),
    ("std::net::TcpListener", Where::NotPure),
    ("std::net::TcpStream", Where::NotPure),
    ("std::net::UdpSocket", Where::NotPure),
    ("std::net::ToSocketAddrs", Where::NotPure),
    ("std::thread", Where::NotPure),
    ("std::time::SystemTime", Where::In(&["app"])),
];

/// Files over [`LONGEST`] lines, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("understanding/rules.rs", "one table of cue phrases, read as one page; there is no code in it"),
    ("domain/request.rs", "a request's states and the one match that moves it, read as one page"),
];

/// The most lines a file may have without a reason.
const LONGEST: usize = 600;

/// One source file, read and parsed.
struct Source {
    /// Its path below `src`, with `/`.
    path: String,
    /// The module it belongs to (`connectors`).
    module: String,
    /// The module and the file within it (`connectors::local`).
    place: String,
    text: String,
    file: syn::File,
}

/// A path that a file names, as segments, and whether test code names it.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug, Clone)]
struct Named {
    segments: Vec<String>,
    in_tests: bool,
}

/// Collects every path, `use` and re-export of a file; what stands in macros and attributes is read as text.
#[derive(Default)]
struct Reader {
    named: BTreeSet<Named>,
    reexports: Vec<String>,
    in_tests: bool,
}

fn is_test_only(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|a| match &a.meta {
        syn::Meta::List(list) => a.path().is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(i) => &i.attrs,
        syn::Item::Enum(i) => &i.attrs,
        syn::Item::Fn(i) => &i.attrs,
        syn::Item::Impl(i) => &i.attrs,
        syn::Item::Macro(i) => &i.attrs,
        syn::Item::Mod(i) => &i.attrs,
        syn::Item::Static(i) => &i.attrs,
        syn::Item::Struct(i) => &i.attrs,
        syn::Item::Trait(i) => &i.attrs,
        syn::Item::Type(i) => &i.attrs,
        syn::Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

impl Reader {
    fn note(&mut self, segments: Vec<String>) {
        self.named.insert(Named { segments, in_tests: self.in_tests });
    }

    fn note_tree(&mut self, tree: &syn::UseTree, mut before: Vec<String>) {
        match tree {
            syn::UseTree::Path(p) => {
                before.push(p.ident.to_string());
                self.note_tree(&p.tree, before);
            }
            syn::UseTree::Name(n) => {
                before.push(n.ident.to_string());
                self.note(before);
            }
            syn::UseTree::Rename(n) => {
                before.push(n.ident.to_string());
                self.note(before);
            }
            syn::UseTree::Glob(_) => {
                before.push("*".to_owned());
                self.note(before);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(tree, before.clone());
                }
            }
        }
    }

    /// Paths in tokens written out as text: `crate :: domain :: ids`.
    fn note_text(&mut self, tokens: &str) {
        let spaced = tokens.replace("::", " :: ");
        let words: Vec<&str> =
            spaced.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).filter(|w| !w.is_empty()).collect();
        let mut n = 0;
        while n < words.len() {
            let mut segments = vec![words[n].to_owned()];
            while n + 2 < words.len() && words[n + 1] == "::" && words[n + 2] != "::" {
                segments.push(words[n + 2].to_owned());
                n += 2;
            }
            if segments.len() > 1 {
                self.note(segments);
            }
            n += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let before = self.in_tests;
        self.in_tests |= is_test_only(attributes(item));
        visit::visit_item(self, item);
        self.in_tests = before;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !matches!(item.vis, syn::Visibility::Inherited) {
            self.reexports.push("a `pub use`".to_owned());
        }
        self.note_tree(&item.tree, Vec::new());
    }

    fn visit_item_extern_crate(&mut self, _: &'ast syn::ItemExternCrate) {
        self.reexports.push("an `extern crate`".to_owned());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.note(path.segments.iter().map(|s| s.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.note_text(&mac.tokens.to_string());
        visit::visit_macro(self, mac);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.note_text(&list.tokens.to_string());
        }
        visit::visit_attribute(self, attribute);
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let path = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let place = path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
            let module = place.split("::").next().unwrap().to_owned();
            Source { path, module, place, text, file }
        })
        .collect()
}

fn read(source: &Source) -> Reader {
    let mut reader = Reader::default();
    reader.visit_file(&source.file);
    reader
}

/// The modules that `src/lib.rs` declares.
fn modules(sources: &[Source]) -> BTreeSet<String> {
    let lib = sources.iter().find(|s| s.path == "lib.rs").unwrap();
    let declared = |item: &syn::Item| match item {
        syn::Item::Mod(m) => Some(m.ident.to_string()),
        _ => None,
    };
    lib.file.items.iter().filter_map(declared).collect()
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}

#[test]
fn modules_import_only_what_their_row_allows() {
    let sources = sources();
    let modules = modules(&sources);
    let order: Vec<&str> = ROWS.iter().map(|(name, _)| *name).collect();
    let mut complaints = Vec::new();
    for module in &modules {
        if !order.contains(&module.as_str()) {
            complaints.push(format!("module `{module}` has no row in table 1"));
        }
    }
    for row in order.iter().filter(|row| **row != "main" && !modules.contains(**row)) {
        complaints.push(format!("table 1 has a row for `{row}`, which does not exist"));
    }
    let mut used: BTreeMap<(String, String), String> = BTreeMap::new();
    for source in sources.iter().filter(|s| s.module != "lib") {
        for named in read(source).named {
            let own = source.module == "main" && named.segments[0] == "claviger";
            if named.segments[0] == "claviger" && !own {
                complaints.push(format!("{}: write `crate::`, not `claviger::`", source.path));
            }
            if named.segments[0] != "crate" && !own {
                continue;
            }
            let target = named.segments[1].clone();
            if !modules.contains(&target) {
                complaints.push(format!("{}: `crate::{target}` is not a module of the map", source.path));
            } else if target != source.module {
                used.entry((source.module.clone(), target)).or_insert_with(|| source.path.clone());
            }
        }
    }
    let height = |name: &str| order.iter().position(|row| *row == name);
    for ((from, to), path) in &used {
        let row = ROWS.iter().find(|(name, _)| name == from);
        let allowed = row.is_some_and(|(_, may)| match may {
            May::Import(list) => list.contains(&to.as_str()),
            May::AllBelow => height(to) < height(from),
            May::Everything => true,
        });
        if !allowed {
            complaints.push(format!("{path}: `{from}` may not import `{to}`"));
        }
    }
    for (from, may) in ROWS {
        let May::Import(list) = may else { continue };
        for to in *list {
            let later = EXPECTED_LATER.contains(&(*from, *to));
            let is_used = used.contains_key(&((*from).to_owned(), (*to).to_owned()));
            if is_used && later {
                complaints.push(format!("`{from}` uses `{to}` now: take the pair out of EXPECTED_LATER"));
            } else if !is_used && !later {
                complaints.push(format!("`{from}` may import `{to}` but does not: take the permission away"));
            }
        }
    }
    for (from, to) in EXPECTED_LATER {
        let known = ROWS.iter().any(|(f, m)| f == from && matches!(m, May::Import(list) if list.contains(to)));
        if !known {
            complaints.push(format!("EXPECTED_LATER names `{from}` → `{to}`, which table 1 does not allow"));
        }
    }
    assert_none(&complaints);
}

/// The dependencies of one section of `Cargo.toml`, as they are written in code.
fn dependencies(section: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let heading = format!("[{section}]");
    let lines = text.lines().skip_while(|l| l.trim() != heading).skip(1).take_while(|l| !l.starts_with('['));
    lines.filter_map(|l| l.split_once('=')).map(|(name, _)| name.trim().replace('-', "_")).collect()
}

#[test]
fn outside_crates_stay_where_they_belong() {
    let product = dependencies("dependencies");
    let dev: BTreeSet<String> = &dependencies("dev-dependencies") - &product;
    let mut complaints = Vec::new();
    for name in &product {
        if !OUTSIDE.iter().any(|(row, _)| row == name) {
            complaints.push(format!("the dependency `{name}` has no row in table 2"));
        }
    }
    for (row, place) in OUTSIDE {
        if !row.starts_with("std::") && !product.contains(*row) {
            complaints.push(format!("table 2 has a row for `{row}`, which is not a dependency"));
        }
        if let Where::In(list) = place {
            let unknown = |m: &&&str| !ROWS.iter().any(|(name, _)| m.split("::").next() == Some(name));
            for module in list.iter().filter(unknown) {
                complaints.push(format!("table 2 lets `{row}` into `{module}`, which is not a module"));
            }
        }
    }
    for source in sources() {
        for named in read(&source).named {
            let written = named.segments.join("::");
            if dev.contains(&named.segments[0]) && !named.in_tests {
                complaints.push(format!("{}: `{written}` is for tests only", source.path));
            }
            let inside = |row: &str| written == row || written.starts_with(&format!("{row}::"));
            for (row, place) in OUTSIDE.iter().filter(|(row, _)| inside(row)) {
                let allowed = match place {
                    Where::Anywhere => true,
                    Where::NotPure => !PURE.contains(&source.module.as_str()),
                    Where::In(list) => list.iter().any(|m| {
                        *m == source.module || *m == source.place || source.place.starts_with(&format!("{m}::"))
                    }),
                };
                if !allowed {
                    complaints.push(format!("{}: `{row}` does not belong in `{}`", source.path, source.module));
                }
            }
        }
    }
    complaints.dedup();
    assert_none(&complaints);
}

#[test]
fn files_keep_the_house_rules() {
    let mut complaints = Vec::new();
    let sources = sources();
    for source in &sources {
        let path = &source.path;
        if !source.text.starts_with("//!") {
            complaints.push(format!("{path}: does not begin with `//!` and what it is for"));
        }
        let lines = source.text.lines().count();
        let excused = LONG_FILES.iter().any(|(long, reason)| long == path && !reason.is_empty());
        if lines > LONGEST && !excused {
            complaints.push(format!("{path}: {lines} lines; split it by topic or give a reason in LONG_FILES"));
        }
        let reader = read(source);
        complaints.extend(reader.reexports.iter().map(|what| format!("{path}: {what}; name things where they live")));
        for named in &reader.named {
            if named.segments[0] == "super" && !named.in_tests {
                complaints.push(format!("{path}: `{}`: write `crate::…`", named.segments.join("::")));
            }
        }
        // `cli/mod.rs` is the one door: it parses the command line and hands over.
        if path.ends_with("/mod.rs") && path != "cli/mod.rs" {
            let logic = source.file.items.iter().any(|item| !matches!(item, syn::Item::Mod(m) if m.content.is_none()));
            if logic {
                complaints.push(format!("{path}: holds more than `mod` lines and docs"));
            }
        }
    }
    for (path, _) in LONG_FILES {
        let long = sources.iter().find(|s| s.path == *path).map(|s| s.text.lines().count());
        if long.is_none_or(|lines| lines <= LONGEST) {
            complaints.push(format!("LONG_FILES names `{path}`, which is not long (any more)"));
        }
    }
    assert_none(&complaints);
}

#[test]
fn the_map_names_every_module() {
    let sources = sources();
    let lib = sources.iter().find(|s| s.path == "lib.rs").unwrap();
    let map: String = lib.text.lines().filter(|l| l.starts_with("//!")).collect::<Vec<_>>().join("\n");
    let missing = |module: &String| !map.contains(&format!("`{module}`"));
    let complaints: Vec<String> = modules(&sources)
        .into_iter()
        .filter(missing)
        .map(|m| format!("the map in src/lib.rs does not name `{m}`"))
        .collect();
    assert_none(&complaints);
}

#[test]
fn the_reader_sees_what_is_written() {
    let text = r#"
        use crate::{domain::ids, ports};
        fn f() { crate::store::sqlite(); tracing::info!(x = crate::risk::y()); }
        #[derive(clap::Args)] struct A;
        pub use serde::Serialize;
        #[cfg(test)] mod tests { use super::*; use tempfile::tempdir; }
    "#;
    let mut reader = Reader::default();
    reader.visit_file(&syn::parse_file(text).unwrap());
    let seen: BTreeSet<(String, bool)> = reader.named.iter().map(|n| (n.segments.join("::"), n.in_tests)).collect();
    for product in ["crate::domain::ids", "crate::ports", "crate::store::sqlite", "crate::risk::y", "clap::Args"] {
        assert!(seen.contains(&(product.to_owned(), false)), "{product} was not seen in {seen:?}");
    }
    for test in ["super::*", "tempfile::tempdir"] {
        assert!(seen.contains(&(test.to_owned(), true)), "{test} was not seen in {seen:?}");
    }
    assert_eq!(reader.reexports.len(), 1);
}
