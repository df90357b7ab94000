//! The app package, before Microsoft's own schema.

use std::io::{Cursor, Read as _};

use claviger::chat::teams::package::{APP_VERSION, Listing, MANIFEST_VERSION, manifest, package};
use serde_json::Value;

use crate::teams::world::APP;

fn listing(public: &str) -> Listing {
    Listing::parse(APP, public, (None, None), APP_VERSION).unwrap()
}

fn files() -> Vec<(String, Vec<u8>)> {
    let listing = listing("https://access.example/");
    let bytes = package(&listing).unwrap();
    assert_eq!(bytes, package(&listing).unwrap(), "the same settings give the same package");
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

#[test]
fn pages_and_the_version_can_be_named_and_what_teams_would_refuse_is_refused() {
    let pages = (Some("https://www.example/privacy"), Some("https://www.example/terms"));
    let named = manifest(&Listing::parse(APP, "https://access.example/", pages, "2.1.0").unwrap());
    assert_eq!(faults(&named), Vec::<String>::new());
    assert_eq!(named["developer"]["privacyUrl"], "https://www.example/privacy");
    assert_eq!(named["developer"]["termsOfUseUrl"], "https://www.example/terms");
    assert_eq!(named["version"], "2.1.0");
    let no = |app: &str, public: &str, privacy: Option<&str>, version: &str| {
        Listing::parse(app, public, (privacy, None), version).unwrap_err().to_string()
    };
    assert!(no(APP, "http://access.example/", None, "1.0.0").contains("https"));
    assert!(no(APP, "https://localhost/", None, "1.0.0").contains("http.public_url"));
    assert!(no(APP, "https://access.example/", Some("http://www.example/privacy"), "1.0.0").contains("www.example"));
    for version in ["1", "1.0", "1.0.0-beta", "01.0.0", "v1.0.0"] {
        assert!(no(APP, "https://access.example/", None, version).contains("1.0.1"), "{version}");
    }
    assert!(no("00000000-0000-0000-0000-000000000000", "https://access.example/", None, "1.0.0").contains("zeros"));
}
