//! The names of factor streams: they say what is inside, and every file system takes them.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::short_hash;
use crate::codec::{self, Header, header};
use crate::numeric::{Named, Precision, Shape};

/// Bytes of a name at most. File systems take 255; a number, a digest and another ending are to fit as well.
const MOST: usize = 200;

/// Bytes of the method in a name at most: a header may say anything.
const MOST_OF_METHOD: usize = 60;

/// `<input>__<method>_R<R>_T<T>_s<seed>.snmf.gz`, with the input shortened where that would be too long.
pub fn default_name(header: &Header, shape: Shape) -> String {
    let input = header.input.as_deref().unwrap_or("factors");
    let stem =
        Path::new(input).file_stem().map_or_else(|| input.to_owned(), |s| s.to_string_lossy().into_owned());
    let method = shortened(&plain(&header.method), MOST_OF_METHOD);
    let (r, t, seed) = (shape.components, shape.lags, header.seed.unwrap_or(0));
    let ending = format!("__{method}_R{r}_T{t}_s{seed}.snmf.gz");
    format!("{}{ending}", shortened(&plain(&stem), MOST - ending.len()))
}

/// Without the letters that some file system refuses, and those that a shell would have to quote.
fn plain(text: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    text.chars().map(keep).collect()
}

/// What a name begins with, short enough for whatever follows.
pub fn short_stem(stem: &str) -> String {
    shortened(stem, MOST - MOST_OF_METHOD)
}

/// A name of at most so many bytes: one that is too long ends in a digest of the whole, so that no two become one.
fn shortened(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let digest = short_hash(name.as_bytes());
    let end = name.floor_char_boundary(most.saturating_sub(digest.len() + 1));
    format!("{}-{digest}", &name[..end])
}

/// Where a stream goes in a folder: its default name, with a hash of its settings in it where a stream of other
/// settings has taken that name.
pub fn place(folder: &Path, header: &Header, shape: Shape, precision: Precision) -> PathBuf {
    let name = default_name(header, shape);
    let plain = folder.join(&name);
    let there = plain.is_file().then(|| super::read(&plain).ok()).flatten();
    let taken = there.and_then(|bytes| codec::read_header(&bytes).ok());
    let hash = settings_hash(header, precision);
    match taken {
        Some((other, layout)) if settings_hash(&other, layout.precision) != hash => {
            let stem = name.strip_suffix(".snmf.gz").unwrap_or(&name);
            folder.join(format!("{stem}_{hash}.snmf.gz"))
        }
        _ => plain,
    }
}

/// Distinguishes runs with different settings, in eight hex digits; what was found on the way does not count.
fn settings_hash(header: &Header, precision: Precision) -> String {
    let found: &[&str] = if header.target.is_some() { &["v", "lambda", "lv"] } else { &["v"] };
    let mut hash = Sha256::new();
    hash.update(precision.name());
    for (key, value) in header::fields(header).into_iter().filter(|(key, _)| !found.contains(key)) {
        hash.update(format!(" {key}={value}"));
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_characters_and_stays_its_own() {
        let (one, other) = (format!("{}a", "あ".repeat(80)), format!("{}b", "あ".repeat(80)));
        for most in 100..110 {
            let [one, other] = [&one, &other].map(|name| shortened(name, most));
            assert!(one.len() <= most && one.len() > most - 3 && one.starts_with('あ') && one != other);
        }
        assert_eq!(shortened("short", 5), "short");
    }
}
