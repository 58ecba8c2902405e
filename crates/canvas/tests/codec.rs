//! Tiles come out as they went in, small, and no bytes can do harm.

use canvas::{
    Brush, Canvas, Sample, TILE_BYTES, Tile,
    codec::{CODED_MAX, DecodeError, coarsen, decode, encode},
};
use proptest::prelude::*;

fn noise(seed: u32) -> Tile {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    std::array::from_fn(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
}

/// A gradient with a little grain, as a photograph has.
fn photograph(seed: u32) -> Tile {
    let grain = noise(seed);
    std::array::from_fn(|i| match i % 4 {
        3 => 255,
        channel => ((i / 4 % 64) * 2 + (i / 256) + channel * 20) as u8 + grain[i] % 4,
    })
}

fn flat(colours: &[[u8; 4]], seed: u32) -> Tile {
    let choice = noise(seed);
    std::array::from_fn(|i| colours[usize::from(choice[i / 4]) % colours.len()][i % 4])
}

#[track_caller]
fn comes_back(tile: &Tile) -> usize {
    let coded = encode(tile);
    assert!(coded.len() <= CODED_MAX);
    assert!(decode(&coded).as_ref() == Ok(tile));
    coded.len()
}

#[test]
fn paper_takes_five_bytes() {
    assert_eq!(comes_back(&[255; TILE_BYTES]), 5);
}

#[test]
fn a_drawn_tile_takes_few_hundred_bytes() {
    let mut canvas = Canvas::new(64, 64);
    let brush = Brush { size: 12.0, colour: [30, 30, 30], eraser: false };
    canvas.begin(brush, Sample { x: 5.0, y: 8.0, pressure: 0.4 });
    canvas.extend(&[Sample { x: 40.0, y: 20.0, pressure: 0.6 }, Sample { x: 50.0, y: 60.0, pressure: 0.5 }]);
    canvas.end();
    let size = comes_back(&canvas.tile(0));
    assert!(size < 250, "{size}");
}

#[test]
fn a_photograph_shrinks_and_noise_does_not_grow() {
    assert!(comes_back(&photograph(1)) < TILE_BYTES / 3);
    assert_eq!(comes_back(&noise(1)), CODED_MAX);
}

#[test]
fn a_coarse_photograph_is_near_and_takes_less_than_half() {
    let exact = photograph(3);
    let mut coarse = exact;
    coarsen(&mut coarse);
    assert!(coarse.iter().zip(&exact).all(|(coarse, exact)| coarse.abs_diff(*exact) <= 3));
    assert!(comes_back(&coarse) * 2 < comes_back(&exact));
    let again = coarse;
    coarsen(&mut coarse);
    assert!(coarse == again, "once is enough");
}

#[test]
fn what_is_drawn_or_clear_is_not_made_coarse() {
    for exact in [[255; TILE_BYTES], flat(&[[0, 0, 0, 255], [9, 90, 30, 255]], 2), noise(4)] {
        let mut coarse = exact;
        coarsen(&mut coarse);
        assert!(coarse == exact);
    }
}

#[test]
fn every_size_of_palette_comes_back() {
    for count in [2, 3, 4, 5, 16, 17, 255, 256, 257] {
        let colours: Vec<_> = (0..count).map(|i| [i as u8, (i >> 8) as u8, 7, 200]).collect();
        comes_back(&flat(&colours, count));
    }
}

#[test]
fn the_error_says_what_is_wrong() {
    let refused = |bytes: &[u8]| decode(bytes).expect_err("no tile");
    assert_eq!(refused(&[]), DecodeError::Size(0));
    assert_eq!(refused(&[4; CODED_MAX + 1]), DecodeError::Size(CODED_MAX + 1));
    assert_eq!(refused(&[9, 1]), DecodeError::Form(9));
    assert_eq!(refused(&[0, 1, 2, 3]), DecodeError::Length { want: 4, have: 3 });
    assert_eq!(refused(&[1, 255, 0]), DecodeError::Length { want: 1025, have: 2 });
    assert_eq!(refused(&[2, 0xff]), DecodeError::Deflate(64 * 193));
    assert_eq!(refused(&[7]), DecodeError::Length { want: 1, have: 0 });
    assert_eq!(refused(&[7, 1, 255, 255, 255, 255]), DecodeError::Drawing);
    for colours in 0..=255 {
        for fill in [0, 0x55, 0x9e, 0xff] {
            let wild = [&[7, colours][..], &[fill; 3_000]].concat();
            assert_eq!(refused(&wild), DecodeError::Drawing, "{colours} {fill}");
        }
    }
    for form in [5, 6] {
        let long = [form; 9_000];
        for photograph in [&[form][..], &[form, 0], &[form, 1, 1], &[form, 0, 255, 255], &long] {
            assert_eq!(refused(photograph), DecodeError::Photograph);
        }
    }
    assert_eq!(refused(&[&[6, 2][..], &encode(&photograph(1))[2..]].concat()), DecodeError::Photograph);
}

/// Stored deflate blocks, to make forms that no encoder makes.
fn stored(body: &[u8]) -> Vec<u8> {
    let size = body.len() as u16;
    [&[1][..], &size.to_le_bytes(), &(!size).to_le_bytes(), body].concat()
}

#[test]
fn rows_behind_the_filters_of_png_are_read() {
    let tile = photograph(7);
    let rows = tile.chunks_exact(256).flat_map(|row| {
        let colours = |x: usize| [row[4 * x], row[4 * x + 1], row[4 * x + 2]];
        // 1: less its left neighbour.
        let differs = |x: usize, c: usize| {
            if x == 0 { colours(0)[c] } else { colours(x)[c].wrapping_sub(colours(x - 1)[c]) }
        };
        [1].into_iter().chain((0..64).flat_map(move |x| [0, 1, 2].map(|c| differs(x, c)))).collect::<Vec<_>>()
    });
    let opaque = [&[2][..], &stored(&rows.collect::<Vec<_>>())].concat();
    assert!(decode(&opaque) == Ok(tile));
    let translucent: Vec<u8> = tile.chunks_exact(256).flat_map(|row| [&[0], row].concat()).collect();
    let deflated = miniz_oxide::deflate::compress_to_vec(&translucent, 6);
    assert!(decode(&[&[3][..], &deflated].concat()) == Ok(tile));
}

#[test]
fn blended_photographs_are_read() {
    let tile: Tile = std::array::from_fn(|i| match i % 4 {
        3 => 255,
        channel => (i / 4 % 64 * 2 + i / 256 + channel * 20 + usize::from(i / 4 % 7 == 3) * 5) as u8,
    });
    let exact = include_bytes!("blended/exact.tile");
    assert!(decode(exact) == Ok(tile));
    let coarse = decode(include_bytes!("blended/coarse.tile")).expect("a tile");
    assert!(coarse != tile && coarse.iter().zip(&tile).all(|(coarse, exact)| coarse.abs_diff(*exact) <= 3));
    assert_eq!(decode(&exact[..exact.len() - 5]), Err(DecodeError::Photograph));
}

#[test]
fn palettes_are_read() {
    let colours = [[9, 8, 7, 255], [1, 2, 3, 4], [200, 0, 0, 128]];
    let indices: Vec<u8> = (0..TILE_BYTES / 4).map(|i| (i % 5 % 3) as u8).collect();
    let packed = indices.chunks(4).map(|four| four.iter().rev().fold(0, |byte, index| byte << 2 | index));
    let deflated = miniz_oxide::deflate::compress_to_vec(&packed.collect::<Vec<_>>(), 6);
    let tile: Tile = std::array::from_fn(|i| colours[usize::from(indices[i / 4])][i % 4]);
    assert!(decode(&[&[1, 2], colours.as_flattened(), &deflated].concat()) == Ok(tile));
}

#[test]
fn a_colour_beyond_the_palette_and_an_unknown_filter_are_refused() {
    let three = [&[1, 2][..], &[0; 12], &stored(&[0xff; 1024])].concat();
    assert_eq!(decode(&three), Err(DecodeError::Index { index: 3, colours: 3 }));
    let filtered = [&[2][..], &stored(&[5; 64 * 193])].concat();
    assert_eq!(decode(&filtered), Err(DecodeError::Filter(5)));
}

#[test]
fn a_bomb_stops_at_the_size_of_a_tile() {
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![0; 16 << 20], 9);
    let palette = [&[1, 255][..], &[0; 1024], &bomb[..15_000]].concat();
    assert_eq!(decode(&palette), Err(DecodeError::Deflate(4096)));
}

