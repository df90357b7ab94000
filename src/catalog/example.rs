//! The example company, built into the program so that `claviger demo` runs from anywhere. A test compares the list with the folder.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The example's files: path within the catalog, and text.
        pub const EXAMPLE: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/", $name)))),*];
    };
}

files![
    "bundles.yaml",
    "company.yaml",
    "connectors.yaml",
    "holdings.yaml",
    "knowledge/badge.md",
    "knowledge/break-glass.md",
    "knowledge/contractors.md",
    "knowledge/expenses.md",
    "knowledge/leave.md",
    "knowledge/local-admin.md",
    "knowledge/new-colleague.md",
    "knowledge/new-phone.md",
    "knowledge/password-reset.md",
    "knowledge/passwords.md",
    "knowledge/production-data.md",
    "knowledge/security-contact.md",
    "knowledge/vpn.md",
    "people/data.yaml",
    "people/engineering.yaml",
    "people/executive.yaml",
    "people/finance.yaml",
    "people/hr.yaml",
    "people/it.yaml",
    "people/legal.yaml",
    "people/marketing.yaml",
    "people/operations.yaml",
    "people/platform.yaml",
    "people/sales.yaml",
    "people/security.yaml",
    "people/support.yaml",
    "policy/disclosure.yaml",
    "policy/guardrails.cedar",
    "policy/risk.yaml",
    "policy/routing.yaml",
    "policy/sod.yaml",
    "policy/unlock.yaml",
    "systems/data.yaml",
    "systems/engineering.yaml",
    "systems/finance.yaml",
    "systems/marketing.yaml",
    "systems/people.yaml",
    "systems/platform.yaml",
    "systems/sales.yaml",
    "systems/security.yaml",
    "systems/tarnfeld.yaml",
    "systems/workplace.yaml",
];
