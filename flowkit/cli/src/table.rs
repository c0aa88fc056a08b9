//! Table: many things of a kind below each other, as wide as the terminal.

use clap::builder::styling::{Ansi256Color, AnsiColor};
use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement};

/// The blanks behind a column.
const GAP: u16 = 2;

/// One column of a table: its title and what it shows of an item.
pub(crate) struct Column<'a, T> {
    title: &'a str,
    cell: Box<dyn Fn(&T) -> String + 'a>,
    colour: fn(&T) -> Option<AnsiColor>,
    room: Room,
}

/// What becomes of a column on a narrow terminal.
#[derive(PartialEq, Eq)]
enum Room {
    /// Long cells go on in the next line.
    Wraps,
    /// It is left out.
    LeavesOut,
}

impl<'a, T> Column<'a, T> {
    pub(crate) fn new(title: &'a str, cell: impl Fn(&T) -> String + 'a) -> Self {
        Self { title, cell: Box::new(cell), colour: |_| None, room: Room::Wraps }
    }

    /// The column in colour, on a terminal that has some.
    pub(crate) fn colour(self, colour: fn(&T) -> Option<AnsiColor>) -> Self {
        Self { colour, ..self }
    }

    /// The column, left out where the terminal has no room for all.
    pub(crate) fn if_room(self) -> Self {
        Self { room: Room::LeavesOut, ..self }
    }

    fn cell(&self, item: &T) -> Cell {
        let cell = Cell::new((self.cell)(item));
        match (self.colour)(item) {
            Some(colour) => cell.fg(Color::AnsiValue(Ansi256Color::from_ansi(colour).0)),
            None => cell,
        }
    }
}

/// The lines of a table.
pub(crate) fn lines<T>(items: &[T], columns: &[Column<'_, T>]) -> Vec<String> {
    let columns: Vec<_> = columns.iter().collect();
    let table = draw(items, &columns);
    let needed: u16 = table.column_max_content_widths().iter().map(|width| width + GAP).sum();
    let fits = table.width().is_none_or(|width| needed <= width);
    let table = if fits {
        table
    } else {
        let wraps = columns.into_iter().filter(|column| column.room == Room::Wraps);
        draw(items, &wraps.collect::<Vec<_>>())
    };
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn draw<T>(items: &[T], columns: &[&Column<'_, T>]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.style_text_only();
    table.set_header(columns.iter().map(|column| column.title));
    for item in items {
        table.add_row(columns.iter().map(|column| column.cell(item)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    // The first column says what the row is about.
    if let Some(first) = table.column_mut(0) {
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}
