//! Real directories, asked live: accounts are locked by real wrong passwords, and what is told about them comes from the directory's own
//! attributes. OpenLDAP where `CLAVIGER_TEST_OPENLDAP`, `CLAVIGER_TEST_OPENLDAP_TLS` and `CLAVIGER_TEST_OPENLDAP_CA` are set, Active
//! Directory (Samba) where `CLAVIGER_TEST_AD` and `CLAVIGER_TEST_AD_CA` are: `tests/run` starts both from `tests/servers`. Each test has accounts of its own.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use claviger::connectors::directory::live::LiveDirectory;
use claviger::connectors::directory::settings::{DirectorySettings, Kind, Limits};
use claviger::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use claviger::domain::signin_actor::{Account, Aliases};
use claviger::domain::window::Seconds;
use claviger::helpdesk::disclosure::Level;
use claviger::helpdesk::lockout::answer::{Asked, answer};
use claviger::helpdesk::lockout::claim::{Certainty, Explanation};
use claviger::ports::account_state::{AccountReport, AccountState as _, AccountStateError};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ldap3::{LdapConnAsync, LdapConnSettings, Mod};

const PEOPLE: &str = "ou=people,dc=example,dc=test";
pub const DOMAIN: &str = "DC=ad,DC=example,DC=test";

/// The addresses of the servers under test; `None`, said aloud, where they are not there.
pub fn server(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        println!("skipped: {variable} is not set; tests/run starts the server");
    }
    found
}

/// The certificates to trust, from the file that a variable names.
pub fn ca(variable: &str) -> Vec<u8> {
    std::fs::read(std::env::var(variable).unwrap()).unwrap()
}

pub fn limits() -> Limits {
    // Far above what an answer needs, so that a busy machine fails no test.
    let long = Duration::from_secs(60);
    Limits { connect: long, operation: long, total: 3 * long, at_once: 4 }
}

pub fn openldap(url: &str) -> DirectorySettings {
    DirectorySettings {
        name: "ldap".into(),
        kind: Kind::OpenLdap {
            policy: Some("cn=default,ou=policies,dc=example,dc=test".into()),
            log: Some("cn=log".into()),
        },
        url: url.into(),
        start_tls: false,
        ca_pem: None,
        bind_dn: "cn=claviger,ou=services,dc=example,dc=test".into(),
        bind_password: "reader-secret".into(),
        people: PEOPLE.into(),
        limits: limits(),
        unlock: None,
    }
}

pub fn domain(url: &str) -> DirectorySettings {
    DirectorySettings {
        name: "ad".into(),
        kind: Kind::ActiveDirectory,
        url: url.into(),
        start_tls: false,
        ca_pem: Some(ca("CLAVIGER_TEST_AD_CA")),
        bind_dn: "claviger@ad.example.test".into(),
        bind_password: "Right!Passw0rd".into(),
        people: DOMAIN.into(),
        limits: limits(),
        unlock: None,
    }
}

pub fn named(names: &[&str]) -> Aliases {
    Aliases::default().with(names.iter().map(|name| Account { provider: None, name: (*name).to_owned() }))
}

#[expect(clippy::disallowed_methods, reason = "the servers under test have no other clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

/// One bind; answers with the LDAP result and what the server said.
pub async fn bind(url: &str, dn: &str, password: &str) -> (u32, String) {
    let settings = LdapConnSettings::new().set_no_tls_verify(true);
    let (connection, mut ldap) = LdapConnAsync::with_settings(settings, url).await.unwrap();
    tokio::spawn(connection.drive());
    let said = ldap.simple_bind(dn, password).await.unwrap();
    ldap.unbind().await.unwrap();
    (said.rc, said.text)
}

/// One change, made by an administrator or by the person.
pub async fn change(url: &str, who: (&str, &str), dn: &str, attribute: &str, value: &str) {
    let settings = LdapConnSettings::new().set_no_tls_verify(true);
    let (connection, mut ldap) = LdapConnAsync::with_settings(settings, url).await.unwrap();
    tokio::spawn(connection.drive());
    ldap.simple_bind(who.0, who.1).await.unwrap().success().unwrap();
    ldap.modify(dn, vec![Mod::Replace(attribute, HashSet::from([value]))]).await.unwrap().success().unwrap();
    ldap.unbind().await.unwrap();
}

async fn ask(settings: DirectorySettings, names: &[&str], at: Timestamp) -> AccountReport {
    LiveDirectory::new(settings).unwrap().account(&named(names), at).await.unwrap()
}

