//! Word lists the grammar is written in: contractions, classes of words, slips of the finger, words that talk to a machine.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::understanding::normalise::Token;

/// Contractions and chat spellings, and what they stand for.
const EXPANSIONS: &[(&str, &[&str])] = &[
    ("i'm", &["i", "am"]),
    ("im", &["i", "am"]),
    ("i've", &["i", "have"]),
    ("ive", &["i", "have"]),
    ("i'd", &["i", "would"]),
    ("i'll", &["i", "will"]),
    ("we'd", &["we", "would"]),
    ("let's", &["let", "us"]),
    ("can't", &["can", "not"]),
    ("cant", &["can", "not"]),
    ("cannot", &["can", "not"]),
    ("won't", &["will", "not"]),
    ("wont", &["will", "not"]),
    ("dont", &["do", "not"]),
    ("doesnt", &["does", "not"]),
    ("didnt", &["did", "not"]),
    ("isnt", &["is", "not"]),
    ("wasnt", &["was", "not"]),
    ("couldnt", &["could", "not"]),
    ("whats", &["what", "is"]),
    ("whos", &["who", "is"]),
    ("hows", &["how", "is"]),
    ("wheres", &["where", "is"]),
    ("thats", &["that", "is"]),
    ("pls", &["please"]),
    ("plz", &["please"]),
    ("plx", &["please"]),
    ("pleas", &["please"]),
    ("thx", &["thanks"]),
    ("ty", &["thanks"]),
    ("tnx", &["thanks"]),
    ("gimme", &["give", "me"]),
    ("wanna", &["want", "to"]),
    ("gonna", &["going", "to"]),
    ("gotta", &["have", "to"]),
    ("lemme", &["let", "me"]),
    ("cuz", &["because"]),
    ("cos", &["because"]),
    ("coz", &["because"]),
    ("bc", &["because"]),
    ("u", &["you"]),
    ("ur", &["your"]),
    ("nvm", &["never", "mind"]),
    ("nevermind", &["never", "mind"]),
    ("perms", &["permissions"]),
    ("acct", &["account"]),
    ("licence", &["license"]),
    ("licences", &["licenses"]),
    ("readonly", &["read", "only"]),
    ("prod", &["production"]),
];

/// Words whose `'s` is "is" rather than a possessive.
const IS_AFTER: &[&str] = &["what", "who", "how", "where", "when", "why", "that", "it", "there", "he", "she", "here"];

/// A word without its contraction; one part for most words.
pub fn expand(word: &str) -> Vec<String> {
    if let Some((_, parts)) = EXPANSIONS.iter().find(|(short, _)| *short == word) {
        return parts.iter().map(|p| (*p).to_owned()).collect();
    }
    let pair = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    if let Some(stem) = word.strip_suffix("n't") {
        return pair(stem, "not");
    }
    for (suffix, full) in [("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'d", "would")] {
        if let Some(stem) = word.strip_suffix(suffix) {
            return pair(stem, full);
        }
    }
    if let Some(stem) = word.strip_suffix("'s").or_else(|| word.strip_suffix("s'")) {
        return pair(stem, if IS_AFTER.contains(&stem) { "is" } else { "'s" });
    }
    vec![word.to_owned()]
}

/// Cue words long enough that one slip of the finger still shows what was meant.
const CORRECTABLE: &str = " access accessing account admin administrator approve approved approver approves because believe cancel colleague \
    denied emergency extend extension locked manager might password permission permissions please production reject \
    rejected remove request requested require revoke status submit thanks until urgent write declined license incident \
    withdraw discard ";

/// Real words one letter away from a cue word, which mean what they say.
const NOT_SLIPS: &str = " request requests admins approval accept assess amount revoked removed extended extends wrote written writer writes \
    rewrite accounts managers manages managed removes revokes cancels permissions licensed licenses emergence submits \
    incidents passwords right night white unlocked blocked docked status requires requester required product rejects \
    locker extensions colleagues approvers access count quite while whites accessed ";

static CUES: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| CORRECTABLE.split_whitespace().chain(NOT_SLIPS.split_whitespace()).collect());

/// The cue word this is, one slip of the finger away (two letters swapped, one missing, extra or wrong); else the word itself.
pub fn correct(word: &str) -> String {
    if word.len() < 5 || word.len() > 14 || !word.is_ascii() || CUES.contains(word) {
        return word.to_owned();
    }
    // Slips spare the first letter, and short words leave no room for doubt.
    let near = CORRECTABLE.split_whitespace().find(|cue| {
        cue.len() >= 6
            && cue.as_bytes()[0] == word.as_bytes()[0]
            && cue.len().abs_diff(word.len()) <= 1
            && word.ends_with('s') == cue.ends_with('s')
            && strsim::osa_distance(cue, word) == 1
    });
    near.map_or_else(|| word.to_owned(), |cue| cue.to_owned())
}

