//! Guardrails, segregation of duties, eligibility: facts in, verdict out, with reasons. Pure.