fn explain(report: &AccountReport, names: &[&str], words: &str, at: Timestamp) -> Explanation {
    let (whose, zone) = (named(names), TimeZone::UTC);
    let lasting = report.lock_lasts.into_iter().collect();
    let asked = Asked { whose: &whose, words, now: at, zone: &zone, level: Level::Person, lasting: &lasting };
    let told = answer(report.events.clone(), asked);
    let known: Vec<&str> = report.events.iter().map(|e| e.id.as_str()).collect();
    assert!(told.cited().iter().all(|id| known.contains(&id.as_str())), "every id cited is the directory's");
    println!("{words} {}", told.answer());
    told
}

fn event<'a>(report: &'a AccountReport, name: &str) -> &'a SigninEvent {
    let found = report.events.iter().find(|e| e.event == name);
    found.unwrap_or_else(|| panic!("no {name} among {:?}", report.events))
}

pub fn person(name: &str) -> String {
    format!("uid={name},{PEOPLE}")
}

pub const ADMIN: (&str, &str) = ("cn=admin,dc=example,dc=test", "admin-secret");

#[tokio::test]
async fn openldap_tells_a_lock_from_real_wrong_passwords() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    let dn = person("ada");
    assert_eq!(bind(&url, &dn, "right-1").await.0, 0);
    for _ in 0..3 {
        assert_eq!(bind(&url, &dn, "wrong").await.0, 49);
    }
    assert_eq!(bind(&url, &dn, "right-1").await.0, 49, "locked: the right password does not help");
    let report = ask(openldap(&url), &["ada", "ada@example.test"], now()).await;
    let lock = event(&report, "pwdAccountLockedTime");
    assert_eq!((lock.outcome, lock.reason_class), (Some(SigninOutcome::Blocked), Some(ReasonClass::LockedOut)));
    let failures = report.events.iter().filter(|e| e.event == "pwdFailureTime").count();
    assert_eq!(failures, 3);
    assert!(report.events.iter().any(|e| e.event == "bind" && e.outcome == Some(SigninOutcome::Success)), "{report:?}");
    assert_eq!(report.lock_lasts, Some((Provider::OpenldapPpolicy, Seconds(900))));

    let at = lock.at.unwrap();
    let told = explain(&report, &["ada"], "why was I locked out?", at + SignedDuration::from_secs(60));
    assert_eq!((told.reason_class, told.certainty), (Some(ReasonClass::LockedOut), Certainty::Certain));
    assert_eq!(told.ends_at, Some(Seconds(900).after(at)));
    assert!(told.answer().contains("3 refused sign-ins"), "{}", told.answer());
    assert!(told.cited().contains(&lock.id));
    // A quarter of an hour later the same attributes tell that it is over.
    let told = explain(&report, &["ada"], "why was I locked out?", at + hours(1));
    assert!(told.answer().contains("should have opened by itself"), "{}", told.answer());
    // Somebody opens it: nothing is left to tell.
    change(&url, ADMIN, &dn, "userPassword", "right-2").await;
    let report = ask(openldap(&url), &["ada"], now()).await;
    assert!(report.events.iter().all(|e| e.event != "pwdAccountLockedTime"), "{report:?}");
}

#[tokio::test]
async fn openldap_tells_the_password_that_grew_too_old_and_the_one_to_be_changed() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    let dn = person("bea");
    change(&url, (&dn, "right-1"), &dn, "userPassword", "right-2").await;
    let at = now();
    let report = ask(openldap(&url), &["bea"], at).await;
    assert!(report.events.iter().all(|e| e.reason_class != Some(ReasonClass::PasswordExpired)));
    // The policy's ninety days later.
    let later = at + hours(24 * 91);
    let report = ask(openldap(&url), &["bea"], later).await;
    let old = event(&report, "pwdMaxAge");
    assert!((old.at.unwrap() - hours(24 * 90)).duration_since(at).abs() < hours(1));
    let told = explain(&report, &["bea"], "why can't I sign in?", later);
    assert_eq!(told.reason_class, Some(ReasonClass::PasswordExpired));

    let dn = person("cyd");
    change(&url, ADMIN, &dn, "pwdReset", "TRUE").await;
    let report = ask(openldap(&url), &["cyd@example.test"], at).await;
    let told = explain(&report, &["cyd"], "why can't I sign in?", at);
    assert_eq!(told.reason_class, Some(ReasonClass::PasswordChangeRequired));
}

#[tokio::test]
async fn openldap_says_nothing_of_an_end_that_is_not_there() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    // By hand: nobody knows until when, nor whether it is a lock or a switching off.
    change(&url, ADMIN, &person("dan"), "pwdAccountLockedTime", "000001010000Z").await;
    let report = ask(openldap(&url), &["dan"], now()).await;
    assert_eq!(event(&report, "pwdAccountLockedTime").reason_class, Some(ReasonClass::LockedOrDisabled));
    assert_eq!(report.lock_lasts, None);
    // A policy of its own, whose locks do not end by themselves.
    for _ in 0..2 {
        bind(&url, &person("gus"), "wrong").await;
    }
    let report = ask(openldap(&url), &["gus"], now()).await;
    assert_eq!(
        (event(&report, "pwdAccountLockedTime").reason_class, report.lock_lasts),
        (Some(ReasonClass::LockedOut), None)
    );
    let told = explain(&report, &["gus"], "why was I locked out?", now());
    assert_eq!((told.reason_class, told.ends_at), (Some(ReasonClass::LockedOut), None));
}

