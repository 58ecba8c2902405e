//! What lies in the folders of models: checkpoints that a job may name beside the studio's own, and the ControlNets and
//! LoRAs that may be added to one. Nothing is loaded here, and nothing is named but by what a look at the folders found.

mod disk;

pub use disk::{Entry, Stamp};

use crate::worker::info_of;
use sampler::prompt::Prompt;
use sampler::{ControlDescription, Description, Family, Found, LoadError, Lora};
use std::mem::discriminant;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tch::{Device, Kind};
use wire::{ModelInfo, Problem, Spec};

/// Names told where none is of that name.
const TOLD: usize = 20;

/// Where things lie, there or, but for `previews`, in folders within. What each is is told by what is in it: a LoRA among the checkpoints is one.
#[derive(Debug, Clone)]
pub struct Folders {
    pub models: PathBuf,
    pub controls: PathBuf,
    pub loras: PathBuf,
    /// Tiny autoencoders, which decode the previews of viewers that want pictures.
    pub previews: PathBuf,
}

impl Folders {
    /// `models`, and in it `controls`, `loras` and `previews`.
    pub fn of(models: &Path) -> Self {
        let [controls, loras, previews] = ["controls", "loras", "previews"].map(|name| models.join(name));
        Self { models: models.into(), controls, loras, previews }
    }
}

/// The folders, and what was found in them last.
#[derive(Debug)]
pub struct Models {
    folders: Folders,
    /// The studio's own, which is no other.
    own: PathBuf,
    device: Device,
    contents: Mutex<Contents>,
}

#[derive(Debug, Clone, Default)]
struct Contents {
    things: Vec<Thing>,
    /// Those of all checkpoints that were found since the start, the own one's first.
    families: Vec<Family>,
    /// What pages were told.
    told: Offer,
}

#[derive(Debug, Clone)]
struct Thing {
    entry: Entry,
    /// Its own name, if no other of its kind has it, or where it lies. A prompt may say either.
    called: String,
    what: What,
}

/// Pages are told of so many files that cannot be used: a folder may be shared with other programs.
const UNUSABLE_MAX: usize = 16;

#[derive(Debug, Clone)]
enum What {
    /// Nothing that can be used, in a sentence that says why.
    Unusable(String),
    Model(Box<Listed>),
    Control(ControlDescription),
    /// The families that it is for, of so many that were known then.
    Lora {
        fits: Vec<usize>,
        of: usize,
    },
}

/// A checkpoint that a job may name.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The file or folder.
    pub path: PathBuf,
    /// Tells it from what lies there later under the same name.
    pub stamp: Stamp,
    /// What pages are told of it.
    pub info: ModelInfo,
    /// What its weights are computed in here.
    pub kind: Kind,
    /// Bytes to be read to load it, and bytes of memory that it takes then.
    pub bytes: u64,
    pub memory: u64,
}

/// What pages are told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offer {
    /// All that jobs may name, by id.
    pub models: Vec<ModelInfo>,
    /// What may be added to models of each family.
    pub families: Vec<wire::Family>,
    /// Why other files are not offered, of some of them.
    pub unusable: Vec<String>,
}

impl Models {
    /// Of these folders, but for `own`; nothing was looked at yet.
    pub fn new(folders: Folders, own: &Path, device: Device) -> Self {
        let families = Description::of(own).map(|own| own.family).into_iter().collect();
        let own = own.canonicalize().unwrap_or_else(|_| own.into());
        Self { folders, own, device, contents: Mutex::new(Contents { families, ..Contents::default() }) }
    }

