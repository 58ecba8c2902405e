//! What the server promises, shown through real sockets: one file a promise. The sampler is a
//! double whose steps the test lets go, except in `real`.

mod ahead;
mod bad_input;
mod cancel;
mod canvas;
mod double;
mod heralds;
mod http;
mod jobs;
mod live;
mod models;
mod older;
mod origin;
mod page;
mod polling;
mod previews;
mod real;
mod reconnect;
mod removal;
mod restart;
mod strokes;
mod studio;
mod thumbs;
mod visits;
mod websocket;
