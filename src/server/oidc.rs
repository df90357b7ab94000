//! Signing in by an OpenID Connect provider: authorization code flow with PKCE, `state` and `nonce` (OpenID Connect Core 1.0 §3.1,
//! RFC 7636, RFC 9700). The provider says who somebody is; whether they work here says the directory.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::CoreResponseType;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AccessTokenHash, AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::domain::ids::PersonId;
use crate::domain::person::Directory;
use crate::server::session::Begun;
use crate::server::webauthn::Site;

/// How long what the provider publishes about itself is believed.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// The longest answer of a provider that is read, bytes.
const ANSWER: usize = 1024 * 1024;

/// How people sign in by a provider.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// The provider's issuer, `https://login.example.com/` for instance.
    pub issuer: Url,
    /// What the provider calls us.
    pub client_id: String,
    /// What proves that we are it; none for a public client.
    pub client_secret: Option<SecretString>,
    /// Where people reach us, `https://access.example.com/` for instance.
    pub public_url: Url,
    /// What the provider says that the directory knows.
    pub person: PersonClaim,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What the provider is called on the page, `Example login` for instance; empty for the issuer's host.
    pub name: String,
    /// Classes of authentication (`acr`) that count when somebody proves once more that it is them, wanted ones first; empty for any.
    pub acr_values: Vec<String>,
    /// Which network addresses may be called: neither the issuer's name nor anything the provider names leads elsewhere.
    pub may_reach: fn(IpAddr) -> bool,
}

/// Which claim of the ID token names the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonClaim {
    /// `sub` is the directory's own id.
    Subject,
    /// `sub` stands in this table.
    SubjectTable(BTreeMap<String, PersonId>),
    /// `email`, and the provider says that it is verified. Only for providers that let nobody else choose that address.
    VerifiedEmail,
}

/// Why signing in cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// Plain HTTP to another machine.
    #[error("`{0}` must begin with https:// (plain http:// is for this machine only)")]
    Insecure(Url),
    /// A path, question mark or fragment in the public address.
    #[error("`{0}` must be an address without a path, such as https://access.example.com/")]
    Path(Url),
    /// No client id.
    #[error("the client id is empty")]
    NoClient,
    /// The HTTP client cannot be made.
    #[error("no connections can be made: {0}")]
    Client(String),
}

/// A provider, ready to be asked. A start does not need its answer, but says whether it came.
pub struct Oidc {
    pub(super) settings: OidcSettings,
    pub(super) issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: reqwest::Client,
    known: tokio::sync::Mutex<Option<(Timestamp, CoreProviderMetadata)>>,
    /// Why nobody can sign in, while the provider has not answered as it should since the start.
    problem: Mutex<Option<String>>,
}

/// Resolves names, and refuses those that lead where no call may go (server-side request forgery, OWASP SSRF cheat sheet).
struct Resolver(fn(IpAddr) -> bool);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let may_reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            match found.iter().find(|a| !may_reach(a.ip())) {
                Some(bad) => Err(Box::new(HttpError::Blocked(bad.ip().to_string())) as _),
                None => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the provider does not answer as it should: {0}")]
    Provider(String),
    #[error("the provider's answer does not hold: {0}")]
    Token(String),
}

#[derive(Debug, thiserror::Error)]
enum HttpError {
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    #[error("the answer is not well formed")]
    Malformed(#[from] openidconnect::http::Error),
    #[error("the answer is longer than {ANSWER} bytes")]
    TooLong,
    #[error("`{0}` may not be called from here")]
    Blocked(String),
}

impl Oidc {
    /// A provider by its settings.
    ///
    /// # Errors
    /// [`OidcError`] names the setting that cannot be used.
    pub fn new(settings: OidcSettings) -> Result<Self, OidcError> {
        for address in [&settings.issuer, &settings.public_url] {
            let local = matches!(address.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            if address.host_str().is_none() || !(address.scheme() == "https" || (address.scheme() == "http" && local)) {
                return Err(OidcError::Insecure(address.clone()));
            }
        }
        let public = &settings.public_url;
        if public.path() != "/" || public.query().is_some() || public.fragment().is_some() {
            return Err(OidcError::Path(public.clone()));
        }
        if settings.client_id.is_empty() {
            return Err(OidcError::NoClient);
        }
        let back = public.join("/sign-in/return").map_err(|_| OidcError::Path(public.clone()))?;
        // Redirects stay off: a provider's endpoint that points elsewhere must not make us ask there.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver(settings.may_reach)))
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| OidcError::Client(error.to_string()))?;
        Ok(Self {
            // Issuers are compared letter by letter, and `Url` adds a slash to a bare host that the provider may not have.
            issuer: IssuerUrl::new(bare(&settings.issuer)).map_err(|_| OidcError::Insecure(settings.issuer.clone()))?,
            redirect: RedirectUrl::from_url(back),
            settings,
            http,
            known: tokio::sync::Mutex::new(None),
            problem: Mutex::new(None),
        })
    }

