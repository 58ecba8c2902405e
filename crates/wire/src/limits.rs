//! How large anything may be. Each limit is checked where bytes enter, before they are parsed.

/// Side of a tile in pixels; the canvas is cut into squares of this size.
pub const TILE: u32 = 64;
/// Decoded bytes of one tile: RGBA, 8 bits a channel.
pub const TILE_BYTES: usize = (TILE * TILE * 4) as usize;
/// A coded tile may exceed its pixels by the codec's own header at most.
pub const CODED_TILE_MAX: usize = TILE_BYTES + 64;
/// Longest side of a canvas in pixels: 32 x 32 tiles, a manifest of 16 kB.
pub const CANVAS_SIDE_MAX: u32 = 2048;
/// One upload carries at most this many coded bytes: about a second at 2 Mbit/s.
pub const BATCH_BYTES_MAX: usize = 256 * 1024;
/// Tiles in one upload.
pub const BATCH_TILES_MAX: usize = 256;
/// A text message from a client: the largest manifest in hexadecimal, and room for the prompts.
pub const TEXT_MAX: usize = 64 * 1024;
/// A binary message from a client: what it drew, some thousand places of a pen.
pub const STROKES_MAX: usize = 16 * 1024;
/// A prompt in bytes of UTF-8.
pub const PROMPT_MAX: usize = 2_000;
/// The id of a model in bytes: the name of a file.
pub const MODEL_ID_MAX: usize = 200;
/// A preview frame: some middle boxes cut messages above 4 MiB.
pub const FRAME_MAX: usize = 4 * 1024 * 1024;
/// Longest side of a picture in pixels: half as much again as what the largest models are made for, for pictures that stand or
/// lie.
pub const PICTURE_SIDE_MAX: u32 = 1536;
/// Pixels of a picture: such a one on the shorter side of the largest square one.
pub const PICTURE_PIXELS_MAX: u32 = 1024 * PICTURE_SIDE_MAX;
/// Pictures of one job.
pub const PICTURES_MAX: u16 = 4;
/// Values of one latent. None takes more than 18 bits ([`crate::latents`]), so that all of them fit a frame.
pub const LATENT_VALUES_MAX: usize = FRAME_MAX / 4;
/// Ended jobs of a snapshot; with fewer, there are no others.
pub const SNAPSHOT_JOBS: usize = 30;
/// Preview frames that a viewer may have unacknowledged.
pub const FRAMES_IN_FLIGHT: usize = 2;
/// Facts kept for a viewer that is away.
pub const FACTS_KEPT: usize = 512;
/// How long a poll is held when there is nothing to say, in milliseconds.
pub const POLL_HOLD_MS: u64 = 2_000;
/// How often the server pings a socket and says `alive` on it, in milliseconds.
pub const ALIVE_EVERY_MS: u64 = 20_000;
/// Either side gives up a socket on which it heard nothing for this long, in milliseconds.
pub const DEAD_AFTER_MS: u64 = 45_000;
/// The body of `POST api/say`: messages of [`TEXT_MAX`] in all, or one alone, and what holds them.
pub const SAID_MAX: usize = TEXT_MAX + 4 * 1024;
