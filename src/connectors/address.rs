//! Which network addresses an outgoing call may reach. A webhook's address is written by people, and a name may resolve to anything;
//! without this guard a call could be led to services that trust whoever is inside (server-side request forgery, OWASP SSRF cheat
//! sheet). The address that was checked is the address that is called: the guard is the resolver.
//!
//! The special ranges are those of the IANA special-purpose registries (RFC 6890, RFC 4291, RFC 6052, RFC 3056).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How far a call may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses only.
    Public,
    /// This machine and private networks as well; never link-local ones, where clouds keep their metadata services.
    Private,
}

/// The address may not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{host}` is at {address}, which is not a public address; set `allow_private` if that is meant")]
pub struct Blocked {
    /// The host as written.
    pub host: String,
    /// Where it is.
    pub address: IpAddr,
}

impl Reach {
    /// True where a call may go to this address.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match plain(address) {
            IpAddr::V4(v4) if self == Self::Private && (v4.is_loopback() || v4.is_private()) => true,
            IpAddr::V6(v6) if self == Self::Private && (v6.is_loopback() || v6.is_unique_local()) => !is_metadata(v6),
            IpAddr::V4(v4) => is_public_v4(v4),
            IpAddr::V6(v6) => is_public_v6(v6),
        }
    }
}

/// An IPv4 address in IPv6 clothes is the IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let s = v6.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), 64:ff9b::a.b.c.d (RFC 6052 §2.1), 2002:aabb:ccdd:: (RFC 3056 §2).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        _ => address,
    }
}

/// The IPv6 address of a large cloud's metadata service; it lies among the unique local ones.
fn is_metadata(v6: Ipv6Addr) -> bool {
    v6.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let s = v6.segments();
    // Only 2000::/3 is handed out as global unicast; within it some ranges are special.
    let global = s[0] & 0xe000 == 0x2000;
    let special = match s[0] {
        0x2001 => s[1] < 0x200 || s[1] == 0xdb8,
        0x3fff => s[1] < 0x1000,
        _ => false,
    };
    global && !special
}

/// Resolves names and refuses those that lead where a call may not go.
#[derive(Debug, Clone, Copy)]
pub struct Guard(pub Reach);

impl Guard {
    /// The addresses of a host, all of which may be called.
    ///
    /// # Errors
    /// [`Blocked`] inside where any of them may not; else what the resolver said.
    pub async fn resolve_host(
        self,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        match found.iter().find(|a| !self.0.allows(a.ip())) {
            Some(bad) => Err(Box::new(Blocked { host: host.to_owned(), address: bad.ip() })),
            None => Ok(found),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let found = guard.resolve_host(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(reach: Reach, address: &str) -> bool {
        reach.allows(address.parse().unwrap())
    }

    #[test]
    fn only_public_addresses_are_public() {
        for good in ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8"]
        {
            assert!(allows(Reach::Public, good), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "fec0::1",
        ] {
            assert!(!allows(Reach::Public, bad), "{bad}");
        }
    }

    #[test]
    fn even_private_reach_stops_before_metadata_services() {
        for good in ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd12::1", "93.184.216.34", "::ffff:127.0.0.1"] {
            assert!(allows(Reach::Private, good), "{good}");
        }
        for bad in ["169.254.169.254", "fd00:ec2::254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"] {
            assert!(!allows(Reach::Private, bad), "{bad}");
        }
    }
}
