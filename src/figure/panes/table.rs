//! The poster's table.

use super::kind::{PaneInput, PaneKind};
use crate::engine::{Measure, Measures};
use crate::figure::scene::{Body, Pane, Table, number};
use crate::figure::sources::{Run, Sources};

pub const TABLE: PaneKind = PaneKind {
    name: "table",
    label: "Table",
    description: "quality, symbols and sizes",
    needs_input: false,
    is_shared: true,
    draw: |given| Ok(pane(given)),
};

fn pane(given: &PaneInput<'_>) -> Pane {
    let (title, body) = ("Quality and sizes".to_owned(), Body::Table(table(given.sources, given.labels)));
    Pane { kind: TABLE.name, title, body, rise: 0.0 }
}

/// The poster's table, a run a row. What needs the sound is left out where there is none.
fn table(sources: &Sources, labels: &[String]) -> Table {
    let reference = sources.runs.iter().zip(labels).find(|(run, _)| !run.stored.model.is_quantised());
    let reference = reference.and_then(|(run, label)| Some((label, run.measures.clone()?)));
    // Of an older session some measures are not known.
    let is_known = |measure: &Measure| {
        let of = |measures: &Measures| measure.of(measures).is_some();
        sources.runs.iter().any(|run| run.measures.as_deref().is_some_and(of))
    };
    let known: Vec<Measure> = Measure::EACH.into_iter().filter(is_known).collect();
    let sizes: Vec<_> = sources.runs.iter().map(|run| (run.shape().components, run.shape().lags)).collect();
    let alike = sizes.windows(2).all(|pair| pair[0] == pair[1]);
    let mut head: Vec<[String; 2]> = Vec::new();
    let mut column = |first: &str, second: &str| head.push([first.to_owned(), second.to_owned()]);
    column("Method", "");
    if !alike {
        column("R", "");
        column("T", "");
    }
    for measure in &known {
        let unit = measure.unit();
        column(measure.label(), &if unit.is_empty() { String::new() } else { format!("({unit})") });
    }
    column("values", "in W");
    column("values", "in H");
    column("text.gz", "(bytes)");
    if let Some((label, _)) = &reference {
        column("text.gz of", &format!("{label} to it"));
    }
    let row =
        |(run, label): (&Run, &String)| {
            let mut cells = vec![label.clone()];
            if !alike {
                cells.extend([run.shape().components.to_string(), run.shape().lags.to_string()]);
            }
            let m = run.measures.as_deref();
            let with = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| number(x, 0.01));
            let whole = |x: Option<usize>| x.map_or_else(|| "-".to_owned(), grouped);
            cells.extend(known.iter().map(|measure| with(m.and_then(|m| measure.of(m)))));
            let bytes = m.map(|m| m.sizes.text_gzip_bytes);
            cells.extend([whole(m.map(|m| m.distinct_w)), whole(m.map(|m| m.distinct_h)), whole(bytes)]);
            if let Some((_, reference)) = &reference {
                let ratio = bytes.map(|bytes| reference.sizes.text_gzip_bytes as f64 / bytes as f64);
                cells.push(ratio.map_or_else(
                    || "-".to_owned(),
                    |ratio| format!("{}\u{2009}:\u{2009}1", number(ratio, 0.1)),
                ));
            }
            cells
        };
    let rows = sources.runs.iter().zip(labels).map(row).collect();
    Table { head, rows }
}

/// A whole number in groups of three, with thin spaces.
fn grouped(n: usize) -> String {
    let digits: Vec<char> = n.to_string().chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    groups.join("\u{2009}")
}
