//! Where a catalog's texts come from: a folder, or the example company that is built into the program so that it runs from anywhere.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::catalog::example::EXAMPLE;
use crate::catalog::mistake::Mistake;
use crate::catalog::read::LARGEST_FILE;

/// Where a catalog comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The example company in the program itself.
    Example,
    /// A folder.
    Folder(PathBuf),
}

/// How many files a catalog folder may have.
const MOST_FILES: usize = 2_000;

/// Folders of the catalog and the endings of the files read in each; the first is the catalog folder itself.
const READ: &[(&str, &[&str])] = &[
    ("", &["yaml"]),
    ("people", &["yaml"]),
    ("systems", &["yaml"]),
    ("policy", &["yaml", "cedar"]),
    ("knowledge", &["md"]),
];

impl Source {
    /// The texts by their path within the catalog, `people/sales.yaml` for instance.
    ///
    /// # Errors
    /// Every file that cannot be read, is too large or is not UTF-8, and every YAML file whose ending is `yml`.
    pub fn texts(&self) -> Result<BTreeMap<String, String>, Vec<Mistake>> {
        match self {
            Self::Example => Ok(EXAMPLE.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()),
            Self::Folder(folder) => read_folder(folder),
        }
    }
}

fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>, Vec<Mistake>> {
    let mut texts = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (below, endings) in READ {
        let place = folder.join(below);
        if !below.is_empty() && !place.exists() {
            continue;
        }
        let entries = match fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(error) => {
                let name = place.display().to_string();
                mistakes.push(Mistake::new(
                    name,
                    0,
                    format!("the folder cannot be read: {error}"),
                    "name a catalog folder",
                ));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Some(name) = path.file_name().and_then(|n| n.to_str()).filter(|n| !n.starts_with('.')) else {
                continue;
            };
            let name = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            if ending == "yml" {
                mistakes.push(Mistake::new(name, 0, "files here end in `.yaml`", "rename it"));
                continue;
            }
            if !path.is_file() || !endings.contains(&ending) {
                continue;
            }
            if texts.len() >= MOST_FILES {
                mistakes.push(Mistake::new(name, 0, format!("more than {MOST_FILES} files"), "put several into one"));
                return Err(mistakes);
            }
            match read_file(&path) {
                Ok(text) => drop(texts.insert(name, text)),
                Err((what, hint)) => mistakes.push(Mistake::new(name, 0, what, hint)),
            }
        }
    }
    if mistakes.is_empty() { Ok(texts) } else { Err(mistakes) }
}

/// Reads a text file of at most [`LARGEST_FILE`] bytes.
///
/// # Errors
/// What is wrong, and what to do about it.
pub fn read_file(path: &Path) -> Result<String, (String, String)> {
    let file = fs::File::open(path)
        .map_err(|e| (format!("the file cannot be opened: {e}"), "see to its name and permissions".to_owned()))?;
    let limit = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| (format!("the file cannot be read: {e}"), "see to its permissions".to_owned()))?;
    if bytes.len() > LARGEST_FILE {
        return Err((format!("larger than {LARGEST_FILE} bytes"), "split the file".to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| ("not UTF-8 text".to_owned(), "save it as UTF-8".to_owned()))
}
