//! The words by which it is told whose sign-ins a question is about, and how a text is taken apart into words.
//!
//! They are the words of questions about signing in in general: no name of anybody, and nothing of any one company's catalog.

use crate::understanding::normalise::fold;

/// The most words that are looked at.
const MOST_WORDS: usize = 400;

/// Whoever asks.
pub const FIRST: &str = " i im ive me my mine myself we us our ours weve ourselves ";
/// Of those, the ones that something is done to.
pub const OBJECT: &str = " me us my our myself ourselves ";
/// Somebody else, by a pronoun.
pub const THIRD: &str = " he she they him her them his hers their theirs hes shes theyre himself herself themselves somebody someone anybody anyone nobody \
    everybody everyone else ";
/// What stands before a noun.
pub const DETERMINERS: &str =
    " the a an this that these those any some one another every each no which what whose all two both ";
/// People, called by what they are.
pub const PEOPLE: &str = " boss manager managers colleague colleagues coworker coworkers teammate teammates peer peers report reports intern interns trainee \
    apprentice contractor contractors consultant employee employees staff assistant secretary director ceo cfo cto coo ciso cio chief president \
    supervisor lead leader head analyst engineer developer designer accountant salesperson recruiter admin administrator person people guy \
    girl man woman lady friend wife husband spouse partner client customer customers user users hire hires starter joiner newcomer member members \
    freelancer guest visitor team department group ";
/// Subjects that are no people: what stands for a thing, and what signs people in or asks them.
pub const THINGS: &str = " it its thats whats whos wheres hows theres here there who why how when where you your youre everything anything something nothing mfa 2fa otp sso vpn \
    password passwords passcode passcodes pin login logins logon signin sign-in sign signon session sessions push duo okta entra azure google workspace \
    microsoft windows keycloak onelogin auth0 auth github gitlab bitbucket slack teams jira confluence salesforce snowflake aws onepassword 1password \
    lastpass bitwarden zscaler citrix cisco anyconnect globalprotect fortinet forticlient openvpn wireguard zoom webex workday servicenow sap concur \
    dropbox box onedrive sharepoint adobe chrome firefox edge safari android iphone ipad ios mac macos linux bitlocker intune jamf crowdstrike exchange \
    gmail outlook office office365 excel word powerpoint tableau powerbi databricks hubspot zendesk netsuite oracle ldap kerberos radius yubikey \
    access account accounts lockout lockouts authenticator email emails mail mailbox inbox calendar laptop computer pc machine desktop phone mobile \
    tablet device devices browser app apps application applications client website site page portal screen server servers system systems network wifi \
    wi-fi internet router printer printers scanner badge card door gate terminal monitor keyboard file files folder folders drive share database \
    repository wiki dashboard tool tools program programs software service services link button authentication verification recovery code codes token \
    tokens key keys certificate prompt prompts notification notifications message messages error profile request requests role roles permission \
    permissions rights right licence license group approval policy rule update updates reset change security new old second single first last next \
    same whole more time times day days week minute minutes hour hours second again still now then always suddenly constantly today yesterday \
    tomorrow monday tuesday wednesday thursday friday saturday sunday morning afternoon night evening lunch is was has had been being be to in on out \
    up down off of for by with without from at as if and or but so not just already really ever even also only please hi hello hey thanks \
    because since while after before until till during than too very much many since being yes ok okay ";
/// Verbs that help others, as written and without their apostrophes.
pub const AUXILIARIES: &str = " is isnt are arent was wasnt were werent am did didnt does doesnt do dont has hasnt have havent had hadnt can cant cannot \
    could couldnt will wont would wouldnt should shouldnt may might must ";
/// What may stand between a subject and what is said of it.
pub const BETWEEN: &str = " not still again always suddenly just now currently really constantly already also even ever keep keeps kept keeping been being be \
    get gets getting got become became have has had having to able repeatedly often never all day randomly simply completely temporarily \
    permanently apparently probably last first both so stay stays remain remains one today yesterday ";
/// Said of people, passively.
pub const DONE_TO_PEOPLE: &str = " locked blocked suspended disabled deactivated kicked banned barred shut frozen denied refused rejected declined turned stopped \
    prevented thrown booted signed logged lockedout unable asked prompted challenged forced required removed terminated offboarded hacked phished \
    compromised stuck ";
/// What people do where they sign in.
pub const DONE_BY_PEOPLE: &str = " sign log login logon signin authenticate access enter get reach use open connect fail failing failed fails try tries trying tried \
    struggle struggling struggles lose loses lost losing forget forgot forgotten miss trouble troubles problem problems issue issues difficulty \
    difficulties signing logging lockout lockouts mistype mistyped ";
/// Of those, the ones that things do as well: said of a person only where something follows that the person gets into.
pub const DONE_BY_BOTH: &str = " get use open connect fail failing failed fails try tries trying tried lose loses lost losing reach access trouble troubles \
    problem problems issue issues difficulty difficulties ";
