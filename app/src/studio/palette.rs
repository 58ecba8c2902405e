//! A small box of colours that go together.

/// The first colour in hand.
pub const INK: [u8; 3] = [0x2b, 0x28, 0x24];

/// Name and colour, dark to light, then the earths, the warm and the cool.
pub const COLOURS: [(&str, [u8; 3]); 12] = [
    ("Ink", INK),
    ("Slate", [0x6b, 0x72, 0x78]),
    ("Chalk", [0xff, 0xff, 0xff]),
    ("Umber", [0x7a, 0x4e, 0x2d]),
    ("Sand", [0xe0, 0xc0, 0x8a]),
    ("Brick", [0xb3, 0x3a, 0x2b]),
    ("Orange", [0xee, 0x83, 0x2f]),
    ("Sun", [0xf7, 0xcb, 0x45]),
    ("Leaf", [0x6f, 0xa6, 0x46]),
    ("Pine", [0x2f, 0x6b, 0x48]),
    ("Sky", [0x84, 0xb9, 0xe3]),
    ("Sea", [0x2f, 0x66, 0xa8]),
];

/// `#rrggbb`, as a colour field wants it.
pub fn to_hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Reads `#rrggbb`.
pub fn from_hex(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}
