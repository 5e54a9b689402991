//! Paths as people and file managers write them, and paths that are no text.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The path that a text names: `~/x` is below the home folder, and of `file:///x` what it stands for. `./~` and
/// `./file:` are files of those names.
pub fn path_of(text: impl AsRef<OsStr>) -> PathBuf {
    let path = Path::new(text.as_ref());
    if let Some(uri) = path.to_str().and_then(from_uri) {
        return uri;
    }
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(below), Some(home)) if !home.as_os_str().is_empty() => home.join(below),
        _ => path.to_owned(),
    }
}

/// The text that names a path, and that [`path_of`] turns into that very path: where it is no text, or could be taken
/// for something else, its URI.
pub fn text_of(path: &Path) -> String {
    match path.to_str() {
        Some(text) if path_of(text) == path => text.to_owned(),
        _ => uri(path),
    }
}

fn from_uri(text: &str) -> Option<PathBuf> {
    let (scheme, rest) = text.split_at_checked("file:".len())?;
    if !scheme.eq_ignore_ascii_case("file:") {
        return None;
    }
    // Three forms: file:///x, file://localhost/x, file:/x.
    let path = rest.strip_prefix("//").map_or(rest, |rest| rest.strip_prefix("localhost").unwrap_or(rest));
    path.starts_with('/').then(|| path_from_bytes(unescaped(path)))
}

/// Without `%XX`; what is none stays.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digits =
            more.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|d| u8::from_str_radix(std::str::from_utf8(d).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &more[2..] } else { more };
    }
    bytes
}

fn uri(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let escaped = path.as_os_str().as_encoded_bytes().iter().map(|byte| match *byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("file://{}", escaped.collect::<String>())
}

#[cfg(unix)]
fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes))
}

#[cfg(not(unix))]
fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    // Before a drive stands a slash.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let drive = text.as_bytes().get(2) == Some(&b':');
    PathBuf::from(if drive { &text[1..] } else { &text })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn a_text_names_a_path_as_it_is_meant() {
        let home = std::env::home_dir().unwrap_or_default();
        for (text, path) in [
            ("a b.wav", Path::new("a b.wav")),
            ("~/x.wav", &home.join("x.wav")),
            ("~", &home),
            ("~other/x.wav", Path::new("~other/x.wav")),
            ("./~/x.wav", Path::new("./~/x.wav")),
            ("file:///a%20b/c%C3%A9.wav", Path::new("/a b/cé.wav")),
            ("FILE://localhost/x%.wav", Path::new("/x%.wav")),
            ("file:/x%2fy%zz", Path::new("/x/y%zz")),
            ("file://elsewhere/x", Path::new("file://elsewhere/x")),
            ("file:x", Path::new("file:x")),
            ("é", Path::new("é")),
        ] {
            assert_eq!(path_of(text), path, "{text}");
        }
    }

    #[test]
    fn what_is_no_text_comes_back_from_its_text() {
        let strange = Path::new(OsStr::from_bytes(b"/a b/bad\xff%41.wav"));
        assert_eq!(text_of(strange), "file:///a%20b/bad%FF%2541.wav");
        assert_eq!(path_of(text_of(strange)), strange);
        assert_eq!(text_of(Path::new("/a b/c.wav")), "/a b/c.wav");
        let tilde = Path::new("~/x");
        assert_eq!(path_of(text_of(tilde)), std::path::absolute(tilde).unwrap_or_default());
    }
}
