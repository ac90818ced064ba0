//! The chronology as a tagged PDF (PDF/UA-1): a table for each month, its reference and number on every
//! page.

use std::num::NonZeroU16;

use chrono::{Datelike, Timelike};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagTree,
};
use krilla::text::TextDirection;

use super::chronology::Moment;
use super::order::subject_name;
use super::typeset::Face;
use super::{PackError, PackFile, exact_words, software, title, words};
use crate::ZONE;
use crate::operations::evidence_pack::CaseFile;

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const LEFT: f32 = 51.0;
const RIGHT: f32 = PAGE.0 - 51.0;
const TOP: f32 = 56.0;
const BOTTOM: f32 = PAGE.1 - 64.0;
const SIZE: f32 = 9.0;
const LEADING: f32 = 12.6;
const GAP: f32 = 5.0;
/// Where the columns begin, and how wide each is: when, what, who.
const COLUMNS: [(f32, f32); 3] = [(LEFT, 88.0), (LEFT + 98.0, 288.0), (LEFT + 396.0, 97.0)];
const HEADS: [&str; 3] = ["When", "What happened", "Who"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Black,
    Grey,
    Rule,
}

/// What stands on a page.
enum Mark {
    /// `leaf`: its place in the tag tree; nothing for what belongs to the page.
    Text {
        at: (f32, f32),
        text: String,
        style: (f32, bool, Ink),
        leaf: Option<usize>,
    },
    Rule {
        y: f32,
        width: f32,
    },
}

/// What the document says, as a reader without eyes meets it.
enum Part {
    Heading { level: u16, text: String, leaves: Vec<usize> },
    Paragraph(Vec<usize>),
    Table(Vec<Row>),
}

struct Row {
    is_head: bool,
    cells: Vec<Vec<usize>>,
}

struct Layout {
    faces: [Face; 2],
    pages: Vec<Vec<Mark>>,
    y: f32,
    leaves: usize,
    parts: Vec<Part>,
    /// Months: their name, the page and where on it.
    marks: Vec<(String, usize, f32)>,
}

impl Layout {
    fn new() -> Result<Self, PackError> {
        let faces = [Face::regular()?, Face::bold()?];
        let pages = vec![Vec::new()];
        Ok(Self { faces, pages, y: TOP, leaves: 0, parts: Vec::new(), marks: Vec::new() })
    }

    fn face(&self, is_bold: bool) -> &Face {
        let [regular, bold] = &self.faces;
        if is_bold { bold } else { regular }
    }

    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    fn leaf(&mut self, at: (f32, f32), text: String, style: (f32, bool, Ink)) -> usize {
        let leaf = self.leaves;
        self.leaves += 1;
        self.put(Mark::Text { at, text, style, leaf: Some(leaf) });
        leaf
    }

    /// Lines over the whole width; gives their leaves.
    fn block(&mut self, text: &str, (size, is_bold, ink): (f32, bool, Ink)) -> Vec<usize> {
        let lines = self.face(is_bold).lines(text, size, RIGHT - LEFT);
        let mut leaves = Vec::new();
        for line in lines {
            if self.y + size * 1.4 > BOTTOM {
                self.turn();
            }
            self.y += size * 1.4;
            let at = (LEFT, self.y);
            leaves.push(self.leaf(at, line, (size, is_bold, ink)));
        }
        leaves
    }

    fn heading(&mut self, level: u16, text: &str, size: f32) {
        let leaves = self.block(text, (size, true, Ink::Black));
        self.parts.push(Part::Heading { level, text: text.to_owned(), leaves });
    }

    fn paragraph(&mut self, text: &str, ink: Ink) {
        let leaves = self.block(text, (SIZE, false, ink));
        self.parts.push(Part::Paragraph(leaves));
    }

    /// The head of the table, as content once and again on each page as a part of the page.
    fn head(&mut self, is_first: bool) -> Vec<Vec<usize>> {
        self.y += LEADING;
        let mut cells = Vec::new();
        for ((x, _), text) in COLUMNS.iter().zip(HEADS) {
            let (at, style) = ((*x, self.y), (8.0, true, Ink::Grey));
            match is_first {
                true => cells.push(vec![self.leaf(at, text.to_owned(), style)]),
                false => {
                    self.put(Mark::Text { at, text: text.to_owned(), style, leaf: None });
                }
            }
        }
        self.y += 4.0;
        let y = self.y;
        self.put(Mark::Rule { y, width: 0.8 });
        self.y += 1.0;
        cells
    }

