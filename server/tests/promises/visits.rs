//! Who comes back loads nothing again that is as it was.

use crate::http;
use crate::studio::Place;

#[tokio::test]
async fn a_page_that_is_known_is_asked_for_and_not_sent_again() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let first = http::get(place.address, "/", &[]).await;
    assert_eq!(first.status, 200);
    assert!(first.head.to_lowercase().contains("cache-control: no-cache"), "{}", first.head);
    let line = first.head.lines().find(|line| line.to_lowercase().starts_with("etag:")).expect("a tag");
    let tag = line.split_once(':').unwrap().1.trim();

    let others = format!("\"another\", {tag}");
    for known in [tag, &others] {
        let again =
            http::get(place.address, "/", &[("if-none-match", known), ("accept-encoding", "br")]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{}", again.head);
        assert!(again.head.contains(tag), "{}", again.head);
    }
    let other = http::get(place.address, "/", &[("if-none-match", "\"another\"")]).await;
    assert_eq!((other.status, other.body), (200, first.body));
}
