//! The app package, before Microsoft's own schema.

use std::io::{Cursor, Read as _};

use claviger::chat::teams::package::{MANIFEST_VERSION, package};
use claviger::chat::teams::settings::{Cloud, Settings, Written};
use serde_json::Value;

use crate::teams::world::{APP, TENANT};

fn settings() -> Settings {
    Settings::parse(Written {
        app_id: APP.into(),
        app_secret: "hush".into(),
        tenants: vec![TENANT.into()],
        app_tenant: None,
        cloud: Cloud::Public,
        metadata_url: None,
        login_url: None,
        service_hosts: Vec::new(),
        public_url: "https://access.example/".into(),
    })
    .unwrap()
}

fn files() -> Vec<(String, Vec<u8>)> {
    let bytes = package(&settings()).unwrap();
    assert_eq!(bytes, package(&settings()).unwrap(), "the same settings give the same package");
    assert!(!bytes.windows(4).any(|w| w == b"hush"), "the secret stays at home");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|n| {
            let mut file = archive.by_index(n).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

fn faults(manifest: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(include_str!("../../chat/schemas/teams-manifest-1.30.json")).unwrap();
    assert_eq!(schema["properties"]["manifestVersion"]["const"], MANIFEST_VERSION);
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(manifest).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn the_manifest_is_as_microsoft_wants_it() {
    let files = files();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["manifest.json", "color.png", "outline.png"]);
    let manifest: Value = serde_json::from_slice(&files[0].1).unwrap();
    assert_eq!(faults(&manifest), Vec::<String>::new());
    assert_eq!(manifest["bots"][0]["botId"], APP);
    let mut broken = manifest.clone();
    broken["name"]["short"] = "x".repeat(31).into();
    broken["bots"][0]["scopes"][0] = "groupchat".into();
    broken["colour"] = "red".into();
    assert_eq!(faults(&broken).len(), 3, "the schema can fail");
}

/// The width and height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((png[24], png[25]), (8, 6), "eight bits, with transparency");
    (number(16), number(20))
}

#[test]
fn the_icons_have_their_sizes() {
    let files = files();
    assert_eq!(size(&files[1].1), (192, 192));
    assert_eq!(size(&files[2].1), (32, 32));
}