    fn row(&mut self, cells: [&str; 3], is_bold: bool) -> Row {
        let size = SIZE;
        let wrapped: Vec<Vec<String>> = cells
            .iter()
            .zip(COLUMNS)
            .map(|(text, (_, width))| self.face(is_bold).lines(text, size, width))
            .collect();
        let lines = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        let height = (0..lines).map(|_| LEADING).sum::<f32>() + GAP;
        if self.y + height > BOTTOM && height < BOTTOM - TOP - 3.0 * LEADING {
            self.turn();
            self.head(false);
        }
        let mut found: Vec<Vec<usize>> = vec![Vec::new(); wrapped.len()];
        for line in 0..lines {
            if self.y + LEADING > BOTTOM {
                self.turn();
                self.head(false);
            }
            self.y += LEADING;
            for ((column, leaves), (x, _)) in wrapped.iter().zip(&mut found).zip(COLUMNS) {
                let text = column.get(line).filter(|text| !text.is_empty()).cloned();
                if let Some(text) = text {
                    leaves.push(self.leaf((x, self.y), text, (size, is_bold, Ink::Black)));
                }
            }
        }
        self.y += GAP;
        let y = self.y;
        self.put(Mark::Rule { y, width: 0.3 });
        Row { is_head: false, cells: found }
    }

    fn month(&mut self, name: &str, moments: &[&Moment]) {
        // A heading does not stand alone at the foot of a page.
        if self.y + 6.0 * LEADING > BOTTOM {
            self.turn();
        }
        self.y += 14.0;
        self.marks.push((name.to_owned(), self.pages.len() - 1, self.y));
        self.heading(2, name, 12.0);
        let mut rows = vec![Row { is_head: true, cells: self.head(true) }];
        for moment in moments {
            let is_bold =
                ["missed", "breach_case_opened", "breach_decided"].contains(&moment.kind.as_str());
            let by = moment.by.as_deref().unwrap_or("-");
            rows.push(self.row([&words(moment.instant), &moment.says, by], is_bold));
        }
        self.parts.push(Part::Table(rows));
    }

    /// The reference and the number on every page.
    fn foot(&mut self, reference: &str) {
        let count = self.pages.len();
        for number in 1..=count {
            let text = format!("Page {number} of {count}");
            let face = self.face(false);
            let x = RIGHT - face.width(&text, 8.0);
            let reference = face.drawable(reference);
            let y = BOTTOM + 30.0;
            let style = (8.0, false, Ink::Grey);
            let Some(page) = self.pages.get_mut(number - 1) else { continue };
            page.push(Mark::Rule { y: y - 12.0, width: 0.3 });
            page.push(Mark::Text { at: (LEFT, y), text: reference, style, leaf: None });
            page.push(Mark::Text { at: (x, y), text, style, leaf: None });
        }
    }
}

pub fn file(found: &CaseFile, told: &[Moment]) -> Result<PackFile, PackError> {
    let mut layout = Layout::new()?;
    opening(&mut layout, found);
    let mut rest = told;
    while let Some(first) = rest.first() {
        let name = month_of(first);
        let count = rest.iter().take_while(|moment| month_of(moment) == name).count();
        let (moments, after) = rest.split_at(count);
        layout.month(&name, &moments.iter().collect::<Vec<_>>());
        rest = after;
    }
    let at = words(found.known.at);
    layout.foot(&format!("{}  ·  {}  ·  as known {at}", found.order.reference, found.profile));
    let bytes = drawn(found, &layout)?;
    let holds = "The chronology to print, with page numbers";
    Ok(PackFile::new("chronology.pdf", holds, bytes))
}

fn month_of(moment: &Moment) -> String {
    moment.instant.utc().with_timezone(&ZONE).format("%B %Y").to_string()
}

fn opening(layout: &mut Layout, found: &CaseFile) {
    layout.heading(1, &format!("Chronology: {}", found.order.reference), 20.0);
    layout.y += 4.0;
    layout.paragraph(title(found.profile), Ink::Grey);
    layout.y += 8.0;
    let facts = [
        format!("Order: {}, {}", found.order.kind.row().title, found.order.court),
        format!("Subject: {} ({})", subject_name(found), found.subject.reference),
        format!("Suspected offence: {}", found.opened.offence),
        format!("Failed: {}", exact_words(found.failed_at())),
        format!(
            "As known: {} (entry {} of the order's ledger)",
            exact_words(found.known.at),
            found.known.seq
        ),
    ];
    for fact in facts {
        layout.paragraph(&fact, Ink::Black);
    }
    layout.y += 8.0;
    let says = "Times are those of the United Kingdom. An attendance stands at the latest time at which \
                it can have been, by both clocks. A failure is suspected until a person of rank has \
                decided. Where each entry is on file is in chronology.json.";
    layout.paragraph(says, Ink::Grey);
}

