//! What is drawn travels as strokes while the server follows them.

use super::{Page, drawing::land};
use crate::studio::{Command, Easel, Effect, Event, Pointer, Shape, Sync};
use canvas::{Canvas, Deed, stream::Reader};
use link::upload;
use wire::{ClientMessage, Digest, Fact, Manifest};

/// A page with a hand on its easel, and a server that draws along.
struct Drawn {
    page: Page,
    easel: Easel,
    copy: Canvas,
    reader: Reader,
}

impl Drawn {
    /// On a blank drawing that the server has.
    fn open() -> Self {
        let mut page = Page::open();
        land(&mut page);
        let mut easel = Easel::default();
        easel.named_tiles();
        let mut drawn = Self { page, easel, copy: Canvas::new(512, 512), reader: Reader::default() };
        drawn.confirm();
        drawn
    }

    fn confirm(&mut self) {
        let canvas = self.page.studio.sheet.current().expect("it has a name").digest;
        self.page.fact(&Fact::Canvas { canvas, missing: Vec::new() });
    }

    fn stroke(&mut self, from: f32, to: f32) {
        let at = |x| Pointer { x, y: 0.3 + 0.1 * x, pressure: 0.5, pen: false };
        let settings = self.page.studio.settings.clone();
        self.easel.press(1, at(from), settings.hand(false));
        self.easel.drag(
            1,
            &(1..20).map(|n| at(from + (to - from) * n as f32 / 19.0)).collect::<Vec<_>>(),
            false,
        );
        let done = self.easel.lift(1).expect("the pointer drew");
        self.tell(done.deeds.expect("a stroke of usual size"));
    }

    fn command(&mut self, command: Command) {
        let done = self.easel.run(command);
        self.tell(done.deeds.expect("a command"));
    }

    /// As the browser does.
    fn tell(&mut self, deeds: Vec<Deed>) {
        let (can_undo, can_redo) = (true, true);
        let event = if self.page.studio.can_tell(&deeds) {
            Event::Told { deeds, tiles: self.easel.named_tiles(), can_undo, can_redo }
        } else {
            Event::Drawn {
                paper: self.easel.paper(),
                tiles: self.easel.canvas_mut().take_changed_tiles(),
                under_way: false,
                can_undo,
                can_redo,
            }
        };
        self.page.happen(event);
    }

    /// What went out as strokes; the server draws them too.
    fn follow(&mut self) -> usize {
        let sent = self.page.take(|effect| match effect {
            Effect::SendBytes(bytes) => Some(bytes.clone()),
            _ => None,
        });
        for bytes in &sent {
            for deed in self.reader.read(bytes).expect("readable") {
                self.copy.carry_out(&deed);
            }
        }
        let tiles = (0..self.copy.tiles()).map(|n| Digest(canvas::digest(&self.copy.tile(n)))).collect();
        let manifest = Manifest::new(512, 512, tiles).expect("the studio's size");
        let reached = Digest(canvas::digest(&manifest.canonical()));
        let current = self.page.studio.sheet.current().map(|named| named.digest);
        assert!(sent.is_empty() || current == Some(reached), "they lead to the drawing");
        sent.len()
    }

    /// Posts and canvases since the last time.
    fn tiles_sent(&mut self) -> usize {
        let posts = self.page.take(|effect| matches!(effect, Effect::PostTiles { .. }).then_some(()));
        let canvases = self.page.canvases().len();
        self.page.said.retain(|message| !matches!(message, ClientMessage::Canvas { .. }));
        posts.len() + canvases
    }
}

#[test]
fn a_stroke_goes_up_as_itself_and_its_tiles_do_not() {
    let mut drawn = Drawn::open();
    drawn.tiles_sent();
    drawn.stroke(0.2, 0.8);
    drawn.stroke(0.3, 0.3);
    assert_eq!(drawn.follow(), 2);
    drawn.command(Command::Clear);
    drawn.command(Command::Undo);
    drawn.command(Command::Undo);
    drawn.command(Command::Redo);
    assert_eq!(drawn.follow(), 4);
    assert!(drawn.copy.pixels() == drawn.easel.canvas().pixels());
    assert_eq!(drawn.tiles_sent(), 0);
    assert_ne!(drawn.page.studio.sync(), Sync::Synced, "the server has not said that it follows");
    drawn.confirm();
    assert_eq!(drawn.page.studio.sync(), Sync::Synced);
}

