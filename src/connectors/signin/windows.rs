//! Windows security events about signing in and locking:
//! <https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4625> and its
//! neighbours 4624, 4648, 4723–4726, 4738, 4740, 4767, 4768, 4769, 4771, 4776.
//!
//! The account is the target, not the subject that reported it. Where fields are missing they are looked for in the event's words.

use jiff::{SignedDuration, Timestamp};

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::At;
use crate::connectors::signin::moment;
use crate::connectors::signin::windows_record::{Record, in_words};
use crate::domain::signin::{ReasonClass, SigninOutcome};

/// Reads an event.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let record = Record(raw);
    let number = record.number();
    let event = number.map(|n| match name(n) {
        Some(name) => format!("{n}:{name}"),
        None => n.to_string(),
    });
    let field = |names: &[&str], words: &[(&str, &str)]| {
        names.iter().find_map(|name| record.data(name)).or_else(|| {
            let message = record.message()?;
            words.iter().find_map(|(section, label)| in_words(&message, section, label))
        })
    };
    let status = field(&["Status", "ResultCode", "FailureCode"], STATUS);
    let sub = record.data("SubStatus").or_else(|| (number == Some(4625)).then(|| field(&[], SUB_STATUS)).flatten());
    let failed = [&sub, &status].into_iter().flatten().find(|code| !is_zero(code)).cloned();
    let outcome = match number {
        Some(4624 | 4648) => Some(SigninOutcome::Success),
        Some(4625 | 4771) => Some(SigninOutcome::Failure),
        Some(4768 | 4769 | 4776) if failed.is_some() => Some(SigninOutcome::Failure),
        Some(4768 | 4769 | 4776) if status.is_some() => Some(SigninOutcome::Success),
        Some(4740) => Some(SigninOutcome::Blocked),
        _ => None,
    };
    let workstation = || field(&["Workstation", "WorkstationName"], WORKSTATION);
    let ip = match number {
        Some(4776) => workstation(),
        // The caller's computer stands in the domain's field.
        Some(4740) => field(&["TargetDomainName"], &[("Additional Information", "Caller Computer Name")]),
        _ => field(&["IpAddress"], ADDRESS).or_else(workstation),
    };
    let time = record.time();
    let locked = number == Some(4740);
    Draft {
        id: match (record.system(&["Hostname", "Computer", "computer_name"]), record_number(record)) {
            (Some(host), Some(place)) => Some(format!("{host}:{place}")),
            _ => None,
        },
        at: time.as_deref().and_then(|t| local(raw, t)),
        event,
        time,
        actor: field(&["TargetUserName", "AccountName"], ACCOUNT),
        outcome,
        code: if locked { Some("4740".to_owned()) } else { failed.filter(|_| outcome.is_some()) },
        class: locked.then_some(ReasonClass::LockedOut),
        ip,
        device: record.data("WorkstationName").or_else(|| record.data("Workstation")),
        application: record.data("ServiceName").or_else(|| record.system(&["Hostname", "Computer", "computer_name"])),
        session: record.data("TargetLogonId").or_else(|| record.data("LogonGuid")),
        ..Draft::default()
    }
}

const STATUS: &[(&str, &str)] = &[
    ("Failure Information", "Status"),
    ("", "Error Code"),
    ("Additional Information", "Result Code"),
    ("Additional Information", "Failure Code"),
];
const SUB_STATUS: &[(&str, &str)] = &[("Failure Information", "Sub Status")];
const WORKSTATION: &[(&str, &str)] = &[("", "Source Workstation"), ("Network Information", "Workstation Name")];
const ADDRESS: &[(&str, &str)] =
    &[("Network Information", "Source Network Address"), ("Network Information", "Client Address")];
const ACCOUNT: &[(&str, &str)] = &[
    ("Account For Which Logon Failed", "Account Name"),
    ("New Logon", "Account Name"),
    ("Account That Was Locked Out", "Account Name"),
    ("Target Account", "Account Name"),
    ("Account Information", "Account Name"),
    ("Account Whose Credentials Were Used", "Account Name"),
    ("", "Logon Account"),
];

fn name(number: i64) -> Option<&'static str> {
    Some(match number {
        4624 => "logon",
        4625 => "logon_failed",
        4634 | 4647 => "logoff",
        4648 => "explicit_credentials",
        4722 => "account_enabled",
        4723 => "password_change",
        4724 => "password_reset",
        4725 => "account_disabled",
        4726 => "account_deleted",
        4738 => "account_changed",
        4740 => "account_locked_out",
        4767 => "account_unlocked",
        4768 => "kerberos_tgt_request",
        4769 => "kerberos_service_ticket",
        4771 => "kerberos_preauth_failed",
        4776 => "credential_validation",
        _ => return None,
    })
}

fn is_zero(code: &str) -> bool {
    let digits = code.trim().trim_start_matches("0x").trim_start_matches("0X");
    digits.is_empty() || digits == "-" || digits.bytes().all(|b| b == b'0')
}