/// Classes of words that patterns name with `@`.
pub const CLASSES: &[(&str, &str)] = &[
    ("me", "me|us|myself|ourselves"),
    ("i", "i|we"),
    (
        "access",
        "access|accesses|permission|permissions|role|roles|rights|right|license|licenses|login|logins|account|privileges|privilege|\
         entitlement|entitlements|membership|seat|credentials|clearance",
    ),
    (
        "level",
        "read|reader|view|viewer|viewing|write|writer|edit|editor|editing|admin|administrator|owner|contributor|full|modify|maintain|\
         maintainer|triage|use|run|execute|commenter|comment|reporter|guest|operator|auditor|approver",
    ),
    (
        "need",
        "need|needs|want|wants|require|requires|would like|would love|could use|would need|will need|am going to need|must have|should have|have to have|am missing|lack|am lacking|\
         am asking for|am after|was hoping to get|am looking for|am looking to get|need to get|want to get|would like to get|would like to have|need to have|would like to request|\
         want to request|need to request|am requesting|request|would appreciate|still need|also need|urgently need|desperately need|just need|really need|currently need|only need|kindly request",
    ),
    ("get", "get|have|receive|obtain|be given|be granted|request|be assigned|gain|ask for"),
    ("give", "give|grant|assign|provide|get|hook|allow|enable|issue|provision|order"),
    ("can", "can|could|may|might|would|will"),
    ("approve", "approve|approves|approving|sign off|signs off|okay|authorise|authorize|authorises|authorizes"),
    ("denied", "denied|rejected|declined|refused|turned down|deny|reject|decline|refuse|not approved|not granted"),
    (
        "signin",
        "sign in|log in|login|signin|log on|logon|sign on|signon|sign onto|log into|sign into|log on to|get in|authenticate|get into my account|log onto",
    ),
    (
        "it",
        "it|this|that|this one|that one|them|these|those|the request|my request|this request|that request|the access|my access|this access|that access",
    ),
    ("back", "done|finished|through|ready"),
    (
        "drop",
        "remove|revoke|drop|return|delete|take away|relinquish|hand back|give back|give up|hand in|surrender|release|end|terminate|take back",
    ),
    ("req", "request|requests|ask|application|ticket|approval"),
];

/// Words that open a sentence without saying anything.
pub const OPENERS: &str = " hi hello hey hiya howdy please ok okay so well um uh thanks and also but then now morning good afternoon evening there \
    team all everyone folks claviger bot sorry just actually quick question kindly oh ah hmm yes no great perfect alright \
    dear again sir madam yeah yep ";

/// Words that close a sentence without saying anything.
pub const CLOSERS: &str = " please thanks thank you now then again asap today ok okay cheers right away instead actually though urgently quickly \
    soon really very much sir bot claviger for me anymore any more longer ";

/// Words that carry no content of their own; a phrase made of these alone names nothing.
pub const STOP: &str = " a an the to of for in on at into onto with by from and or my our your their his her its some any all this that these \
    those it i we you he she they me us them him is are am be been was were do does did can could would will should may \
    might must have has had having get got gets getting please thanks thank so as also too just only now again still \
    currently really very urgently kindly ok okay hi hello hey there need needs want wants like use using able allowed let \
    give grant add put set up asap if possible same one ones nobody else thing things stuff someone somebody anyone new \
    temporary temporarily quick quickly immediately urgent 's s not access permission permissions rights right entitlement \
    privileges privilege instead actually sorry no yes well but then over out about own system morning afternoon evening \
    good team everyone folks claviger bot hoping looking after hope wondering requesting request ask asking provide assign \
    which when more account login dear plus both each other another required necessary away today enable provision oh yeah ";

static STOP_SET: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| STOP.split_whitespace().collect());

/// True for a word without content of its own.
pub fn is_stop(word: &str) -> bool {
    STOP_SET.contains(word)
}

/// Verbs that a purpose begins with: "to prepare the audit".
pub const PURPOSE_VERBS: &str = " stop prevent avoid recover know use query prepare check fix debug review finish help build run update create \
    investigate analyse analyze test deploy migrate compare see work do make complete support write look verify validate \
    set close cover onboard train track report plan present answer resolve troubleshoot monitor audit process handle take \
    get find read export pull refresh reconcile prove show finalise finalize file send share follow start continue learn \
    understand draft design clean move manage meet be respond perform collect gather generate publish assist join merge \
    ship release patch rotate restore diagnose pay book compile submit measure roll ";

