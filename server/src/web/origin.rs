//! Whether a request comes from our own page. A page of another origin may reach this address
//! from the browser of somebody who may, so cookies and networks prove nothing; `Origin` does.

use super::error::Refused;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wire::Code;

/// Refuses requests whose `Origin` is another host or port than the one they were sent to.
pub async fn check(request: Request, next: Next) -> Response {
    if is_ours(request.headers()) {
        return next.run(request).await;
    }
    let message = "this request comes from a page of another address; open the studio itself";
    Refused::new(Code::Forbidden, message).into_response()
}

fn is_ours(headers: &HeaderMap) -> bool {
    // Says the same, whatever a proxy does to `Host`; no page can set it. Plain http on a LAN has none.
    if headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin") {
        return true;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        // No browser: those send it with every POST and socket.
        return true;
    };
    let Some((scheme, origin)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    // A page cannot set the second one; a proxy that changes `Host` does.
    let hosts =
        ["host", "x-forwarded-host"].map(|name| headers.get(name).and_then(|host| host.to_str().ok()));
    // Each of several proxies adds its own.
    let mut hosts = hosts.into_iter().flatten().flat_map(|hosts| hosts.split(','));
    hosts.any(|host| bare(scheme, host.trim()) == bare(scheme, origin))
}

/// Host and port in lower case, without the port that the scheme implies.
fn bare(scheme: &str, host: &str) -> String {
    let implied = if scheme == "https" { ":443" } else { ":80" };
    let host = host.to_ascii_lowercase();
    host.strip_suffix(implied).unwrap_or(&host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_ours(&pairs.collect())
    }

    #[test]
    fn the_port_belongs_to_the_origin() {
        assert!(ours(&[("origin", "http://10.0.0.2:3000"), ("host", "10.0.0.2:3000")]));
        assert!(!ours(&[("origin", "http://10.0.0.2:8080"), ("host", "10.0.0.2:3000")]));
        assert!(!ours(&[("origin", "http://evil.example"), ("host", "10.0.0.2:3000")]));
    }

    #[test]
    fn an_opaque_origin_is_nobody() {
        assert!(!ours(&[("origin", "null"), ("host", "10.0.0.2:3000")]));
        assert!(!ours(&[("origin", "http://10.0.0.2:3000")]));
    }

    #[test]
    fn no_browser_is_not_asked() {
        assert!(ours(&[("host", "10.0.0.2:3000")]));
    }

    #[test]
    fn implied_ports_and_proxies_are_understood() {
        assert!(ours(&[("origin", "https://Studio.example"), ("host", "studio.example:443")]));
        assert!(ours(&[
            ("origin", "https://studio.example"),
            ("host", "127.0.0.1:3000"),
            ("x-forwarded-host", "studio.example, inner.example"),
        ]));
        assert!(ours(&[
            ("origin", "https://studio.example"),
            ("host", "127.0.0.1:3000"),
            ("sec-fetch-site", "same-origin"),
        ]));
    }
}