fn record_number(record: Record<'_>) -> Option<String> {
    record.system(&["RecordNumber", "EventRecordID", "eventRecordID", "record_id"])
}

/// NXLog writes the machine's own time without a zone. Where the collector's time of receipt stands beside it both without a zone and
/// in UTC, the difference is the zone.
fn local(raw: At<'_>, time: &str) -> Option<Timestamp> {
    let received = moment::parse(raw.get("EventReceivedTime").str()?)?;
    let collected = raw.get("@timestamp").str().filter(|t| t.ends_with('Z')).and_then(moment::parse)?;
    if time.ends_with('Z') || raw.get("EventTime").str() != Some(time) {
        return None;
    }
    // Zones lie on quarters of an hour, within fourteen hours.
    let quarters = (collected.as_second() - received.as_second() + 450).div_euclid(900);
    let shift = SignedDuration::from_secs(quarters * 900);
    if quarters.abs() > 14 * 4 {
        return None;
    }
    moment::parse(time)?.checked_add(shift).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::signin::windows_record::from_xml;
    use crate::domain::digest::Digest;
    use crate::domain::signin::{Provider, SigninEvent};

    fn event(raw: &serde_json::Value) -> SigninEvent {
        read(At::of(raw)).finish(Provider::WindowsSecurity, Digest::of(b""), 0)
    }

    #[test]
    fn one_failed_logon_in_four_coats() {
        let data = json!({ "TargetUserName": "ana", "Status": "0xc000006d", "SubStatus": "0xC000006A", "IpAddress": "10.0.0.7",
            "WorkstationName": "LAPTOP7" });
        let mut flat = data.clone();
        flat["EventID"] = json!(4625);
        let beat = json!({ "winlog": { "event_id": "4625", "event_data": data, "record_id": 9, "computer_name": "dc1" },
            "@timestamp": "2026-11-21T02:01:12Z" });
        let listed = json!({ "Event": { "System": { "EventID": { "#text": "4625" }, "TimeCreated": { "@SystemTime": "2026-11-21T02:01:12Z" } },
            "EventData": { "Data": [
                { "@Name": "TargetUserName", "#text": "ana" }, { "@Name": "Status", "#text": "0xc000006d" },
                { "@Name": "SubStatus", "#text": "0xC000006A" }, { "@Name": "IpAddress", "#text": "10.0.0.7" } ] } } });
        let xml = from_xml(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>4625</EventID>\
             <TimeCreated SystemTime='2026-11-21T02:01:12.000Z'/><Computer>dc1</Computer></System><EventData>\
             <Data Name='TargetUserName'>ana</Data><Data Name='Status'>0xc000006d</Data><Data Name='SubStatus'>0xC000006A</Data>\
             <Data Name='IpAddress'>10.0.0.7</Data></EventData></Event>",
        )
        .unwrap();
        for raw in [flat, beat, listed, xml] {
            let event = event(&raw);
            assert_eq!(event.actor.as_deref(), Some("ana"), "{raw}");
            assert_eq!(event.outcome, Some(SigninOutcome::Failure));
            assert_eq!(event.reason_code.as_deref(), Some("0xC000006A"));
            assert_eq!(event.ip.as_deref(), Some("10.0.0.7"));
        }
    }

    #[test]
    fn a_lock_names_the_account_and_the_caller() {
        let raw = json!({ "EventID": 4740, "Message": "A user account was locked out.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\t\
            Account Name:\t\tDC1$\r\n\r\nAccount That Was Locked Out:\r\n\tSecurity ID:\t\tS-1-5-21-1\r\n\tAccount Name:\t\tana\r\n\r\n\
            Additional Information:\r\n\tCaller Computer Name:\tLAPTOP7\r\n" });
        let event = event(&raw);
        assert_eq!((event.actor.as_deref(), event.ip.as_deref()), (Some("ana"), Some("LAPTOP7")));
        assert_eq!((event.outcome, event.reason_class), (Some(SigninOutcome::Blocked), Some(ReasonClass::LockedOut)));
    }

    #[test]
    fn a_collectors_two_clocks_give_the_zone() {
        let raw = json!({ "EventID": 4776, "Status": "0x0", "EventTime": "2020-09-21 22:39:13", "EventReceivedTime": "2020-09-21 22:39:14",
            "@timestamp": "2020-09-22T02:39:14.736Z", "Workstation": "W5" });
        let event = event(&raw);
        assert_eq!(event.time.as_deref(), Some("2020-09-21 22:39:13"));
        assert_eq!(event.at.unwrap().to_string(), "2020-09-22T02:39:13Z");
        assert_eq!((event.outcome, event.reason_code), (Some(SigninOutcome::Success), None));
    }

    #[test]
    fn broken_xml_is_harmless() {
        for text in [
            "<Event",
            "<Event><EventID>",
            "<Event><Data Name='",
            "<Event><EventID>1</EventID><Data Name=\"a\">x",
            "<Eventé>",
        ] {
            let _ = from_xml(text);
        }
        assert_eq!(from_xml("nothing"), None);
    }
}
