//! Links to next pages. They come from outside, so they are followed only to where the first page was.

use reqwest::header::HeaderMap;
use url::Url;

/// The longest link that is kept, in bytes.
const LONGEST: usize = 8_192;

/// The target of `rel="next"` in `Link` headers (RFC 8288 §3), which may be several or one with commas.
#[must_use]
pub fn next(headers: &HeaderMap) -> Option<String> {
    headers.get_all("link").iter().filter_map(|value| value.to_str().ok()).find_map(next_in)
}

fn next_in(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        // Parameters reach to the next comma outside of quotation marks.
        let mut quoted = false;
        let end = after.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == ',' && !quoted
        });
        let (parameters, more) = end.map_or((after, ""), |(at, _)| (&after[..at], &after[at + 1..]));
        let is_next = parameters.split(';').any(|p| {
            let (name, value) = p.split_once('=').unwrap_or((p, ""));
            let rels = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel") && rels.split(' ').any(|r| r.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target.to_owned());
        }
        rest = more;
    }
    None
}

/// The link, where it leads to the same place as `page`: scheme, host, port and path.
#[must_use]
pub fn within(page: &Url, link: &str) -> Option<Url> {
    if link.len() > LONGEST {
        return None;
    }
    let url = Url::parse(link).ok()?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let same = url.scheme() == page.scheme()
        && url.host() == page.host()
        && url.port_or_known_default() == page.port_or_known_default()
        && url.path() == page.path();
    (bare && same).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("link", value.parse().unwrap());
            }
            next(&headers)
        };
        let next = "https://a.test/api/v1/logs?after=1,2&limit=3";
        let both = format!("<https://a.test/api/v1/logs>; rel=\"self\", <{next}>; rel=\"next\"");
        assert_eq!(read(&[&both]).as_deref(), Some(next));
        assert_eq!(read(&["<x>; rel=\"self\"", &format!("<{next}>; title=\"a, b\"; REL=next")]).as_deref(), Some(next));
        for none in ["", "<x>; rel=\"prev\"", "nonsense", "<unfinished; rel=\"next\"", "<x>; rel=\"nextish\""] {
            assert_eq!(read(&[none]), None, "{none}");
        }
    }

    #[test]
    fn links_lead_nowhere_else() {
        let page = Url::parse("https://acme.okta.test/api/v1/logs?since=x").unwrap();
        assert!(within(&page, "https://acme.okta.test/api/v1/logs?after=7").is_some());
        assert!(within(&page, "https://acme.okta.test:443/api/v1/logs?after=7").is_some());
        for bad in [
            "http://acme.okta.test/api/v1/logs?after=7",
            "https://evil.test/api/v1/logs?after=7",
            "https://acme.okta.test.evil.test/api/v1/logs",
            "https://acme.okta.test@evil.test/api/v1/logs",
            "https://acme.okta.test:8443/api/v1/logs",
            "https://acme.okta.test/api/v1/users",
            "https://acme.okta.test/api/v1/logs/../users",
            "/api/v1/logs?after=7",
            "",
        ] {
            assert_eq!(within(&page, bad), None, "{bad}");
        }
        assert_eq!(within(&page, &format!("https://acme.okta.test/api/v1/logs?after={}", "7".repeat(9_000))), None);
    }
}
