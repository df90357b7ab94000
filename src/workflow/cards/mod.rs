//! What people read: every sentence the workflow says, as cards. No decision is taken here.

pub mod draft;
pub mod grant;
pub mod lockout;
pub mod news;
pub mod request;
pub mod task;
pub mod ticket;
pub mod unlock;
pub mod words;
