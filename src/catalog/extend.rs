//! Adds entitlements to a loaded catalog, and turns vendors' rows into a YAML systems file.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::catalog::defaults;
use crate::catalog::jsonl::VendorEntitlement;
use crate::catalog::model::{Catalog, VendorTerms};
use crate::catalog::words::{At, Day, Length};
use crate::catalog::written::{EntitlementEntry, EntitlementTraits, SystemEntry, SystemsFile};
use crate::domain::digest::Digest;
use crate::domain::entitlement::{Entitlement, System};
use crate::domain::ids::SystemId;

impl Catalog {
    /// The same catalog with these entitlements besides; of two with the same id the catalog's own stays. Systems it does not know are
    /// added under their id.
    #[must_use]
    pub fn with_entitlements(mut self, extra: Vec<Entitlement>) -> Self {
        let before = self.digest;
        let mut added: Vec<Arc<Entitlement>> = Vec::new();
        for entitlement in extra {
            self.systems.entry(entitlement.system.clone()).or_insert_with(|| System {
                id: entitlement.system.clone(),
                title: system_title(&entitlement.system),
                description: String::new(),
                aliases: Vec::new(),
                connector: entitlement.connector.clone(),
            });
            self.entitlements.entry(entitlement.id.clone()).or_insert_with(|| {
                let entitlement = Arc::new(entitlement);
                added.push(entitlement.clone());
                entitlement
            });
        }
        // An entitlement holds texts, whole numbers and dates, which all have a canonical form; should that ever change, the digest
        // of what was there before still stands for the part that people wrote.
        self.digest = Digest::of_value(&(before, &added.iter().map(Arc::as_ref).collect::<Vec<_>>())).unwrap_or(before);
        self
    }

    /// The same catalog with these vendors' rows besides, under the company's terms for vendors' catalogs.
    #[must_use]
    pub fn with_vendor_rows(self, rows: &[VendorEntitlement], today: Date) -> Self {
        let terms = self.vendor_terms.clone();
        self.with_entitlements(rows.iter().map(|row| defaults::entitlement(row, &terms, today)).collect())
    }
}

/// Names of well-known systems as people write them; others get their id.
fn system_title(id: &SystemId) -> String {
    match id.as_str() {
        "entra" => "Microsoft Entra".to_owned(),
        "azure" => "Microsoft Azure".to_owned(),
        "msgraph" => "Microsoft Graph".to_owned(),
        "gcp" => "Google Cloud".to_owned(),
        "aws" => "Amazon Web Services".to_owned(),
        "github" => "GitHub".to_owned(),
        other => other.to_owned(),
    }
}

/// A systems file that says the same as these rows under these terms.
///
/// # Errors
/// What keeps the rows from being written as YAML.
pub fn to_yaml(
    rows: &[VendorEntitlement],
    terms: &VendorTerms,
    today: Date,
) -> Result<String, serde_saphyr::ser_error::Error> {
    let mut systems: BTreeMap<&SystemId, Vec<EntitlementEntry>> = BTreeMap::new();
    for row in rows {
        systems.entry(&row.system).or_default().push(entry(&defaults::entitlement(row, terms, today)));
    }
    let file = SystemsFile {
        systems: systems
            .into_iter()
            .map(|(id, entitlements)| SystemEntry {
                id: At::nowhere(id.clone()),
                title: system_title(id),
                description: String::new(),
                aliases: Vec::new(),
                defaults: EntitlementTraits {
                    owners: Some(vec![At::nowhere(terms.owner.clone())]),
                    department: Some(At::nowhere(terms.department.clone())),
                    connector: Some(At::nowhere(terms.connector.clone())),
                    class_reviewed: Some(Day::Fixed(today)),
                    created: Some(Day::Fixed(today)),
                    ..EntitlementTraits::default()
                },
                entitlements,
            })
            .collect(),
    };
    let body = serde_saphyr::to_string(&file)?;
    Ok(format!("# yaml-language-server: $schema=../schemas/systems.schema.json\n{body}"))
}

