//! Where everything goes: panes in rows and columns, so that plots share edges and no words meet.

use std::borrow::Cow;

use super::scene::{Axis, Body, ColourBar, Key, Notes, Pane, PlacedPane, Plot, Rect, Scene, Table, Tick};
use super::style::Style;
use super::text::{PT, width};
use crate::codec::text;

/// A pane with the rows and columns that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct GridCell {
    pub row: usize,
    pub column: usize,
    pub rows: usize,
    pub columns: usize,
    pub pane: Pane,
}

impl GridCell {
    /// A pane in one row and one column.
    pub const fn new(row: usize, column: usize, pane: Pane) -> Self {
        Self { row, column, rows: 1, columns: 1, pane }
    }
}

/// Length of a tick in mm.
pub const TICK: f64 = 0.8;

/// Narrower than this a plot in mm shows nothing.
const NARROWEST: f64 = 8.0;

/// A page without room for its panes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TooNarrow {
    /// The least width of the page in mm, about.
    pub least: f64,
}

/// A row or a column: room before the plots, the plots, and room after them.
#[derive(Clone, Copy, Debug, Default)]
struct GridTrack {
    before: f64,
    size: f64,
    after: f64,
}

/// Makes words show all that they have.
fn show(cells: &mut [GridCell]) {
    let shown = |words: &mut String| {
        if let Cow::Owned(line) = text::line(words) {
            *words = line;
        }
    };
    for GridCell { pane, .. } in cells {
        shown(&mut pane.title);
        match &mut pane.body {
            Body::Plot(plot) => plot.legend.iter_mut().for_each(|key| shown(&mut key.name)),
            Body::Table(table) => {
                table.head.iter_mut().flatten().chain(table.rows.iter_mut().flatten()).for_each(shown);
            }
        }
    }
}

/// Puts panes on a page as wide as the style says and as high as it needs to be. With `letters` each pane has one.
pub fn compose(
    mut cells: Vec<GridCell>,
    style: &Style,
    title: Option<String>,
    letters: bool,
    notes: Notes,
) -> Result<Scene, TooNarrow> {
    let em = style.em();
    show(&mut cells);
    let (cells, title) = (cells.as_slice(), title.map(|title| text::line(&title).into_owned()));
    let labelled: Vec<[bool; 2]> = cells.iter().map(|cell| labelled(cell, cells)).collect();
    let mut down = heights(cells, style);
    // Ticks upwards depend on heights alone, and the room beside the plots on these ticks.
    let (across, upwards, offsets) = widths(cells, &labelled, &down, style)?;
    let lefts = starts(&across, 0.0);
    let edges = |cell: &GridCell| {
        let last = cell.column + cell.columns - 1;
        (
            lefts[cell.column] + across[cell.column].before,
            lefts[last] + across[last].before + across[last].size,
        )
    };
    // Ticks along the bottom and the lines of a legend depend on widths.
    let (along, legends) = margins(cells, &labelled, &edges, &mut down, letters, style);
    let head = if title.is_some() { 2.2 * em } else { 0.3 * em };
    let tops = starts(&down, head);
    let height =
        tops.last().copied().unwrap_or(0.0) + down.last().map_or(0.0, |t| t.before + t.size + t.after);
    let furthest = |column: usize| {
        let of_column = cells.iter().zip(&offsets).filter(|(cell, _)| cell.column == column);
        of_column.map(|(_, offset)| *offset).fold(0.0, f64::max)
    };
    let panes = cells.iter().enumerate().map(|(i, cell)| {
        let (left, right) = edges(cell);
        let last = cell.row + cell.rows - 1;
        let top = tops[cell.row] + down[cell.row].before;
        let bottom = tops[last] + down[last].before + down[last].size;
        let end = cell.column + cell.columns;
        let page_end = style.width - 0.4 * em;
        // The next title begins at the edge of its plot; but beside a pane that began above stand its labels.
        let began_above = |other: &GridCell| {
            other.column == end && other.row < cell.row && other.row + other.rows > cell.row
        };
        let title_end = match lefts.get(end) {
            None => page_end,
            Some(left) if cells.iter().any(began_above) => left - 0.4 * em,
            Some(left) => left + across[end].before - 0.8 * em,
        };
        let area = match &cell.pane.body {
            Body::Plot(_) => Rect { left, top, right, bottom },
            // A table has no labels beside it and takes all of its columns.
            Body::Table(_) => Rect { left: lefts[cell.column] + 0.6 * em, top, right: page_end, bottom },
        };
        let bar = match &cell.pane.body {
            Body::Plot(Plot { bar: Some(bar), .. }) => {
                let (_, ticks, offset) = bar_room(bar, area.height(), style);
                let from = area.right + 0.7 * em;
                Some((Rect { left: from, right: from + 0.9 * em, ..area }, ticks, offset))
            }
            _ => None,
        };
        let above = |line: usize, lines: usize| top - 0.6 * em - 1.35 * em * (lines - 1 - line) as f64;
        let lines = legends[i].last().map_or(0, |key| key.1 + 1);
        PlacedPane {
            area,
            pane: cell.pane.clone(),
            letter: letters.then(|| letter(i)),
            title_end,
            ticks: [along[i].clone(), upwards[i].clone()],
            labelled: labelled[i],
            // Labels of a column stand below one another.
            label_offset: furthest(cell.column),
            bar,
            keys: legends[i].iter().map(|&(x, line)| (left + x, above(line, lines))).collect(),
        }
    });
    let panes = panes.collect();
    Ok(Scene { style: style.clone(), height, title, panes, notes })
}

