//! What is kept in this browser: who one is, the settings, and the drawing.

use super::{dom::window, runtime::random};
use crate::studio::{TILES, decode_tile};
use bytes::Bytes;
use canvas::Tile;
use js_sys::{Array, Promise, Uint8Array};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode, Storage};
use wire::{Digest, PersonToken, ViewerId};

const PERSON: &str = "pentimento.person";
const SETTINGS: &str = "pentimento.settings";
const DATABASE: &str = "pentimento";
/// Tiles by their index, each its digest and its coded bytes; and who wrote last.
const DRAWING: &str = "drawing";
const WRITER: &str = "writer";

/// `None` where the person forbids pages to keep anything.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Who this browser is to the server: the same as last time, or somebody new.
pub fn person() -> PersonToken {
    let known = storage().and_then(|storage| storage.get_item(PERSON).ok().flatten());
    known.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let person = PersonToken(random());
        put(PERSON, &person.to_string());
        person
    })
}

pub fn settings() -> Option<String> {
    storage()?.get_item(SETTINGS).ok().flatten()
}

pub fn remember(settings: &str) {
    put(SETTINGS, settings);
}

fn put(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// A tile of the drawing from the last visit.
pub struct KeptTile {
    pub index: u32,
    pub digest: Digest,
    pub pixels: Box<Tile>,
}

/// Where the drawing lies between visits. Without a database nothing is kept.
pub struct Drawer {
    writer: String,
    /// All tiles as they are now, for when another page wrote its own in between.
    tiles: RefCell<BTreeMap<u32, Vec<u8>>>,
    /// Those of them that are not in the database yet.
    unsaved: RefCell<BTreeSet<u32>>,
}

impl Drawer {
    pub fn new(viewer: ViewerId) -> Self {
        Self { writer: viewer.to_string(), tiles: RefCell::default(), unsaved: RefCell::default() }
    }

    /// Opens the database and reads the drawing; what is broken or missing is left out.
    pub async fn restore(&self) -> Vec<KeptTile> {
        let Some(database) = open().await else {
            return Vec::new();
        };
        let kept = read(&database).await.unwrap_or_default();
        database.close();
        let mut tiles = self.tiles.borrow_mut();
        kept.into_iter()
            .filter_map(|(index, bytes)| {
                let tile = unpack(index, &bytes)?;
                tiles.insert(index, bytes);
                Some(tile)
            })
            .collect()
    }

    /// Keeps these tiles, and all others too if another page wrote since.
    pub fn keep(self: &Rc<Self>, fresh: Vec<(u32, Digest, Bytes)>) {
        let packed = |digest: Digest, coded: &Bytes| [&digest.0[..], &coded[..]].concat();
        self.unsaved.borrow_mut().extend(fresh.iter().map(|(index, ..)| *index));
        let all = fresh.into_iter().map(|(index, digest, coded)| (index, packed(digest, &coded)));
        self.tiles.borrow_mut().extend(all);
        let drawer = self.clone();
        spawn_local(async move {
            // What a full disk refuses is tried again with the next stroke.
            let _ = drawer.write().await;
        });
    }

    /// The database is opened for each write: browsers close it under a page that sleeps.
    async fn write(&self) -> Result<(), JsValue> {
        let Some(database) = open().await else {
            return Ok(());
        };
        let store = store(&database, IdbTransactionMode::Readwrite)?;
        let last = answer(&store.get(&WRITER.into())?).await?.as_string();
        let fresh = self.unsaved.take();
        let written = self.put(&store, &fresh, last.as_ref() == Some(&self.writer)).await;
        if written.is_err() {
            self.unsaved.borrow_mut().extend(fresh);
        }
        database.close();
        written
    }

    async fn put(&self, store: &IdbObjectStore, fresh: &BTreeSet<u32>, mine: bool) -> Result<(), JsValue> {
        for (index, bytes) in self.tiles.borrow().iter().filter(|(index, _)| !mine || fresh.contains(index)) {
            store.put_with_key(&Uint8Array::from(&bytes[..]), &(*index).into())?;
        }
        answer(&store.put_with_key(&JsValue::from_str(&self.writer), &WRITER.into())?).await?;
        Ok(())
    }
}

fn unpack(index: u32, bytes: &[u8]) -> Option<KeptTile> {
    let (digest, coded) = bytes.split_first_chunk()?;
    let digest = Digest(*digest);
    let pixels = Box::new(decode_tile(digest, coded)?);
    ((index as usize) < TILES).then_some(KeptTile { index, digest, pixels })
}

async fn open() -> Option<IdbDatabase> {
    let request = window().indexed_db().ok()??.open_with_u32(DATABASE, 1).ok()?;
    let upgrade = Closure::once_into_js({
        let request = request.clone();
        move || {
            let database: IdbDatabase = request.result().expect("an upgrade has it").unchecked_into();
            let _ = database.create_object_store(DRAWING);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    answer(&request).await.ok()?.dyn_into().ok()
}

async fn read(database: &IdbDatabase) -> Result<Vec<(u32, Vec<u8>)>, JsValue> {
    let store = store(database, IdbTransactionMode::Readonly)?;
    let (keys, values) = (store.get_all_keys()?, store.get_all()?);
    let keys = Array::from(&answer(&keys).await?);
    let values = Array::from(&answer(&values).await?);
    let pair = |(key, value): (JsValue, JsValue)| {
        Some((key.as_f64()? as u32, value.dyn_into::<Uint8Array>().ok()?.to_vec()))
    };
    Ok(keys.iter().zip(values.iter()).filter_map(pair).collect())
}

fn store(database: &IdbDatabase, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
    let transaction: IdbTransaction = database.transaction_with_str_and_mode(DRAWING, mode)?;
    transaction.object_store(DRAWING)
}

async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    // A request that is done already would not say so again.
    if request.ready_state() == web_sys::IdbRequestReadyState::Pending {
        JsFuture::from(done).await?;
    }
    request.result()
}
