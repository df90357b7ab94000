//! JSON Schemas of the catalog's files, made from the types they are read into, so that editors can help while people write.

use schemars::{JsonSchema, schema_for};

use crate::catalog::written::{
    BundlesFile, CompanyFile, ConnectorsFile, FrontMatter, HoldingsFile, PeopleFile, SodFile, SystemsFile,
};

/// The folder of the schemas within a catalog.
pub const FOLDER: &str = "schemas";

/// The schemas: file name and text.
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("bundles.schema.json", text::<BundlesFile>()),
        ("company.schema.json", text::<CompanyFile>()),
        ("connectors.schema.json", text::<ConnectorsFile>()),
        ("holdings.schema.json", text::<HoldingsFile>()),
        ("knowledge.schema.json", text::<FrontMatter>()),
        ("people.schema.json", text::<PeopleFile>()),
        ("sod.schema.json", text::<SodFile>()),
        ("systems.schema.json", text::<SystemsFile>()),
    ]
}

fn text<T: JsonSchema>() -> String {
    format!("{:#}\n", schema_for!(T).as_value())
}
