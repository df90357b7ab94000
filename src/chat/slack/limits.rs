//! What Slack takes (its Block Kit reference, read November 2026). Text limits count the escaped text.

/// Blocks of a message.
pub const MESSAGE_BLOCKS: usize = 50;
/// Blocks of a modal or of App Home.
pub const VIEW_BLOCKS: usize = 100;
/// Text of a section.
pub const SECTION: usize = 3_000;
/// Text of a field of a section, and how many there are.
pub const FIELD: usize = 2_000;
/// Fields of a section.
pub const FIELDS: usize = 10;
/// Text of a header.
pub const HEADER: usize = 150;
/// Text of a context element. Slack names no number; a section's is safe.
pub const CONTEXT: usize = 2_000;
/// Buttons in a row of actions.
pub const ACTIONS: usize = 25;
/// Words on a button, an option or a placeholder (150).
pub const LABEL: usize = 75;
/// Options of a select.
pub const OPTIONS: usize = 100;
/// Value of an option.
pub const OPTION_VALUE: usize = 150;
/// Title and text of a confirmation, and its two buttons.
pub const CONFIRM_TITLE: usize = 100;
/// Text of a confirmation.
pub const CONFIRM_TEXT: usize = 300;
/// A confirmation's buttons.
pub const CONFIRM_BUTTON: usize = 30;
/// A modal's title and its two buttons.
pub const TITLE: usize = 24;
/// What a text field takes.
pub const INPUT: usize = 3_000;
/// A label of a field.
pub const INPUT_LABEL: usize = 150;
/// Words in a message altogether. Slack refuses messages whose blocks say too much without naming the number; more than this nobody
/// reads.
pub const MESSAGE_TEXT: usize = 12_000;
/// The words of a notification.
pub const NOTIFICATION: usize = 400;
