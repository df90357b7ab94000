//! Logs, traces, metrics. One line for each turn and state change; never message text, prompts or tokens.

pub mod logs;
pub mod meters;
