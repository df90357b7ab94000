//! A mailbox by SMTP (RFC 5321). The message's id is made from the ticket's, so that a mailbox that gets it twice can tell; a desk that
//! opens tickets from mail does so by that id.
//!
//! Nobody's words reach a header: the subject is our own sentence and the person's name, both without line breaks and control
//! characters, and the library encodes whatever is not plain ASCII (RFC 2047). The text is one plain part, encoded for transport, so
//! that no line in it can end the message early. `Auto-Submitted: auto-generated` (RFC 3834) keeps robots from answering.

use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use crate::connectors::outgoing::short;
use crate::ports::tickets::{Filing, TicketDesk, TicketError, TicketPaper};

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;
/// The longest text, in characters.
const LONGEST_TEXT: usize = 50_000;
/// How long the mail server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// TLS from the first byte (port 465, RFC 8314).
    Implicit,
    /// `STARTTLS`, required (port 587).
    StartTls,
    /// None: for a server on this machine only.
    Plain,
}

/// Where to, and as whom.
pub struct Settings {
    /// The server's name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub privacy: Privacy,
    /// The user, where the server wants one.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<SecretString>,
    /// The sender, `Claviger <claviger@example.com>` for instance.
    pub from: String,
    /// The mailbox tickets go to.
    pub to: String,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmailError {
    /// Not an address.
    #[error("`{0}` is not a mail address")]
    Address(String),
    /// Not private, and not on this machine.
    #[error("`tls = \"none\"` is for a mail server on this machine; `{0}` is another one")]
    NotPrivate(String),
    /// The server cannot be named.
    #[error("the mail server `{0}` cannot be used")]
    Server(String),
}

/// A mailbox.
pub struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Mailbox,
}

impl Email {
    /// A desk from its settings.
    ///
    /// # Errors
    /// [`EmailError`] names the setting that cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, EmailError> {
        let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|_| EmailError::Address(text.to_owned()));
        let (from, to) = (mailbox(&settings.from)?, mailbox(&settings.to)?);
        let host = settings.host.as_str();
        let server = |_| EmailError::Server(host.to_owned());
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = match settings.privacy {
            Privacy::Implicit => AsyncSmtpTransport::<Tokio1Executor>::relay(host).map_err(server)?,
            Privacy::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).map_err(server)?,
            Privacy::Plain => {
                let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
                if !here {
                    return Err(EmailError::NotPrivate(host.to_owned()));
                }
                AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            }
        };
        let mut builder = builder.port(settings.port).timeout(Some(PATIENCE));
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self { transport: builder.build(), from, to })
    }

    fn message(&self, paper: &TicketPaper) -> Result<Message, TicketError> {
        let refused = |what: String| TicketError::Refused { what };
        let id = format!("<{}@{}>", paper.id, self.from.email.domain());
        let text: String = format!(
            "About {} ({}).\nSuggested: {}, {}.\n\n{}",
            paper.person.name,
            paper.person.email,
            paper.category.words(),
            paper.priority.name(),
            paper.plain()
        )
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(LONGEST_TEXT)
        .collect();
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(self.to.clone())
            .message_id(Some(id))
            .subject(subject(paper))
            .header(AutoSubmitted)
            .header(TicketId(paper.id.to_string()))
            .header(ContentType::TEXT_PLAIN);
        // Whoever answers the mail answers the person. A directory's address that is none is left out.
        if let Ok(address) = paper.person.email.parse::<Address>() {
            message = message.reply_to(Mailbox::new(None, address));
        }
        message.body(text).map_err(|e| refused(short(&e.to_string())))
    }
}

/// One line of our own words and the person's name.
fn subject(paper: &TicketPaper) -> String {
    let line = format!("[{}] {}: {} ({})", paper.number, paper.person.name, paper.summary, paper.priority.name());
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_SUBJECT).collect()
}

#[async_trait]
impl TicketDesk for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    async fn file(&self, paper: &TicketPaper) -> Result<Filing, TicketError> {
        let message = self.message(paper)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(Filing { reference: format!("{}@{}", paper.id, self.from.email.domain()), known: false }),
            Err(error) if error.is_permanent() => {
                Err(TicketError::Refused { what: short(&format!("the mail server refused it: {}", cause(&error))) })
            }
            Err(error) => Err(TicketError::Unavailable { what: short(&format!("the mail server: {}", cause(&error))) }),
        }
    }
}

/// The innermost cause.
fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}

/// `Auto-Submitted: auto-generated`.
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// `X-Claviger-Ticket`: the ticket's id, made of letters, digits and `_`.
#[derive(Debug, Clone)]
struct TicketId(String);

impl Header for TicketId {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Claviger-Ticket")
    }
    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}
