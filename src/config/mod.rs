//! Settings: a struct per section, unknown keys refused, secrets never shown. Only `app` and `cli` see them; every other module takes
//! its own small settings.

pub mod chat;
pub mod load;
pub mod sections;
pub mod sources;
pub mod surfaces;