    /// The `Host` people come by.
    #[must_use]
    pub fn public_host(&self) -> String {
        let url = &self.settings.public_url;
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
    }

    /// The site passkeys are bound to, where browsers know passkeys at such an address.
    #[must_use]
    pub fn site(&self) -> Option<Site> {
        let url = &self.settings.public_url;
        Site::new(&url.host_str()?.to_ascii_lowercase(), &url.origin().ascii_serialization())
    }

    /// True where people come by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.settings.public_url.scheme() == "https"
    }

    /// What the provider is called on the page.
    #[must_use]
    pub fn provider_name(&self) -> String {
        if self.settings.name.is_empty() {
            self.settings.issuer.host_str().unwrap_or_default().to_owned()
        } else {
            self.settings.name.clone()
        }
    }

    fn client_secret(&self) -> Option<ClientSecret> {
        self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()))
    }

    fn asker(&self) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, HttpError>> + Send + Sync {
        let (http, may_reach, plain) =
            (self.http.clone(), self.settings.may_reach, self.settings.issuer.scheme() == "http");
        move |request| {
            let http = http.clone();
            Box::pin(async move {
                let request = reqwest::Request::try_from(request)?;
                let url = request.url();
                // Addresses written as numbers are not resolved; plain HTTP is for a provider on this machine.
                let numbers = match url.host() {
                    Some(url::Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
                    Some(url::Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
                    _ => None,
                };
                let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                let secure = url.scheme() == "https" || (plain && local && url.scheme() == "http");
                if !secure || numbers.is_some_and(|ip| !may_reach(ip)) {
                    return Err(HttpError::Blocked(url.to_string()));
                }
                let mut answer = http.execute(request).await?;
                let mut response = openidconnect::http::Response::builder().status(answer.status());
                if let Some(headers) = response.headers_mut() {
                    headers.extend(answer.headers().clone());
                }
                let mut body = Vec::new();
                while let Some(piece) = answer.chunk().await? {
                    if body.len() + piece.len() > ANSWER {
                        return Err(HttpError::TooLong);
                    }
                    body.extend_from_slice(&piece);
                }
                Ok(response.body(body)?)
            })
        }
    }

    /// What the provider publishes about itself, its keys included; asked again after an hour, or at once when `anew`.
    async fn metadata(&self, now: Timestamp, anew: bool) -> Result<CoreProviderMetadata, Failure> {
        let mut known = self.known.lock().await;
        if let Some((since, metadata)) = &*known
            && !anew
            && now.duration_since(*since) < FRESH
        {
            return Ok(metadata.clone());
        }
        let mut found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.asker()).await;
        if found.is_err() && self.settings.issuer.path() == "/" {
            // Some providers name themselves with the slash.
            let slashed = IssuerUrl::from_url(self.settings.issuer.clone());
            if let Ok(metadata) = CoreProviderMetadata::discover_async(slashed, &self.asker()).await {
                found = Ok(metadata);
            }
        }
        let metadata = found.map_err(|error| Failure::Provider(chain(&error)))?;
        *known = Some((now, metadata.clone()));
        if lacks(&metadata).is_none() {
            *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        Ok(metadata)
    }

    /// Asks the provider what it publishes about itself, and whether that is enough for people to sign in.
    ///
    /// # Errors
    /// What is wrong, in a sentence without a full stop.
    pub async fn look(&self, now: Timestamp) -> Result<(), String> {
        let issuer = self.issuer.as_str().trim_end_matches('/');
        let found = match self.metadata(now, true).await {
            Ok(metadata) => lacks(&metadata).map(|what| format!("the provider at `{issuer}` {what}")),
            Err(failure) => {
                let said = failure.to_string();
                tracing::info!(issuer, said, "the sign-in provider was asked to describe itself");
                let (short, cure) = (in_short(&said), cure(&said));
                Some(format!("{short} (asked at `{issuer}/.well-known/openid-configuration`); {cure}"))
            }
        };
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = found.clone();
        found.map_or(Ok(()), Err)
    }

    /// Why nobody can sign in, as far as is known: what [`Oidc::look`] found last.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where to send the browser.
    pub(super) async fn begin(&self, now: Timestamp, begun: &Begun) -> Result<Url, Failure> {
        let metadata = self.metadata(now, false).await?;
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), None)
            .set_redirect_uri(self.redirect.clone());
        let verifier = PkceCodeVerifier::new(begun.verifier.clone());
        let (state, nonce) = (begun.state.clone(), begun.nonce.clone());
        let mut asked = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if begun.again.is_some() {
            // RFC 9470 §4: the class that is wanted, and how old the sign-in may be. `prompt` is for providers that overlook the age.
            asked = asked.set_max_age(Duration::ZERO).add_prompt(CoreAuthPrompt::Login);
            for class in &self.settings.acr_values {
                asked = asked.add_auth_context_value(AuthenticationContextClass::new(class.clone()));
            }
        }
        Ok(asked.url().0)
    }

    /// Exchanges the code and checks the ID token.
    pub(super) async fn finish(
        &self,
        now: Timestamp,
        code: String,
        begun: &Begun,
    ) -> Result<CoreIdTokenClaims, Failure> {
        let metadata = self.metadata(now, false).await?;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            self.client_secret(),
        )
        .set_redirect_uri(self.redirect.clone());
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Failure::Provider(chain(&error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()))
            .request_async(&self.asker())
            .await
            .map_err(|error| Failure::Provider(chain(&error)))?;
        let id_token = tokens.id_token().ok_or_else(|| Failure::Token("there is no ID token".into()))?;
        let nonce = Nonce::new(begun.nonce.clone());
        let checked = match self.check(&metadata, id_token, &nonce) {
            // The provider may have changed its keys since they were read.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                self.check(&self.metadata(now, true).await?, id_token, &nonce)
            }
            other => other,
        };
        let claims = checked.map_err(|error| Failure::Token(chain(&error)))?;
        if let Some(wanted) = claims.access_token_hash() {
            let metadata = self.metadata(now, false).await?;
            let verifier = CoreClient::from_provider_metadata(
                metadata,
                ClientId::new(self.settings.client_id.clone()),
                self.client_secret(),
            );
            let verifier = verifier.id_token_verifier();
            let wrong = |error: &dyn std::error::Error| Failure::Token(chain(error));
            let algorithm = id_token.signing_alg().map_err(|e| wrong(&e))?;
            let key = id_token.signing_key(&verifier).map_err(|e| wrong(&e))?;
            let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|e| wrong(&e))?;
            if hash != *wanted {
                return Err(Failure::Token("the access token is not the one meant".into()));
            }
        }
        Ok(claims)
    }

    fn check(
        &self,
        metadata: &CoreProviderMetadata,
        token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        use CoreJwsSigningAlgorithm as A;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            self.client_secret(),
        );
        // Signatures by a key only the provider has: never `none`, never our own shared secret.
        let verifier = client.id_token_verifier().set_allowed_algs([
            A::RsaSsaPkcs1V15Sha256,
            A::RsaSsaPkcs1V15Sha384,
            A::RsaSsaPkcs1V15Sha512,
            A::RsaSsaPssSha256,
            A::RsaSsaPssSha384,
            A::RsaSsaPssSha512,
            A::EcdsaP256Sha256,
            A::EcdsaP384Sha384,
            A::EdDsa,
        ]);
        token.claims(&verifier, nonce).cloned()
    }

    /// The person these claims name.
    pub(super) fn person(&self, claims: &CoreIdTokenClaims, directory: &Directory) -> Option<PersonId> {
        match &self.settings.person {
            PersonClaim::Subject => PersonId::parse(claims.subject().as_str()).ok(),
            PersonClaim::SubjectTable(table) => table.get(claims.subject().as_str()).cloned(),
            PersonClaim::VerifiedEmail => {
                let email = claims.email().filter(|_| claims.email_verified() == Some(true))?.to_lowercase();
                let mut fitting = directory.iter().filter(|p| p.email.to_lowercase() == email);
                let person = fitting.next()?;
                fitting.next().is_none().then(|| person.id.clone())
            }
        }
    }
}

