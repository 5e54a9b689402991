//! What B keeps and costs against A.

use super::Measure;
use crate::codec::Coder;
use crate::engine::{Ratios, Warning};
use crate::numeric::Named;

pub const HEADING: &str = "B against A";
pub const SMALLER: &str = "smaller";
pub const LARGER: &str = "larger";
pub const TO: &str = "to";
pub const NOT_KNOWN: &str = "-";
pub const NO_A: &str = "Run A to see what B is compared with";
pub const NO_B: &str = "Run B to see what integers cost";
pub const OTHER_SOUND: &str = "A and B are of different sounds: run one of them again to compare them";
pub const FIRST_NUMBERS: &str = "The first numbers are on their way";
pub const BY_KLD: &str = "Measure by KLD";
pub const BY_KLD_HELP: &str =
    "Chooses the integers of B by the divergence, and counts the loss in all measures: quiet parts stay";
pub const HELP: &str =
    "How many times the file of B is smaller than that of A, and what that costs in each measure";

/// Each measure of the verdict: its name, and what it listens to.
pub const MEASURES: [(Measure, &str, &str); 3] = [
    (Measure::Snr, "SNR", "loud parts"),
    (Measure::SqrtSnr, "\u{221a}V SNR", "as heard"),
    (Measure::Kld, "KLD", "quiet parts"),
];

/// A number of times, at least 1, and the word for its direction: 24.5 is "24.5×" smaller, 0.5 "2.0×" larger.
pub fn times(ratio: f64) -> (String, &'static str) {
    let (times, word) = if ratio < 1.0 { (1.0 / ratio, LARGER) } else { (ratio, SMALLER) };
    let text = if times < 99.95 { format!("{times:.1}\u{d7}") } else { format!("{times:.0}\u{d7}") };
    (text, word)
}

/// A change with its sign, a minus as wide as a plus.
pub fn change(by: f64) -> String {
    format!("{by:+.1}").replace('-', "\u{2212}")
}

pub fn kilobytes(bytes: usize) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

/// What is divided by what, and packed by which coder.
pub fn operands(ratios: &Ratios) -> String {
    let audio =
        ratios.audio.map_or_else(String::new, |x| format!(" The sound as 16-bit PCM to B {x:.1} : 1."));
    let coder = Coder::default().name();
    format!("File to file, both gzip by {coder}. As text {:.1} : 1.{audio}", ratios.text)
}

/// What gave way most audibly, and from where on B is empty.
pub fn gave_way(warnings: &[Warning], empty_above: Option<f64>) -> String {
    let of_kld = warnings.iter().find(|warning| warning.measure == Measure::Kld);
    let meaning = of_kld.or(warnings.first()).map_or("", |warning| warning.meaning);
    let empty = empty_above.map_or_else(String::new, |hertz| {
        let hertz = if hertz < 999.5 { format!("{hertz:.0} Hz") } else { format!("{:.1} kHz", hertz / 1e3) };
        format!(" B is empty above {hertz}.")
    });
    format!("\u{25b2} {}.{empty}", capitalised(meaning))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `number` is that of the run whose numbers stand here, where it is in the list.
pub fn of_before(column: &str, number: Option<usize>) -> String {
    format!("{column}: the numbers of {}, until the new run has a result", run(number))
}

pub fn run(number: Option<usize>) -> String {
    number.map_or_else(|| "the run before".to_owned(), |number| format!("run {number}"))
}

pub fn failed(column: &str, reason: &str) -> String {
    format!("{column} failed: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_said_with_its_direction() {
        let said = [24.46, 0.5, 182.3, 1.0].map(times);
        let expected = [("24.5×", SMALLER), ("2.0×", LARGER), ("182×", SMALLER), ("1.0×", SMALLER)];
        assert_eq!(said, expected.map(|(text, word)| (text.to_owned(), word)));
        assert_eq!([change(-0.96), change(2.0)], ["\u{2212}1.0", "+2.0"]);
    }
}
