//! How fast a million sign-in records become stored events (line of JSON → normal form → SQLite file that survives power loss, known ones
//! left out), and how long one person's explanation takes among them: their last thirty days found, read and explained, as the chat does.
//! `cargo bench --bench signin`; a number after `--` is another size.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot start stops at once")]

use std::fmt::Write as _;
use std::io::{BufReader, Read};
use std::time::Instant;

use claviger::connectors::signin::intake::take_all;
use claviger::connectors::signin::read::Hints;
use claviger::domain::signin_actor::{Account, Aliases};
use claviger::helpdesk::disclosure::Level;
use claviger::helpdesk::lockout::answer::{Asked, answer};
use claviger::helpdesk::lockout::explain::Lasting;
use claviger::ports::signin::{SigninLog as _, SigninQuery};
use claviger::store::open::{Prepare, open_sqlite};
use hdrhistogram::Histogram;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const PEOPLE: u64 = 2_000;
const LOOKS: u64 = 2_000;

/// Makes records as they are read: Okta's System Log in its full shape, every third a failure, every hundredth doubled.
struct Made {
    next: u64,
    many: u64,
    start: Timestamp,
    line: Vec<u8>,
    given: usize,
}

impl Made {
    fn write(&mut self) {
        let n = if self.next % 100 == 99 { self.next - 1 } else { self.next };
        let at = self.start + SignedDuration::from_millis(i64::try_from(n).unwrap() * 600);
        let who = (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % PEOPLE;
        let (result, reason) = if n % 3 == 0 { ("FAILURE", "INVALID_CREDENTIALS") } else { ("SUCCESS", "") };
        let mut line = String::new();
        write!(
            line,
            r#"{{"actor":{{"id":"00u{who}","type":"User","alternateId":"person{who}@example.com","displayName":"Person {who}"}},"client":{{"userAgent":{{"rawUserAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36","os":"Mac OS X","browser":"CHROME"}},"zone":"null","device":"Computer","ipAddress":"198.51.{}.{}","geographicalContext":{{"city":"Springfield","state":"Ohio","country":"United States","postalCode":"12345","geolocation":{{"lat":20.5,"lon":-25.25}}}}}},"authenticationContext":{{"authenticationStep":0,"externalSessionId":"s{n}"}},"displayMessage":"User login to Okta","eventType":"user.session.start","outcome":{{"result":"{result}","reason":"{reason}"}},"published":"{at}","severity":"INFO","debugContext":{{"debugData":{{"requestId":"r{n}","requestUri":"/idp/idx/identify","url":"/idp/idx/identify?"}}}},"legacyEventType":"core.user_auth.login","transaction":{{"type":"WEB","id":"t{n}"}},"uuid":"{n:032x}","version":"0","request":{{"ipChain":[]}},"target":[]}}"#,
            who / 250,
            who % 250,
        )
        .unwrap();
        line.push('\n');
        self.line = line.into_bytes();
        self.given = 0;
        self.next += 1;
    }
}

impl Read for Made {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.given == self.line.len() {
            if self.next == self.many {
                return Ok(0);
            }
            self.write();
        }
        let n = into.len().min(self.line.len() - self.given);
        into[..n].copy_from_slice(&self.line[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

fn main() {
    let many: u64 = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let log = open_sqlite(&folder.path().join("claviger.db"), Prepare::Migrate).await.unwrap();
        let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let now = start + SignedDuration::from_hours(24 * 30);
        let made = Made { next: 0, many, start, line: Vec::new(), given: 0 };
        let began = Instant::now();
        let hints = Hints { provider: None, now };
        let taken = take_all(log.as_ref(), BufReader::with_capacity(1 << 18, made), hints, |_| {}).await.unwrap();
        let spent = began.elapsed().as_secs_f64();
        assert_eq!(taken.stored + taken.known, many);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = many as f64 / spent;
        println!(
            "{many} records in {spent:.1} s: {rate:.0} a second ({} stored, {} known already)",
            taken.stored, taken.known
        );
        let mut times: Histogram<u64> = Histogram::new_with_max(60_000_000, 3).unwrap();
        let (mut events, mut cited) = (0, 0);
        let lasting = Lasting::new();
        for n in 0..LOOKS {
            let who = (n * 7_919) % PEOPLE;
            let name = format!("person{who}@example.com");
            let short = format!("person{who}");
            let names = [name, short.clone(), format!("{short}@corp.example.com"), format!("00u{who}")];
            let whose = Aliases::default().with(names.map(|name| Account { provider: None, name }));
            // The moment of asking moves through the later half, so that different events are the newest.
            let asked_at = start + SignedDuration::from_millis(i64::try_from(many * (LOOKS + n) / (2 * LOOKS)).unwrap() * 600);
            let query = SigninQuery {
                whose: whose.clone(),
                from: asked_at - SignedDuration::from_hours(24 * 30),
                until: asked_at,
                limit: 2_000,
            };
            let began = Instant::now();
            let found = log.signins(&query).await.unwrap();
            events += found.len();
            let asked = Asked {
                whose: &whose,
                words: "why can't I sign in?",
                now: asked_at,
                zone: &TimeZone::UTC,
                level: Level::Person,
                lasting: &lasting,
            };
            cited += answer(found, asked).cited().len();
            times.record(u64::try_from(began.elapsed().as_micros()).unwrap()).unwrap();
        }
        println!(
            "one explanation ({} events looked at, {} cited on average): p50 {} µs, p99 {} µs, longest {} µs over {LOOKS}",
            events as u64 / LOOKS,
            cited as u64 / LOOKS,
            times.value_at_quantile(0.5),
            times.value_at_quantile(0.99),
            times.max()
        );
        log.close().await;
    });
}
