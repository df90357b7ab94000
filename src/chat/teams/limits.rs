//! What Teams takes (Microsoft Learn, “Limits and specifications for Teams” and “Format cards”, read November 2026).

/// Bytes of a card as JSON. Bots may send 100 KB in UTF-16, but webhooks stop at 28 KB and clients grow slow: we stay below both.
pub const CARD_BYTES: usize = 25_000;
/// Actions shown as buttons; the rest go to the “more” menu.
pub const PRIMARY_ACTIONS: usize = 6;
/// Words of a headline, of a button.
pub const HEADLINE: usize = 300;
/// Words on a button. No number is named; longer ones do not fit a phone.
pub const LABEL: usize = 80;
/// Words of one run of text.
pub const RUN: usize = 4_000;
/// Words of a notification.
pub const SUMMARY: usize = 300;
/// What a text field takes.
pub const INPUT: usize = 4_000;
/// Options of a select.
pub const OPTIONS: usize = 100;
/// Citations of an answer.
pub const CITATIONS: usize = 20;
/// Name of a citation.
pub const CITATION_NAME: usize = 80;
/// Abstract of a citation.
pub const CITATION_ABSTRACT: usize = 160;
