//! Captions: a small grammar that says what a scene shows, in many ways.

use crate::rng::Rng;
use crate::scene::{Hour, Kind, Land, Scene, Thing};
use crate::styles::Style;
use crate::things;

/// Captions of each scene that training draws from, the first ones.
pub const PER_SCENE: u64 = 6;

/// Caption number `which` of `scene`: lower case, no full stop.
pub fn caption(scene: &Scene, which: u64) -> String {
    let rng = &mut Rng::new(scene.seed.wrapping_mul(17).wrapping_add(which));
    let terse = rng.chance(0.3);
    let subjects = subjects(scene, terse, rng);
    let sky = lamp(scene, rng);
    let place = if terse && is_plain(scene.land) { None } else { place(scene, rng) };
    let hour = if scene.land.is_inside() { None } else { hour(scene.hour, rng) };
    let extras = extras(scene, rng);
    let mut text = match (subjects.is_empty(), sky) {
        (false, Some(sky)) if rng.chance(0.55) => format!("{} under {sky}", join(&subjects)),
        (false, Some(sky)) => join(&[subjects, vec![sky]].concat()),
        (true, Some(sky)) => sky,
        (false, None) => join(&subjects),
        (true, None) => "a landscape".into(),
    };
    if let Some(place) = place {
        let comma = if rng.chance(0.3) { "," } else { "" };
        text = format!("{text}{comma} {place}");
    }
    let mut tail: Vec<String> = extras.into_iter().chain(hour).collect();
    rng.shuffle(&mut tail);
    for piece in tail {
        text = format!("{text}, {piece}");
    }
    match scene.style {
        Style::Gouache => decorate(text, rng),
        style => named(text, style, rng),
    }
}

/// A style other than gouache is told nearly always: what is not told is gouache.
fn named(text: String, style: Style, rng: &mut Rng) -> String {
    let [noun, words, other] = style.words();
    match rng.below(8) {
        0..3 => format!("{} of {text}", article(noun)),
        3..6 => format!("{text}, {words}"),
        6 => format!("{text}, {other}"),
        _ => format!("{words}, {text}"),
    }
}

fn decorate(text: String, rng: &mut Rng) -> String {
    match rng.below(12) {
        0 => format!("a painting of {text}"),
        1 => format!("{text}, gouache painting"),
        2 => format!("an illustration of {text}"),
        3 => format!("a picture of {text}"),
        4 => text.strip_prefix("a ").map(str::to_owned).unwrap_or(text),
        5 => format!("{text}, storybook illustration"),
        _ => text,
    }
}

