//! What Discord takes (its developer documentation, “Message”, “Embed limits” and “Components”, read November 2026).

/// Words of all embeds of a message together.
pub const EMBEDS_TEXT: usize = 6_000;
/// Title of an embed.
pub const TITLE: usize = 256;
/// Description of an embed.
pub const DESCRIPTION: usize = 4_096;
/// Fields of an embed.
pub const FIELDS: usize = 25;
/// Name of a field.
pub const FIELD_NAME: usize = 256;
/// Value of a field.
pub const FIELD_VALUE: usize = 1_024;
/// Footer of an embed.
pub const FOOTER: usize = 2_048;
/// Rows of components.
pub const ROWS: usize = 5;
/// Buttons in a row.
pub const ROW: usize = 5;
/// Words on a button.
pub const LABEL: usize = 80;
/// What a component carries.
pub const CUSTOM_ID: usize = 100;
/// Options of a select.
pub const OPTIONS: usize = 25;
/// Label, value and description of an option.
pub const OPTION: usize = 100;
/// The words in an empty select.
pub const PLACEHOLDER: usize = 150;
/// A modal's title.
pub const MODAL_TITLE: usize = 45;
/// A modal's fields.
pub const MODAL_FIELDS: usize = 5;
/// A field's label.
pub const MODAL_LABEL: usize = 45;
/// A field's hint.
pub const MODAL_HINT: usize = 100;
/// What a field takes.
pub const MODAL_TEXT: usize = 4_000;
/// The flag of a message that only whoever clicked sees.
pub const EPHEMERAL: u64 = 1 << 6;
