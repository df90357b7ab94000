//! Slack. Pure: a card as Block Kit, App Home and windows; whether a request is Slack's, and what it is about. Not pure: the client, and
//! how deliveries come in, by a socket or by HTTP.

pub mod client;
pub mod codes;
pub mod connector;
pub mod doctor;
pub mod home;
pub mod http;
pub mod identity;
pub mod inert;
pub mod limits;
pub mod modal;
pub mod pace;
pub mod picker;
pub mod read;
pub mod receive;
pub mod reception;
pub mod render;
pub mod signature;
pub mod socket;
pub mod start;
pub mod start_page;
pub mod watch;
pub mod words;