fn join(pieces: &[String]) -> String {
    match pieces {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn article(words: &str) -> String {
    let vowel = words.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {words}", if vowel { "an" } else { "a" })
}

/// The things that a caption begins with, most important first.
fn subjects(scene: &Scene, terse: bool, rng: &mut Rng) -> Vec<String> {
    use Kind::*;
    let mut pieces = Vec::new();
    for kind in [House, Castle, Lighthouse, Bridge, Cat, Face, Fish, Cup, Boat, Balloon] {
        let all: Vec<&Thing> = scene.all(kind).collect();
        match all.as_slice() {
            [] => {}
            [thing] => pieces.push(article(&describe(thing, terse, rng))),
            [_, ..] if kind == Fish => {
                pieces.push(format!("{} fish", ["two", "three", "many"][all.len().min(4) - 2]));
            }
            [thing, ..] => pieces.push(format!("two {}", plural(thing.kind, rng))),
        }
    }
    pieces.extend(fruit(scene));
    let told = pieces.is_empty() || rng.chance(0.75);
    pieces.extend(trees(scene, rng).filter(|_| told));
    pieces
}

/// One kind of fruit by its name, several by theirs, each once.
fn fruit(scene: &Scene) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for thing in scene.all(Kind::Fruit) {
        let name = things::fruit::name(thing);
        let count = scene.all(Kind::Fruit).filter(|other| things::fruit::name(other) == name).count();
        let piece = match count {
            1 => article(name),
            2 => format!("two {name}s"),
            3 => format!("three {name}s"),
            _ => format!("some {name}s"),
        };
        let piece = piece.replace("peachs", "peaches");
        if !pieces.contains(&piece) {
            pieces.push(piece);
        }
    }
    pieces
}

fn trees(scene: &Scene, rng: &mut Rng) -> Option<String> {
    let kinds = [Kind::Tree, Kind::Pine, Kind::Poplar];
    let trees: Vec<&Thing> = scene.things.iter().filter(|t| kinds.contains(&t.kind)).collect();
    let first = trees.first()?;
    let pines = trees.iter().all(|t| t.kind == Kind::Pine);
    let plain = first.kind == Kind::Pine || rng.chance(0.5);
    let colour = if plain { String::new() } else { format!("{} ", first.colour.name) };
    let (one, many) = if pines { ("pine tree", "pine trees") } else { ("tree", "trees") };
    Some(match trees.len() {
        1 => article(&format!("{colour}{one}")),
        2 => format!("two {colour}{many}"),
        3 => format!("three {colour}{many}"),
        _ => format!("{}{colour}{many}", rng.pick(&["some ", "many ", ""])),
    })
}

fn describe(thing: &Thing, terse: bool, rng: &mut Rng) -> String {
    let (colour, accent) = (thing.colour.name, thing.accent.name);
    let plain = terse || rng.chance(0.25);
    match thing.kind {
        Kind::House => {
            let noun = rng.pick(&["house", "house", "house", "cottage", "little house", "home"]);
            match rng.below(4) {
                _ if plain => noun.into(),
                0 => format!("{colour} {noun}"),
                1 => format!("{noun} with a {accent} roof"),
                _ => format!("{colour} {noun} with a {accent} roof"),
            }
        }
        Kind::Castle if plain => "castle".into(),
        Kind::Castle => format!("{colour} castle with {accent} roofs"),
        Kind::Lighthouse if plain => "lighthouse".into(),
        Kind::Lighthouse => format!("{accent} and white lighthouse"),
        Kind::Boat => {
            let noun = rng.pick(&["boat", "sailboat", "sailing boat", "ship"]);
            match rng.below(3) {
                _ if plain => noun.into(),
                0 => format!("{colour} {noun}"),
                _ => format!("{colour} {noun} with {accent} sails"),
            }
        }
        Kind::Bridge if plain => "bridge".into(),
        Kind::Bridge => format!("{colour} stone bridge"),
        Kind::Cat => {
            let noun = rng.pick(&["cat", "cat", "kitten", "sitting cat"]);
            if plain { noun.into() } else { format!("{colour} {noun}") }
        }
        Kind::Face => face(thing, plain, rng),
        Kind::Fish if plain => "fish".into(),
        Kind::Fish if rng.chance(0.5) => format!("{colour} fish"),
        Kind::Fish => format!("{colour} fish with {accent} stripes"),
        Kind::Cup => {
            let noun = rng.pick(&["cup", "cup of coffee", "coffee cup", "mug"]);
            if plain { noun.into() } else { format!("{colour} {noun}") }
        }
        _ => {
            let noun = rng.pick(&["balloon", "hot air balloon"]);
            if plain { noun.into() } else { format!("{colour} and {accent} {noun}") }
        }
    }
}

/// Hair and clothes are what a person is told by.
fn face(thing: &Thing, plain: bool, rng: &mut Rng) -> String {
    let noun = rng.pick(&["face", "portrait", "person", "smiling person", "smiling face"]);
    let hair = match thing.accent.name {
        "yellow" => "blond",
        "orange" => "red",
        name => name,
    };
    match rng.below(3) {
        _ if plain => noun.into(),
        0 => format!("{noun} with {hair} hair"),
        1 => format!("{noun} in a {} shirt", thing.colour.name),
        _ => format!("{noun} with {hair} hair in a {} shirt", thing.colour.name),
    }
}

fn plural(kind: Kind, rng: &mut Rng) -> &'static str {
    match kind {
        Kind::House => rng.pick(&["houses", "cottages"]),
        Kind::Boat => rng.pick(&["boats", "sailboats"]),
        Kind::Cat => "cats",
        Kind::Castle => "castles",
        Kind::Lighthouse => "lighthouses",
        _ => "balloons",
    }
}

fn lamp(scene: &Scene, rng: &mut Rng) -> Option<String> {
    if scene.all(Kind::Sun).next().is_some() && rng.chance(0.88) {
        return Some(
            rng.pick(&["the sun", "a sun", "a yellow sun", "the bright sun", "a shining sun"]).into(),
        );
    }
    if scene.all(Kind::Moon).next().is_some() && rng.chance(0.88) {
        return Some(rng.pick(&["the moon", "a moon", "a bright moon", "the full moon"]).into());
    }
    None
}

/// What people do not say, because it goes without saying.
fn is_plain(land: Land) -> bool {
    matches!(land, Land::Meadow | Land::Hills)
}