fn entry(e: &Entitlement) -> EntitlementEntry {
    EntitlementEntry {
        name: At::nowhere(e.name.clone()),
        id: Some(At::nowhere(e.id.clone())),
        title: e.title.clone(),
        description: e.description.clone(),
        details: e.details.clone(),
        aliases: e.aliases.clone(),
        functions: Vec::new(),
        privileged: e.privileged,
        ladder: e.ladder,
        kind: Some(e.kind.clone()).filter(|k| !k.is_empty()),
        access: Some(e.access),
        privilege: Some(e.privilege),
        data: Some(e.data),
        production: e.production.then_some(true),
        tier: Some(e.tier),
        class_reviewed: None,
        created: None,
        owners: None,
        department: None,
        shared: None,
        company: None,
        default_window: Some(At::nowhere(Length::Lasting(e.default_window))),
        longest_window: e.longest_window.map(|l| At::nowhere(Length::Lasting(l))),
        review_after: e.review_after.map(|r| At::nowhere(Length::Lasting(r))),
        reason_required: Some(e.reason_required),
        connector: None,
        scope: None,
        assignable: (!e.assignable).then_some(false),
        break_glass: None,
        requestable_by: None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::catalog::example::EXAMPLE;
    use crate::catalog::jsonl::parse_lines;
    use crate::catalog::source::Source;

    const ROWS: &str = concat!(
        r#"{"id":"acme:1","system":"acme","kind":"role","name":"Thing Reader","description":"Reads: \"things\"\n- and lists\n\n# no comment","privileged":null}"#,
        "\n",
        r#"{"id":"acme:2","system":"acme","name":"yes","title":"Thing: Owner","details":"*all* of it","privileged":true,"aliases":["null","- x"]}"#,
        "\n",
        r#"{"id":"acme:3","system":"acme","name":"Old Writer","assignable":false}"#,
        "\n",
        r#"{"id":"acme:4","system":"acme","kind":"step","name":"Middle","sensitivity":{"rank":1,"rank_of":3}}"#,
    );

    #[test]
    fn what_is_imported_as_yaml_is_what_is_added_directly() {
        let today = date(2026, 11, 21);
        let rows = parse_lines("rows", ROWS).unwrap();
        let mut texts: BTreeMap<String, String> =
            EXAMPLE.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        let plain = Catalog::from_texts(&texts, today).unwrap();
        texts.insert("systems/acme.yaml".to_owned(), to_yaml(&rows, &plain.vendor_terms, today).unwrap());
        let imported = Catalog::from_texts(&texts, today).unwrap_or_else(|m| panic!("{m:?}"));
        let added = plain.with_vendor_rows(&rows, today);
        for row in &rows {
            assert_eq!(imported.entitlement(&row.id), added.entitlement(&row.id));
        }
        assert_eq!(imported.entitlements.len(), added.entitlements.len());
        let middle = imported.entitlement(&rows[3].id).and_then(|e| e.ladder);
        assert_eq!(middle.map(|l| (l.rank, l.of, l.height())), Some((1, 3, 500)));
    }

    #[test]
    fn the_catalogs_own_entitlements_stay_and_the_digest_moves() {
        let plain = Catalog::load(&Source::Example, date(2026, 11, 21)).unwrap();
        let own = plain.entitlements.values().next().unwrap().clone();
        let (count, digest) = (plain.entitlements.len(), plain.digest);
        let new = Entitlement { id: crate::domain::ids::EntitlementId::parse("x:new").unwrap(), ..(*own).clone() };
        let more = plain.with_entitlements(vec![Entitlement { title: "changed".into(), ..(*own).clone() }, new]);
        assert_eq!((more.entitlements.len(), more.entitlement(&own.id)), (count + 1, Some(&own)));
        assert_ne!(more.digest, digest);
    }
}