/// Rows with the heights of their plots.
fn heights(cells: &[GridCell], style: &Style) -> Vec<GridTrack> {
    let columns = cells.iter().map(|cell| cell.column + cell.columns).max().unwrap_or(1);
    let rows = cells.iter().map(|cell| cell.row + cell.rows).max().unwrap_or(1);
    let slot = style.width / columns as f64;
    let mut down = vec![GridTrack::default(); rows];
    for cell in cells.iter().filter(|cell| cell.rows == 1) {
        down[cell.row].size = down[cell.row].size.max(height_of(cell, slot, style));
    }
    down
}

/// Columns with all their widths; ticks upwards of each pane, and the distance of its label from its plot.
type Widths = (Vec<GridTrack>, Vec<Vec<Tick>>, Vec<f64>);

fn widths(
    cells: &[GridCell],
    labelled: &[[bool; 2]],
    down: &[GridTrack],
    style: &Style,
) -> Result<Widths, TooNarrow> {
    let em = style.em();
    let columns = cells.iter().map(|cell| cell.column + cell.columns).max().unwrap_or(1);
    let mut across = vec![GridTrack { before: 0.6 * em, size: 0.0, after: 0.9 * em }; columns];
    let mut upwards: Vec<Vec<Tick>> = Vec::new();
    let mut offsets = Vec::new();
    for (cell, [_, label_y]) in cells.iter().zip(labelled) {
        let tall: f64 = down[cell.row..cell.row + cell.rows].iter().map(|track| track.size).sum();
        let Body::Plot(plot) = &cell.pane.body else {
            upwards.push(Vec::new());
            offsets.push(0.0);
            continue;
        };
        let ticks = upright(&plot.y, tall, style);
        let numbers = if *label_y { widest(&ticks, style) + TICK + 0.35 * em } else { 0.0 };
        let offset = numbers + 0.35 * em;
        let before = &mut across[cell.column].before;
        let words = if *label_y && !plot.y.label.is_empty() { 1.25 * em } else { 0.0 };
        *before = before.max(offset + words + 0.15 * em);
        if let Some(bar) = &plot.bar {
            let after = &mut across[cell.column + cell.columns - 1].after;
            *after = after.max(bar_room(bar, tall, style).0);
        }
        upwards.push(ticks);
        offsets.push(offset);
    }
    let taken: f64 = across.iter().map(|track| track.before + track.after).sum();
    let size = (style.width - taken) / columns as f64;
    if size < NARROWEST {
        return Err(TooNarrow { least: (taken + NARROWEST * columns as f64).ceil() });
    }
    across.iter_mut().for_each(|track| track.size = size);
    Ok((across, upwards, offsets))
}