fn place(scene: &Scene, rng: &mut Rng) -> Option<String> {
    let shore = scene.shore.is_some();
    let words = match scene.land {
        Land::Meadow if rng.chance(0.5) => return None,
        Land::Meadow => {
            rng.pick(&["on a meadow", "on green grass", "in a green field", "in the countryside"])
        }
        Land::Hills if rng.chance(0.3) => return None,
        Land::Hills => rng.pick(&["in green hills", "on a hill", "among rolling hills", "in the hills"]),
        Land::Autumn => rng.pick(&["in autumn", "in the fall", "on an autumn day"]),
        Land::Snow => rng.pick(&["in the snow", "in winter", "on a snowy field", "on a winter day"]),
        Land::Sand => rng.pick(&["in the desert", "on the sand", "in a sandy desert"]),
        Land::Sea if shore => rng.pick(&["on the beach", "by the sea", "at the seaside", "on the shore"]),
        Land::River => rng.pick(&["over a river", "on a river", "over the water", "by the river"]),
        Land::Deep => rng.pick(&["under water", "in the sea", "in the deep blue sea", "underwater"]),
        Land::Table => rng.pick(&["on a table", "on the table", "still life", "on a wooden table"]),
        Land::Room if rng.chance(0.7) => return None,
        Land::Room => rng.pick(&["in a room", "at home", "in front of a wall"]),
        Land::Sea => rng.pick(&["on the sea", "on the ocean", "on the water", "at sea"]),
    };
    Some(words.into())
}

fn hour(hour: Hour, rng: &mut Rng) -> Option<String> {
    let told = hour != Hour::Day || !rng.chance(0.6);
    told.then(|| rng.pick(hour_words(hour)).into())
}

fn hour_words(hour: Hour) -> &'static [&'static str] {
    match hour {
        Hour::Day => &["blue sky", "a sunny day", "daytime", "clear day", "summer"],
        Hour::Dawn => &["at dawn", "sunrise", "early morning", "in the morning"],
        Hour::Sunset => &["at sunset", "sunset", "in the evening", "evening light", "dusk"],
        Hour::Night => &["at night", "night", "starry night", "a dark night"],
        Hour::Storm => &["grey sky", "stormy", "on a rainy day", "overcast sky"],
    }
}

/// Whether a caption says that it is this hour.
pub fn tells(caption: &str, hour: Hour) -> bool {
    caption.split(", ").any(|piece| hour_words(hour).contains(&piece))
}

/// What a caption may add: how likely it is told, and in which words.
const EXTRAS: [(Kind, f32, &[&str]); 8] = [
    (Kind::Mountains, 0.85, &["mountains", "mountains in the background", "snowy mountains"]),
    (Kind::Cloud, 0.45, &["clouds", "some clouds", "white clouds", "cloudy"]),
    (Kind::Stars, 0.40, &["stars", "stars in the sky"]),
    (Kind::Rainbow, 0.95, &["a rainbow", "rainbow in the sky"]),
    (Kind::Lake, 0.90, &["a lake", "a pond", "a blue lake"]),
    (Kind::Road, 0.80, &["a road", "a path", "a winding path"]),
    (Kind::Bush, 0.40, &["bushes", "green bushes"]),
    (Kind::Birds, 0.60, &["birds", "birds flying"]),
];

fn extras(scene: &Scene, rng: &mut Rng) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for (kind, share, words) in EXTRAS {
        if scene.all(kind).next().is_some() && rng.chance(share) {
            pieces.push(rng.pick(words).into());
        }
    }
    if let Some(flowers) = scene.all(Kind::Flowers).next()
        && rng.chance(0.85)
    {
        let colour = if rng.chance(0.5) { format!("{} ", flowers.colour.name) } else { String::new() };
        pieces.push(format!("{colour}flowers"));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::styles::STYLES;

    #[test]
    fn a_caption_names_what_the_scene_is_of() {
        for seed in 0..500 {
            let scene = Scene::random(seed);
            let houses = scene.all(Kind::House).count();
            // A cat may be at home without a house.
            let text = caption(&scene, seed).replace("at home", "");
            let told = ["house", "cottage", "home"].iter().any(|noun| text.contains(noun));
            assert_eq!(told, houses > 0 || text.contains("lighthouse"), "{seed}: {text}");
        }
    }

    #[test]
    fn a_caption_names_the_style_unless_it_is_gouache() {
        for seed in 0..500 {
            let scene = Scene::random(seed);
            let text = caption(&scene, 1);
            let said = format!(" {} ", text.replace(',', " "));
            let names =
                |style: &&Style| style.words().iter().any(|words| said.contains(&format!(" {words} ")));
            let told = STYLES[1..].iter().find(names);
            assert_eq!(told.copied(), Some(scene.style).filter(|style| *style != Style::Gouache), "{text}");
        }
    }

    #[test]
    fn captions_are_plain_words_and_repeat() {
        for seed in 0..1000 {
            let scene = Scene::random(seed);
            let text = caption(&scene, 1);
            assert!(text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, ' ' | ',' | '8')), "{text}");
            assert!(!text.contains("  ") && !text.contains("a a "), "{text}");
            assert_eq!(text, caption(&scene, 1));
        }
    }
}
