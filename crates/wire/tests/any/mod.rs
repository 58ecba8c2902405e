//! Any value of the protocol.

use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*, sample::select};
use wire::*;

pub fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 16]>().prop_map(Digest)
}

fn job_id() -> impl Strategy<Value = JobId> {
    any::<[u8; 8]>().prop_map(JobId)
}

fn number() -> impl Strategy<Value = f32> {
    prop::num::f32::NORMAL | prop::num::f32::ZERO
}

fn attention() -> impl Strategy<Value = Attention> {
    let format = select(vec![PreviewFormat::Latent, PreviewFormat::Jpeg]);
    (any::<bool>(), any::<bool>(), any::<u16>(), format)
        .prop_map(|(visible, background, every, format)| Attention { visible, background, every, format })
}

fn manifest() -> impl Strategy<Value = Manifest> {
    (1..=4u32, 1..=4u32).prop_flat_map(|(across, down)| {
        vec(digest(), (across * down) as usize)
            .prop_map(move |tiles| Manifest::new(across * 64, down * 64, tiles).expect("it fills the canvas"))
    })
}

/// Text without control characters, of any script.
fn words() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{0,60}"
}

/// The name of a file, or nothing.
fn model_id() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{0,20}"
}

/// Runs of any length.
fn mask() -> impl Strategy<Value = Mask> {
    let cells = Mask::SIDE * Mask::SIDE;
    vec(1..3000usize, 1..40).prop_map(move |runs| {
        let runs = runs.into_iter().enumerate();
        let mut marked: Vec<bool> = runs.flat_map(|(n, run)| std::iter::repeat_n(n % 2 == 0, run)).collect();
        marked.resize(cells, false);
        Mask::new(marked).expect("the first run is marked")
    })
}

fn spec() -> impl Strategy<Value = Spec> {
    let scheduler = select(Scheduler::ALL.to_vec());
    let sigmas = select(vec![Sigmas::Model, Sigmas::Karras, Sigmas::Exponential]);
    let guidance = (0f32..=30.0, 0f32..=30.0, 0..=11u16);
    let numbers = (1..=150u16, guidance, 0f32..=1.0, any::<u64>(), 1..=24u32, 1..=16u32, 1..=4u16);
    let texts = (model_id(), words(), words());
    let part = (option::of(mask()), 0f32..=64.0, any::<bool>());
    let control = (model_id(), 0f32..=2.0);
    (texts, (scheduler, sigmas), numbers, part, control).prop_map(|(texts, way, numbers, part, control)| {
        let ((model, prompt, negative), (scheduler, sigmas)) = (texts, way);
        let (steps, guidance, strength, seed, across, down, pictures) = numbers;
        let (guidance, image_guidance, clip_skip) = guidance;
        let ((mask, blur, quick), (control, control_scale)) = (part, control);
        let (width, height, seed) = (across * 64, down * 64, Seed(seed));
        Spec {
            model,
            prompt,
            negative,
            quick,
            steps,
            guidance,
            image_guidance,
            clip_skip,
            strength,
            seed,
            scheduler,
            sigmas,
            width,
            height,
            pictures,
            mask,
            blur,
            control,
            control_scale,
        }
    })
}

pub fn client_message() -> impl Strategy<Value = ClientMessage> {
    let hello = (any::<[u8; 16]>(), any::<[u8; 8]>(), any::<u32>(), any::<u64>(), attention()).prop_map(
        |(person, viewer, stream, last, attention)| {
            let (person, viewer) = (PersonToken(person), ViewerId(viewer));
            ClientMessage::Hello(Hello { protocol: PROTOCOL, person, viewer, stream, last, attention })
        },
    );
    prop_oneof![
        hello,
        attention().prop_map(ClientMessage::Attention),
        manifest().prop_map(|manifest| ClientMessage::Canvas { manifest }),
        (any::<u32>(), digest(), spec()).prop_map(|(request, canvas, spec)| ClientMessage::Generate {
            request,
            canvas,
            spec
        }),
        (digest(), spec()).prop_map(|(canvas, spec)| ClientMessage::Live { canvas, spec }),
        (option::of(digest()), spec()).prop_map(|(canvas, spec)| ClientMessage::Prepare { canvas, spec }),
        job_id().prop_map(|job| ClientMessage::Cancel { job }),
        digest().prop_map(|picture| ClientMessage::Remove { picture }),
        job_id().prop_map(|job| ClientMessage::Watch { job }),
        any::<u64>().prop_map(|sequence| ClientMessage::Ack { sequence }),
        any::<u64>().prop_map(|sent| ClientMessage::Ping { sent }),
    ]
}

pub fn problem() -> impl Strategy<Value = Problem> {
    let codes = vec![
        Code::Invalid,
        Code::BadMessage,
        Code::Protocol,
        Code::TooLarge,
        Code::WrongHash,
        Code::NotFound,
        Code::Forbidden,
        Code::Busy,
        Code::Internal,
    ];
    (select(codes), option::of(words()), words()).prop_map(|(code, field, message)| Problem {
        code,
        field,
        message,
    })
}

fn preview() -> impl Strategy<Value = LatentPreview> {
    let row = || vec(number(), 4);
    (any::<u16>(), any::<u16>(), [row(), row(), row()], [number(), number(), number()])
        .prop_map(|(width, height, matrix, offset)| LatentPreview { width, height, matrix, offset })
}

