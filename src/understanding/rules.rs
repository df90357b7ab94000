//! The cue phrases: which words speak for which intent, and how loudly. A table to be read and argued with; the language is
//! [`crate::understanding::pattern`]'s.

use crate::understanding::types::Intent;

/// One cue phrase.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What it speaks for.
    pub intent: Intent,
    /// How loudly, basis points.
    pub points: u16,
    /// The phrase.
    pub pattern: &'static str,
}

const fn rule(intent: Intent, points: u16, pattern: &'static str) -> Rule {
    Rule { intent, points, pattern }
}

/// From this many points on, a request for access stands by its words alone; below, something in the catalog has to be near.
pub const PLAIN: u16 = 8_000;

use Intent::{
    Appeal, BreakGlass, BrowseCatalog, CancelRequest, Confirm, Correct, DecideByWords, Discard, Extend, GiveBack, Help,
    HowTo, Human, OutOfScope, RequestAccess, RequestStatus, SmallTalk, WhatDoIHave, WhoApproves, WhyDecision,
    WhyLockedOut,
};

/// All cue phrases. Where two speak equally loudly, the one that stands earlier here is heard.
pub const RULES: &[Rule] = &[
    // Emergencies.
    rule(BreakGlass, 9_700, "(break glass|breakglass|break the glass)"),
    rule(BreakGlass, 9_600, "emergency @access"),
    rule(BreakGlass, 9_500, "(this is|it is|have|having) an? emergency"),
    rule(
        BreakGlass,
        9_500,
        "(production|site|service|database|checkout|everything|website|platform|cluster|payments|api|app|store|shop|server) (is|are|just went|went|has gone) (completely|totally|still)? (down|broken|on fire|offline|unreachable|dead)",
    ),
    rule(
        BreakGlass,
        9_400,
        "(outage|sev1|sev0|sev 1|sev 0|p1|p0|major incident|severity 1|severity one|incident bridge) * (need|give|get|grant|access)",
    ),
    rule(
        BreakGlass,
        9_400,
        "(need|give|get|grant|access) * (outage|sev1|sev0|sev 1|sev 0|p1|p0|major incident|severity 1|severity one)",
    ),
    rule(BreakGlass, 9_300, "(emergency|emergencies) * (need|give|get|grant)"),
    rule(BreakGlass, 9_300, "(need|give|get|grant) * (in an emergency|emergency)"),
    // Deciding by words.
    rule(
        DecideByWords,
        9_500,
        "^ (please)? (approve|approved|deny|reject|decline|authorise|authorize) (it|this|that|them|all|everything|the request|his request|her request|their request|both)? $",
    ),
    rule(
        DecideByWords,
        9_500,
        "^ (approve|deny|reject|decline|authorise|authorize|sign off|sign off on) (the|his|her|their|this|that|request|r|all|every|my)",
    ),
    rule(
        DecideByWords,
        9_400,
        "^ (i|we|you|let us|i would like to|i want to|i hereby|can you|could you|please|can i|go ahead and) (approve|deny|reject|decline|authorise|authorize|approved)",
    ),
    rule(DecideByWords, 9_300, "^ (approve|deny|reject|decline) _ _? 's"),
    rule(DecideByWords, 8_800, "^ (approve|deny|reject|decline)"),
    rule(DecideByWords, 9_200, "(mark|consider|treat) * as (approved|denied|rejected)"),
    rule(DecideByWords, 9_200, "(it is|that is|this is|consider it)? (a yes|a no|approved|denied) from me"),
    // Appeals.
    rule(Appeal, 9_600, "(appeal|appealing|contest|dispute|challenge)"),
    rule(
        Appeal,
        9_500,
        "(second opinion|reconsider|reconsidered|look at it again|look again|take another look|review * again|overturn|re review|looked at again)",
    ),
    rule(
        Appeal,
        9_200,
        "(do not|disagree|cannot accept|not ok|not okay|unfair) * (agree|with the decision|denial|refusal|decision)",
    ),
    // Why decided so.
    rule(WhyDecision, 9_500, "why * @denied"),
    rule(
        WhyDecision,
        9_400,
        "(what is|was|give me) the (reason|reasons) * (@denied|denial|refusal|rejection|decision)",
    ),
    rule(
        WhyDecision,
        9_400,
        "(reason|reasons|explain|explanation) * (denied|denial|refusal|rejection|rejected|refused|declined|decision)",
    ),
    rule(
        WhyDecision,
        9_500,
        "why (did|does|is|was|has|do|are|would|will) * (go|goes|going|went|sent|routed|escalated|need|needs|require|requires|required|waiting|stuck|with) * (security|compliance|manager|approval|approvals|approve|approved|owner|review|two people|second|somebody|someone|approver)",
    ),
    rule(WhyDecision, 9_300, "why (can|could) not (i|we|he|she|they)"),
    rule(WhyDecision, 9_300, "why (can|could) (i|we|he|she|they) not (have|get|request|ask for|hold)"),
    rule(
        WhyDecision,
        9_300,
        "why (did|do|does|am|was|were|is) * not (get|have|given|allowed|granted|approved|eligible)",
    ),
    rule(WhyDecision, 9_200, "why (is|was) (the|my|this|that|it|its)? * (risk|score|risky|high|points)"),
    rule(WhyDecision, 9_100, "how come * (@denied|security|approval)"),
    rule(WhyDecision, 9_000, "(how|why) (was|is|did) (this|that|the|it|my|you) * (decided|decision|score|scored)"),
    rule(
        WhyDecision,
        9_100,
        "why (do|does|did) (i|we|it|he|she|this) (need|have to|require) * (approval|approvals|wait|manager|security|okay)",
    ),
    // Locked out.
    rule(
        WhyLockedOut,
        9_600,
        "(locked|lock|blocked|shut|kicked) (me|us|him|her|my account)? (out|from signing in|from logging in)",
    ),
    rule(
        WhyLockedOut,
        9_500,
        "(account|login|user|profile|laptop) (is|was|got|has been|keeps|gets|keeps getting|been) (now|still|suddenly|again)? (locked|disabled|suspended|deactivated|locked out)",
    ),
    rule(WhyLockedOut, 9_500, "(can|could|am|do|does|is|was) not (able to)? (be)? @signin"),
    rule(
        WhyLockedOut,
        9_400,
        "(unable to|failing to|fail to|failed to|trouble|problems|problem|issues|difficulty|cannot) * (@signin|signing in|logging in|logging on)",
    ),
    rule(
        WhyLockedOut,
        9_300,
        "(sign in|signin|login|log in|logins|logging in|signing in) * (fails|failed|failing|fail|does not work|not working|is broken|error|keeps failing|rejected|refused|blocked|denied)",
    ),
    rule(
        WhyLockedOut,
        9_300,
        "(mfa|authenticator|sso|okta|two factor|2fa|otp) * (fails|failed|failing|not work|not working|keeps|rejects|rejected|loop|error|broken|wrong|expired|denied)",
    ),
    rule(
        WhyLockedOut,
        9_200,
        "(password|passcode) * (not work|not working|not accepted|wrong|expired|rejected|incorrect|does not work|fails)",
    ),
    rule(WhyLockedOut, 9_200, "why * (@signin|sign me in)"),
    rule(WhyLockedOut, 8_800, "(signed|logged) (me)? out (again|constantly|all the time|every)"),
    rule(WhyLockedOut, 8_800, "(unlock) (my|the|his|her) (account|login|user)"),
    rule(WhyLockedOut, 9_700, "why (can|could) (not)? (i|we) (not)? @signin"),
    rule(
        WhyLockedOut,
        9_500,
        "my (account|login|user|profile|laptop) (is|was|got|has been|keeps|gets|keeps getting|been)? (now|still|suddenly|again|currently|already)? (been)? (locked|blocked|disabled|suspended|deactivated|frozen|locked out|shut)",
    ),
    rule(
        WhyLockedOut,
        9_200,
        "why * (ask|asks|asking|prompt|prompts|prompting) me (again|every time|all the time|constantly|for my password|for the password|for a code|to sign in|to log in)",
    ),
    rule(
        WhyLockedOut,
        9_200,
        "why * (ask|asks|asking|prompt|prompts|prompting) (me)? for (a|the|my|another) (code|password|passcode|second factor|approval)",
    ),
    // Somebody else at one's account.
    rule(
        WhyLockedOut,
        9_500,
        "i (was|am|got|have been|may have been|might have been|am being) (hacked|phished|compromised)",
    ),
    rule(
        WhyLockedOut,
        9_500,
        "(someone|somebody|who|anyone|anybody|stranger|hacker|attacker) * (@signin|signed in|logged in|signing in|logging in) as (me|myself)",
    ),
    rule(
        WhyLockedOut,
        9_500,
        "(someone|somebody|stranger|hacker|attacker) (else)? (is|was|has|has been)? (using|used|uses|hacked|in|into|taken over|took over|stole|stolen|broke into) my (account|login|password|user)",
    ),
    rule(
        WhyLockedOut,
        9_500,
        "my (account|login|password|user) (was|is|got|has been|might be|may be|might have been|could be)? (been)? (hacked|compromised|stolen|taken over|phished|leaked)",
    ),
    rule(
        WhyLockedOut,
        9_500,
        "(mfa|authenticator|push|sign in|signin|2fa|two factor|login|duo|okta) (prompt|prompts|push|pushes|code|codes|notification|notifications|message|messages) * (not) (request|ask|start|expect|trigger|initiate|make|do|mine)",
    ),
    // Requests on their way.
    rule(CancelRequest, 9_500, "(cancel|withdraw|retract|recall|rescind|take back|pull back) * (@req|r)"),
    rule(CancelRequest, 9_300, "^ (please)? (cancel|withdraw|retract) (the|my|that)? (request|ask)"),
    rule(
        CancelRequest,
        9_000,
        "(no longer|do not|not) (need|want) (the|my|that|this) (request|application|ticket) (any more|anymore)?",
    ),
    rule(
        RequestStatus,
        9_500,
        "(what|whats) (is|has)? (happened|happening|become|became|going on|the status|up|the state|the latest|the progress) (to|with|of|on|about) * (@req|r|@access)",
    ),
    rule(RequestStatus, 9_400, "status (of|on|for) * (@req|r|@access|my)"),
    rule(
        RequestStatus,
        9_400,
        "(where|how) (is|are) (my|our|the|that) * (request|requests|application|approval|ticket|access)",
    ),
    rule(
        RequestStatus,
        9_300,
        "(has|have|is|was|did|are) (my|our|the|that|anyone|anybody|someone|somebody|it|she|he|they) * (request|requests)? * (been|get|got|gotten|yet|still) * (approved|decided|looked|seen|pending|waiting|processed|through|granted|answered|respond|responded|reviewed|denied)",
    ),
    rule(RequestStatus, 9_200, "(any|an)? (news|update|updates|progress|word) (on|about|regarding|with|yet|for)"),
    rule(
        RequestStatus,
        9_200,
        "(check|checking|show|see|track|follow) * (status|my request|my requests|open requests|pending requests|progress)",
    ),
    rule(RequestStatus, 9_200, "(my|open|pending) (open|pending|recent|last|latest)? (request|requests) $"),
    rule(
        RequestStatus,
        9_100,
        "(did|has|have|was|is) (my|the) (request|@access) * (approved|approve|denied|go through|gone through|come through|done|granted|ready)",
    ),
    rule(RequestStatus, 9_000, "how (long|much longer) * (approval|approve|approved|request|take|wait|decided)"),
    rule(
        RequestStatus,
        9_000,
        "(still waiting|waiting for|am waiting|been waiting) * (approval|request|access|answer|for)?",
    ),
    rule(
        RequestStatus,
        9_000,
        "who is (it|my request|the request|that) (waiting|stuck|pending|sitting) * (on|for|with)?",
    ),
    rule(RequestStatus, 8_900, "^ status $"),
    // Extending.
    rule(
        Extend,
        9_500,
        "^ (can|could|may|please|we|would)? (i|we|you)? (please|also)? (extend|prolong|renew|lengthen)",
    ),
    rule(Extend, 9_300, "(extend|prolong|renew) (my|the|it|this|that|access|our|on)"),
    rule(Extend, 9_300, "(extension|renewal) (of|for|on) (my|the|it|this|that|our)"),
    rule(Extend, 9_200, "(access|it|this|that) * (extended|prolonged|renewed)"),
    rule(
        Extend,
        9_300,
        "(keep|hold on to|hang on to|retain) (my|the|this|that|it|on) * (until|for|longer|through|another|till)",
    ),
    rule(Extend, 9_300, "(need|want|keep) * longer"),
    rule(
        Extend,
        9_300,
        "(need|want|have|keep) (it|this|that|my|the|access) * (longer|for another|more time|a bit longer|some more|until later)",
    ),
    rule(Extend, 9_100, "(more time|additional time|longer) (on|with|for) (my|the|it|this|that)"),
    rule(Extend, 9_100, "@access * (expires|ends|runs out|expiring|ending|lapses) * (extend|longer|need|keep|more)"),
    // Giving back.
    rule(GiveBack, 9_500, "@i (am|have) (all|now|already)? (done|finished|through) (with|using)"),
    rule(
        GiveBack,
        9_500,
        "@i (no longer|do not) (need|use|require|want|have use for) * (@access|it|this|that|any more|anymore|any longer|the|my)",
    ),
    rule(GiveBack, 9_500, "(no longer|not) (need|needed|use|required) * (any more|anymore|any longer|@access)"),
    rule(GiveBack, 9_500, "@drop (my|mine|all my|our|the|this|that|it|his|her) * (@access|to|from|it)?"),
    rule(GiveBack, 9_400, "(give|hand|giving|handing) (it|this|that|them|my|the) * (back|up)"),
    rule(
        GiveBack,
        9_400,
        "(take|remove|revoke|strip|drop|kick|delete) (me|my|away my|my name) * (off|from|out|access|away)",
    ),
    rule(GiveBack, 9_200, "^ @drop _ * @access"),
    rule(GiveBack, 9_000, "(you can|please|go ahead and|feel free to) @drop (it|that|this|the|my)"),
    rule(GiveBack, 8_900, "^ @drop it $"),
    // Who approves.
    rule(
        WhoApproves,
        9_500,
        "who (can|could|has to|needs to|must|should|will|would|do|does|all)? (have to|need to)? (@approve|@give|decide|decides|let|give me|says yes|say yes)",
    ),
    rule(
        WhoApproves,
        9_500,
        "who (is|are) (the|my)? * (approver|approvers|owner|owners|in charge|responsible|gatekeeper)",
    ),
    rule(
        WhoApproves,
        9_500,
        "(who|whom|whose) (owns|own|manages|grants|gives|decides on|approval|signature|is responsible|looks after|runs|administers|handles)",
    ),
    rule(
        WhoApproves,
        9_400,
        "(who|whom) (do|should|must|can|shall|would) (i|we|one) (ask|talk to|contact|go to|speak to|email|ping|see|turn to|approach)",
    ),
    rule(WhoApproves, 9_300, "(approver|approvers|owner|owners) (of|for)"),
    rule(
        WhoApproves,
        9_200,
        "(which|what) (person|people|manager|managers|team|approvals|approval) * (approve|approves|need|needed|required|owns)",
    ),
    rule(WhoApproves, 9_200, "(needs|need|requires|require) (whose|what|which|approval from whom) * approval?"),
    // What is held.
    rule(
        WhatDoIHave,
        9_600,
        "(what|which) (do|does|did|can|all do|all does|else do) (i|we|_|_ _|my report|my reports) (currently|already|actually|now|still)? (have|hold|got|access|own|see|get into) (access)? (to|on)? (now|right now|already|at the moment|currently)? $",
    ),
    rule(
        WhatDoIHave,
        9_500,
        "(what|which) (access|accesses|permissions|roles|rights|entitlements|licenses|systems|apps|tools|privileges|kind of access|groups) (do|does|have|has|am|is|are|can) (i|we|_|_ _) * (have|hold|got|in|use|assigned|access|to)?",
    ),
    rule(
        WhatDoIHave,
        9_500,
        "(show|list|display|tell|see|view|give me|check) * (my|mine) (own|current|active|existing|all)? (@access|grants|groups|apps|stuff)",
    ),
    rule(
        WhatDoIHave,
        9_500,
        "(show|list|display|view|see) (me)? * (access|permissions|roles|grants|entitlements) (i|we) (have|hold|got|currently have)",
    ),
    rule(WhatDoIHave, 9_500, "what (am i|are we|is _|is _ _) (allowed|entitled|able|permitted|cleared) (to|for)?"),
    rule(
        WhatDoIHave,
        9_400,
        "^ (my|all my) (current|active|own|existing)? (access|accesses|permissions|roles|grants|entitlements) $",
    ),
    rule(
        WhatDoIHave,
        9_300,
        "^ (do|does) (i|we|_|_ _) (already|currently|still|even)? (have|hold|got) (@level|any|some|an|the|active)? (access|permission|permissions|rights|role|roles|license|a license)",
    ),
    rule(WhatDoIHave, 9_200, "(do|does|am) (i|_) (already|still) (have|hold|got|a member of|in)"),
    rule(
        WhatDoIHave,
        9_200,
        "when (does|do|will) (my|the) * (access|permission|role|license|grant) * (end|expire|run out|lapse|stop)",
    ),
    rule(WhatDoIHave, 9_200, "(what|which) (_|_ _) 's (access|permissions|roles|rights)"),
    rule(WhatDoIHave, 9_200, "(show|list|display) (me)? _ _? 's (access|permissions|roles|rights)"),
    rule(WhatDoIHave, 9_800, "(what|which) * can (i|we) (get into|use|log into|sign into|open|see) (now|already)? $"),
    // How something is done.
    rule(
        HowTo,
        9_500,
        "how (do|does|can|could|would|should|to|may|might|must|did) (i|we|one|you|someone|somebody|anyone|people|a|an)? * (get|request|ask|apply|obtain|gain|set up|setup|install|connect|configure|reset|enrol|enroll|register|use|change|access|join|give|return|extend|renew|order|add|report|find|open|share|sign|log|approve|delegate|work|works|become|unlock|see|do|make|create|update|turn|enable|revoke|cancel|remove|give back)",
    ),
    rule(
        HowTo,
        9_300,
        "(what|which) (is|are) the (process|procedure|steps|way|right way|policy|rules|correct way|best way) (for|to|of|about|on|behind)",
    ),
    rule(
        HowTo,
        9_200,
        "(is there|do we have|where is|where are|where can i find|point me to|link to|looking for) (a|an|the|any|some)? (guide|documentation|docs|instructions|manual|policy|tutorial|runbook|article|handbook|wiki page|howto)",
    ),
    rule(HowTo, 9_200, "(explain|show me|tell me|teach me|know) how (to|i|we|the|do|can)"),
    rule(HowTo, 9_000, "(steps|instructions|guide) (to|for|on)"),
    rule(HowTo, 8_800, "how (does|do) (the|an|access|approval|approvals|break glass|requests|a) * work"),
    rule(HowTo, 8_800, "what (does|do) * (mean|stand for) $"),
    rule(
        HowTo,
        8_800,
        "(where|whereabouts) (do|can|could|should) (i|we|one) (find|request|get|go|ask|set|change|reset|see)",
    ),
    rule(
        HowTo,
        9_400,
        "(to|can not|me|please) (reset|change|recover|replace|renew) my (own|old|current)? (password|passphrase|mfa|authenticator|second factor|vpn|login)",
    ),
    rule(
        HowTo,
        9_300,
        "(forgot|forgotten|lost) (my|the) (password|passphrase|mfa|authenticator|second factor|token|login|phone|badge)",
    ),
    rule(
        HowTo,
        9_300,
        "my (phone|badge|authenticator|security key) (is|was|got|has been) (lost|stolen|gone|broken|new)",
    ),
    // Browsing.
    rule(
        BrowseCatalog,
        9_700,
        "(what|which) (can|could|may) (i|we|one) (request|ask for|get access to|apply for|have|get|order)",
    ),
    rule(
        BrowseCatalog,
        9_700,
        "(what|which) (@access|systems|apps|applications|tools|things|bundles|packages) * (can|could|may) (i|we|one|be) (request|requested|ask for|get|apply for|order|have)",
    ),
    rule(
        BrowseCatalog,
        9_700,
        "(what|which|show me|list|show) (the|all)? (available|possible|requestable)? (@access|systems|apps|applications|tools|bundles|entitlements) (are|is)? (available|there|offered|exist|on offer|do you have|you have|you know)",
    ),
    rule(
        BrowseCatalog,
        9_700,
        "(show|list|browse|see|open|display|view|search) (me)? (the|your|all|all the|whole|full|entire)? (catalog|catalogue|available access|available systems|available apps|options|entitlements|systems|bundles)",
    ),
    rule(BrowseCatalog, 9_700, "^ (browse|catalog|catalogue|the catalog) $"),
    rule(
        BrowseCatalog,
        9_200,
        "(what|which) (is|are) (available|on offer|requestable|in the catalog|there to ask for)",
    ),
    rule(
        BrowseCatalog,
        9_200,
        "(what|which) (kind|kinds|sort|sorts|types|type) of @access (are there|do you|is there|exist|can)",
    ),
    // Help.
    rule(Help, 9_500, "^ (help|help me|menu|commands|usage|start|instructions|get started) $"),
    rule(Help, 9_400, "what (can|could) you (do|help|offer|help me with|help with|able)"),
    rule(Help, 9_400, "what (do|all do) you (do|know|offer) $"),
    rule(Help, 9_400, "(what|who) are you (for|able|and|good at|here for|capable)"),
    rule(
        Help,
        9_300,
        "what (kind|kinds|sort|sorts|types|type) of * (help|things|questions|stuff|tasks) * (can|do|could|able|help)",
    ),
    rule(
        Help,
        9_300,
        "(what|which) (things|tasks|questions|topics|subjects) * (can you|you can|could you|do you|you are able|are you able|can i ask|i can ask|should i ask|you know)",
    ),
    rule(Help, 9_300, "(tell me|know) what you (can|could|are able to) (do|help)"),
    rule(
        Help,
        9_200,
        "how (can|do|could|should) (you help|i use you|i talk to you|this work|this bot work|you work|i use this|this thing work)",
    ),
    rule(Help, 9_600, "how (do|does) (this|it|the bot|you) work $"),
    rule(Help, 9_000, "what is (this|claviger|this bot|this thing) (for|about)? $"),
    rule(Help, 8_800, "(can|could|would) you help (me|us)? (out|please)? $"),
    rule(Help, 8_700, "@i need (some)? help $"),
    // People.
    rule(
        Human,
        9_600,
        "(talk|speak|chat|connect|transfer|hand|escalate|put|pass|get|reach|contact|want|need) (me|us|this|to|it|with|over|through|a|to speak|to talk)? (to|with|through|over to)? (a|an|the|some|any|somebody|someone)? (real|actual|live|human)? (human|humans|person|agent|representative|helpdesk|help desk|service desk|somebody real|someone real|it support|support agent|operator|real person|live agent|someone from it|support|someone|somebody) $",
    ),
    rule(Human, 9_500, "(real|actual|live) (human|person|agent|people)"),
    rule(
        Human,
        9_600,
        "(talk|speak|chat|connect me|transfer me|put me through) (to|with) (a|an|the|some|any)? (human|person|agent|helpdesk|help desk|service desk|it support|support|someone|somebody) (in|from|at|of)? (it|support|person)? (about|regarding|concerning|because)",
    ),
    rule(
        Human,
        9_500,
        "(can|could|would|should) (somebody|someone|anybody|anyone|a person|you) (please)? (call|phone|ring) me (back)? (please)? $",
    ),
    rule(Human, 9_200, "^ (human|agent|operator|helpdesk|service desk|representative) $"),
    rule(
        Human,
        9_000,
        "(open|create|raise|file|log) (a|an|me a)? (ticket|helpdesk ticket|support ticket) (with|for|at|please|to|about)?",
    ),
    // Small talk.
    rule(
        SmallTalk,
        9_300,
        "^ (thanks|thank you|many thanks|cheers|much appreciated|appreciate it|thank|great|perfect|awesome|nice|cool|excellent|lovely|wonderful|brilliant|super|good job|well done|you are the best|i appreciate|that is helpful|very helpful|that was helpful)",
    ),
    rule(
        SmallTalk,
        9_400,
        "^ (hi|hello|hey|hiya|howdy|good morning|good afternoon|good evening|good day|morning|greetings|yo|bye|goodbye|good bye|see you|see you later|have a nice day|have a good day|later|take care|good night|catch you later|see ya|bye bye) (there|claviger|bot|all|team|everyone|you too|now|then)? $",
    ),
    rule(SmallTalk, 9_200, "how (are|is|have) (you|things|it going|your day|you doing|you been|everything)"),
    rule(
        SmallTalk,
        9_200,
        "(what is|tell me|may i have|know) your (name|age|birthday|origin|hobbies|hobby|favorite|favourite|purpose|home|hometown)",
    ),
    rule(
        SmallTalk,
        9_200,
        "(are|could) you (be)? (a|an)? (real|human|bot|robot|computer|person|machine|ai|alive|doing|okay|ok|there|happy)",
    ),
    rule(SmallTalk, 9_100, "who (made|built|created|programmed|designed|wrote|trained|owns|employs|controls) you"),
    rule(SmallTalk, 9_100, "(how old|where) (are|were|do) you (from|born|made|live|now|work|coming)?"),
    rule(SmallTalk, 9_000, "(meaning|point|purpose) of (life|existence)"),
    rule(
        SmallTalk,
        9_000,
        "(tell|give|share|know|say|hear) * (joke|jokes|fun fact|fun facts|something funny|something interesting|a story)",
    ),
    rule(SmallTalk, 8_900, "(nice|good|great|pleasure|lovely) (to|talking|speaking|chatting|meeting) * you"),
    rule(SmallTalk, 8_900, "(thank you|thanks|thank you very much|thanks a lot|thanks so much) $"),
    rule(SmallTalk, 8_900, "(thanks|thank you) (for|so much|very much|a lot|a bunch|again)"),
    rule(
        SmallTalk,
        7_200,
        "^ (what|where|who|whom|which|how) _? (is|are|was|were|do|did|should|place|company) _? _? (your|you)",
    ),
    rule(SmallTalk, 7_200, "^ (do|are|were|have) you"),
    rule(SmallTalk, 7_200, "(your|you) (real|alive|hobbies|pets|boss|maker|birthday|age|origin|free time|home)"),
    rule(
        SmallTalk,
        7_200,
        "^ (maybe|perhaps|not sure|no idea|i am not sure|i do not know|i can not say|who knows|hard to say|it depends|that is false|that is wrong|that is true|that is funny|i agree|i disagree|indeed)",
    ),
    rule(SmallTalk, 8_800, "(say|repeat) (that|it|yourself) (again|please)?"),
    rule(
        SmallTalk,
        8_800,
        "(do|what) * you (have|own|like|prefer) * (pets|pet|dogs|cats|hobbies|free time|spare time)",
    ),
    rule(
        SmallTalk,
        8_800,
        "^ (bravo|lol|haha|wow|congrats|happy birthday|merry christmas|happy new year|sorry|my bad|no worries|np|welcome|you are welcome|what is up|sup)",
    ),
    // Yes, no, otherwise. What they are about is decided by what is on the table.
    rule(
        Confirm,
        9_600,
        "^ (yes|yep|yeah|yup|ya|sure|ok|okay|correct|right|exactly|confirm|confirmed|submit|file|send|go ahead|do it|looks good|sounds good|looks right|that is right|that is correct|that is it|perfect|fine|agreed|absolutely|definitely|go for it|please do|lgtm|ship it|all good|that works|works for me|looks fine|yes that one|that one) (please|submit|it|do|go ahead|that is right|that is correct|that is it|correct|send it|file it|confirm|thanks|now|that works|looks good|do it|submit it|send|sir|right|the request|that|this)? (please|it|now)? $",
    ),
    rule(
        Confirm,
        9_500,
        "^ (yes|ok|okay|sure|great|perfect|please|now|you can|go ahead and|just|i want to|alright) (please|and|now|then)? (submit|file|send|confirm|go ahead) (it|this|that|the request|now|in|off|my request)?",
    ),
    rule(
        Confirm,
        9_400,
        "^ (submit|file|send|confirm) (it|this|that|the request|the draft|them|both|all|my request|now)",
    ),
    rule(
        Confirm,
        9_000,
        "(that is|this is|it is|looks|everything is) (right|correct|fine|good|what i want|what i need|perfect|exactly right|what i meant) $",
    ),
    rule(
        Discard,
        9_600,
        "(never mind|forget it|forget about it|forget that|forget i asked|scratch that|scrap that|scrap it|drop that|changed my mind|leave it|abort|on second thought|do not bother|skip it)",
    ),
    rule(
        Discard,
        9_500,
        "^ (cancel|discard|stop|quit|abort|drop it|drop this|discard it|discard that|cancel it|cancel that|cancel this|stop it|stop this|delete it|throw it away|drop the draft|discard the draft|cancel the draft|delete the draft) $",
    ),
    rule(
        Discard,
        9_300,
        "(do not|not) (submit|file|send|want) (it|this|that|anything) (anymore|any more|now|at all|yet|in)? $",
    ),
    rule(Discard, 9_000, "^ (no|nope|nah|no thanks|no thank you|not now|no way|no not now|no do not) $"),
    rule(
        Correct,
        9_400,
        "(make|change|set|switch|update|move|shorten|reduce|cut|lengthen|correct|adjust|modify|push) (it|that|this|the end|the date|the time|the duration|the window|the reason|the length|the start|the entitlement) (to|until|for|a|an|only|one|two|three|be|read|write|down|back|into|by|from|down to|as)?",
    ),
    rule(
        Correct,
        9_300,
        "^ (no|nope|not|sorry|wait|oops|actually|rather|i mean|i meant|instead|correction|hold on|hmm) (i|no|not|actually|wait|sorry)? (mean|meant|the|a|for|until|read|write|just|only|make|it is|that is|on|in|to|not|with|want|need)",
    ),
    rule(Correct, 9_200, "(instead|rather|actually) $"),
    rule(
        Correct,
        9_200,
        "(not|instead of|rather than) (that|that one|this|this one|it|the _ one|the _ _ one|me|read|write|production|staging)",
    ),
    rule(Correct, 9_200, "^ the (other|first|second|third|fourth|fifth|last|latter|former|_|_ _) one"),
    rule(Correct, 9_200, "^ (the)? (first|second|third|fourth|fifth|last|latter|former) (one|option|choice)? $"),
    rule(Correct, 9_200, "^ (option|number|choice|no) (1|2|3|4|5|one|two|three|four|five) $"),
    rule(Correct, 9_200, "^ (1|2|3|4|5|one|two) $"),
    rule(Correct, 9_200, "^ (only|just) (for|until|till|read|to|the|a|one|two|three|this|on|from)"),
    rule(
        Correct,
        9_100,
        "^ (read|write|view|edit|admin) (only|access|is enough|would do|is fine|will do|actually|rather|instead|please)* $",
    ),
    rule(
        Correct,
        9_100,
        "(read|write|view|edit|admin|less) (only)? (access)? (is enough|is sufficient|will do|would do|suffices|is fine|would be enough|actually|rather|instead)",
    ),
    rule(
        Correct,
        9_000,
        "^ (because|since|due to|the reason is|reason|it is for|its for|this is for|so that|so i can|so we can|in order to)",
    ),
    rule(Correct, 8_800, "^ (until|till|through|for|from|starting|by)"),
    rule(Correct, 9_000, "(it is|this is|should be|must be) for (me|_|_ _) (not me|instead)?"),
    // Access, plainly.
    rule(RequestAccess, 9_300, "@i @need * @access"),
    rule(
        RequestAccess,
        9_300,
        "@can (i|we|you|someone|somebody|anyone|_|_ _) (please|kindly|also|possibly)? (@get|@give|add|set up|set me up|help me get|have) * @access",
    ),
    rule(RequestAccess, 9_200, "(please|kindly)? @give (me|us|him|her|them|_|_ _|_ _ _) * @access"),
    rule(RequestAccess, 9_200, "(please|kindly)? add (me|us|him|her|them|_|_ _|_ _ _) (to|as|on|in|into)"),
    rule(RequestAccess, 9_200, "(set|sign|hook) (me|us|him|her|them|_|_ _) up (with|for|on|in)"),
    rule(
        RequestAccess,
        9_200,
        "_ (needs|wants|requires|will need|would need|should have|should get|is going to need) * @access",
    ),
    rule(RequestAccess, 9_200, "^ (requesting|request|asking for|requires|requested) * @access"),
    rule(
        RequestAccess,
        9_100,
        "^ (temporary|temp|short term|urgent|new|extra|additional|permanent)? (@level)? (only)? (and|or)? (@level)? (access|permission|permissions|rights|role|license|account|login) (to|for|on|in|into|at|please|with)",
    ),
    rule(
        RequestAccess,
        9_000,
        "(want|like|need|have|going|ask) to (request|have|get|be given|be granted|be added|ask for|apply for|obtain) * (@access|to)",
    ),
    rule(
        RequestAccess,
        9_500,
        "(make|appoint) (me|us|him|her|them|_|_ _) (an|a|the|as)? (@level|co owner|member) (of|on|in|for|at|to|over)",
    ),
    rule(
        RequestAccess,
        9_500,
        "(want|like|need|have|love|going|supposed|able) to (be|become) (an|a|the|made)? (@level|member) (of|on|in|for|at|over)",
    ),
    rule(RequestAccess, 8_900, "(get|getting|have) (me|us) (into|in|on|onto|access|on to)"),
    rule(RequestAccess, 8_800, "(let|allow) (me|us|him|her|_|_ _) (into|in|see|read|view|access|use|edit|have|get)"),
    rule(RequestAccess, 8_700, "(be|get) (granted|given|added|assigned|put|allowed) (to|on|in|into|access)?"),
    rule(RequestAccess, 8_600, "(do not|does not) have (any|the)? @level? @access"),
    rule(RequestAccess, 8_600, "(missing|lacking|without|lost) (my|the|any)? @level? @access"),
    rule(RequestAccess, 8_400, "(access|permission) (to|for) * (please|needed|required|wanted)"),
    rule(RequestAccess, 8_300, "@level (access|permission|permissions|rights|role|license) (to|on|for|in)"),
    rule(RequestAccess, 8_300, "(can|could|am|are) not (able to)? (open|access|see|view|edit|reach|read|find|use)"),
    // Access, if something in the catalog is near.
    rule(RequestAccess, 7_600, "@i @need (to be able to|to|to have|the ability to|be able to)?"),
    rule(
        RequestAccess,
        7_600,
        "@i (have to|must|got to|have got to|ought to|am supposed to|am meant to|should|was asked to|have been asked to|am going to)",
    ),
    rule(RequestAccess, 7_500, "@can (i|we) (please|also|possibly)? (@get|use|see|read|view|edit|open|join|be)"),
    rule(
        RequestAccess,
        7_500,
        "@can (you|someone|somebody|anyone) (please|kindly|also)? (@give|add|let|set up|open|enable|help me with|sort)",
    ),
    rule(RequestAccess, 7_400, "(please|kindly)? @give (me|us|him|her|them)"),
    rule(RequestAccess, 7_300, "_ (needs|wants|requires)"),
    rule(RequestAccess, 7_200, "^ (give|grant|assign|provide|order|get) "),
    rule(RequestAccess, 7_000, "please"),
    rule(RequestAccess, 8_100, "(access|permission|permissions) to"),
    rule(OutOfScope, 8_600, "who (has|have|else has|holds|got) * @access"),
    rule(RequestAccess, 7_000, "the usual"),
    rule(
        RequestAccess,
        8_500,
        "(the usual|the standard|the normal|the same) * (access|package|bundle|set|setup|tools|kit)",
    ),
];
