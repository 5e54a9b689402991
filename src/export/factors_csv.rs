//! Factors as tables of comma-separated values, for spreadsheets and whatever else reads text.

use super::format::{FactorFile, FactorFormat};
use crate::codec::Stored;
use crate::numeric::{AnyModel, Factors, Model, Quantised, Real};

pub const CSV: FactorFormat = FactorFormat {
    name: "csv",
    is_single: false,
    holds_vhat: false,
    is_packed: false,
    write: |stored, _| Ok(tables(stored).to_vec()),
};

/// A line of names, then a line a row, numbers with a decimal point: W (columns lag, bin and one a component), H (frame and one a component) and the steps (component, dw, dh), each
/// value as it is stored. Components are counted from 1, as everywhere; lags, bins and frames from 0, for they are steps in
/// time and frequency.
pub fn tables(stored: &Stored) -> [FactorFile; 3] {
    match &stored.model {
        AnyModel::F32(model) => of_model(model),
        AnyModel::F64(model) => of_model(model),
    }
}

fn of_model<F: Real>(model: &Model<F>) -> [FactorFile; 3] {
    match model {
        Model::Quantised(Quantised { w, h, dw, dh }) => {
            let steps = dw.iter().zip(dh.iter()).map(|(dw, dh)| (dw.to_string(), dh.to_string()));
            of_factors(w, h, steps)
        }
        Model::Real(Factors { w, h }) => {
            let ones = (0..h.nrows()).map(|_| ("1".to_owned(), "1".to_owned()));
            of_factors(w, h, ones)
        }
    }
}

fn of_factors<T: nalgebra::Scalar + std::fmt::Display>(
    w: &[nalgebra::DMatrix<T>],
    h: &nalgebra::DMatrix<T>,
    steps: impl Iterator<Item = (String, String)>,
) -> [FactorFile; 3] {
    let components = h.nrows();
    let head = |first: &str| {
        let names = (1..=components).map(|r| format!(",component{r}")).collect::<String>();
        format!("{first}{names}\n")
    };
    let row = |first: String, values: &mut dyn Iterator<Item = &T>| {
        values.fold(first, |line, value| format!("{line},{value}")) + "\n"
    };
    let mut bases = head("lag,bin");
    for (t, basis) in w.iter().enumerate() {
        let rows = basis.row_iter().enumerate();
        rows.for_each(|(m, values)| bases.push_str(&row(format!("{t},{m}"), &mut values.iter())));
    }
    let mut activations = head("frame");
    let columns = h.column_iter().enumerate();
    columns.for_each(|(n, values)| activations.push_str(&row(n.to_string(), &mut values.iter())));
    let mut sizes = "component,dw,dh\n".to_owned();
    for (r, (dw, dh)) in (1..).zip(steps) {
        sizes.push_str(&format!("{r},{dw},{dh}\n"));
    }
    let file = |part, what, text: String| FactorFile { part, what, bytes: text.into_bytes() };
    [
        file("W", "bases as they are stored: lag, bin, a column a component", bases),
        file("H", "activations as they are stored: frame, a column a component", activations),
        file("steps", "step sizes of each component", sizes),
    ]
}
