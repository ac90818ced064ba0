//! E-mail by SMTP, the second channel besides web push. What it says names nobody: mail lies about in
//! inboxes and on lock screens.

use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

use compliance::{Instant, Word};
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::Url;
use uuid::Uuid;

use crate::officer_app;
use crate::push::Sent;
use crate::store::alerts::Alert;

/// The whole exchange; less than a lease, so that nobody else sends the same meanwhile.
const TIMEOUT: Duration = Duration::from_secs(20);
/// What a mail server says of a mailbox that is not there, or that is none (RFC 5321 section 4.2.3).
const NO_SUCH_MAILBOX: [u16; 3] = [550, 551, 553];
/// The same as enhanced codes: of the address, and of a mailbox that is closed (RFC 3463, RFC 7505).
const NO_SUCH_ADDRESS: [&str; 6] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"];

/// Through which server, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    pub url: Url,
    pub from: Mailbox,
    /// What links begin with.
    pub public_url: Url,
}

impl MailConfig {
    /// The words of a refusal follow the setting's name.
    pub fn parse(url: &str, from: &str, public_url: &Url) -> Result<Self, (&'static str, String)> {
        let server = read_server(url).map_err(|reason| ("smtp_url", reason.to_owned()))?;
        let from =
            from.parse().map_err(|_unreadable| ("smtp_from", "is no e-mail address".to_owned()))?;
        Ok(Self { url: server, from, public_url: public_url.clone() })
    }
}

fn read_server(url: &str) -> Result<Url, &'static str> {
    let url = Url::parse(url).map_err(|_unreadable| "is no URL")?;
    // Of a scheme that it does not know, the library takes every host for a name.
    let host = url.host_str().ok_or("names no host")?.trim_matches(['[', ']']);
    let is_loopback = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let requires_tls = url.query() == Some("tls=required");
    match url.scheme() {
        "smtps" if url.query().is_none() => Ok(url),
        "smtp" if requires_tls => Ok(url),
        "smtp" if is_loopback && url.query().is_none() => Ok(url),
        _ => {
            Err("is neither smtps://… nor smtp://…?tls=required: without TLS, mail goes only to a \
                  server on this machine, by its address")
        }
    }
}

/// Whether an account can be told there.
pub fn is_address(text: &str) -> bool {
    text.len() <= 254 && text.parse::<lettre::Address>().is_ok()
}

pub struct Mail {
    config: MailConfig,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Mail {
    pub fn new(config: &MailConfig) -> Result<Self, SmtpError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.url.as_str())?;
        let transport = builder.timeout(Some(TIMEOUT / 2)).build();
        Ok(Self { config: config.clone(), transport })
    }

    /// `id`: the same for each attempt, so that a second copy can be told for one.
    pub async fn send(
        &self,
        (id, now): (Uuid, Instant),
        to: &str,
        (alert, station): (&Alert, Option<&str>),
    ) -> Sent {
        let failed =
            |reason: String| Sent::Failed { http_status: None, retry_after_ms: None, reason };
        let message = match self.message((id, now), to, (alert, station)) {
            Ok(message) => message,
            // An address that cannot be written to will not be any better later.
            Err(_unwritable) => return Sent::Gone { http_status: None },
        };
        match tokio::time::timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_taken)) => Sent::Accepted { http_status: None },
            Ok(Err(error)) => read(&error),
            Err(_elapsed) => failed("the mail server did not answer in time".to_owned()),
        }
    }

    fn message(
        &self,
        (id, now): (Uuid, Instant),
        to: &str,
        (alert, station): (&Alert, Option<&str>),
    ) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let (kind, severity) = (in_words(alert.kind.as_str()), alert.severity.as_str());
        let place = station.map_or_else(String::new, |station| format!(", {station}"));
        let link = officer_app::alert_link(&self.config.public_url, alert.id);
        let sent_at = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.ms()).unwrap_or(0));
        let body = format!(
            "An alert waits for you: {kind}{place} ({severity}).\r\n\r\n{link}\r\n\r\n\
             Acknowledge it there, or it goes on to somebody else. Do not answer this message.\r\n"
        );
        Ok(Message::builder()
            .from(self.config.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .date(sent_at)
            .message_id(Some(format!("<{id}@{}>", self.config.from.email.domain())))
            .subject(format!("Holdfast, {severity}: {kind}{place}"))
            .header(ContentType::TEXT_PLAIN)
            .body(body)?)
    }
}

