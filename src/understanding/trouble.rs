//! The cue phrases of trouble with signing in: somebody reports that they are kept out, and asks for no access. They stand beside those of
//! [`crate::understanding::rules`] and are written in the same language.
//!
//! What makes a report is its grammar: something that signs people in, a secret or an account, and said of it that it does not do what it
//! should. A system's name is never looked at, so whatever "won't let me log in" is heard.

use crate::understanding::rules::Rule;
use crate::understanding::types::Intent;

const fn rule(points: u16, pattern: &'static str) -> Rule {
    Rule { intent: Intent::WhyLockedOut, points, pattern }
}

/// All cue phrases of trouble.
pub const TROUBLE: &[Rule] = &[
    // "The VPN won't let me log in", "my laptop doesn't let me in".
    rule(
        9_600,
        "(will|would|does|do|did|is|are|has|can) not (even|always|ever|just)? (let|letting|allow|allowing|allowed) (me|us) (to)? (back)? (@signin|in|on|back in|authenticate)",
    ),
    rule(9_500, "(refuses|refused|stopped|stops|keeps from) (to)? (let|letting) (me|us) (to)? (back)? (@signin|in|on)"),
    // "Can't sign in", "not able to log on", "couldn't get back in".
    rule(
        9_500,
        "(can|could|am|was|do|did) not (even|really|longer|seem to|manage to|able to|still)? (able to)? (@signin|sign back in|log back in|get back in)",
    ),
    rule(9_500, "(unable|impossible|not possible|not able) (for me)? to (@signin|get back in)"),
    // "Sign-in not possible", "login is impossible", "login problem".
    rule(
        9_400,
        "(sign in|sign on|signon|signin|signing in|login|log in|log on|logon|logging in|logging on|authentication|single sign on|sso) (is|was|are|keeps|keep|still|just|has|does|do|did|currently|seems)? (been)? (not|never|always|just|on)? (possible|impossible|working|work|works|fails|failed|fail|failing|broken|down|wrong|rejected|refused|blocked|denied|looping|loops|loop|stuck|expired)",
    ),
    rule(
        9_400,
        "(sign in|sign on|signin|login|log in|logon|authentication|mfa|2fa|password|sso|single sign on|account) (problem|problems|error|errors|issue|issues|trouble|failure|failures|loop)",
    ),
    rule(9_300, "(single sign on|sso|sign in|login) * (loop|loops|never ends)"),
    // A secret that does not do.
    rule(
        9_500,
        "(password|passwords|passcode|passphrase|pin|credentials|code|codes|otp|token|fingerprint|passkey|push|pushes|prompt|prompts|authenticator|duo|okta verify|mfa|2fa|second factor|security key|yubikey|sms|text message) (push|pushes|code|codes|prompt|prompts|app|notification|notifications|message|key)? (is|are|was|were|does|do|did|has|have|will|keeps|keep|still|just|always)? (been|being|getting)? (still|always|just|suddenly)? (not accepted|not working|not work|not correct|not right|not valid|not arrive|not arriving|not come|not coming|not come through|not recognised|not recognized|not reach|not match|never arrives|never arrive|never reaches|never reach|never comes|never come|never came|never works|wrong|incorrect|invalid|expired|rejected|refused|declined|fails|failed|failing|not go through|stopped working)",
    ),
    rule(
        9_500,
        "(wrong|incorrect|invalid|bad|expired) (user name|username|user|login|sign in)? (and|or)? (password|passwords|passcode|passphrase|credentials|code|pin|login|username|token|otp)",
    ),
    rule(
        9_500,
        "(too many|so many|several|multiple) (failed|wrong|incorrect|bad|unsuccessful|invalid|login|sign in)? (login|sign in|password)? (attempts|tries|passwords)",
    ),
    // "Keeps asking me to sign in", "it keeps logging me out".
    rule(
        9_500,
        "(keeps|keep|kept|constantly|always|repeatedly|is) (on)? (asking|prompting|asks|prompts|requesting|wanting|wants) (me|us)? (for|to) (a|an|my|the|another|enter|type)? (password|passcode|code|codes|pin|credentials|second factor|mfa|2fa|sign in|log in|login|log on|sign on|authenticate|reauthenticate|approve|verify|confirm my identity)",
    ),
    rule(
        9_400,
        "(logs|log|logged|logging|signs|sign|signed|signing|kicks|kick|kicked|kicking|throws|throw|threw|thrown|throwing|booted|boots) (me|us) (out|off)",
    ),
    rule(
        9_400,
        "(get|gets|getting|got|being|am|was|be|^) (being|getting)? (always|constantly|just)? (logged|signed|kicked|thrown|booted) (out|off)",
    ),
    rule(9_300, "(thrown|kicked|logged|signed|booted) out (of|again|all)"),
    // Oneself locked. "Blocked" alone is said of work as well, so it has to end there.
    rule(
        9_500,
        "@i (am|was|were|got|get|have been|keep getting|keep being|am getting|am being) (still|now|again|just|temporarily|suddenly|completely|currently|always)? (locked|shut out|suspended|locked out|barred|frozen out)",
    ),
    rule(
        9_500,
        "@i (am|was|were|got|get|have been|keep getting|keep being) (still|now|again|just|temporarily|suddenly|completely|currently)? (blocked|suspended|disabled|frozen|deactivated) (out|again)? $",
    ),
    rule(
        9_500,
        "(why|when|how|who) (am|was|were|is|did) (i|we) (still|now|again|just|temporarily|suddenly|get|getting|being)? (locked|blocked|shut|suspended|frozen|deactivated|barred) (out|again|off|from signing in|from logging in)? ",
    ),
    rule(
        9_500,
        "(when|until when|how) (will|can|may|do|could) (i|we|my account|my login|my user) (get|be)? (unlocked|unblocked)",
    ),
    rule(9_400, "^ (still|again|now|temporarily|just|suddenly)? locked (out|again|myself out|me out|up)? $"),
    // "Account temporarily locked", "laptop locked again".
    rule(
        9_500,
        "^ (my|the|our|all|all my|both my)? (_)? (account|accounts|login|logins|logon|user|username|profile|laptop|computer|pc|machine|mac|desktop|workstation|phone|tablet) (is|are|was|were|got|gets|get|has been|have been|keeps getting|keeps being)? (now|still|again|temporarily|suddenly|just|also|currently|already|permanently)? (been)? (locked|blocked|suspended|disabled|deactivated|frozen|shut) (out|again|temporarily|now|today|help|since|for|after|by|from|_)?",
    ),
    rule(
        9_500,
        "(says|said|saying|shows|show|showed|reads|tells me|told me|claims) (that)? (my|the)? (account|user|profile|login|i am|it is)? (is|was|has been|am)? (now|temporarily|currently)? (locked|blocked|disabled|suspended|locked out)",
    ),
    rule(
        9_600,
        "(what|who|which|which device|which computer|what device) (has|made|makes|got|keeps|is|causes|caused)? * (lock|locked|locks|locking) (me|us|my|our)",
    ),
    rule(
        9_500,
        "(what|who|which) * (made|makes|caused|causes|got|led) (to)? (my|our) (account|login|user|profile) (to)? (get|be|being)? (lock|locked|blocked|suspended|disabled)",
    ),
    rule(
        9_500,
        "(did|does|do|has|have|had|could|is) (my|our) (account|login|user|profile) (just|suddenly)? (get|got|become|been|keep getting|lock|keep) (locked|blocked|suspended|disabled|locked out|itself|locking)",
    ),
    rule(9_500, "why (did|does|do|has|is|was|were) * (lock|locked|locks|locking|block|blocked) (me|us|my|our)"),
    rule(9_400, "^ (my|an|the)? (account|login|user) (lock|lockout|lockouts|locks) (again|out)? $"),
    // What went on with one's account, and whether all is well with it.
    rule(
        9_600,
        "(what|anything|something|whats) (is|has|was|went|did)? (happened|happening|happen|going|gone|went|wrong|up|on)? (on)? (to|with|at) my (account|login|user|sign in|signin|profile)",
    ),
    rule(
        9_600,
        "is my (account|login|user|profile|sign in) (still|really)? (ok|okay|fine|alright|all right|safe|secure|working|active|open|in order|good|compromised|usable)",
    ),
    // Somebody at one's account, asked about.
    rule(
        9_600,
        "(who|did|has|have|was|is|were) (anyone|anybody|someone|somebody|a stranger|somebody else|someone else|else)? * (tried|try|trying|attempted|attempt|attempting|been|signed|logged|got|break|broke|hack|hacked|there) * (my account|my login|my password|as me|my user|hack me|my mailbox)",
    ),
    // What systems write.
    rule(9_600, "(authentication|login|logon|sign in) (error|failed|failure|denied|rejected|unsuccessful)"),
    rule(
        9_500,
        "(access|error|refused) (denied|code)? (_)? (while|when|on|at|during) (i)? (signing|sign|logging|log) (in|on)",
    ),
    rule(9_500, "(cannot|can not|could not) be (authenticated|signed in|logged in|verified) $"),
];