/// What speaks of getting in.
pub const INTO: &str =
    " in into sign log login logon signing logging access account vpn sso mfa 2fa signin sign-in password lockout ";
/// Whose something is.
pub const BELONGS: &str = " account accounts login logins lockout lockouts password passwords sign sign-in sign-ins signin signins mfa 2fa otp factor session \
    sessions user username access request requests laptop computer pc machine desktop phone mobile tablet device devices mailbox email mail inbox \
    profile credentials code codes token tokens key authenticator vpn badge card pin events event record records history log logs okta google \
    microsoft windows entra duo locked second multi two lock status authentication identity ";
/// What is of somebody: "the lockout of Zaphod".
pub const OF_SOMEBODY: &str = " account accounts login logins lockout lockouts password passwords signin signins sign-in sign-ins ins mfa 2fa factor session \
    sessions credentials authenticator mailbox profile lock events history record records log logs user attempts failures passcode ";
/// Who signs in under no name of their own.
pub const NOBODY: &str = " admin administrator root guest usual before normal myself me always expected well soon far long much per instructed described a the \
    an i we it required told asked if though user owner member ";
/// What ends a name.
pub const AFTER_NAME: &str = " locked lock out sign signed signing log signin logged logging login get gets getting got kicked blocked suspended disabled deactivated \
    denied refused rejected turned declined stopped shut been being be able unable not still again account accounts lockout lockouts sign-in keep keeps \
    have has had is was were are can cant cannot could couldnt did didnt does doesnt isnt wasnt hasnt hadnt will wont and or but so on yesterday today \
    this last in at for to from with access use open connect fail failed failing asked asking ask just now already really suddenly constantly \
    always never also please prompted banned frozen stuck trying lost lose loses forgot because since when while if the a an my as by via \
    password mfa 2fa authenticator second session sessions history events record logs ";

/// True where the list, words apart by spaces, holds this word.
#[must_use]
pub fn among(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_whitespace().any(|w| w == word)
}

/// A word of a sentence.
pub struct Word {
    /// As written, without signs around it.
    pub said: String,
    /// Folded, without apostrophes.
    pub plain: String,
    /// Begins with a capital.
    pub capital: bool,
    /// Ends in `'s`.
    pub of: bool,
    /// A sign that ends a clause stands behind it.
    pub ends: bool,
}

/// The words of a text, the first of them.
#[must_use]
pub fn words_of(text: &str) -> Vec<Word> {
    let signs = |c: char| !c.is_alphanumeric() && c != '@';
    let word = |raw: &str| {
        let said = raw.trim_matches(signs);
        if said.is_empty() {
            return None;
        }
        let lower = said.to_lowercase();
        let of = ["'s", "’s", "`s"].iter().any(|s| lower.ends_with(s));
        // "Jonas' account".
        let open = raw.trim_end_matches(|c: char| ".,;:!?".contains(c));
        let of_s = (open.ends_with("s'") || open.ends_with("s’")) && !open.starts_with(['\'', '‘', '’']);
        let kept: String = if of { said.chars().take(said.chars().count() - 2).collect() } else { said.to_owned() };
        let plain = fold(&kept).replace(['\'', '’', '`'], "");
        let ends = raw.ends_with(['.', ',', ';', ':', '!', '?', '—', '–', ')']);
        Some(Word {
            capital: kept.chars().next().is_some_and(char::is_uppercase),
            said: kept,
            plain,
            of: of || of_s,
            ends,
        })
    };
    let mut all: Vec<Word> = Vec::new();
    for line in text.lines() {
        all.extend(line.split_whitespace().filter_map(word).take(MOST_WORDS.saturating_sub(all.len())));
        if let Some(last) = all.last_mut() {
            last.ends = true;
        }
    }
    all
}

/// An error's code, as sign-in pages show it: `AADSTS50053`, `0xC0000234`.
fn is_code(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let rest = lower.strip_prefix("aadsts").or_else(|| lower.strip_prefix("0xc"));
    rest.is_some_and(|rest| rest.len() >= 4 && rest.chars().all(|c| c.is_ascii_hexdigit()))
}

/// A mail address or a short account name: signs inside that no word of a sentence has.
#[must_use]
pub fn is_handle(word: &str) -> bool {
    if word.contains('@') {
        return word.chars().any(char::is_alphanumeric);
    }
    // What sign-in pages show for an error is nobody's account.
    if is_code(word) {
        return false;
    }
    let parts: Vec<&str> = word.split(['.', '_', '\\']).collect();
    let letters = |p: &&str| p.chars().next().is_some_and(char::is_alphabetic);
    let digits = word.chars().any(|c| c.is_ascii_digit()) && word.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    let known = among(THINGS, &word.to_lowercase())
        || among(" o365 m365 s3 q1 q2 q3 q4 e.g i.e a.m p.m u.s 1password ", &word.to_lowercase())
        || word.contains(':');
    let time = word.chars().next().is_some_and(|c| c.is_ascii_digit());
    (parts.len() > 1 && parts.iter().all(letters) && !known) || (digits && !known && !time)
}