#[test]
fn a_click_names_the_canvas_that_the_strokes_led_to_and_says_no_more() {
    let mut drawn = Drawn::open();
    drawn.stroke(0.2, 0.8);
    drawn.tiles_sent();
    drawn.page.happen(Event::Generate { chance: 5 });
    assert_eq!(drawn.follow(), 1);
    assert_eq!(drawn.tiles_sent(), 0);
    let canvas = drawn.page.studio.sheet.current().map(|named| named.digest);
    assert_eq!(drawn.page.asked().last().map(|asked| asked.1), canvas);
}

#[test]
fn a_stroke_under_way_is_told_and_replaced_by_the_next() {
    let mut drawn = Drawn::open();
    let at = |x| Pointer { x, y: 0.5, pressure: 0.5, pen: false };
    let settings = drawn.page.studio.settings.clone();
    drawn.easel.press(1, at(0.2), settings.hand(false));
    drawn.easel.drag(1, &[at(0.3), at(0.5)], false);
    let seen = drawn.easel.canvas().pixels().to_vec();
    let (deed, tiles) = drawn.easel.under_way(0).expect("a stroke");
    assert!(drawn.easel.canvas().pixels() == seen, "the hand sees nothing of it");
    drawn.page.happen(Event::Told { deeds: vec![deed], tiles, can_undo: true, can_redo: false });
    assert_eq!(drawn.follow(), 1);
    drawn.confirm();
    drawn.easel.drag(1, &[at(0.8)], false);
    let done = drawn.easel.lift(1).expect("it drew").deeds.expect("a stroke");
    drawn.tell(done);
    assert_eq!(drawn.follow(), 1);
    assert!(drawn.copy.pixels() == drawn.easel.canvas().pixels());
}

#[test]
fn of_a_stroke_that_is_told_in_parts_no_beginning_is_prepared_nor_late() {
    let mut drawn = Drawn::open();
    let at = |x| Pointer { x, y: 0.5, pressure: 0.5, pen: false };
    let hand = drawn.page.studio.settings.hand(false);
    drawn.easel.press(1, at(0.2), hand);
    for x in [0.3, 0.5, 0.7] {
        drawn.easel.drag(1, &[at(x)], false);
        let (deed, tiles) = drawn.easel.under_way(0).expect("a stroke");
        drawn.page.happen(Event::Told { deeds: vec![deed], tiles, can_undo: true, can_redo: false });
        assert_eq!(drawn.follow(), 1);
        assert_ne!(drawn.page.studio.sync(), Sync::Synced);
        assert_eq!(drawn.page.studio.sync_told(), Sync::Synced);
        drawn.confirm();
        drawn.page.now += 1_000;
        drawn.page.happen(Event::Rested);
    }
    let is_wish = |said: &ClientMessage| matches!(said, ClientMessage::Prepare { .. });
    assert!(!drawn.page.said.iter().any(is_wish));
    let done = drawn.easel.lift(1).expect("it drew").deeds.expect("a stroke");
    drawn.tell(done);
    drawn.follow();
    drawn.confirm();
    drawn.page.now += 1_000;
    drawn.page.happen(Event::Rested);
    assert!(drawn.page.said.iter().any(is_wish));
    // One step back is all of it.
    drawn.command(Command::Undo);
    assert_eq!(drawn.follow(), 1);
    assert!(drawn.copy.pixels() == Canvas::new(512, 512).pixels());
}

#[test]
fn what_the_server_cannot_take_back_is_told_by_its_tiles() {
    let mut drawn = Drawn::open();
    drawn.stroke(0.2, 0.8);
    drawn.follow();
    drawn.confirm();
    // A page that says its canvas begins anew there: the server has no steps before it.
    drawn.page.happen(super::drawn(Shape::Square, vec![0], false));
    drawn.page.code(9);
    drawn.tiles_sent();
    drawn.command(Command::Undo);
    assert_eq!(drawn.follow(), 0);
    drawn.page.code(255);
    assert!(drawn.tiles_sent() > 0);
}

#[test]
fn a_server_that_lost_track_is_told_the_canvas_and_asked_again() {
    let mut drawn = Drawn::open();
    drawn.stroke(0.2, 0.8);
    drawn.page.happen(Event::Generate { chance: 5 });
    drawn.follow();
    drawn.tiles_sent();
    let asked = drawn.page.asked().len();
    drawn.page.fact(&Fact::Canvas { canvas: Digest([9; 16]), missing: Vec::new() });
    assert_eq!(drawn.tiles_sent(), 1, "it drew something else: the canvas");
    let again = drawn.page.asked();
    assert_eq!(again.len(), asked + 1);
    assert_eq!(again[asked], again[asked - 1]);
    // From there on strokes are told again, to a reader that begins anew as well.
    (drawn.copy, drawn.reader) = (Canvas::new(512, 512), Reader::default());
    drawn.copy.carry_out(&Deed::Clear);
    drawn.confirm();
    drawn.command(Command::Clear);
    assert_eq!(drawn.follow(), 1);
    drawn.page.fact(&Fact::Astray);
    assert_eq!(drawn.tiles_sent(), 1);
}

