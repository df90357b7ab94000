//! All vectors of `data/risk-vectors`: score, outcome and every bar exactly, and what happens to lines that make no sense.

use std::path::PathBuf;

use claviger::cli::risk_line::{Answer, answer};
use claviger::routing::rules::Rules;

fn data() -> PathBuf {
    std::env::var_os("CLAVIGER_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")), PathBuf::from)
}

fn shipped() -> Rules {
    Rules::from_texts(&Rules::default_texts()).unwrap()
}

#[test]
fn every_vector_scores_exactly() {
    let folder = data().join("risk-vectors");
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
        return;
    }
    let rules = shipped();
    let mut count = 0;
    for file in ["named.jsonl", "random.jsonl"] {
        for line in std::fs::read_to_string(folder.join(file)).unwrap().lines() {
            let expected: Answer = serde_json::from_str(line).unwrap();
            assert_eq!(answer(&rules, line.as_bytes()).unwrap(), expected);
            // The points that the lines spell out have to come out of the shares as well.
            let mut bare: serde_json::Value = serde_json::from_str(line).unwrap();
            bare.as_object_mut().unwrap().retain(|key, _| !key.ends_with("_points_tenths"));
            assert_eq!(answer(&rules, bare.to_string().as_bytes()).unwrap(), expected);
            count += 1;
        }
    }
    assert_eq!(count, 440);
}

#[test]
fn a_line_that_makes_no_sense_says_why() {
    let rules = shipped();
    let why = |line: &str| answer(&rules, line.as_bytes()).unwrap_err();
    assert!(why("{").contains("EOF"));
    assert!(why(r#"{"id":"a"}"#).contains("kind"));
    assert!(why(r#"{"id":"a","kind":"lunch"}"#).contains("lunch"));
    assert!(why(r#"{"id":"a","kind":"request","factors":["net.new_ip"]}"#).contains("`net.new_ip`"));
    assert!(why(r#"{"id":"a","kind":"signin","mitigations":["charm"]}"#).contains("`charm`"));
    assert!(why(r#"{"id":"a","kind":"request","floors":[["X",101]]}"#).contains("at most 100"));
    assert!(
        why(r#"{"id":"a","kind":"request","peer":{"holders":3,"peers":2,"organisation_share":0}}"#).contains("3 of 2")
    );
    assert!(
        why(r#"{"id":"a","kind":"request","peer":{"holders":1,"peers":2,"organisation_share":1.5}}"#).contains("1.5")
    );
    let off =
        r#"{"id":"a","kind":"request","peer":{"holders":0,"peers":10,"organisation_share":0},"peer_points_tenths":12}"#;
    assert!(why(off).contains("480"));
}