#[tokio::test]
async fn openldap_tells_each_person_of_their_own_account_only() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    bind(&url, &person("eve"), "wrong").await;
    bind(&url, &person("fay"), "wrong").await;
    let report = ask(openldap(&url), &["fay"], now()).await;
    assert!(!report.events.is_empty() && report.events.iter().all(|e| named(&["fay"]).own(e)), "{report:?}");
    // Names that are patterns find nobody, unknown ones neither; nobody's account has no name.
    for nobody in ["*", "e*", "eve)(uid=*", "nobody", "claviger"] {
        assert_eq!(ask(openldap(&url), &[nobody], now()).await, AccountReport::default(), "{nobody}");
    }
    assert_eq!(ask(openldap(&url), &[], now()).await, AccountReport::default());
    // Two accounts by one address: neither is told about.
    let live = LiveDirectory::new(openldap(&url)).unwrap();
    let twins = live.account(&named(&["twin@example.test"]), now()).await;
    assert_eq!(twins, Err(AccountStateError::Ambiguous { directory: "ldap".into() }));
}

#[tokio::test]
async fn openldap_is_spoken_to_in_secret_or_not_at_all() {
    let (Some(plain), Some(tls)) = (server("CLAVIGER_TEST_OPENLDAP"), server("CLAVIGER_TEST_OPENLDAP_TLS")) else {
        return;
    };
    bind(&plain, &person("hal"), "wrong").await;
    let ldaps = DirectorySettings { ca_pem: Some(ca("CLAVIGER_TEST_OPENLDAP_CA")), ..openldap(&tls) };
    let start_tls =
        DirectorySettings { ca_pem: Some(ca("CLAVIGER_TEST_OPENLDAP_CA")), start_tls: true, ..openldap(&plain) };
    for way in [ldaps, start_tls] {
        let report = ask(way, &["hal"], now()).await;
        assert_eq!(event(&report, "pwdFailureTime").outcome, Some(SigninOutcome::Failure));
    }
    // A server that cannot prove who it is hears no password.
    let stranger = LiveDirectory::new(openldap(&tls)).unwrap();
    let unproven = stranger.account(&named(&["hal"]), now()).await;
    assert!(matches!(unproven, Err(AccountStateError::Unavailable { .. })), "{unproven:?}");
    assert!(stranger.check().await.is_err());
    assert!(LiveDirectory::new(openldap(&plain)).unwrap().check().await.is_ok());
}