#[test]
fn without_a_socket_tiles_are_sent() {
    let mut drawn = Drawn::open();
    drawn.page.happen(Event::Link(link::client::Event::SocketClosed));
    drawn.stroke(0.2, 0.8);
    assert_eq!(drawn.follow(), 0);
    drawn.page.code(3);
    assert!(drawn.tiles_sent() > 0);
}

#[test]
fn a_click_survives_a_server_that_lost_track_while_tiles_are_coded() {
    let mut drawn = Drawn::open();
    drawn.stroke(0.2, 0.8);
    drawn.page.happen(Event::Generate { chance: 5 });
    drawn.page.happen(super::drawn(Shape::Square, vec![3], false));
    drawn.tiles_sent();
    let asked = drawn.page.asked().len();
    drawn.page.fact(&Fact::Astray);
    assert_eq!((drawn.tiles_sent(), drawn.page.asked().len()), (0, asked), "it has no name now");
    drawn.page.code(9);
    assert!(drawn.tiles_sent() > 0);
    let again = drawn.page.asked();
    assert_eq!(again.len(), asked + 1);
    assert_eq!(again[asked].0, again[asked - 1].0, "the same request");
}

#[test]
fn a_canvas_said_in_the_middle_of_a_stroke_is_no_base_for_strokes() {
    let mut drawn = Drawn::open();
    drawn.page.happen(super::drawn(Shape::Square, vec![3], true));
    drawn.page.code(9);
    land(&mut drawn.page);
    drawn.confirm();
    drawn.stroke(0.2, 0.8);
    assert_eq!(drawn.follow(), 0);
}

#[test]
fn where_strokes_led_to_is_not_named_again_to_have_it_prepared() {
    let mut drawn = Drawn::open();
    let wished = |drawn: &mut Drawn| {
        drawn.page.now += 1_000;
        drawn.page.happen(Event::Rested);
        let wishes = drawn.page.said.drain(..).filter_map(|said| match said {
            ClientMessage::Prepare { canvas, .. } => Some(canvas),
            _ => None,
        });
        wishes.collect::<Vec<_>>()
    };
    wished(&mut drawn);
    drawn.stroke(0.2, 0.6);
    drawn.follow();
    drawn.confirm();
    assert_eq!(wished(&mut drawn), [None]);
    // Tiles lead to no place of the server's own.
    drawn.page.studio.told = None;
    drawn.page.happen(Event::Prompt("a house".into()));
    let canvas = drawn.page.studio.sheet.current().map(|named| named.digest);
    assert_eq!(wished(&mut drawn), [canvas]);
}

#[test]
fn what_is_told_by_its_tiles_ends_what_the_server_draws_along() {
    let mut drawn = Drawn::open();
    drawn.stroke(0.2, 0.4);
    drawn.command(Command::Undo);
    drawn.page.happen(super::drawn(Shape::Portrait, (0..96).collect(), false));
    drawn.page.code(255);
    assert!(!drawn.page.studio.can_tell(&[Deed::Redo]), "that step is not of this paper");
}

#[test]
fn what_a_click_is_made_of_can_be_sent_though_its_strokes_get_lost_and_are_undone() {
    let mut drawn = Drawn::open();
    drawn.stroke(0.1, 0.3);
    let canvas = drawn.page.studio.sheet.current().expect("strokes name it").digest;
    drawn.page.happen(Event::Generate { chance: 7 });
    let held = drawn.page.take(|effect| match effect {
        Effect::Hold(tiles) => Some(tiles.clone()),
        _ => None,
    });
    let tiles = held.concat();
    let code = |n: &u32| {
        let tile = drawn.easel.canvas().tile(*n);
        (Digest(canvas::digest(&tile)), canvas::codec::encode(&tile).into())
    };
    let coded = tiles.iter().map(code).collect();
    drawn.page.happen(Event::Upload(upload::Event::Held(coded)));
    assert_eq!(land(&mut drawn.page), 0, "as a rule the strokes are enough");
    drawn.command(Command::Undo);
    drawn.page.fact(&Fact::Canvas { canvas, missing: tiles.clone() });
    assert_eq!(land(&mut drawn.page), tiles.len());
}