/// What a provider's own description lacks for people to sign in with a code and a signed ID token.
fn lacks(metadata: &CoreProviderMetadata) -> Option<&'static str> {
    let has_code = metadata
        .response_types_supported()
        .iter()
        .any(|all| all.len() == 1 && all.first() == Some(&CoreResponseType::Code));
    if !has_code {
        return Some("does not offer the authorization code flow");
    }
    if metadata.token_endpoint().is_none() {
        return Some("names no token endpoint");
    }
    metadata.jwks().keys().is_empty().then_some("publishes no signing keys")
}

/// What to do about a provider that does not describe itself as it should, by what the libraries say of it.
fn cure(said: &str) -> &'static str {
    if said.contains("unexpected issuer") {
        "set sign_in.issuer to what the provider calls itself, letter by letter: a missing or added slash counts"
    } else if said.contains("may not be called") {
        "sign_in.issuer leads to an address that nothing here may call; name the provider's own"
    } else if said.contains("HTTP status") || said.contains("parse") {
        "nothing describes a provider there: correct sign_in.issuer, which often has a path (a realm, a tenant)"
    } else {
        "look whether the provider runs, whether sign_in.issuer names it, and whether this machine may call it"
    }
}

/// The same without the layers a call went through: of those only what the innermost says helps.
fn in_short(said: &str) -> String {
    match said.split_once("Request failed: ") {
        Some((before, layers)) => format!("{before}{}", layers.rsplit(": ").next().unwrap_or(layers)),
        None => said.to_owned(),
    }
}

