//! Models beside the studio's own: found in their folder, loaded when a job names them, once, and given up for others.

use crate::double::Gate;
use crate::page::{Page, steps};
use crate::studio::{Drawing, Place};
use server::gallery::png::decode_picture;
use server::models::{Folders, Models};
use server::worker::{Engine, Wanted};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tch::{Device, Kind, Tensor};
use wire::{Fact, Spec};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sampler/tests/golden").join(name)
}

/// A studio whose own model takes sketches, with an empty models folder in its data folder.
async fn place(data: &Path, budget: u64) -> Place {
    let models = data.join("models");
    std::fs::create_dir(&models).unwrap();
    let load = move || {
        let own = golden("sketch");
        let models = Arc::new(Models::new(Folders::of(&models), &own, Device::Cpu));
        let (model, models) = (&*own, &models);
        let device = Device::Cpu;
        Engine::load(&Wanted { model, models, budget, device, live: true }).expect("the golden model loads")
    };
    Place::open_with(data, Gate::default(), load).await
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Puts models in the folder, as a person would, and lets the studio look.
fn drop_in(place: &Place, data: &Path, ids: &[&str]) {
    ids.iter().for_each(|id| copy(&golden("plain"), &data.join("models").join(id)));
    place.studio.look();
}

fn of(model: &str) -> Spec {
    Spec { model: model.into(), prompt: "a house".into(), ..steps(4) }
}

/// How it ended, and whether its model was read for it.
async fn made(page: &mut Page, drawing: &Drawing, model: &str) -> (Fact, bool) {
    page.generate(drawing, of(model)).await;
    let began =
        |fact: &Fact| matches!(fact, Fact::Loading { .. } | Fact::Started { .. } | Fact::Failed { .. });
    let first = page.until(began).await;
    let read = matches!(first, Fact::Loading { .. });
    if let failed @ Fact::Failed { .. } = first {
        return (failed, read);
    }
    (page.until(|fact| matches!(fact, Fact::Finished { .. } | Fact::Failed { .. })).await, read)
}

#[tokio::test]
async fn a_model_that_is_dropped_into_the_folder_can_be_chosen_on_open_pages() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    assert!(page.snapshot().models.is_empty());
    std::fs::write(data.path().join("models/broken.safetensors"), [1; 100]).unwrap();
    std::fs::write(data.path().join("models/plain.ckpt"), b"PK\x03\x04 and so on").unwrap();
    drop_in(&place, data.path(), &["plain"]);
    let told = page.until(|fact| matches!(fact, Fact::Models { .. })).await;
    let Fact::Models { models, unusable, .. } = told else { panic!("{told:?}") };
    let [broken, pickle] = &unusable[..] else { panic!("{unusable:?}") };
    assert!(broken.starts_with("broken.safetensors is not offered: it "), "{broken}");
    assert!(
        pickle.starts_with("plain.ckpt is not offered: it is a pickle") && pickle.contains("save_file"),
        "{pickle}"
    );
    assert!(!unusable.concat().contains(data.path().to_str().unwrap()), "where it lies is not told");
    let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["plain"], "what is broken is not offered");
    assert!(!models[0].sketch_conditioned && models[0].live.is_none());
    let (ended, _) = made(&mut page, &drawing, "plain").await;
    let Fact::Finished { pictures, .. } = ended else { panic!("{ended:?}") };
    let file = std::fs::read(place.studio.gallery.picture(&pictures[0].digest)).unwrap();
    assert!(String::from_utf8_lossy(&file).contains("Model: plain"), "the picture says what made it");
    let later = Page::open(place.address).await;
    assert_eq!((later.snapshot().models.len(), &later.snapshot().unusable), (1, &unusable));
}

