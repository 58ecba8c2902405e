//! From a request of HTTP/1.1 to a socket: RFC 6455, section 4.2.

use super::{Listener, Speaker, open};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::engine::{Engine, GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, prelude::BASE64_STANDARD};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;

/// The RFC's own example has bits set behind its sixteen bytes.
const OF_KEYS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);
const VERSION: HeaderValue = HeaderValue::from_static("13");
/// What every server adds to a client's key.
const ACCEPTED: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A request that wants to become a socket.
pub struct Upgrade {
    key: HeaderValue,
    on: OnUpgrade,
}

/// Why a request cannot become a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this address is for WebSockets; ask with `Connection: upgrade` and `Upgrade: websocket`")]
    NoUpgrade,
    #[error("only version 13 of WebSockets is spoken here")]
    Version,
    #[error("Sec-WebSocket-Key has to be 16 bytes in base64")]
    Key,
    #[error("this connection cannot become a socket; ask over HTTP/1.1")]
    Connection,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Key | Self::Connection => StatusCode::BAD_REQUEST,
        };
        let wanted = [
            (header::SEC_WEBSOCKET_VERSION, VERSION),
            (header::UPGRADE, HeaderValue::from_static("websocket")),
        ];
        (status, wanted, self.to_string()).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        if !names(&parts.headers, header::CONNECTION, "upgrade")
            || !names(&parts.headers, header::UPGRADE, "websocket")
        {
            return Err(Refused::NoUpgrade);
        }
        if parts.headers.get(header::SEC_WEBSOCKET_VERSION) != Some(&VERSION) {
            return Err(Refused::Version);
        }
        let key = parts.headers.get(header::SEC_WEBSOCKET_KEY).ok_or(Refused::Key)?.clone();
        if !is_key(key.as_bytes()) {
            return Err(Refused::Key);
        }
        let on = parts.extensions.remove().ok_or(Refused::Connection)?;
        Ok(Self { key, on })
    }
}

impl Upgrade {
    /// Answers the request, and has the socket served once the client has the answer. Messages of more than
    /// `message_max` bytes break it.
    pub fn serve<F>(
        self,
        message_max: usize,
        served: impl FnOnce(Speaker, Listener) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let accept = accept(self.key.as_bytes());
        tokio::spawn(async move {
            // Who does not wait for the answer has no socket.
            let Ok(upgraded) = self.on.await else { return };
            match socket(upgraded, message_max) {
                Some((speaker, listener)) => served(speaker, listener).await,
                None => tracing::error!("a socket was asked for over something that is no TCP connection"),
            }
        });
        let headers = [
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::UPGRADE, HeaderValue::from_static("websocket")),
            (header::SEC_WEBSOCKET_ACCEPT, accept),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    }
}

/// The connection itself, without the buffers that HTTP had.
fn socket(upgraded: Upgraded, message_max: usize) -> Option<(Speaker, Listener)> {
    let parts = downcast::<TokioIo<TcpStream>>(upgraded).ok()?;
    Some(open(parts.io.into_inner(), &parts.read_buf, message_max))
}

/// Whether one of the words of a header is this.
fn names(headers: &HeaderMap, header: header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
}

fn is_key(key: &[u8]) -> bool {
    OF_KEYS.decode(key).is_ok_and(|key| key.len() == 16)
}

fn accept(key: &[u8]) -> HeaderValue {
    let digest = Sha1::new().chain_update(key).chain_update(ACCEPTED).finalize();
    BASE64_STANDARD.encode(digest).try_into().expect("base64 is a header's value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_accepted_as_in_the_rfc() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_key_is_sixteen_bytes() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ==") && is_key(b"AQIDBAUGBwgJCgsMDQ4PEC=="));
        assert!(!is_key(b"dGhlIHNhbXBsZQ==") && !is_key(b"dGhlIHNhbXBsZSBub25jZQ") && !is_key(b"?"));
    }

    #[test]
    fn a_word_of_a_header_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::CONNECTION, HeaderValue::from_static("keep-alive"));
        headers.append(header::CONNECTION, HeaderValue::from_static("x,  Upgrade"));
        assert!(names(&headers, header::CONNECTION, "upgrade"));
        assert!(!names(&headers, header::CONNECTION, "grade"));
    }
}
