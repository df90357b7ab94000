//! The words everything else is written in: ids, people, entitlements, windows, state machines, events, cards. Pure: no clock, no
//! randomness, no file, no network is reached from here; time and entropy come in as arguments.

pub mod account;
pub mod action;
pub mod card;
pub mod clock;
pub mod conversation;
pub mod decision;
pub mod deflection;
pub mod digest;
pub mod entitlement;
pub mod event;
pub mod facts;
pub mod grant;
pub mod ids;
pub mod inquiry;
pub mod job;
pub mod link;
pub mod person;
pub mod posting;
pub mod problem;
pub mod request;
pub mod signin;
pub mod signin_actor;
pub mod signin_codes;
pub mod signin_factor;
pub mod signin_privacy;
pub mod signin_risk;
pub mod task;
pub mod ticket;
pub mod unlock;
pub mod window;
