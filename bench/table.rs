//! A table of figures: what, how much, the limit it is held against, the ratio.

pub struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    pub fn new() -> Self {
        Self { rows: Vec::new() }
    }

    pub fn row(&mut self, what: &str, figure: String, limit: String, ratio: String) {
        eprintln!("  {what}: {figure}   [{limit}]   {ratio}");
        self.rows.push([what.to_owned(), figure, limit, ratio]);
    }

    pub fn print(&self) {
        let head = ["what", "figure", "limit or aim, same run", "ratio"].map(str::to_owned);
        let all: Vec<&[String; 4]> = std::iter::once(&head).chain(&self.rows).collect();
        let width =
            |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap();
        let widths = [width(0), width(1), width(2), width(3)];
        for (at, row) in all.iter().enumerate() {
            let cell = |column: usize| format!("{:<1$}", row[column], widths[column]);
            println!("| {} | {} | {} | {} |", cell(0), cell(1), cell(2), cell(3));
            if at == 0 {
                println!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|"));
            }
        }
    }
}

/// The value below which `share` of the sorted values lie.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}