/// "missed_sign_on" as people say it.
fn in_words(word: &str) -> String {
    word.replace('_', " ")
}

/// What a server said beside the number.
fn said(error: &SmtpError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// Whether a refusal is of the mailbox itself. A server refuses with the same numbers what it holds for
/// spam, and a sender that it does not trust; then its enhanced code says so (RFC 3463).
fn is_of_the_mailbox(code: u16, said: &str) -> bool {
    let enhanced = said.split_whitespace().next().unwrap_or_default();
    let is_enhanced = enhanced.len() > 2 && enhanced.starts_with("5.") && {
        enhanced.chars().all(|char| char.is_ascii_digit() || char == '.')
    };
    NO_SUCH_MAILBOX.contains(&code) && (!is_enhanced || NO_SUCH_ADDRESS.contains(&enhanced))
}

/// What a server says may hold the address; only its number is kept.
fn read(error: &SmtpError) -> Sent {
    let code = error.status().map(u16::from);
    if code.is_some_and(|code| is_of_the_mailbox(code, &said(error))) {
        return Sent::Gone { http_status: None };
    }
    let reason = match code {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => "the mail server's certificate is not to be trusted".to_owned(),
        None => "the mail server could not be reached".to_owned(),
    };
    Sent::Failed { http_status: None, retry_after_ms: None, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_leaves_this_machine_by_tls_only() {
        for (url, is_let) in [
            ("smtps://mail.example.org", true),
            ("smtps://me:secret@mail.example.org:465", true),
            ("smtp://mail.example.org?tls=required", true),
            ("smtp://127.0.0.1:2525", true),
            ("smtp://[::1]:2525", true),
            ("smtp://mail.example.org", false),
            ("smtp://localhost", false),
            ("smtp://mail.example.org?tls=opportunistic", false),
            ("smtp://127.0.0.1?tls=opportunistic", false),
            ("smtps://mail.example.org?tls=none", false),
            ("https://mail.example.org", false),
            ("mail.example.org", false),
            ("", false),
        ] {
            assert_eq!(read_server(url).is_ok(), is_let, "{url}");
        }
    }

    #[test]
    fn a_mailbox_is_gone_when_the_server_says_so_of_it_and_not_of_the_message() {
        for (code, said, is_gone) in [
            (550, "", true),
            (550, "No such user here", true),
            (550, "5.1.1 The mailbox is unknown", true),
            (553, "5.1.3 Bad destination mailbox address", true),
            (550, "5.1.10 The domain accepts no mail", true),
            (550, "5.2.1 The mailbox is disabled", true),
            (550, "5.7.1 Message refused as spam", false),
            (550, "5.7.26 Unauthenticated sender", false),
            (553, "5.7.1 Sender address rejected", false),
            (550, "5.2.2 The mailbox is full", false),
            (551, "5.", true),
            (552, "5.1.1 Too much", false),
            (554, "", false),
            (450, "", false),
        ] {
            assert_eq!(is_of_the_mailbox(code, said), is_gone, "{code} {said}");
        }
    }

    #[test]
    fn an_address_is_one_that_mail_can_be_sent_to() {
        for (text, is_one) in [
            ("asha.mercer@force.example", true),
            ("Asha <asha@force.example>", false),
            ("asha@force.example, ben@force.example", false),
            ("asha@force.example\r\nBcc: x@y.example", false),
            ("asha", false),
            ("", false),
        ] {
            assert_eq!(is_address(text), is_one, "{text}");
        }
    }
}