    /// Where tiny autoencoders are.
    pub fn previews(&self) -> &Path {
        &self.folders.previews
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the folders. Says whether pages are to be told something else than before.
    pub fn look(&self) -> bool {
        let Contents { things: known, mut families, .. } = self.contents().clone();
        // It may wait for the disk, and nobody is to wait for that.
        let things: Vec<Thing> = self
            .there()
            .into_iter()
            .map(|entry| {
                let same =
                    |thing: &&Thing| thing.entry.path == entry.path && thing.entry.stamp == entry.stamp;
                let known = known.iter().find(same).map(|thing| thing.what.clone());
                let what = known.unwrap_or_else(|| self.recognised(&entry, &mut families));
                Thing { called: entry.name.clone(), entry, what }
            })
            .collect();
        let mut things: Vec<Thing> = things.into_iter().map(|thing| thing.against(&families)).collect();
        name_apart(&mut things);
        let mut contents = self.contents();
        (contents.things, contents.families) = (things, families);
        let offer = contents.offer();
        std::mem::replace(&mut contents.told, offer.clone()) != offer
    }

    /// What lies at `path` was refused when it was read: it is not offered any more, if that is the file's own fault, until it
    /// changes.
    pub fn was_refused(&self, path: &Path, why: &LoadError) {
        let mut contents = self.contents();
        let thing = contents.things.iter_mut().find(|thing| thing.entry.path == path);
        if let Some(thing) = thing.filter(|_| why.is_damage()) {
            thing.what = unusable(&thing.entry, why);
        }
    }

    /// What could be something to load, the studio's own apart.
    fn there(&self) -> Vec<Entry> {
        let Folders { models, controls, loras, previews } = &self.folders;
        let apart = [models, controls, loras, previews].map(PathBuf::as_path);
        let all = [models, controls, loras].into_iter().flat_map(|folder| disk::entries(folder, &apart));
        all.filter(|entry| !entry.path.canonicalize().is_ok_and(|path| path == self.own)).collect()
    }

    /// What this is; a checkpoint's family is known from now on.
    fn recognised(&self, entry: &Entry, families: &mut Vec<Family>) -> What {
        match Found::of(&entry.path) {
            Ok(Found::Checkpoint(description)) => {
                let place = families.iter().position(|family| *family == description.family);
                let place = place.unwrap_or_else(|| {
                    families.push(description.family.clone());
                    families.len() - 1
                });
                What::Model(Box::new(self.listed(entry, &description, place)))
            }
            Ok(Found::Control(control)) => What::Control(control),
            Ok(Found::Lora(_)) if entry.own_name().contains([':', '>']) => {
                unusable(entry, "no prompt can name it; rename it without : and >")
            }
            Ok(Found::Lora(lora)) => What::lora(&lora, families),
            Err(why) => unusable(entry, why),
        }
    }

    fn listed(&self, entry: &Entry, description: &Description, family: usize) -> Listed {
        let Entry { name, path, stamp } = entry.clone();
        let kind = self.kind(description);
        let info = ModelInfo { id: name, family: family as u16, ..info_of(&description.card, self.device) };
        Listed { path, stamp, info, kind, bytes: description.bytes, memory: description.memory(kind) }
    }

    /// What a checkpoint is computed in: float32 if it is small enough that rounding is no gain.
    pub fn kind(&self, description: &Description) -> Kind {
        match self.device.is_cuda() || description.is_large() {
            true => sampler::suited_kind(self.device),
            false => Kind::Float,
        }
    }

    /// What pages are told.
    pub fn offer(&self) -> Offer {
        self.contents().offer()
    }

    /// What a job that names this id is made with.
    pub fn find(&self, id: &str) -> Option<Listed> {
        self.contents().named(id, |thing| match &thing.what {
            What::Model(listed) => Some(Listed::clone(listed)),
            _ => None,
        })
    }

    /// The ControlNet of this name.
    pub fn control(&self, name: &str) -> Option<(Entry, ControlDescription)> {
        self.contents().named(name, |thing| match &thing.what {
            What::Control(control) => Some((thing.entry.clone(), control.clone())),
            _ => None,
        })
    }

    /// The LoRA of this name.
    pub fn lora(&self, name: &str) -> Option<Entry> {
        self.contents().named(name, |thing| match thing.what {
            What::Lora { .. } => Some(thing.entry.clone()),
            _ => None,
        })
    }

    /// Whether what a job names is there, and made for one another.
    ///
    /// # Errors
    /// If not; the problem says what there is.
    pub fn check(&self, spec: &Spec) -> Result<(), Problem> {
        let model = self.find(&spec.model);
        if !spec.model.is_empty() && model.is_none() {
            return Err(Problem::invalid("model", self.unknown(&spec.model)));
        }
        let family = model.map_or(0, |model| usize::from(model.info.family));
        let foreign =
            |what: &str, name: &str| format!("the {what} {name} was made for another family of models");
        if !spec.control.is_empty() {
            let name = &spec.control;
            match self.fits(family, |what| matches!(what, What::Control(_)), name) {
                None => return Err(Problem::invalid("control", self.unknown_control(name, Some(family)))),
                Some(false) => return Err(Problem::invalid("control", foreign("ControlNet", name))),
                Some(true) => {}
            }
        }
        let prompt = Prompt::parse(&spec.prompt);
        if prompt.pieces.iter().any(|(words, _)| words.contains("<lora:")) {
            let message =
                "a LoRA is named by <lora:name:0.8>, with a number for its weight and nothing behind it";
            return Err(Problem::invalid("prompt", message));
        }
        for (name, _) in &prompt.loras {
            match self.fits(family, |what| matches!(what, What::Lora { .. }), name) {
                None => return Err(Problem::invalid("prompt", self.unknown_lora(name, Some(family)))),
                Some(false) => return Err(Problem::invalid("prompt", foreign("LoRA", name))),
                Some(true) => {}
            }
        }
        Ok(())
    }

    /// Whether what is called so among things of a kind is for models of a family; nothing if there is none.
    fn fits(&self, family: usize, is: impl Fn(&What) -> bool, name: &str) -> Option<bool> {
        let contents = self.contents();
        let thing = contents.named(name, |thing| is(&thing.what).then_some(thing))?;
        // The own model's is not known where it could not be read.
        Some(contents.families.get(family).is_none_or(|sizes| thing.what.is_for(family, sizes)))
    }

    /// What to answer who named another model.
    pub fn unknown(&self, id: &str) -> String {
        let there = self.names(|what| matches!(what, What::Model(_)), None, &self.folders.models);
        format!("no model is called {id:?}; {there}; leave it out for the studio's own")
    }

    /// What to answer who named another ControlNet, for models of a family if it is known.
    pub fn unknown_control(&self, name: &str, family: Option<usize>) -> String {
        let there = self.names(|what| matches!(what, What::Control(_)), family, &self.folders.controls);
        format!("no ControlNet is called {name:?}; {there}; leave it out for none")
    }

    /// What to answer who named another LoRA, for models of a family if it is known.
    pub fn unknown_lora(&self, name: &str, family: Option<usize>) -> String {
        let there = self.names(|what| matches!(what, What::Lora { .. }), family, &self.folders.loras);
        format!("no LoRA is called {name:?}; {there}")
    }

    fn names(&self, is: impl Fn(&What) -> bool, family: Option<usize>, folder: &Path) -> String {
        let contents = self.contents();
        let sizes = family.and_then(|place| Some((place, contents.families.get(place)?)));
        let suits = |what: &What| sizes.is_none_or(|(place, sizes)| what.is_for(place, sizes));
        let names = contents.things.iter().filter(|thing| is(&thing.what) && suits(&thing.what));
        let names: Vec<&str> = names.map(|thing| thing.called.as_str()).take(TOLD).collect();
        match names.len() {
            0 if sizes.is_some() => "there is none for this model".into(),
            0 => format!("{} holds none", folder.display()),
            _ if sizes.is_some() => format!("for this model there are {}", names.join(", ")),
            _ => format!("there are {}", names.join(", ")),
        }
    }
}

/// Models that have the same name are shown by where they lie.
fn tell_apart(models: &mut [ModelInfo]) {
    let names: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
    for model in models {
        if names.iter().filter(|name| **name == model.name).count() > 1 {
            model.name.clone_from(&model.id);
        }
    }
}

/// Things of one kind in different folders have names of their own: the folder's stands before the later ones'.
fn name_apart(things: &mut [Thing]) {
    let is_of_kind = |one: &Thing, other: &Thing| discriminant(&one.what) == discriminant(&other.what);
    for n in 1..things.len() {
        let (before, later) = things.split_at_mut(n);
        let thing = &mut later[0];
        while before.iter().any(|other| is_of_kind(other, thing) && other.entry.name == thing.entry.name) {
            let folder = thing.entry.path.parent().and_then(Path::file_name).unwrap_or_default();
            thing.entry.name = format!("{}/{}", folder.to_string_lossy(), thing.entry.name);
        }
    }
    for n in 0..things.len() {
        let name = things[n].entry.own_name();
        let is_alike = |other: &&Thing| is_of_kind(other, &things[n]) && other.entry.own_name() == name;
        let is_alone = things.iter().filter(is_alike).count() == 1;
        things[n].called = if is_alone { name } else { &things[n].entry.name }.to_owned();
    }
}

impl Thing {
    /// The same beside these families: a LoRA that was found before one of them may be for it, too.
    fn against(self, families: &[Family]) -> Self {
        let what = match self.what {
            What::Lora { of, .. } if of != families.len() => {
                Lora::open(&self.entry.path).map_or(self.what, |lora| What::lora(&lora, families))
            }
            what => what,
        };
        Self { what, ..self }
    }
}

impl What {
    fn lora(lora: &Lora, families: &[Family]) -> Self {
        let fits = (0..families.len()).filter(|&n| lora.fits(&families[n])).collect();
        Self::Lora { fits, of: families.len() }
    }

