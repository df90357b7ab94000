//! Sign-in logs fetched from providers' interfaces, page by page, behind `ports::signin_source`.
//!
//! [`okta`] and [`entra`] know the two interfaces; [`call`] makes one call with its limits; [`link`] reads `Link` headers and keeps next
//! pages where they belong.
//!
//! Invariant: tokens go to the configured hosts and to no other, whatever an answer says.

pub mod call;
pub mod entra;
pub mod link;
pub mod okta;
