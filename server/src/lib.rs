//! The studio's server: routes and sockets, the store of drawings, the queue, the sampler's
//! thread, and who is told what. The binary is a thin `main` over this.

mod chance;
pub mod clock;
pub mod config;
pub mod gallery;
pub mod hub;
pub mod models;
pub mod people;
pub mod queue;
pub mod stats;
pub mod studio;
pub mod tiles;
pub mod web;
pub mod websocket;
pub mod worker;
