//! Verdict and assessment in, route out. Pure.