    /// Whether this is for models of a family.
    fn is_for(&self, place: usize, family: &Family) -> bool {
        match self {
            Self::Control(control) => control.family == *family,
            Self::Lora { fits, .. } => fits.contains(&place),
            _ => false,
        }
    }
}

/// Why what lies at `path` could not be loaded, as pages are told: where it lies is nobody's business who is not at the server.
pub fn without_place(why: impl ToString, path: &Path) -> String {
    let folder = path.parent().unwrap_or(path);
    why.to_string().replace(&format!("{}/", folder.display()), "")
}

/// A thing that is not offered, of which the log and the pages tell.
fn unusable(entry: &Entry, why: impl ToString) -> What {
    let (within, itself) = (format!("{}/", entry.path.display()), entry.path.display().to_string());
    let why = why.to_string().replace(&within, "").replace(&itself, "it");
    let file = entry.path.file_name().unwrap_or_default().to_string_lossy();
    let folders = entry.name.rsplit_once('/').map(|(folders, _)| format!("{folders}/")).unwrap_or_default();
    let sentence = format!("{folders}{file} is not offered: {why}");
    tracing::warn!("{sentence}");
    What::Unusable(sentence)
}

impl Contents {
    /// What `of` finds in a thing of this name: by where it lies, or else by its own name.
    fn named<'t, T>(&'t self, name: &str, of: impl Fn(&'t Thing) -> Option<T>) -> Option<T> {
        let find =
            |call: fn(&Thing) -> &str| self.things.iter().filter(|thing| call(thing) == name).find_map(&of);
        find(|thing| &thing.entry.name).or_else(|| find(|thing| &thing.called))
    }

    fn offer(&self) -> Offer {
        let mut offer =
            Offer { families: vec![wire::Family::default(); self.families.len()], ..Offer::default() };
        let mut untold = 0;
        for Thing { entry, called, what } in &self.things {
            match what {
                What::Model(listed) => {
                    offer.models.push(ModelInfo { id: entry.name.clone(), ..listed.info.clone() });
                }
                What::Unusable(why) if offer.unusable.len() < UNUSABLE_MAX => {
                    offer.unusable.push(why.clone())
                }
                What::Unusable(_) => untold += 1,
                _ => {}
            }
            let places = (0..self.families.len()).filter(|&n| what.is_for(n, &self.families[n]));
            for place in places {
                let of = &mut offer.families[place];
                let names = if matches!(what, What::Control(_)) { &mut of.controls } else { &mut of.loras };
                names.push(called.clone());
            }
        }
        tell_apart(&mut offer.models);
        if untold > 0 {
            offer.unusable.push(format!("{untold} more are not offered; the server's log says why"));
        }
        while offer.families.pop_if(|family| *family == wire::Family::default()).is_some() {}
        offer
    }
}
