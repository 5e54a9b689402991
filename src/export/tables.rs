//! Results as tables that others read: CSV, TSV and JSON of curves, histograms, metrics and sweeps.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::codec::text;
use crate::engine::run::measure::Measures;
use crate::engine::run::quality::Measure;
use crate::engine::run::series::Finished;
use crate::numeric::{AnyModel, Model, Named, QuantParams, Real};

/// A table: names of columns, and rows of texts, numbers and nulls. Numbers have a decimal point and no groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataTable {
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<Value>>,
}

impl DataTable {
    /// Comma-separated values; no text of theirs is a formula, see [`text::cell`].
    pub fn csv(&self) -> String {
        self.separated(',')
    }

    /// Tab-separated values.
    pub fn tsv(&self) -> String {
        self.separated('\t')
    }

    fn separated(&self, separator: char) -> String {
        let word = |text: &str| {
            if text.contains([separator, '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let cell = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => word(&text::cell(text)),
            other => other.to_string(),
        };
        let separator = separator.to_string();
        let mut text = self.head.join(&separator) + "\n";
        for row in &self.rows {
            text.push_str(&row.iter().map(cell).collect::<Vec<String>>().join(&separator));
            text.push('\n');
        }
        text
    }

    /// An array with an object a row.
    pub fn json(&self) -> String {
        let object = |row: &Vec<Value>| {
            let fields = self.head.iter().map(|name| (*name).to_owned()).zip(row.iter().cloned());
            Value::Object(fields.collect::<Map<String, Value>>())
        };
        let rows = Value::Array(self.rows.iter().map(object).collect());
        format!("{rows:#}\n")
    }
}

/// The objective after each iteration: run, iteration from 1, objective.
pub fn curves<'a>(runs: impl IntoIterator<Item = (&'a str, &'a [f64])>) -> DataTable {
    let rows = |(name, curve): (&'a str, &'a [f64])| {
        let row = move |(k, d): (usize, &f64)| vec![name.into(), (k + 1).into(), (*d).into()];
        curve.iter().enumerate().map(row)
    };
    DataTable { head: vec!["run", "iteration", "objective"], rows: runs.into_iter().flat_map(rows).collect() }
}

/// How often each element value occurs, exactly: side, value, count. Integers where the model has some.
pub fn histogram(model: &AnyModel) -> DataTable {
    let mut rows = Vec::new();
    for (side, counts) in [("W", counts(model, false)), ("H", counts(model, true))] {
        rows.extend(counts.into_iter().map(|(value, count)| vec![side.into(), value, count.into()]));
    }
    DataTable { head: vec!["side", "value", "count"], rows }
}

fn counts(model: &AnyModel, of_h: bool) -> Vec<(Value, usize)> {
    fn of<F: Real>(model: &Model<F>, of_h: bool) -> Vec<(Value, usize)> {
        // The bits of numbers that are not negative are in their order.
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        let mut add = |bits: u64| *counts.entry(bits).or_default() += 1;
        let whole = matches!(model, Model::Quantised(_));
        match (model, of_h) {
            (Model::Real(f), true) => f.h.iter().for_each(|x| add(x.to_f64().to_bits())),
            (Model::Real(f), false) => f.w.iter().flatten().for_each(|x| add(x.to_f64().to_bits())),
            (Model::Quantised(q), true) => q.h.iter().for_each(|k| add(u64::from(*k))),
            (Model::Quantised(q), false) => q.w.iter().flatten().for_each(|k| add(u64::from(*k))),
        }
        let value = |bits: u64| if whole { bits.into() } else { f64::from_bits(bits).into() };
        counts.into_iter().map(|(bits, count)| (value(bits), count)).collect()
    }
    match model {
        AnyModel::F32(model) => of(model, of_h),
        AnyModel::F64(model) => of(model, of_h),
    }
}

/// Numbers of models, a row each.
pub fn metrics<'a>(runs: impl IntoIterator<Item = (&'a str, &'a str, &'a Measures)>) -> DataTable {
    let mut head = vec!["run", "method", "iteration"];
    head.extend(Measure::EACH.map(Measure::name));
    head.extend([
        "distinct_w",
        "distinct_h",
        "zeros_w",
        "zeros_h",
        "text_bytes",
        "text_gzip_bytes",
        "binary_bytes",
        "binary_gzip_bytes",
        "entropy_bytes",
        "file_bytes",
    ]);
    let row = |(name, method, m): (&str, &str, &Measures)| {
        let mut row: Vec<Value> = vec![name.into(), method.into(), m.iteration.into()];
        row.extend(Measure::EACH.map(|measure| Value::from(measure.of(m))));
        row.extend::<[Value; 10]>([
            m.distinct_w.into(),
            m.distinct_h.into(),
            m.zeros_w.into(),
            m.zeros_h.into(),
            m.sizes.text_bytes.into(),
            m.sizes.text_gzip_bytes.into(),
            m.sizes.binary_bytes.into(),
            m.sizes.binary_gzip_bytes.into(),
            m.entropy_bytes.into(),
            m.sizes.file_bytes.into(),
        ]);
        row
    };
    DataTable { head, rows: runs.into_iter().map(row).collect() }
}

