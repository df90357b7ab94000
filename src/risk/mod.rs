//! The access-request score and the sign-in score: facts in, assessment out, with its bars. Pure.