fn bare(url: &Url) -> String {
    if url.path() == "/" { url.as_str().trim_end_matches('/').to_owned() } else { url.as_str().to_owned() }
}

/// An error with everything behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> OidcSettings {
        OidcSettings {
            issuer: "https://login.example.com/".parse().unwrap(),
            client_id: "claviger".into(),
            client_secret: Some("s".into()),
            public_url: "https://access.example.com/".parse().unwrap(),
            person: PersonClaim::Subject,
            scopes: vec!["email".into()],
            name: String::new(),
            acr_values: Vec::new(),
            may_reach: |_| true,
        }
    }

    fn refused(change: impl FnOnce(&mut OidcSettings)) -> OidcError {
        let mut s = settings();
        change(&mut s);
        Oidc::new(s).err().unwrap()
    }

    #[test]
    fn settings_that_would_be_unsafe_are_refused() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        assert!(Oidc::new(settings()).is_ok());
        let plain = |s: &mut OidcSettings| s.issuer = "http://login.example.com/".parse().unwrap();
        assert!(matches!(refused(plain), OidcError::Insecure(_)));
        let plain = |s: &mut OidcSettings| s.public_url = "http://access.example.com/".parse().unwrap();
        assert!(matches!(refused(plain), OidcError::Insecure(_)));
        assert!(matches!(refused(|s| s.public_url = "https://x.example/y".parse().unwrap()), OidcError::Path(_)));
        assert_eq!(refused(|s| s.client_id.clear()), OidcError::NoClient);
    }

    #[tokio::test]
    async fn what_keeps_people_from_signing_in_comes_with_a_cure() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let described = serde_json::json!({
            "issuer": "https://login.example.com/realms/x", "authorization_endpoint": here, "jwks_uri": format!("{here}/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let route = axum::routing::get(move || async move { axum::Json(described) });
        let app = axum::Router::new().route("/.well-known/openid-configuration", route);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let look = async |issuer: &str| {
            let oidc = Oidc::new(OidcSettings { issuer: issuer.parse().unwrap(), ..settings() }).unwrap();
            oidc.look(Timestamp::UNIX_EPOCH).await.unwrap_err()
        };
        let other = look(&here).await;
        assert!(other.contains("https://login.example.com/realms/x") && other.contains("letter by letter"), "{other}");
        let wrong = look(&format!("{here}/nowhere")).await;
        assert!(wrong.contains("often has a path"), "{wrong}");
        let closed = look("http://127.0.0.1:1").await;
        assert!(closed.contains("whether the provider runs") && closed.contains("refused"), "{closed}");
        assert!(!closed.contains("client error") && closed.matches("127.0.0.1:1").count() == 1, "{closed}");
    }

    #[test]
    fn the_secret_is_never_printed() {
        let text = format!("{:?}", OidcSettings { client_secret: Some("hunter2".into()), ..settings() });
        assert!(!text.contains("hunter2"));
    }
}
