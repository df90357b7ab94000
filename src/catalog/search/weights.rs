//! Every number the ranking uses, in one place, each with its reason.

/// The weights, in thousandths unless the name says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// How much a word in the name or title counts. Names are chosen to tell things apart.
    pub field_name: i64,
    /// A word in the description.
    pub field_description: i64,
    /// A word in the long text: it mentions much that is beside the point.
    pub field_details: i64,
    /// A word of the surroundings (system, kind, owner).
    pub field_context: i64,
    /// A word for what lives where it leads to.
    pub field_contents: i64,
    /// BM25's k1: how soon repeating a word stops to help.
    pub k1: i64,
    /// BM25's b: how much long texts are held back.
    pub b: i64,
    /// The share of matched words, each by its rarity.
    pub text: i64,
    /// The best single sentence or bullet: words that belong together stand together.
    pub passage: i64,
    /// How much of that is kept by a sentence about looking when something is to be changed.
    pub passage_reads_only: i64,
    /// Share of a sentence's worth that depends on the sentence speaking of nothing else.
    pub passage_precision: i64,
    /// How much of the name was asked for: an unasked word in a name ("Privileged …") means more than was asked for.
    pub name: i64,
    /// Matched words that stand in the name or title.
    pub name_recall: i64,
    /// Neighbouring words that are neighbours there too.
    pub pairs: i64,
    /// How much of the score hangs on finding all telling words rather than one of them often.
    pub coverage: i64,
    /// The exact name, id or alias was said.
    pub exact: i64,
    /// A synonym or abbreviation instead of the word.
    pub synonym: i64,
    /// A word one or two letters away.
    pub fuzzy: i64,
    /// A compound found by its parts.
    pub compound: i64,
    /// Words in parentheses: an area, a hint.
    pub aside: i64,
    /// Words that say little.
    pub filler: i64,
    /// Common verbs as words (their meaning counts elsewhere).
    pub verb: i64,
    /// What is kept when looking was asked for and changing is offered.
    pub read_offered_write: i64,
    /// The same, where administration is offered.
    pub read_offered_admin: i64,
    /// What is kept when changing was asked for and only looking is offered: it cannot satisfy.
    pub write_offered_read: i64,
    /// What is kept when changing was asked for and only using is offered.
    pub write_offered_use: i64,
    /// What is kept by names that reach everywhere, unasked.
    pub broad: i64,
    /// What is kept by the keys to everything, unasked.
    pub privileged: i64,
    /// What each step of a vendor's own privilege scale (1 to 5) takes away.
    pub privilege_step: i64,
    /// What is kept by what was made for programs, when a person asks for themselves.
    pub for_program: i64,
    /// What is kept by a programming interface's scopes, when nobody spoke of one.
    pub api_scope: i64,
    /// What is kept by things of another system than the one that was named.
    pub other_system: i64,
    /// What is kept when the asker spoke of their own things and all of everybody's are offered.
    pub own_offered_all: i64,
    /// What is taken away, at full breadth, from what does very much besides.
    pub breadth: i64,
    /// What a full ladder's distance above the wanted step takes away.
    pub ladder_above: i64,
    /// What a full ladder's distance below the wanted step takes away: it cannot satisfy.
    pub ladder_below: i64,
    /// How near the first another must be, in thousandths of its score, for the narrower of the two to be preferred.
    pub near_tie: i64,
    /// How many candidates the full-text index hands over (a count).
    pub candidates: usize,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            field_name: 3000,
            field_description: 650,
            field_details: 270,
            field_context: 500,
            field_contents: 1500,
            k1: 900,
            b: 250,
            text: 1000,
            passage: 700,
            passage_reads_only: 400,
            passage_precision: 420,
            name: 550,
            name_recall: 180,
            pairs: 1000,
            coverage: 200,
            exact: 1500,
            synonym: 480,
            fuzzy: 600,
            compound: 850,
            aside: 1000,
            filler: 230,
            verb: 450,
            read_offered_write: 520,
            read_offered_admin: 320,
            write_offered_read: 500,
            write_offered_use: 800,
            broad: 900,
            privileged: 985,
            privilege_step: 10,
            for_program: 600,
            api_scope: 550,
            other_system: 350,
            own_offered_all: 900,
            breadth: 75,
            ladder_above: 600,
            ladder_below: 900,
            near_tie: 940,
            candidates: 320,
        }
    }
}