#[test]
fn a_tile_that_ends_early_or_goes_on_is_refused() {
    for tile in [[255; TILE_BYTES], flat(&[[0; 4], [9; 4]], 3), photograph(2)] {
        let coded = encode(&tile);
        // A photograph's last bytes may be any that mean the same.
        assert!(decode(&coded[..coded.len().saturating_sub(5)]).is_err());
        assert!(decode(&[&coded[..], &[0; 5]].concat()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tiles_come_back(kind in 0..4, seed: u32, colours in prop::collection::vec(any::<[u8; 4]>(), 1..300)) {
        let tile = match kind {
            0 => noise(seed),
            1 => photograph(seed),
            2 => flat(&colours[..1], seed),
            _ => flat(&colours, seed),
        };
        let coded = encode(&tile);
        prop_assert!(coded.len() <= CODED_MAX);
        prop_assert!(decode(&coded).as_ref() == Ok(&tile));
        let mut coarse = tile;
        coarsen(&mut coarse);
        prop_assert!(decode(&encode(&coarse)).as_ref() == Ok(&coarse));
    }

    #[test]
    fn any_bytes_are_a_tile_or_an_error(form in 0u8..9, mut bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        _ = decode(&bytes);
        bytes.insert(0, form);
        _ = decode(&bytes);
    }

    #[test]
    fn a_tile_with_broken_bytes_is_a_tile_or_an_error(
        seed: u32, count in 1usize..40, hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let colours: Vec<_> = (0..count).map(|i| [i as u8; 4]).collect();
        for tile in [photograph(seed), flat(&colours, seed)] {
            let mut coded = encode(&tile);
            for (index, value) in &hits {
                let at = index.index(coded.len());
                coded[at] = *value;
            }
            _ = decode(&coded);
        }
    }
}
