//! What somebody made before that of which pages are told by themselves.

use super::error::Refused;
use super::polling::bearer;
use crate::people::Person;
use crate::studio::Studio;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
pub struct Asked {
    /// In milliseconds since 1970, UTC.
    until: u64,
}

/// `GET api/older`.
pub async fn older(
    State(studio): State<Arc<Studio>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<impl IntoResponse, Refused> {
    let person = Person::of(&bearer(&headers)?);
    let Query(Asked { until }) = asked?;
    let older = studio.older(person, until).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(older)))
}