#[tokio::test]
async fn a_model_is_read_once_and_jobs_of_the_own_one_go_on_between() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    drop_in(&place, data.path(), &["plain"]);
    for (model, read) in [("plain", true), ("", false), ("plain", false)] {
        let (ended, was_read) = made(&mut page, &drawing, model).await;
        assert!(matches!(ended, Fact::Finished { .. }), "{model:?}: {ended:?}");
        assert_eq!(was_read, read, "{model:?}");
    }
}

#[tokio::test]
async fn the_reading_is_told_to_its_last_byte() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    drop_in(&place, data.path(), &["plain"]);
    page.generate(&drawing, of("plain")).await;
    let all = page.until(|fact| matches!(fact, Fact::Loading { read, bytes, .. } if read == bytes)).await;
    let Fact::Loading { bytes, .. } = all else { panic!("{all:?}") };
    let stored =
        |part: &str, file: &str| std::fs::metadata(golden("plain").join(part).join(file)).unwrap().len();
    let files = stored("unet", "diffusion_pytorch_model.safetensors")
        + stored("vae", "diffusion_pytorch_model.safetensors")
        + stored("text_encoder", "model.safetensors");
    assert!((files * 9 / 10..=files).contains(&bytes), "{bytes} of {files}: all but the headers");
    page.until_finished().await;
}

#[tokio::test]
async fn where_two_do_not_fit_the_one_used_last_stays() {
    let data = tempfile::tempdir().unwrap();
    let one = sampler::Description::of(&golden("plain")).unwrap().memory(Kind::Float);
    let own = sampler::Description::of(&golden("sketch")).unwrap().memory(Kind::Float);
    let place = place(data.path(), own + 2 * one + one / 2).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    drop_in(&place, data.path(), &["a", "b", "c"]);
    let order = [("a", true), ("b", true), ("a", false), ("c", true), ("a", false), ("b", true)];
    for (model, read) in order {
        let (ended, was_read) = made(&mut page, &drawing, model).await;
        assert!(matches!(ended, Fact::Finished { .. }), "{ended:?}");
        assert_eq!(was_read, read, "{model}");
    }
}

#[tokio::test]
async fn what_does_not_fit_says_so_and_is_not_tried() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 1).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    drop_in(&place, data.path(), &["plain"]);
    let (ended, read) = made(&mut page, &drawing, "plain").await;
    let Fact::Failed { problem, .. } = ended else { panic!("{ended:?}") };
    assert!(!read && problem.field.as_deref() == Some("model"), "{problem:?}");
    assert!(problem.message.contains("model_megabytes"), "{}", problem.message);
    let (ended, _) = made(&mut page, &drawing, "").await;
    assert!(matches!(ended, Fact::Finished { .. }), "the own one goes on: {ended:?}");
}

#[tokio::test]
async fn a_name_is_one_of_the_folders_own() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    drop_in(&place, data.path(), &["plain"]);
    for id in ["absent", "../models/plain", "/etc/passwd"] {
        let message = wire::ClientMessage::Generate { request: 1, canvas: drawing.digest, spec: of(id) };
        page.say(&message).await;
        let problem = page.refused().await;
        assert_eq!(problem.field.as_deref(), Some("model"));
        assert!(problem.message.contains("there are plain"), "{}", problem.message);
    }
}

#[tokio::test]
async fn another_file_of_the_same_name_is_another_model() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    drop_in(&place, data.path(), &["plain"]);
    assert!(made(&mut page, &drawing, "plain").await.1);
    let index = data.path().join("models/plain/model_index.json");
    std::fs::write(&index, std::fs::read_to_string(&index).unwrap_or("{}".into()) + "\n").unwrap();
    place.studio.look();
    let (ended, was_read) = made(&mut page, &drawing, "plain").await;
    assert!(was_read && matches!(ended, Fact::Finished { .. }), "{ended:?}");
}