/// The points of a sweep, a row each.
pub fn sweep<'a>(runs: impl IntoIterator<Item = &'a Finished>) -> DataTable {
    let mut head = vec!["method", "target", "lambda", "levels_w", "levels_h"];
    head.extend(Measure::EACH.map(Measure::name));
    head.extend(["text_gzip_bytes", "file_bytes", "entropy_bytes"]);
    let row = |run: &Finished| {
        let m = &run.measures;
        let levels = match run.snapshot.params() {
            Some(QuantParams::Levels(levels)) => Some(levels),
            _ => run.spec.levels(),
        };
        let lambda = match run.snapshot.params() {
            Some(QuantParams::Lambda(lambda)) => Some(lambda),
            _ => None,
        };
        let mut row: Vec<Value> = vec![
            run.spec.method.name().into(),
            run.spec.target.and_then(|target| target.target_text()).into(),
            lambda.into(),
            levels.map(|levels| levels.w).into(),
            levels.map(|levels| levels.h).into(),
        ];
        row.extend(Measure::EACH.map(|measure| Value::from(measure.of(m))));
        row.extend::<[Value; 3]>([
            m.sizes.text_gzip_bytes.into(),
            m.sizes.file_bytes.into(),
            m.entropy_bytes.into(),
        ]);
        row
    };
    DataTable { head, rows: runs.into_iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;
    use crate::numeric::{Factors, Quantised};

    #[test]
    fn tables_read_back_in_every_form() {
        let table = DataTable {
            head: vec!["name", "x"],
            rows: vec![
                vec!["a,\"b\"".into(), 1.5.into()],
                vec!["c\td".into(), Value::Null],
                vec!["e".into(), 3u64.into()],
            ],
        };
        assert_eq!(table.csv(), "name,x\n\"a,\"\"b\"\"\",1.5\nc\\td,\ne,3\n");
        assert_eq!(table.tsv(), "name\tx\n\"a,\"\"b\"\"\"\t1.5\nc\\td\t\ne\t3\n");
        let back: Value = serde_json::from_str(&table.json()).unwrap();
        assert_eq!(back[0]["name"], "a,\"b\"");
        assert_eq!(back[1]["x"], Value::Null);
    }

    #[test]
    fn counts_are_exact_and_in_order() {
        let integers = Quantised {
            w: vec![DMatrix::from_row_slice(2, 1, &[0, 3]), DMatrix::from_row_slice(2, 1, &[3, 10])],
            h: DMatrix::from_row_slice(1, 3, &[0, 0, 7]),
            dw: DVector::from_element(1, 0.5f32),
            dh: DVector::from_element(1, 0.25f32),
        };
        let csv = histogram(&Model::Quantised(integers).into()).csv();
        assert_eq!(csv, "side,value,count\nW,0,1\nW,3,2\nW,10,1\nH,0,2\nH,7,1\n");
        let reals = Factors {
            w: vec![DMatrix::from_row_slice(2, 1, &[0.25f32, 0.0])],
            h: DMatrix::from_row_slice(1, 2, &[1.5f32, 0.25]),
        };
        let csv = histogram(&Model::Real(reals).into()).csv();
        assert_eq!(csv, "side,value,count\nW,0.0,1\nW,0.25,1\nH,0.25,1\nH,1.5,1\n");
    }

    #[test]
    fn curves_have_a_row_an_iteration() {
        let csv = curves([("A", &[3.0, 2.5][..]), ("B", &[1.0][..])]).csv();
        assert_eq!(csv, "run,iteration,objective\nA,1,3.0\nA,2,2.5\nB,1,1.0\n");
    }
}
