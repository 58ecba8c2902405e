//! A page of another address can neither say nor listen.

use crate::http;
use crate::studio::Place;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use wire::{Code, Problem};

async fn socket_status(place: &Place, origin: &str) -> u16 {
    let mut request = format!("ws://{}/link", place.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", origin.parse().unwrap());
    match connect_async(request).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn sockets_and_posts_of_other_pages_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let ours = format!("http://{}", place.address);
    let port = place.address.port();
    let others = ["null", "http://evil.example", &format!("http://127.0.0.1:{}", port ^ 1)];
    for origin in others {
        assert_eq!(socket_status(&place, origin).await, 403, "{origin}");
        for path in ["/api/say", "/api/tiles"] {
            let answer = http::post(place.address, path, &[("origin", origin)], b"").await;
            assert_eq!(
                (answer.status, answer.json::<Problem>().code),
                (403, Code::Forbidden),
                "{origin} {path}"
            );
        }
    }
    assert_eq!(socket_status(&place, &ours).await, 101);
    assert_eq!(http::post(place.address, "/api/tiles", &[("origin", &ours)], b"").await.status, 200);
}