#[tokio::test]
async fn a_file_and_a_folder_of_one_name_are_two_models() {
    let folder = tempfile::tempdir().unwrap();
    copy(&golden("plain"), &folder.path().join("twin"));
    std::fs::write(folder.path().join("twin.safetensors"), [0; 64]).unwrap();
    let models = Models::new(Folders::of(folder.path()), &golden("sketch"), Device::Cpu);
    assert!(models.look() && !models.look(), "the second look finds nothing else");
    let ids: Vec<String> = models.offer().models.into_iter().map(|info| info.id).collect();
    assert_eq!(ids, ["twin"], "the folder; the file is broken and does not take its place");
}

#[tokio::test]
async fn two_of_one_name_are_shown_by_where_they_lie_and_pickles_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    copy(&golden("plain"), &folder.path().join("mine/twin"));
    copy(&golden("plain"), &folder.path().join("theirs/twin"));
    copy(&golden("plain"), &folder.path().join("other"));
    std::fs::write(folder.path().join("old.bin"), b"PK\x03\x04 and so on").unwrap();
    let models = Models::new(Folders::of(folder.path()), &golden("sketch"), Device::Cpu);
    models.look();
    let offer = models.offer();
    let named: Vec<(&str, &str)> =
        offer.models.iter().map(|info| (info.id.as_str(), info.name.as_str())).collect();
    assert_eq!(
        named,
        [("mine/twin", "mine/twin"), ("other", "other"), ("theirs/twin", "theirs/twin")],
        "neither has the name alone"
    );
    assert!(models.find("twin").is_none());
    std::fs::remove_dir_all(folder.path().join("theirs")).unwrap();
    models.look();
    let path = |id: &str| models.find(id).map(|listed| listed.path);
    assert_eq!(path("mine/twin"), Some(folder.path().join("mine/twin")), "its name is the same as before");
    assert_eq!(path("twin"), path("mine/twin"));
    let [why] = offer.unusable.as_slice() else { panic!("{:?}", offer.unusable) };
    assert!(why.starts_with("old.bin is not offered: it is a pickle"), "{why}");
}

/// Writes a ControlNet with random weights for `plain` into a folder, as a person would drop it in.
fn control_net(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let unet = std::fs::read_to_string(golden("plain").join("unet/config.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&unet).unwrap();
    config["_class_name"] = "ControlNetModel".into();
    let scale =
        sampler::Model::load(&golden("plain"), &sampler::Reading::exact(Device::Cpu)).unwrap().scale();
    config["conditioning_embedding_out_channels"] = vec![4; 1 + scale.ilog2() as usize].into();
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let store = tch::nn::VarStore::new(Device::Cpu);
    let read = sampler::unet::ControlNetConfig::read(&folder.join("config.json")).unwrap();
    sampler::unet::ControlNet::new(&sampler::weights::Weights::fresh(&store.root()), &read).unwrap();
    let file = folder.join("diffusion_pytorch_model.safetensors");
    sampler::weights::write(&file, &sampler::weights::variables(&store), Kind::Float).unwrap();
}

/// Writes a LoRA of `plain`'s size, or of another's.
fn lora(file: &Path, words: i64) {
    lora_of(file, words, 1.0);
}

/// The same, of this value all over.
fn lora_of(file: &Path, words: i64, value: f64) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let half = |shape: [i64; 2]| Tensor::full(shape, value, (Kind::Float, Device::Cpu));
    let place = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k";
    let halves = [("A", half([2, words])), ("B", half([16, 2]))];
    let named = halves.map(|(end, half)| (format!("{place}.lora_{end}.weight"), half));
    Tensor::write_safetensors(&named, file).unwrap();
}

/// What is offered for the models of one family, and the number of the family.
fn offered(models: &Models, id: &str) -> wire::Family {
    let server::models::Offer { models, families, .. } = models.offer();
    let place = models.iter().find(|model| model.id == id).map_or(0, |model| model.family);
    families.get(usize::from(place)).cloned().unwrap_or_default()
}

#[test]
fn what_is_added_to_a_model_is_offered_for_its_family_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let models = Models::new(Folders::of(folder.path()), &golden("sketch"), Device::Cpu);
    lora(&folder.path().join("loras/ink.safetensors"), 16);
    lora(&folder.path().join("loras/no:name.safetensors"), 16);
    lora(&folder.path().join("stray.safetensors"), 16);
    lora(&folder.path().join("loras/foreign.safetensors"), 768);
    control_net(&folder.path().join("controls/scribble"));
    control_net(&folder.path().join("lines"));
    models.look();
    assert_eq!(offered(&models, "").controls, [""; 0], "the studio's own sees the drawing by itself");
    copy(&golden("plain"), &folder.path().join("plain"));
    assert!(models.look() && !models.look());
    let plain = offered(&models, "plain");
    assert_eq!(plain.controls, ["lines", "scribble"]);
    assert_eq!(plain.loras, ["stray", "ink"], "also those that were there before the model");
    lora(&folder.path().join("ink.safetensors"), 16);
    models.look();
    assert_eq!(offered(&models, "plain").loras, ["ink", "stray", "loras/ink"], "each by a name of its own");
    assert_eq!(models.lora("loras/ink").unwrap().path, folder.path().join("loras/ink.safetensors"));
    std::fs::remove_file(folder.path().join("ink.safetensors")).unwrap();
    std::fs::remove_file(folder.path().join("loras/ink.safetensors")).unwrap();
    assert!(models.look());
    assert_eq!(offered(&models, "plain").loras, ["stray"]);
}

