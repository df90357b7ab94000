//! Knowledge articles: short Markdown how-tos with a head of `title`, `keywords` and `entitlements` between two lines of `---`.

use crate::catalog::read::{Findings, yaml};
use crate::catalog::words::At;
use crate::catalog::written::FrontMatter;
use crate::domain::ids::EntitlementId;

/// One article.
#[derive(Debug, Clone)]
pub struct Article {
    /// The file's name without folder and ending.
    pub name: String,
    /// The title.
    pub title: String,
    /// Words people ask with.
    pub keywords: Vec<String>,
    /// Entitlements it is about, with their lines.
    pub entitlements: Vec<At<EntitlementId>>,
    /// The Markdown text below the head.
    pub body: String,
    /// Targets of its links, with their lines: `vpn.md`, `entitlement:vpn:use`, `https://…`.
    pub links: Vec<At<String>>,
}

/// Reads an article; whatever is wrong is in `findings`.
pub fn parse(file: &str, text: &str, findings: &mut Findings) -> Option<Article> {
    let opened = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"));
    let Some((head, body)) = opened.and_then(|rest| rest.split_once("\n---")) else {
        findings.add(file, 1, "the article has no head", "begin with `---`, `title: …`, `---`");
        return None;
    };
    // One empty line in place of the opening dashes keeps the line numbers right.
    let front: FrontMatter = yaml(file, &format!("\n{head}\n"), findings)?;
    let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".md").to_owned();
    let body = body.split_once('\n').map_or("", |(_, rest)| rest);
    if body.trim().is_empty() {
        findings.add(file, 1, "the article says nothing", "write what to do below the head");
    }
    Some(Article {
        name,
        title: front.title,
        keywords: front.keywords,
        entitlements: front.entitlements,
        body: body.trim().to_owned(),
        links: links(text),
    })
}

/// Reads an article that the loader has accepted already; `None` where it is none.
#[must_use]
pub fn article(file: &str, text: &str) -> Option<Article> {
    parse(file, text, &mut Findings::default())
}

/// Inline links `[words](target)` and where they stand.
fn links(text: &str) -> Vec<At<String>> {
    let mut found = Vec::new();
    for (line, words) in (1u64..).zip(text.lines()) {
        let mut rest = words;
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let Some(end) = rest.find(')') else { break };
            let target = rest[..end].split_whitespace().next().unwrap_or_default();
            found.push(At { value: target.to_owned(), line });
            rest = &rest[end..];
        }
    }
    found
}
