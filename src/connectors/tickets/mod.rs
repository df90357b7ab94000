//! Desks outside where tickets are filed, behind `ports::tickets`: a signed [`webhook`] (which also tells the security operations centre,
//! [`soc`]), [`jira`], [`servicenow`], and a mailbox by [`email`].
//!
//! Invariant: a ticket is filed once, however often it is tried; every desk is asked by our reference first, or carries it where the
//! desk itself takes it for the same.

pub mod email;
pub mod jira;
pub mod servicenow;
pub mod soc;
pub mod webhook;
