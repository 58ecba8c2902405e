//! What is kept in this browser: who one is, the settings, and the drawing.

use super::{dom::window, runtime::random};
use crate::studio::{Paper, decode_tile};
use bytes::Bytes;
use canvas::Tile;
use js_sys::{Promise, Uint8Array};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode, Storage};
use wire::{Digest, PersonToken, ViewerId};

const PERSON: &str = "pentimento.person";
const SETTINGS: &str = "pentimento.settings";
const DATABASE: &str = "pentimento";
/// Each tile of each tab by [`key`]: its digest and its coded bytes.
const DRAWING: &str = "drawing";
/// Which tabs have a drawing there, and who wrote it: [`Tabs`].
const TABS: &str = "tabs";
/// Tabs whose drawings are kept; most of them are closed for long.
const TABS_KEPT: usize = 12;
const TAB: &str = "pentimento.tab";
const UNSETTLED: &str = "pentimento.unsettled";
const SHAPE: &str = "pentimento.shape";

/// `None` where the person forbids pages to keep anything.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The same of this tab alone.
fn session() -> Option<Storage> {
    window().session_storage().ok().flatten()
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

/// Those of this tab's last page; a tab that is opened has the newest of all.
pub fn settings() -> Option<String> {
    let kept = session().and_then(|session| session.get_item(SETTINGS).ok().flatten());
    kept.or_else(|| storage()?.get_item(SETTINGS).ok().flatten())
}

pub fn remember(settings: &str) {
    if let Some(session) = session() {
        let _ = session.set_item(SETTINGS, settings);
    }
    put(SETTINGS, settings);
}

/// What this page leaves unsettled for the next one of this tab.
#[derive(Default)]
pub struct Left(RefCell<Option<String>>);

impl Left {
    /// Of what another page left nothing is touched, unless this one has something to leave.
    pub fn keep(&self, text: Option<String>) {
        if let Some(session) = session() {
            let _ = match &text {
                Some(text) => session.set_item(UNSETTLED, text),
                None if self.0.borrow().is_some() && !self.is_taken() => session.remove_item(UNSETTLED),
                None => Ok(()),
            };
        }
        self.0.replace(text);
    }

    /// Whether another page of this tab took what this one left, and goes by its name since.
    pub fn is_taken(&self) -> bool {
        let mine = self.0.borrow();
        mine.is_some() && unsettled() != *mine
    }
}

/// What the page before this one left unsettled.
pub fn unsettled() -> Option<String> {
    session()?.get_item(UNSETTLED).ok()?
}

/// It is taken over: a copy of this tab is not to say it, too.
pub fn take_unsettled() {
    if let Some(session) = session() {
        let _ = session.remove_item(UNSETTLED);
    }
}

/// Keeps the shape of this tab's paper for the document itself, which cannot wait for the database.
pub fn keep_shape(name: &str) {
    if let Some(session) = session() {
        let _ = session.set_item(SHAPE, name);
    }
}

/// This tab, also after a reload. Where that cannot be known, each page is one.
fn tab(page: ViewerId) -> String {
    let known = session().and_then(|session| session.get_item(TAB).ok().flatten());
    known.unwrap_or_else(|| name_tab(page.to_string()))
}

fn name_tab(tab: String) -> String {
    if let Some(session) = session() {
        let _ = session.set_item(TAB, &tab);
    }
    tab
}

fn put(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// The drawing from the last visit.
pub struct Kept {
    pub paper: Paper,
    pub tiles: Vec<KeptTile>,
}

/// One of its tiles.
pub struct KeptTile {
    pub index: u32,
    pub digest: Digest,
    pub pixels: Box<Tile>,
}

/// Where the drawings of this browser's tabs lie between visits. Without a database nothing is kept.
pub struct Drawer {
    tab: RefCell<String>,
    writer: String,
    /// Who wrote before this page. If it is neither of them, there is a copy of this tab.
    before: RefCell<Option<String>>,
    paper: Cell<Paper>,
    /// All tiles as they are now, or nothing where none was coded, for when they are not there under this tab's name, or another page wrote its own.
    tiles: RefCell<Vec<Vec<u8>>>,
    /// Those of them that are not in the database yet.
    unsaved: RefCell<Vec<u32>>,
}

impl Drawer {
    pub fn new(viewer: ViewerId) -> Self {
        let (tab, writer) = (RefCell::new(tab(viewer)), viewer.to_string());
        Self {
            tab,
            writer,
            before: RefCell::default(),
            paper: Cell::default(),
            tiles: blank(Paper::default()),
            unsaved: RefCell::default(),
        }
    }

    /// Opens the database and reads the drawing of this tab, or the newest for one that has none; what is broken or missing
    /// is left out.
    pub async fn restore(&self) -> Option<Kept> {
        let database = open().await?;
        let kept = self.read(&database).await.ok();
        database.close();
        let (paper, kept) = kept.filter(|(_, kept)| !kept.is_empty())?;
        self.change_paper(paper);
        let mut tiles = self.tiles.borrow_mut();
        let unpacked = kept.into_iter().filter_map(|(index, bytes)| {
            let tile = unpack(index, &bytes)?;
            tiles[index as usize] = bytes;
            Some(tile)
        });
        Some(Kept { paper, tiles: unpacked.collect() })
    }

    async fn read(&self, database: &IdbDatabase) -> Result<(Paper, Vec<(u32, Vec<u8>)>), JsValue> {
        let store = store(database, IdbTransactionMode::Readonly)?;
        let tabs = Tabs::read(&store).await?;
        let own = tabs.find(&self.tab.borrow());
        self.before.replace(own.map(|entry| entry.writer.clone()));
        let entry = own.or(tabs.0.last());
        let paper = entry.map(|entry| entry.paper).unwrap_or_default();
        let asked: Vec<_> = (0..paper.tiles() as u32)
            .map(|index| Ok((index, store.get(&key(entry.map(|entry| &entry.tab), index))?)))
            .collect::<Result<_, JsValue>>()?;
        let mut kept = Vec::new();
        for (index, request) in asked {
            if let Ok(bytes) = answer(&request).await?.dyn_into::<Uint8Array>() {
                kept.push((index, bytes.to_vec()));
            }
        }
        Ok((paper, kept))
    }

    /// Other paper has other tiles.
    fn change_paper(&self, paper: Paper) {
        if self.paper.replace(paper) != paper {
            self.tiles.swap(&blank(paper));
            self.unsaved.take();
        }
    }

    /// Keeps these tiles of this paper, and all others too if another page wrote since.
    pub fn keep(self: &Rc<Self>, paper: Paper, fresh: Vec<(u32, Digest, Bytes)>) {
        self.change_paper(paper);
        let (mut tiles, mut unsaved) = (self.tiles.borrow_mut(), self.unsaved.borrow_mut());
        for (index, digest, coded) in fresh {
            // One may be of what the paper was before.
            let Some(tile) = tiles.get_mut(index as usize) else { continue };
            *tile = [&digest.0[..], &coded[..]].concat();
            if !unsaved.contains(&index) {
                unsaved.push(index);
            }
        }
        drop((tiles, unsaved));
        let drawer = self.clone();
        spawn_local(async move {
            // What a full disk refuses is tried again with the next stroke.
            let _ = drawer.write().await;
        });
    }

    /// The database is opened for each write: browsers close it under a page that sleeps. Paper that was changed is written once
    /// all of it is there.
    async fn write(&self) -> Result<(), JsValue> {
        let is_half = || self.tiles.borrow().iter().any(Vec::is_empty);
        if is_half() {
            return Ok(());
        }
        let Some(database) = open().await else {
            return Ok(());
        };
        let store = store(&database, IdbTransactionMode::Readwrite)?;
        let tabs = Tabs::read(&store).await?;
        // It may have been changed since it was asked.
        if is_half() {
            database.close();
            return Ok(());
        }
        let fresh = self.unsaved.take();
        let written = self.put(&store, &fresh, tabs).await;
        if written.is_err() {
            self.unsaved.borrow_mut().extend(fresh);
        }
        database.close();
        written
    }

    async fn put(&self, store: &IdbObjectStore, fresh: &[u32], mut tabs: Tabs) -> Result<(), JsValue> {
        let writer = tabs.find(&self.tab.borrow()).map(|entry| entry.writer.clone());
        if writer.is_some() && writer != *self.before.borrow() {
            // The drawing of a copy of this tab stays its own.
            self.tab.replace(name_tab(ViewerId(random()).to_string()));
        }
        let tab = self.tab.borrow().clone();
        let mine = tabs.find(&tab).is_some_and(|entry| entry.writer == self.writer);
        for (index, bytes) in (0..).zip(self.tiles.borrow().iter()) {
            if !mine || fresh.contains(&index) {
                store.put_with_key(&Uint8Array::from(&bytes[..]), &key(Some(&tab), index))?;
            }
        }
        if tabs.0.is_empty() {
            forget(store, None)?;
        }
        if let Some(forgotten) = tabs.write(&tab, &self.writer, self.paper.get()) {
            forget(store, Some(&forgotten))?;
        }
        answer(&store.put_with_key(&JsValue::from_str(&tabs.to_text()), &TABS.into())?).await?;
        self.before.replace(Some(self.writer.clone()));
        Ok(())
    }
}

/// Tiles of which none is there.
fn blank(paper: Paper) -> RefCell<Vec<Vec<u8>>> {
    RefCell::new(vec![Vec::new(); paper.tiles()])
}

/// Where a tile lies: in a browser with one drawing for all tabs, by its index alone.
fn key(tab: Option<&String>, index: u32) -> JsValue {
    tab.map_or_else(|| index.into(), |tab| format!("{tab}/{index}").into())
}

fn forget(store: &IdbObjectStore, tab: Option<&String>) -> Result<(), JsValue> {
    (0..Paper::TILES_MAX).try_for_each(|index| store.delete(&key(tab, index)).map(drop))
}

/// Tabs that have a drawing, the newest last.
struct Tabs(Vec<Entry>);

struct Entry {
    tab: String,
    /// The page that wrote it last.
    writer: String,
    paper: Paper,
}

impl Tabs {
    async fn read(store: &IdbObjectStore) -> Result<Self, JsValue> {
        let text = answer(&store.get(&TABS.into())?).await?.as_string().unwrap_or_default();
        let entry = |text: &str| {
            let mut parts = text.split(':').map(str::to_owned);
            let (tab, writer) = (parts.next()?, parts.next()?);
            // Where there is none, all paper was square.
            Some(Entry { tab, writer, paper: Paper::from_text(&parts.next().unwrap_or_default()) })
        };
        Ok(Self(text.split(' ').filter_map(entry).collect()))
    }

    fn to_text(&self) -> String {
        let entry = |Entry { tab, writer, paper }: &Entry| format!("{tab}:{writer}:{}", paper.to_text());
        let entries: Vec<_> = self.0.iter().map(entry).collect();
        entries.join(" ")
    }

    fn find(&self, tab: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.tab == tab)
    }

    /// Puts this one last; what is one too many is taken out, and returned.
    fn write(&mut self, tab: &str, writer: &str, paper: Paper) -> Option<String> {
        self.0.retain(|entry| entry.tab != tab);
        self.0.push(Entry { tab: tab.to_owned(), writer: writer.to_owned(), paper });
        (self.0.len() > TABS_KEPT).then(|| self.0.remove(0).tab)
    }
}

fn unpack(index: u32, bytes: &[u8]) -> Option<KeptTile> {
    let (digest, coded) = bytes.split_first_chunk()?;
    let digest = Digest(*digest);
    let pixels = Box::new(decode_tile(digest, coded)?);
    Some(KeptTile { index, digest, pixels })
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