#[tokio::test]
async fn a_controlnet_steers_the_jobs_that_name_it_and_no_others() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    control_net(&data.path().join("models/controls/scribble"));
    drop_in(&place, data.path(), &["plain", "twin"]);
    let steered = |model: &str, control_scale| Spec {
        control: "scribble".into(),
        control_scale,
        strength: 1.0,
        ..of(model)
    };
    let free = Spec { strength: 1.0, ..of("plain") };
    let mut pictures = Vec::new();
    for (spec, reads) in [
        (free.clone(), true),
        // It is read once, and goes from one model of its family to another and back.
        (steered("plain", 1.0), true),
        (steered("plain", 1.0), false),
        (steered("twin", 1.0), true),
        (free, false),
        (steered("plain", 0.5), false),
    ] {
        page.generate(&drawing, spec).await;
        let first = page.until(|fact| matches!(fact, Fact::Loading { .. } | Fact::Started { .. })).await;
        assert_eq!(matches!(first, Fact::Loading { .. }), reads, "picture {}", pictures.len());
        pictures.push(page.until_finished().await[0].digest);
    }
    let pixels = |n: usize| {
        let file = std::fs::read(place.studio.gallery.picture(&pictures[n])).unwrap();
        let (_, rgb) = decode_picture(&file).unwrap();
        (rgb, String::from_utf8_lossy(&file).contains("ControlNet: scribble, ControlNet weight: "))
    };
    let [free, steered, again, twin, free_again, half] = [0, 1, 2, 3, 4, 5].map(pixels);
    assert!(!free.1 && steered.1, "the picture says what steered it");
    assert!(free != steered && steered != half && half.0 != free.0);
    assert_eq!((&steered, &free), (&again, &free_again));
    assert_eq!(steered.0, twin.0);
}

#[tokio::test]
async fn a_controlnet_that_is_not_there_or_for_others_is_refused_and_the_next_job_is_made() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    control_net(&data.path().join("models/controls/scribble"));
    drop_in(&place, data.path(), &["plain"]);
    let with = |model: &str, control: &str| Spec { control: control.into(), ..of(model) };
    let spec = with("plain", "../scribble");
    page.say(&wire::ClientMessage::Generate { request: 1, canvas: drawing.digest, spec }).await;
    let problem = page.refused().await;
    assert_eq!(problem.field.as_deref(), Some("control"));
    assert!(problem.message.contains("for this model there are scribble"), "{}", problem.message);
    let spec = with("", "scribble");
    page.say(&wire::ClientMessage::Generate { request: 2, canvas: drawing.digest, spec }).await;
    let problem = page.refused().await;
    assert!(problem.message.contains("scribble was made for another family"), "{problem}");
    let (ended, _) = made(&mut page, &drawing, "").await;
    assert!(matches!(ended, Fact::Finished { .. }), "{ended:?}");
}

