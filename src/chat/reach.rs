//! Whether a platform can call us: what `claviger doctor` tries for every platform that does.

use std::time::Duration;

use url::{Host, Url};

/// How long a try may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An address that a platform can call: encrypted, and by a name or number of the internet.
///
/// # Errors
/// What is wrong with it and what belongs there; `who` calls it.
pub fn public(url: &Url, who: &str) -> Result<(), String> {
    if url.scheme() != "https" {
        return Err(format!("{who} calls https addresses only, and http.public_url is `{url}`"));
    }
    let inside = match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            !name.contains('.') || [".local", ".internal", ".localhost"].iter().any(|end| name.ends_with(end))
        }
        Some(Host::Ipv4(v4)) => v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
        Some(Host::Ipv6(v6)) => {
            v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified()
        }
        None => true,
    };
    if inside {
        return Err(format!("{who} cannot reach `{url}` from outside: give http.public_url a public name"));
    }
    Ok(())
}

/// Calls an address of ours without a signature: it has to be refused by us, with this status, and by nobody else.
///
/// # Errors
/// Why it is not, and what to do; `section` is the part of the settings that opens the address.
pub async fn refuses(address: &Url, status: u16, who: &str, section: &str) -> Result<(), String> {
    if let Some(Host::Domain(name)) = address.host()
        && tokio::net::lookup_host((name, address.port_or_known_default().unwrap_or(443))).await.is_err()
    {
        return Err(format!(
            "the name `{name}` leads nowhere from here: correct http.public_url, or have the name entered in your DNS"
        ));
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
        .map_err(|e| e.to_string())?;
    match client.post(address.clone()).body("").send().await {
        Ok(answer) if answer.status().as_u16() == status => Ok(()),
        Ok(answer) => Err(format!(
            "`{address}` answers {} and not {status}: is `claviger serve` running behind it with {section}, and does every proxy pass {} on \
             unchanged?",
            answer.status(),
            address.path()
        )),
        Err(_) => Err(format!(
            "`{address}` cannot be reached from here: start `claviger serve`, look whether whatever stands before it (proxy, firewall) leads \
             to http.listen, and open the way for {who}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encrypted_public_addresses_can_be_called() {
        let said = |text: &str| public(&text.parse().unwrap(), "Slack");
        for good in ["https://access.example.com/", "https://93.184.216.34/", "https://access.example:8443/"] {
            assert_eq!(said(good), Ok(()), "{good}");
        }
        for bad in [
            "http://access.example.com/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://[::1]/",
            "https://[fd00::1]/",
            "https://intranet/",
            "https://access.internal/",
            "https://access.localhost/",
        ] {
            assert!(said(bad).unwrap_err().contains("http.public_url"), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_nowhere_is_told() {
        let address = "https://access.invalid/slack/events".parse().unwrap();
        let said = refuses(&address, 401, "Slack", "[slack]").await.unwrap_err();
        assert!(said.contains("`access.invalid` leads nowhere") && said.contains("http.public_url"), "{said}");
    }
}