#[tokio::test]
async fn a_reader_that_is_turned_away_does_not_knock_again_at_once() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    let wrong = DirectorySettings { bind_password: "guess".into(), ..openldap(&url) };
    let live = LiveDirectory::new(wrong).unwrap();
    let (at, whose) = (now(), named(&["hal"]));
    let said = |answer: Result<AccountReport, AccountStateError>| match answer {
        Err(AccountStateError::Refused { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert!(said(live.account(&whose, at).await).contains("bind_dn"));
    assert!(said(live.account(&whose, at + SignedDuration::from_secs(299)).await).contains("a moment ago"));
    let again = said(live.account(&whose, at + SignedDuration::from_secs(300)).await);
    assert!(again.contains("check its password") && !again.contains("guess"), "{again}");
}

#[tokio::test]
async fn a_directory_that_is_not_there_or_says_nothing_costs_no_more_than_its_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("ldap://{}", listener.local_addr().unwrap());
    let short = Duration::from_millis(50);
    let limits = Limits { connect: short, operation: short, total: short, at_once: 1 };
    let live = Arc::new(LiveDirectory::new(DirectorySettings { limits, ..openldap(&silent) }).unwrap());
    let answers = futures_util::future::join_all((0..5).map(|_| {
        let live = Arc::clone(&live);
        async move { live.account(&named(&["ada"]), Timestamp::UNIX_EPOCH).await }
    }));
    for answer in answers.await {
        assert!(matches!(answer, Err(AccountStateError::Unavailable { .. })), "{answer:?}");
    }
    drop(listener);
    let gone = live.account(&named(&["ada"]), Timestamp::UNIX_EPOCH).await;
    assert!(matches!(gone, Err(AccountStateError::Unavailable { .. })), "{gone:?}");
}

pub async fn domain_bind(url: &str, name: &str, password: &str) -> (u32, String) {
    bind(url, &format!("{name}@ad.example.test"), password).await
}

#[tokio::test]
async fn active_directory_tells_a_lock_from_real_wrong_passwords() {
    let Some(url) = server("CLAVIGER_TEST_AD") else { return };
    for _ in 0..3 {
        assert!(domain_bind(&url, "ada", "wrong").await.1.contains("data 52e"));
    }
    assert!(domain_bind(&url, "ada", "Right!Passw0rd").await.1.contains("data 775"), "locked");
    let report = ask(domain(&url), &["ada@example.test"], now()).await;
    let lock = event(&report, "lockoutTime");
    assert_eq!((lock.reason_code.as_deref(), lock.reason_class), (Some("775"), Some(ReasonClass::LockedOut)));
    assert_eq!(event(&report, "badPasswordTime").reason_text.as_deref(), Some("badPwdCount: 3"));
    assert_eq!(report.lock_lasts, Some((Provider::ActiveDirectory, Seconds(900))));
    let at = lock.at.unwrap();
    let told = explain(&report, &["ada@example.test"], "why was I locked out?", at + SignedDuration::from_secs(60));
    assert_eq!((told.reason_class, told.certainty), (Some(ReasonClass::LockedOut), Certainty::Certain));
    assert_eq!(told.ends_at, Some(Seconds(900).after(at)));
    assert!(told.answer().contains("counts 3 wrong passwords"), "{}", told.answer());

    // Opened by an administrator: the lock is gone from the attributes and from the answer.
    let admin = ("Administrator@ad.example.test", "Passw0rd!Adm1n");
    change(&url, admin, &format!("CN=ada,CN=Users,{DOMAIN}"), "lockoutTime", "0").await;
    let report = ask(domain(&url), &["ada"], now()).await;
    assert!(report.events.iter().all(|e| e.event != "lockoutTime"), "{report:?}");
}

#[tokio::test]
async fn active_directory_tells_disabled_expired_and_to_be_changed_apart() {
    let Some(url) = server("CLAVIGER_TEST_AD") else { return };
    let at = now();
    for (name, data, class) in [
        ("bea", "data 533", ReasonClass::AccountDisabled),
        ("cyd", "data 773", ReasonClass::PasswordChangeRequired),
        ("dan", "data 701", ReasonClass::AccountExpired),
    ] {
        let said = domain_bind(&url, name, "Right!Passw0rd").await.1;
        let report = ask(domain(&url), &[name], at).await;
        let told = explain(&report, &[name], "why can't I sign in?", at);
        assert_eq!(told.reason_class, Some(class), "{name} {said}");
        // The directory gives the same reason to whoever tries.
        assert!(said.contains(data), "{name} {said}");
    }
    // Forty-two days after it was set the password is too old.
    let later = at + hours(24 * 43);
    let report = ask(domain(&url), &["eve"], later).await;
    let told = explain(&report, &["eve"], "why can't I sign in?", later);
    assert_eq!(told.reason_class, Some(ReasonClass::PasswordExpired));
    let report = ask(domain(&url), &["eve"], at).await;
    assert!(report.events.iter().all(|e| e.reason_class.is_none()), "{report:?}");
}

#[tokio::test]
async fn active_directory_says_nothing_of_a_policy_it_does_not_show() {
    let Some(url) = server("CLAVIGER_TEST_AD") else { return };
    for _ in 0..2 {
        domain_bind(&url, "gus", "wrong").await;
    }
    // The lock comes from a fine-grained policy, which ordinary accounts may not read: the domain's quarter of an hour is not claimed.
    let report = ask(domain(&url), &["gus"], now()).await;
    assert_eq!((event(&report, "lockoutTime").reason_class, report.lock_lasts), (Some(ReasonClass::LockedOut), None));
    let told = explain(&report, &["gus"], "why was I locked out?", now());
    assert_eq!((told.reason_class, told.ends_at), (Some(ReasonClass::LockedOut), None));
    let may = DirectorySettings {
        bind_dn: "Administrator@ad.example.test".into(),
        bind_password: "Passw0rd!Adm1n".into(),
        ..domain(&url)
    };
    assert_eq!(ask(may, &["gus"], now()).await.lock_lasts, Some((Provider::ActiveDirectory, Seconds(1_800))));
}

#[tokio::test]
async fn active_directory_tells_each_person_of_their_own_account_only() {
    let Some(url) = server("CLAVIGER_TEST_AD") else { return };
    domain_bind(&url, "fay", "wrong").await;
    let report = ask(domain(&url), &["EXAMPLE\\fay"], now()).await;
    assert!(!report.events.is_empty() && report.events.iter().all(|e| named(&["fay"]).own(e)), "{report:?}");
    for nobody in ["*", "f*", "fay)(sAMAccountName=*", "nobody", "dc1$", "*@example.test"] {
        assert_eq!(ask(domain(&url), &[nobody], now()).await, AccountReport::default(), "{nobody}");
    }
}
