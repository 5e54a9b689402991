//! Text of others (names of files, values and keys of headers) on its way to a terminal, a title, a figure or a table:
//! what would move a cursor, break a line, turn the direction or hide is written as its number.

use std::borrow::Cow;

/// Letters of a value that are shown at most.
const MOST: usize = 160;

/// Whether a letter has no shape of its own, or changes how those around it are shown.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Text that stays on one line and shows all that it has, such as `\n` and `\u{1b}`.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

/// The same for text of several lines, which stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c == '\n')
}

/// A value among other words: [`line()`], and no longer than is read.
pub fn value(text: &str) -> Cow<'_, str> {
    short(text, MOST)
}

/// The same with so many letters at most.
pub fn short(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => line(text),
        Some((end, _)) => format!("{}\u{2026}", line(&text[..end])).into(),
    }
}

/// A cell of a table for spreadsheets: [`line()`], and with an apostrophe before what a spreadsheet would take for a
/// formula (`=`, `+`, `-` and `@` at the begin), which shows it as the text that it is.
pub fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{}", line(text)).into() } else { line(text) }
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hides = |c: char| is_hidden(c) && !stays(c);
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !hides(c) => out.push(c),
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            c => out.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_shown_and_words_stay() {
        assert_eq!(line("a\u{1b}[2J\r\n\tb\u{7f}\u{9b}"), "a\\u{1b}[2J\\r\\n\\tb\\u{7f}\\u{9b}");
        assert_eq!(line("x\u{202e}gnp.exe\u{2066}\u{200f}"), "x\\u{202e}gnp.exe\\u{2066}\\u{200f}");
        assert_eq!(lines("a\nb\u{7}"), "a\nb\\u{7}");
        let words = "Größe, あ, 한, \u{1f600}, V\u{302}, a\\b \"c\"";
        assert!(matches!(line(words), Cow::Borrowed(text) if text == words));
    }

    #[test]
    fn values_are_as_long_as_is_read() {
        assert_eq!(value("snmf"), "snmf");
        let long = value(&"あ\u{7}".repeat(30_000)).into_owned();
        assert!(long.ends_with('…') && long.chars().count() < 8 * MOST, "{}", long.len());
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("@x\n"), "'@x\\n");
        assert_eq!(cell("demo-speech"), "demo-speech");
    }
}
