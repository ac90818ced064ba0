//! On which line of a JSON text each field stands. Only asked for a text that has a fault.

use std::collections::BTreeMap;

/// The line of every value, by JSON pointer; of a member it is the line of its name.
pub fn by_pointer(text: &str) -> BTreeMap<String, usize> {
    let mut scan = Scan { rest: text, line: 1, lines: BTreeMap::new() };
    // A text that is no JSON ends the scan early; what was found until there still helps.
    let _complete = scan.value("");
    scan.lines
}

/// The line of a field, or of the innermost thing around it that is there.
pub fn nearest(lines: &BTreeMap<String, usize>, pointer: &str) -> Option<usize> {
    let mut pointer = pointer;
    loop {
        if let Some(line) = lines.get(pointer) {
            return Some(*line);
        }
        (pointer, _) = pointer.rsplit_once('/')?;
    }
}

struct Scan<'a> {
    rest: &'a str,
    line: usize,
    lines: BTreeMap<String, usize>,
}

impl<'a> Scan<'a> {
    fn value(&mut self, pointer: &str) -> Option<()> {
        self.skip_space();
        self.lines.entry(pointer.to_owned()).or_insert(self.line);
        match self.rest.chars().next()? {
            '{' => self.members(pointer),
            '[' => self.items(pointer),
            '"' => self.string().map(drop),
            _ => {
                let end = self.rest.find([',', '}', ']', ' ', '\n', '\r', '\t']);
                let end = end.unwrap_or(self.rest.len());
                self.rest = self.rest.get(end..)?;
                // A value of no length would be read again for ever.
                (end > 0).then_some(())
            }
        }
    }

    fn members(&mut self, pointer: &str) -> Option<()> {
        self.take('{')?;
        while !self.at('}') {
            let line = self.line;
            let name = self.string()?;
            let member = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            self.lines.insert(member.clone(), line);
            self.skip_space();
            self.take(':')?;
            self.value(&member)?;
            if self.at(',') {
                self.take(',')?;
            }
        }
        self.take('}')
    }

    fn items(&mut self, pointer: &str) -> Option<()> {
        self.take('[')?;
        let mut index = 0_usize;
        while !self.at(']') {
            self.value(&format!("{pointer}/{index}"))?;
            index += 1;
            if self.at(',') {
                self.take(',')?;
            }
        }
        self.take(']')
    }

    fn string(&mut self) -> Option<&'a str> {
        let inside = self.rest.strip_prefix('"')?;
        let mut is_escaped = false;
        for (at, c) in inside.char_indices() {
            match c {
                '"' if !is_escaped => {
                    self.rest = inside.get(at + 1..)?;
                    return inside.get(..at);
                }
                '\\' => is_escaped = !is_escaped,
                _ => is_escaped = false,
            }
        }
        None
    }

    fn skip_space(&mut self) {
        let trimmed = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
        let skipped = self.rest.len() - trimmed.len();
        let space = self.rest.get(..skipped).unwrap_or_default();
        self.line += space.matches('\n').count();
        self.rest = trimmed;
    }

    /// Whether `c` is next, after any space.
    fn at(&mut self, c: char) -> bool {
        self.skip_space();
        self.rest.is_empty() || self.rest.starts_with(c)
    }

    fn take(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_on_the_line_of_its_name() {
        let text =
            "{\n  \"a\": [\n    1,\n    {\"b\\\"\": \"x\ny\",\n \"c\": {}}\n  ],\n  \"d\": null\n}";
        let lines = by_pointer(text);
        let line = |pointer: &str| nearest(&lines, pointer);
        assert_eq!([line(""), line("/a"), line("/a/1"), line("/d")], [1, 2, 4, 7].map(Some));
        assert_eq!(line("/a/1/missing"), Some(4));
    }

    #[test]
    fn a_broken_text_ends_the_scan_and_nothing_else() {
        for text in
            ["", "{", "{\"a\"", "[1,", "{\"a\": \"", "nul", "[}", "{]", "\u{0}", "{\"a\":1]"]
        {
            assert!(by_pointer(text).len() <= 3, "{text}");
        }
    }
}