/// Overwrites all weights of a file with what is no number, and leaves its header as it is.
fn spoil(file: &Path) {
    let tensors = Tensor::read_safetensors(file).unwrap();
    let spoilt: Vec<_> = tensors.iter().map(|(name, tensor)| (name, tensor * f64::NAN)).collect();
    Tensor::write_safetensors(&spoilt, file).unwrap();
}

#[tokio::test]
async fn what_is_broken_spoils_its_own_job_and_leaves_the_model_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path(), 0).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    let models = data.path().join("models");
    lora_of(&models.join("loras/ink.safetensors"), 16, 0.5);
    lora_of(&models.join("loras/blot.safetensors"), 16, f64::NAN);
    lora(&models.join("loras/torn.safetensors"), 16);
    control_net(&models.join("controls/scribble"));
    spoil(&models.join("controls/scribble/diffusion_pytorch_model.safetensors"));
    let torn = std::fs::OpenOptions::new().write(true).open(models.join("loras/torn.safetensors")).unwrap();
    torn.set_len(torn.metadata().unwrap().len() - 8).unwrap();
    drop_in(&place, data.path(), &["plain"]);

    let whole = Spec { strength: 1.0, ..of("plain") };
    let with = |name: &str| Spec { prompt: format!("a house <lora:{name}:1>"), ..whole.clone() };
    let steered = Spec { control: "scribble".into(), ..whole.clone() };
    let mut pixels = Vec::new();
    for (spec, spoilt_by) in [
        (whole.clone(), None),
        (with("ink"), None),
        (with("blot"), Some("blot.safetensors")),
        (whole.clone(), None),
        (steered, Some("scribble/diffusion_pytorch_model.safetensors")),
        (with("ink"), None),
        (whole.clone(), None),
    ] {
        page.generate(&drawing, spec).await;
        let ended = page.until(|fact| matches!(fact, Fact::Finished { .. } | Fact::Failed { .. })).await;
        match ended {
            Fact::Failed { problem, .. } => {
                assert!(problem.message.contains("no numbers"), "{problem}");
                assert!(spoilt_by.is_some_and(|file| problem.message.contains(file)), "{problem}");
                assert!(!problem.message.contains("/models/"), "where it lies: {problem}");
            }
            Fact::Finished { pictures, .. } => {
                assert_eq!(spoilt_by, None, "job {}", pixels.len());
                let file = std::fs::read(place.studio.gallery.picture(&pictures[0].digest)).unwrap();
                pixels.push(decode_picture(&file).unwrap().1);
            }
            other => panic!("{other:?}"),
        }
    }
    let [free, ink, free_again, ink_again, free_at_last] = <[_; 5]>::try_from(pixels).unwrap();
    assert!(free != ink);
    assert_eq!((&free_again, &free_at_last, ink_again), (&free, &free, ink));

    let spec = with("torn");
    page.say(&wire::ClientMessage::Generate { request: 100, canvas: drawing.digest, spec }).await;
    let problem = page.refused().await;
    assert!(problem.message.contains("torn"), "{problem}");
    let offer = place.studio.models.offer();
    for file in ["torn", "blot", "scribble"] {
        assert!(offer.unusable.iter().any(|why| why.contains(file)), "{file}: {:?}", offer.unusable);
    }
    assert!(offer.families.iter().all(|family| family.controls.is_empty()), "it is not offered any more");
    assert!(place.studio.models.look() && !place.studio.models.look(), "pages are told of it once");
}