/// Ticks along the bottom of each pane, and the places of the entries of its legend.
type Margins = (Vec<Vec<Tick>>, Vec<Vec<(f64, usize)>>);

/// Gives rows the room above and below their plots.
fn margins(
    cells: &[GridCell],
    labelled: &[[bool; 2]],
    edges: &dyn Fn(&GridCell) -> (f64, f64),
    down: &mut [GridTrack],
    letters: bool,
    style: &Style,
) -> Margins {
    let em = style.em();
    let mut along: Vec<Vec<Tick>> = Vec::new();
    let mut legends: Vec<Vec<(f64, usize)>> = Vec::new();
    for (cell, [label_x, _]) in cells.iter().zip(labelled) {
        let (left, right) = edges(cell);
        let titled = letters || !cell.pane.title.is_empty();
        let mut before = if titled { 1.75 * em } else { 0.6 * em };
        let mut after = 0.5 * em;
        if let Body::Plot(plot) = &cell.pane.body {
            let ticks = level(&plot.x, right - left, style);
            let keys = flow(&plot.legend, right - left, style);
            if let Some((_, line)) = keys.last() {
                before += 1.35 * em * (*line + 1) as f64;
            }
            if *label_x {
                after = TICK + 1.35 * em + if plot.x.label.is_empty() { 0.0 } else { 1.35 * em };
            }
            along.push(ticks);
            legends.push(keys);
        } else {
            along.push(Vec::new());
            legends.push(Vec::new());
        }
        let (first, last) = (cell.row, cell.row + cell.rows - 1);
        down[first].before = down[first].before.max(before);
        down[last].after = down[last].after.max(after + 0.45 * em);
    }
    (along, legends)
}

/// (a), (b), ..., (z), (aa), ...
fn letter(index: usize) -> String {
    let of = |i: usize| char::from(b'a' + u8::try_from(i % 26).unwrap_or(0));
    if index < 26 { format!("({})", of(index)) } else { format!("({}{})", of(index / 26 - 1), of(index)) }
}

/// Where each track begins.
fn starts(tracks: &[GridTrack], from: f64) -> Vec<f64> {
    let begin = |at: &mut f64, track: &GridTrack| {
        let start = *at;
        *at += track.before + track.size + track.after;
        Some(start)
    };
    tracks.iter().scan(from, begin).collect()
}

/// The height of a pane's plot in mm.
fn height_of(cell: &GridCell, slot: f64, style: &Style) -> f64 {
    match &cell.pane.body {
        Body::Table(table) => table_height(table, style),
        Body::Plot(_) => (cell.pane.rise * slot).clamp(8.0 * style.em(), 120.0),
    }
}

/// Height of a line of a table over the size of its text.
pub const TABLE_LINE: f64 = 1.45;

fn table_height(table: &Table, style: &Style) -> f64 {
    let head = if table.head.iter().any(|words| !words[1].is_empty()) { 2.0 } else { 1.0 };
    (TABLE_LINE * (head + table.rows.len() as f64) + 0.8) * style.em()
}

/// Whether x and y have labels: not where the pane below, or the one to the left, has the same.
fn labelled(cell: &GridCell, cells: &[GridCell]) -> [bool; 2] {
    let Body::Plot(plot) = &cell.pane.body else { return [false; 2] };
    let axis_of = |other: &GridCell, y: bool| match &other.pane.body {
        Body::Plot(plot) => Some(if y { plot.y.clone() } else { plot.x.clone() }),
        Body::Table(_) => None,
    };
    let below = cells.iter().find(|other| {
        other.row == cell.row + cell.rows
            && (other.column..other.column + other.columns).contains(&cell.column)
            && (other.column, other.columns) == (cell.column, cell.columns)
    });
    let beside = cells.iter().find(|other| {
        other.column + other.columns == cell.column && (other.row, other.rows) == (cell.row, cell.rows)
    });
    let same = |other: Option<&GridCell>, y: bool, axis: &Axis| {
        other.and_then(|other| axis_of(other, y)).is_some_and(|other| other == *axis)
    };
    [!same(below, false, &plot.x), !same(beside, true, &plot.y)]
}

