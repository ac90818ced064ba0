//! Comma-separated values (RFC 4180) that a spreadsheet opens without doing anything.

/// A line, its end included.
pub fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",") + "\r\n"
}

/// What a spreadsheet would take for a formula begins with an apostrophe instead (OWASP, CSV injection).
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    let guarded = format!("{guard}{text}");
    match guarded.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", guarded.replace('"', "\"\"")),
        false => guarded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_out_of_its_place() {
        let table = [
            ("Alderbridge", "Alderbridge"),
            ("=1+1", "'=1+1"),
            ("+44", "'+44"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\r=1", "\"'\r=1\""),
            ("Kirk, north", "\"Kirk, north\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
        ];
        for (text, expected) in table {
            assert_eq!(cell(text), expected);
        }
        assert_eq!(line(&["a", "b"]), "a,b\r\n");
    }
}
