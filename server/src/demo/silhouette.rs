//! The outline of a head and shoulders as a small grey PNG (RFC 2083).

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

const WIDTH: u8 = 96;
const HEIGHT: u8 = 120;

/// An ellipse: its middle and its half axes.
type Ellipse = [i32; 4];

/// Narrow or broad, with short hair or long.
const SHAPES: [[Ellipse; 3]; 4] = [
    [[48, 44, 19, 25], [48, 122, 38, 46], [48, 36, 20, 20]],
    [[48, 46, 21, 26], [48, 124, 45, 48], [48, 38, 21, 18]],
    [[48, 44, 18, 24], [48, 122, 35, 44], [48, 54, 25, 35]],
    [[48, 47, 20, 25], [48, 126, 41, 50], [48, 46, 24, 27]],
];

/// Which of the outlines, by number.
pub fn png(number: usize) -> Vec<u8> {
    let shape = SHAPES.iter().cycle().nth(number % SHAPES.len());
    let mut rows = Vec::new();
    for y in 0..HEIGHT {
        // Not filtered.
        rows.push(0);
        rows.extend((0..WIDTH).map(|x| shade(shape, i32::from(x), i32::from(y))));
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let (width, height) = (u32::from(WIDTH).to_be_bytes(), u32::from(HEIGHT).to_be_bytes());
    // Eight bits of grey.
    let header = [width.as_slice(), &height, &[8, 0, 0, 0, 0]].concat();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"IDAT", &deflated(&rows));
    chunk(&mut file, b"IEND", &[]);
    file
}

fn shade(shape: Option<&[Ellipse; 3]>, x: i32, y: i32) -> u8 {
    let holds = |[middle_x, middle_y, half_x, half_y]: &Ellipse| {
        let (dx, dy) = ((x - middle_x) * half_y, (y - middle_y) * half_x);
        dx * dx + dy * dy <= half_x * half_y * half_x * half_y
    };
    match shape.map(|parts| parts.each_ref().map(holds)) {
        Some([true, _, _]) => 0x8c,
        Some([_, true, _]) => 0x78,
        Some([_, _, true]) => 0x5a,
        _ => 0xd8,
    }
}

/// Writing into memory does not fail.
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(0);
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(bytes);
    file.extend(length.to_be_bytes());
    file.extend(kind);
    file.extend(bytes);
    file.extend(crc.sum().to_be_bytes());
}