fn pictures() -> impl Strategy<Value = Vec<Picture>> {
    let picture = (digest(), any::<u32>(), any::<u32>(), any::<u64>())
        .prop_map(|(digest, width, height, seed)| Picture { digest, width, height, seed: Seed(seed) });
    vec(picture, 0..4)
}

fn job() -> impl Strategy<Value = Job> {
    (job_id(), digest(), spec(), any::<u64>()).prop_map(|(id, canvas, spec, created_ms)| Job {
        id,
        canvas,
        spec,
        created_ms,
    })
}

fn state() -> impl Strategy<Value = JobState> {
    prop_oneof![
        any::<(u32, u32)>().prop_map(|(ahead, tiles)| JobState::Waiting { ahead, tiles }),
        any::<(u64, u64)>().prop_map(|(read, bytes)| JobState::Loading { read, bytes }),
        (any::<(u16, u16)>(), number(), preview()).prop_map(|((step, total), step_ms, preview)| {
            JobState::Running { step, total, step_ms, preview }
        }),
        (pictures(), number()).prop_map(|(pictures, took_ms)| JobState::Finished { pictures, took_ms }),
        any::<u16>().prop_map(|step| JobState::Cancelled { step }),
        problem().prop_map(|problem| JobState::Failed { problem }),
    ]
}

fn model() -> impl Strategy<Value = ModelInfo> {
    let live =
        option::of((any::<u16>(), number()).prop_map(|(steps, picture_ms)| LiveInfo { steps, picture_ms }));
    let names = (model_id(), words(), words());
    (names, spec(), any::<bool>(), vec(words(), 0..3), live, any::<u16>()).prop_map(
        |((id, name, device), defaults, sketch_conditioned, styles, live, family)| ModelInfo {
            id,
            name,
            defaults,
            sketch_conditioned,
            device,
            styles,
            live,
            family,
        },
    )
}

fn families() -> impl Strategy<Value = Vec<Family>> {
    let names = || vec(model_id(), 0..3);
    vec((names(), names()).prop_map(|(controls, loras)| Family { controls, loras }), 0..3)
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let view = (job(), state()).prop_map(|(job, state)| JobView { job, state });
    (model(), vec(model(), 0..3), families(), vec(words(), 0..3), vec(view, 0..3), any::<u64>()).prop_map(
        |(model, models, families, unusable, jobs, tile_ttl_s)| Snapshot {
            model,
            models,
            families,
            unusable,
            jobs,
            tile_ttl_s,
        },
    )
}

pub fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        (any::<u32>(), any::<bool>(), option::of(snapshot()))
            .prop_map(|(stream, fresh, snapshot)| Fact::Welcome { stream, fresh, snapshot }),
        (digest(), vec(any::<u32>(), 0..5)).prop_map(|(canvas, missing)| Fact::Canvas { canvas, missing }),
        (job(), any::<Option<u32>>()).prop_map(|(job, request)| Fact::Accepted { job, request }),
        (job_id(), any::<(u32, u32)>()).prop_map(|(job, (ahead, tiles))| Fact::Waiting { job, ahead, tiles }),
        (job_id(), any::<(u64, u64)>()).prop_map(|(job, (read, bytes))| Fact::Loading { job, read, bytes }),
        (vec(model(), 0..3), families(), vec(words(), 0..3))
            .prop_map(|(models, families, unusable)| Fact::Models { models, families, unusable }),
        (job_id(), preview()).prop_map(|(job, preview)| Fact::Started { job, preview }),
        (job_id(), any::<(u16, u16)>(), number()).prop_map(|(job, (step, total), step_ms)| Fact::Step {
            job,
            step,
            total,
            step_ms
        }),
        (job_id(), pictures(), number()).prop_map(|(job, pictures, took_ms)| Fact::Finished {
            job,
            pictures,
            took_ms
        }),
        (job_id(), any::<u16>()).prop_map(|(job, step)| Fact::Cancelled { job, step }),
        (job_id(), problem()).prop_map(|(job, problem)| Fact::Failed { job, problem }),
        digest().prop_map(|picture| Fact::Removed { picture }),
        Just(Fact::Alive),
        any::<[u64; 6]>().prop_map(|[sent, clock_us, conflated, made, encoded, decoded]| Fact::Pong {
            sent,
            clock_us,
            conflated,
            made,
            encoded,
            decoded
        }),
        (any::<Option<u32>>(), problem()).prop_map(|(request, problem)| Fact::Refused { request, problem }),
    ]
}

pub fn frame() -> impl Strategy<Value = Frame> {
    let numbers = (any::<(u16, u16, u16, u16)>(), any::<u64>(), (job_id(), any::<u64>()));
    let size = (1..5u8, 1..9u16, 1..9u16, any::<bool>());
    (numbers, size, vec(any::<u8>(), 400)).prop_map(|(numbers, size, noise)| {
        let ((picture, step, total, base), sequence, (job, made_us)) = numbers;
        let (channels, width, height, latent) = size;
        let (format, length) = if latent {
            (FrameFormat::Latent, usize::from(channels) * usize::from(width * height))
        } else {
            (FrameFormat::Jpeg, usize::from(width) * 7)
        };
        let header = FrameHeader {
            format,
            channels,
            picture,
            step,
            total,
            width,
            height,
            base,
            sequence,
            job,
            made_us,
        };
        Frame::new(header, &noise[..length]).expect("the payload fits")
    })
}

pub fn batch() -> impl Strategy<Value = TileBatch> {
    vec((digest(), vec(any::<u8>(), 0..50).prop_map(Bytes::from)), 0..6).prop_map(TileBatch)
}
