//! How wide text is and where its lines break, so that a page can be laid out. What the typeface cannot
//! draw, and what cannot be seen, is spelled out by its code point: nothing on a page of evidence goes missing without a sign.

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use super::PackError;

/// Noto Sans in one weight.
pub struct Face {
    pub font: Font,
    measures: FontRef<'static>,
}

impl Face {
    pub fn regular() -> Result<Self, PackError> {
        Self::of(notosans::REGULAR_TTF)
    }

    pub fn bold() -> Result<Self, PackError> {
        Self::of(notosans::BOLD_TTF)
    }

    fn of(bytes: &'static [u8]) -> Result<Self, PackError> {
        let unreadable = || PackError::Pdf("the typeface cannot be read".to_owned());
        let font = Font::new(bytes.into(), 0).ok_or_else(unreadable)?;
        let measures = FontRef::new(bytes).map_err(|error| PackError::Pdf(error.to_string()))?;
        Ok(Self { font, measures })
    }

    /// The text with every character spelled out that cannot be seen or that the typeface has no shape
    /// for.
    pub fn drawable(&self, text: &str) -> String {
        let letters = self.measures.charmap();
        let mut drawn = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\n' | '\t' | '\r' | '\u{a0}' => drawn.push(' '),
                letter if !is_unseen(letter) && letters.map(letter).is_some() => drawn.push(letter),
                letter => drawn.push_str(&format!("<U+{:04X}>", u32::from(letter))),
            }
        }
        drawn
    }

    /// In points, without kerning, which makes it narrower and never much wider.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let letters = self.measures.charmap();
        let glyphs = self.measures.glyph_metrics(Size::new(size), LocationRef::default());
        let advance = |letter| letters.map(letter).and_then(|glyph| glyphs.advance_width(glyph));
        text.chars().filter_map(advance).sum()
    }

    /// Lines no wider than `width`, broken between words; inside a word that is wider by itself.
    pub fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let mut line = String::new();
            for word in self.drawable(paragraph).split_whitespace() {
                let longer =
                    if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(&longer, size) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    // With its space, so that whoever takes the text out again gets whole words.
                    lines.push(format!("{line} "));
                }
                line = self.broken(word, (size, width), &mut lines);
            }
            lines.push(line);
        }
        lines
    }

    /// Puts what is too wide of a word on lines of its own; gives the rest.
    fn broken(&self, word: &str, (size, width): (f32, f32), lines: &mut Vec<String>) -> String {
        let mut line = String::new();
        for letter in word.chars() {
            line.push(letter);
            if self.width(&line, size) > width && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(letter);
            }
        }
        line
    }
}

/// Letters that show nothing by themselves: controls, marks that turn the direction of reading (an attack
/// on a reader's eyes), joiners, selectors of a variant, tags. Of Unicode's default ignorables, and the
/// separators of lines and paragraphs.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_drawn_is_spelled_out() {
        let face = Face::regular().unwrap();
        assert_eq!(face.drawable("Zoë Łukasz Καλός"), "Zoë Łukasz Καλός");
        assert_eq!(face.drawable("a\u{1F600}b\u{7}"), "a<U+1F600>b<U+0007>");
        assert_eq!(face.drawable("\u{feff}a\u{202e}b\u{ad}"), "<U+FEFF>a<U+202E>b<U+00AD>");
        assert_eq!(face.drawable("a\u{2028}b\u{2066}c"), "a<U+2028>b<U+2066>c");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_line_is_too_wide_and_no_letter_is_lost(text in "[a-z€😀\\n ]{0,120}") {
            let face = Face::regular().unwrap();
            let (size, width) = (9.0, 60.0);
            let lines = face.lines(&text, size, width);
            for line in &lines {
                prop_assert!(face.width(line.trim_end(), size) <= width, "{line:?}");
            }
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&face.drawable(&text)));
        }
    }
}