/// Leaves out ticks, from fewer and fewer, until labels of these sizes have `gap` between them.
fn apart(axis: &Axis, length: f64, most: usize, gap: f64, size: &dyn Fn(&str) -> f64) -> Vec<Tick> {
    let fits = |ticks: &[Tick]| {
        ticks.windows(2).all(|pair| {
            let distance = (axis.place(pair[1].0) - axis.place(pair[0].0)).abs() * length;
            distance >= 0.5 * (size(&pair[0].1) + size(&pair[1].1)) + gap
        })
    };
    let inside = |mark: &Tick| (-1e-6..=1.0 + 1e-6).contains(&axis.place(mark.0));
    let of = |count: usize| axis.marks(count).into_iter().filter(inside).collect::<Vec<Tick>>();
    if let Some(ticks) = (2..=most.max(2)).rev().map(of).find(|ticks| fits(ticks)) {
        return ticks;
    }
    // What is left: the first, and the last where both have room.
    let all = of(2);
    let ends: Vec<Tick> =
        all.first().into_iter().chain(all.last().filter(|_| all.len() > 1)).cloned().collect();
    if fits(&ends) { ends } else { ends.into_iter().take(1).collect() }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
fn upright(axis: &Axis, tall: f64, style: &Style) -> Vec<Tick> {
    let em = style.em();
    let most =
        if axis.names.is_empty() { ((tall / (1.7 * em)) as usize).clamp(2, 6) } else { axis.names.len() };
    apart(axis, tall, most, 0.5 * em, &|_| style.small() / PT)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
fn level(axis: &Axis, wide: f64, style: &Style) -> Vec<Tick> {
    let em = style.em();
    let most =
        if axis.names.is_empty() { ((wide / (4.0 * em)) as usize).clamp(2, 9) } else { axis.names.len() };
    let size = |text: &str| width(text, style.small(), false);
    let mut ticks = apart(axis, wide, most, 0.7 * em, &size);
    // What would stick out further than the plot has room beside it is left out, where there is another.
    ticks.retain(|(value, text)| 0.5 * size(text) <= (1.0 - axis.place(*value)) * wide + 0.8 * em);
    if ticks.is_empty() { apart(axis, wide, most, 0.7 * em, &size) } else { ticks }
}

fn widest(ticks: &[Tick], style: &Style) -> f64 {
    ticks.iter().map(|(_, text)| width(text, style.small(), false)).fold(0.0, f64::max)
}

/// Room that a colour bar takes beside its plot, its ticks, and the distance of its label from it.
fn bar_room(bar: &ColourBar, tall: f64, style: &Style) -> (f64, Vec<Tick>, f64) {
    let em = style.em();
    let ticks = upright(&bar.axis, tall, style);
    let offset = TICK + 0.35 * em + widest(&ticks, style) + 0.3 * em;
    (0.7 * em + 0.9 * em + offset + 1.5 * em, ticks, offset)
}

/// Length of the piece of line in an entry of a legend, in em.
pub const KEY: f64 = 1.9;

/// Entries of a legend one after the other, in as many lines as it takes: distance from the left, and line.
fn flow(keys: &[Key], wide: f64, style: &Style) -> Vec<(f64, usize)> {
    let em = style.em();
    let (mut x, mut line) = (0.0, 0);
    keys.iter()
        .map(|key| {
            let room = (KEY + 0.5) * em + width(&key.name, style.small(), false);
            if x > 0.0 && x + room > wide {
                (x, line) = (0.0, line + 1);
            }
            let place = (x, line);
            x += room + 1.1 * em;
            place
        })
        .collect()
}
