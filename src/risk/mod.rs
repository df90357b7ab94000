//! The risk score of an access request and of a sign-in: facts in, assessment with itemised reasons out. Pure integer arithmetic.

pub mod arithmetic;
pub mod assess;
pub mod confidence;
pub mod firing;
pub mod peers;
pub mod score;
pub mod signin;
pub mod table;
pub mod table_text;
pub mod tables;
