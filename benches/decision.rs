//! How long one decision takes with the facts in hand: policy, risk and routing, with 25 and with 200 guardrails.
//! `cargo bench --bench decision`

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot start stops at once")]

use std::hint::black_box;
use std::time::Instant;

use claviger::routing::rules::{Rules, Texts, decide};
use hdrhistogram::Histogram;

#[path = "../tests/support/facts.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod facts;

/// The shipped guardrails and as many more as are missing, spread over the actions, with conditions of the usual sort.
fn rules(count: usize) -> Rules {
    let texts = Rules::default_texts();
    let mut text = texts.guardrails.to_owned();
    let shipped = Rules::from_texts(&texts).expect("the shipped rules are in order").policy.guardrails.len();
    let actions = ["auto_approve", "skip_security", "skip_second_person", "request"];
    for n in shipped..count {
        let action = actions[n % actions.len()];
        text.push_str(&format!(
            "@id(\"GR-BENCH-{n}\") @reason(\"r\") forbid (principal, action == Action::\"{action}\", resource)\n\
             when {{ resource.system == \"system-{n}\" && resource.data == Data::\"regulated\" &&\n\
             principal.department != \"Department {n}\" && context.days > {n} }};\n"
        ));
    }
    Rules::from_texts(&Texts { guardrails: &text, ..texts }).expect("the made-up rules are in order")
}

fn main() {
    let cases =
        [facts::sales_report(), facts::marketing_analyst(), facts::data_scientist(), facts::clerk(), facts::intern()];
    println!("{:>10} {:>12} {:>12} {:>12}", "guardrails", "p50 µs", "p99 µs", "most µs");
    for count in [25, 200] {
        let rules = rules(count);
        let mut taken = Histogram::<u64>::new(3).expect("three digits are allowed");
        for round in 0..6000 {
            let facts = &cases[round % cases.len()];
            let start = Instant::now();
            black_box(decide(&rules, black_box(facts)));
            let nanos = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            if round >= 1000 {
                taken.record(nanos).expect("the histogram grows by itself");
            }
        }
        let micros = |nanos: u64| nanos as f64 / 1000.0;
        println!(
            "{:>10} {:>12.1} {:>12.1} {:>12.1}",
            count,
            micros(taken.value_at_quantile(0.5)),
            micros(taken.value_at_quantile(0.99)),
            micros(taken.max())
        );
    }
}