/// Topics of everyday life that this desk has nothing to do with, however the question is put. Two words stand together.
pub const ELSEWHERE: &[&str] = &[
    "weather",
    "forecast",
    "temperature",
    "recipe",
    "restaurant",
    "pizza",
    "dinner",
    "lunch",
    "breakfast",
    "calories",
    "ingredient",
    "ingredients",
    "cook",
    "bake",
    "flight",
    "flights",
    "hotel",
    "luggage",
    "airport",
    "vacation",
    "holiday",
    "travel",
    "uber",
    "taxi",
    "traffic",
    "directions",
    "gas",
    "tire",
    "tires",
    "car",
    "oil",
    "mpg",
    "song",
    "music",
    "playlist",
    "movie",
    "timer",
    "alarm",
    "joke",
    "jokes",
    "translate",
    "spanish",
    "french",
    "german",
    "italian",
    "bank",
    "savings",
    "checking",
    "credit",
    "debit",
    "card",
    "cards",
    "pin",
    "mortgage",
    "loan",
    "interest",
    "insurance",
    "bill",
    "bills",
    "rewards",
    "apr",
    "paycheck",
    "payday",
    "salary",
    "w2",
    "taxes",
    "tax",
    "pto",
    "401k",
    "shopping",
    "grocery",
    "coin",
    "dice",
    "definition",
    "define",
    "spell",
    "spelling",
    "synonym",
    "capital",
    "president",
    "birthday",
    "vaccine",
    "vaccines",
    "visa",
    "exchange",
    "dollars",
    "euros",
    "pounds",
    "football",
    "game",
    "dog",
    "cat",
    "mom",
    "dad",
    "wife",
    "husband",
    "kids",
    "essay",
    "poem",
    "story",
    "population",
    "smart home",
    "thermostat",
    "lights",
    "volume",
    "transfer money",
    "bank account",
    "credit card",
    "credit score",
    "phone number",
    "text message",
    "todo list",
    "shopping list",
    "to do list",
    "dream",
    "whisper mode",
    "jump start",
    "battery",
    "transaction",
    "transactions",
    "fraud",
    "stock",
    "stocks",
    "price",
    "diet",
    "carbs",
    "fat",
    "protein",
    "meal",
    "sugar",
    "salt",
    "butter",
    "milk",
    "doctor",
    "medicine",
    "religion",
    "war",
    "history",
    "country",
    "planet",
    "moon",
    "animal",
    "food",
    "drink",
    "coffee",
    "beer",
    "wine",
];

/// Where a message turns to talking to a machine, as the first token of that part. Everything from there on is put aside: it is
/// neither an ask nor a yes. What a person wants can be said without addressing anybody's instructions.
pub fn steering(tokens: &[Token]) -> Option<usize> {
    const VERB: &[&str] = &["ignore", "forget", "disregard", "override", "bypass", "skip", "drop", "neglect"];
    const EARLIER: &[&str] = &[
        "previous",
        "prior",
        "above",
        "earlier",
        "preceding",
        "your",
        "system",
        "all",
        "every",
        "any",
        "former",
        "original",
    ];
    const WHAT: &[&str] = &[
        "instruction",
        "instructions",
        "iunstructions",
        "prompt",
        "prompts",
        "rules",
        "guidelines",
        "directions",
        "directives",
        "guardrails",
        "policies",
        "policy",
        "tasks",
        "assignments",
        "context",
        "training",
        "programming",
        "safeguards",
        "restrictions",
        "constraints",
        "approvals",
    ];
    // What is quoted steers nobody here; it is data already.
    let word = |n: usize| tokens.get(n).filter(|t| !t.data).map_or("", |t| t.word.as_str());
    for n in 0..tokens.len() {
        let begins = |list: &[&str]| list.contains(&word(n));
        if begins(VERB) {
            let near = (n + 1..(n + 6).min(tokens.len())).map(word);
            let earlier = near.clone().any(|w| EARLIER.contains(&w));
            if earlier && near.clone().any(|w| WHAT.contains(&w)) {
                return Some(n);
            }
        }
        let two = (word(n), word(n + 1));
        let marker =
            matches!(two, ("system" | "system_message", "message" | "prompt" | "override" | "instruction" | "note"))
                && tokens.get(n + 2).is_none_or(|t| t.gap >= crate::understanding::normalise::Gap::Comma);
        let plain = matches!(word(n), "system_message" | "jailbreak" | "dan")
            && (word(n) != "dan" || matches!(word(n + 1), "mode"))
            || two == ("developer", "mode")
            || (two == ("you", "are") && word(n + 2) == "now" && n > 0);
        if marker || plain {
            return Some(n);
        }
    }
    None
}

/// True where a list of words, spaces around each, has this word.
pub fn says(list: &str, word: &str) -> bool {
    list.match_indices(word).any(|(at, _)| {
        let bytes = list.as_bytes();
        !word.is_empty()
            && at.checked_sub(1).and_then(|n| bytes.get(n)) == Some(&b' ')
            && bytes.get(at + word.len()) == Some(&b' ')
    })
}
/// Words of cue phrases beside the empty ones.
pub const CUE_WORDS: &str = " requesting requested requires require required provide assign missing lack obtain receive granted given \
    emergency extend extended extension prolong renew remove revoke drop return back done finished through keep \
    longer help apply allow open reach anymore must order usual down everything love hand handing giving take off \
    cancel withdraw retract delete appeal hook sign become join time exactly make appoint ";