fn drawn(found: &CaseFile, layout: &Layout) -> Result<Vec<u8>, PackError> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| PackError::Pdf(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut leaves: Vec<Option<Identifier>> = vec![None; layout.leaves];
    let (width, height) = PAGE;
    for marks in &layout.pages {
        let settings = PageSettings::from_wh(width, height)
            .ok_or_else(|| PackError::Pdf("the page has no size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, layout, mark, &mut leaves);
        }
        surface.finish();
        page.finish();
    }
    document.set_outline(outline(layout));
    document.set_metadata(metadata(found));
    document.set_tag_tree(tree(layout, &leaves));
    document.finish().map_err(|error| PackError::Pdf(format!("{error:?}")))
}

fn ink(ink: Ink) -> Fill {
    let shade = match ink {
        Ink::Black => 20,
        Ink::Grey => 85,
        Ink::Rule => 165,
    };
    let paint = rgb::Color::new(shade, shade, shade).into();
    Fill { paint, opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn draw(
    surface: &mut Surface<'_>,
    layout: &Layout,
    mark: &Mark,
    leaves: &mut [Option<Identifier>],
) {
    match mark {
        Mark::Text { at: (x, y), text, style: (size, is_bold, shade), leaf } => {
            let tag = match leaf {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
            };
            let id = surface.start_tagged(tag);
            surface.set_fill(Some(ink(*shade)));
            let font = layout.face(*is_bold).font.clone();
            let at = Point::from_xy(*x, *y);
            surface.draw_text(at, font, *size, text, false, TextDirection::LeftToRight);
            surface.end_tagged();
            if let Some(place) = leaf.and_then(|leaf| leaves.get_mut(leaf)) {
                *place = Some(id);
            }
        }
        Mark::Rule { y, width } => {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            surface.set_fill(Some(ink(Ink::Rule)));
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(LEFT, *y, RIGHT - LEFT, *width) {
                path.push_rect(rect);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
            surface.end_tagged();
        }
    }
}

fn outline(layout: &Layout) -> Outline {
    let mut outline = Outline::new();
    for (name, page, y) in &layout.marks {
        let place = XyzDestination::new(*page, Point::from_xy(LEFT, *y));
        outline.push_child(OutlineNode::new(name.clone(), place));
    }
    outline
}

/// Dates are those of what was known, so that they are the same each time.
fn metadata(found: &CaseFile) -> Metadata {
    let at = found.known.at.utc();
    let part = |number: u32| u8::try_from(number).unwrap_or(0);
    let made = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()));
    Metadata::new()
        .title(format!("Chronology: {}", found.order.reference))
        .description(title(found.profile).to_owned())
        .language("en-GB".to_owned())
        .creator(software())
        .document_id(format!("{}:{}:{}", found.case.id, found.profile, found.known.seq))
        .creation_date(made)
}

fn tree(layout: &Layout, leaves: &[Option<Identifier>]) -> TagTree {
    let nodes = |ids: &[usize]| -> Vec<Node> {
        let of = |id: &usize| leaves.get(*id).copied().flatten().map(Node::from);
        ids.iter().filter_map(of).collect()
    };
    let mut tree = TagTree::new().with_lang(Some("en-GB".to_owned()));
    for part in &layout.parts {
        let group = match part {
            Part::Heading { level, text, leaves } => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                TagGroup::with_children(Tag::Hn(level, Some(text.clone())), nodes(leaves))
            }
            Part::Paragraph(leaves) => TagGroup::with_children(Tag::P, nodes(leaves)),
            Part::Table(rows) => {
                let rows = rows.iter().map(|row| Node::from(table_row(row, &nodes)));
                TagGroup::with_children(Tag::Table, rows.collect())
            }
        };
        tree.push(group);
    }
    tree
}

fn table_row(row: &Row, nodes: &dyn Fn(&[usize]) -> Vec<Node>) -> TagGroup {
    let cell = |leaves: &Vec<usize>| {
        let paragraph = TagGroup::with_children(Tag::P, nodes(leaves));
        let children = vec![Node::from(paragraph)];
        Node::from(match row.is_head {
            true => TagGroup::with_children(Tag::TH(TableHeaderScope::Column), children),
            false => TagGroup::with_children(Tag::TD, children),
        })
    };
    TagGroup::with_children(Tag::TR, row.cells.iter().map(cell).collect())
}
