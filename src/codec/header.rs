//! The header line: `snmf/1 key=value key=value ...` in ASCII, readable with `zcat FILE | head -1`.
//!
//! | key | field | key | field |
//! | --- | --- | --- | --- |
//! | T | lags (always) | max | magnitude that V was divided by |
//! | enc | text or varint (always) | phi | floor below max V, dB |
//! | num | int, f32 or f64: f32 unless told | seed | seed of the start |
//! | steps | f32 or f64, with num=int | it | iterations done |
//! | method | name (always) | lv | quantisation levels W,H |
//! | in | name of the input | rules | which update rules |
//! | sr | sample rate, Hz | ch | channel, from 1; the mean unless told |
//! | n | samples | from, to | region, s |
//! | fft, hop, win | analysis | v | version of the program |
//! | sha256 | of the samples, f32 LE | aim | loss or bytes that the fineness was searched for |
//! | metric | distortion that integers were chosen by | lambda | price of a bit that they were chosen at |
//!
//! Values have every byte but letters, digits and `_ - . : , + / ( )` written as `%XX`. Keys that a reader does
//! not know are kept and written back.

use super::error::CodecError;
use super::stream::{Encoding, Stored};
use crate::numeric::Precision;

const MAGIC: &str = "snmf/1";

/// What is known of the factors beside their values. Nothing but the method has to be known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// Name of the method.
    pub method: String,
    /// Name of the input.
    pub input: Option<String>,
    /// SHA-256 of the analysed samples as little-endian f32, in hex.
    pub sha256: Option<String>,
    /// Hz.
    pub sample_rate: Option<u32>,
    /// Number of analysed samples.
    pub samples: Option<u64>,
    /// Samples a frame.
    pub fft: Option<u32>,
    /// Samples from frame to frame.
    pub hop: Option<u32>,
    /// Name of the analysis window.
    pub window: Option<String>,
    /// The channel that was analysed, counted from 1; the mean of all where none is named.
    pub channel: Option<String>,
    /// Where in the input the samples begin, in seconds, where that was chosen.
    pub start: Option<f64>,
    /// Where in the input they end, in seconds, where that was chosen.
    pub end: Option<f64>,
    /// The magnitude that V was divided by.
    pub max: Option<f64>,
    /// Level of the floor phi below max V, in dB.
    pub phi_db: Option<f64>,
    /// Seed of the start.
    pub seed: Option<u64>,
    /// Iterations done.
    pub iterations: Option<u64>,
    /// Quantisation levels of W and H.
    pub levels: Option<(u32, u32)>,
    /// Which update rules were used, where not the usual ones.
    pub rules: Option<String>,
    /// The price of a bit that the integers were chosen at.
    pub lambda: Option<f64>,
    /// What the fineness was searched for, such as `max-loss-db:1`.
    pub target: Option<String>,
    /// The distortion that they were chosen by.
    pub metric: Option<String>,
    /// Version of the program that wrote the stream.
    pub program: Option<String>,
    /// Keys that this version does not know, in order.
    pub unknown: Vec<(String, String)>,
}

/// What a reader must know to make sense of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// T.
    pub lags: usize,
    /// Text or binary.
    pub encoding: Encoding,
    /// Integers with steps, or reals.
    pub quantised: bool,
    /// Of the reals: factors or steps.
    pub precision: Precision,
}

impl Layout {
    /// The layout in which `stored` is written.
    #[must_use]
    pub fn of(stored: &Stored) -> Self {
        Self {
            lags: stored.model.shape().lags,
            encoding: stored.encoding,
            quantised: stored.model.is_quantised(),
            precision: stored.model.precision(),
        }
    }

    fn numbers(&self) -> &'static str {
        if self.quantised { "int" } else { self.precision.name() }
    }
}

impl Encoding {
    /// The name in the header and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "varint",
        }
    }
}

/// The line with its newline.
#[must_use]
pub fn write(header: &Header, layout: &Layout) -> Vec<u8> {
    fn text<T: ToString>(value: Option<&T>) -> Option<String> {
        value.map(T::to_string)
    }
    let steps = (layout.quantised && layout.precision == Precision::F64).then(|| "f64".to_owned());
    let fields = [
        ("T", Some(layout.lags.to_string())),
        ("enc", Some(layout.encoding.name().to_owned())),
        ("num", Some(layout.numbers().to_owned())),
        ("steps", steps),
        ("method", Some(header.method.clone())),
        ("in", header.input.clone()),
        ("sr", text(header.sample_rate.as_ref())),
        ("n", text(header.samples.as_ref())),
        ("fft", text(header.fft.as_ref())),
        ("hop", text(header.hop.as_ref())),
        ("win", header.window.clone()),
        ("ch", header.channel.clone()),
        ("from", text(header.start.as_ref())),
        ("to", text(header.end.as_ref())),
        ("max", text(header.max.as_ref())),
        ("phi", text(header.phi_db.as_ref())),
        ("seed", text(header.seed.as_ref())),
        ("it", text(header.iterations.as_ref())),
        ("lv", header.levels.map(|(w, h)| format!("{w},{h}"))),
        ("rules", header.rules.clone()),
        ("lambda", header.lambda.map(|lambda| format!("{lambda:e}"))),
        ("aim", header.target.clone()),
        ("metric", header.metric.clone()),
        ("v", header.program.clone()),
        ("sha256", header.sha256.clone()),
    ];
    let mut line = MAGIC.to_owned();
    let known = fields.iter().filter_map(|(key, value)| Some((*key, value.as_ref()?)));
    for (key, value) in known.chain(header.unknown.iter().map(|(key, value)| (key.as_str(), value))) {
        line.push(' ');
        line.push_str(key);
        line.push('=');
        escape(value, &mut line);
    }
    line.push('\n');
    line.into_bytes()
}

/// The header, the layout, and what follows the line.
///
/// # Errors
/// No stream, a version or a value that is not understood, or a line that is too long.
pub fn read(content: &[u8], limit: u64) -> Result<(Header, Layout, &[u8]), CodecError> {
    let begin = String::from_utf8_lossy(&content[..content.len().min(16)]).into_owned();
    let Some(end) = content.iter().position(|byte| *byte == b'\n') else {
        return Err(CodecError::NotAStream { got: begin });
    };
    if end as u64 > limit {
        return Err(CodecError::TooLarge { what: "header bytes", limit, got: end as u64 });
    }
    let (line, body) = (&content[..end], &content[end + 1..]);
    let line = std::str::from_utf8(line).ok().filter(|line| line.is_ascii());
    let Some(line) = line else { return Err(CodecError::NotAStream { got: begin }) };
    let mut words = line.split(' ');
    match words.next() {
        Some(MAGIC) => {}
        Some(word) if word.starts_with("snmf/") => {
            return Err(CodecError::Version { got: word["snmf/".len()..].to_owned() });
        }
        _ => return Err(CodecError::NotAStream { got: begin }),
    }
    let mut fields = Fields(Vec::new());
    for word in words {
        let malformed =
            |expected| CodecError::Header { key: word.to_owned(), expected, got: word.to_owned() };
        let (key, value) = word.split_once('=').ok_or_else(|| malformed("key=value"))?;
        if fields.0.iter().any(|(known, _)| known == key) {
            return Err(malformed("each key once"));
        }
        let value = unescape(value).ok_or_else(|| malformed("%XX for bytes that are no letters"))?;
        fields.0.push((key.to_owned(), value));
    }
    let layout = fields.layout()?;
    Ok((fields.header()?, layout, body))
}

struct Fields(Vec<(String, String)>);

impl Fields {
    /// Takes the value of a key out.
    fn text(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(at).1)
    }

    fn parsed<T>(
        &mut self,
        key: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, CodecError> {
        let Some(value) = self.text(key) else { return Ok(None) };
        match parse(&value) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(CodecError::Header { key: key.to_owned(), expected, got: value }),
        }
    }

    fn whole<T: std::str::FromStr>(&mut self, key: &'static str) -> Result<Option<T>, CodecError> {
        self.parsed(key, "a whole number", |value| {
            let digits = value.bytes().all(|b| b.is_ascii_digit());
            if digits { value.parse().ok() } else { None }
        })
    }

    fn real(&mut self, key: &'static str) -> Result<Option<f64>, CodecError> {
        self.parsed(key, "a finite number from 0 up", |value| {
            value.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0)
        })
    }

    fn layout(&mut self) -> Result<Layout, CodecError> {
        let lags: Option<usize> = self
            .parsed("T", "a whole number from 1 up", |value| value.parse().ok().filter(|lags| *lags > 0))?;
        let encoding = self.parsed("enc", "text or varint", |value| {
            [Encoding::Text, Encoding::Binary].into_iter().find(|e| e.name() == value)
        })?;
        let precision = |name: &str| Precision::ALL.into_iter().find(|p| p.name() == name);
        let numbers = self.parsed("num", "int, f32 or f64", |value| match value {
            "int" => Some(None),
            real => precision(real).map(Some),
        })?;
        let steps = self.parsed("steps", "f32 or f64", precision)?;
        let numbers = numbers.ok_or(CodecError::Missing { key: "num" })?;
        Ok(Layout {
            lags: lags.ok_or(CodecError::Missing { key: "T" })?,
            encoding: encoding.ok_or(CodecError::Missing { key: "enc" })?,
            quantised: numbers.is_none(),
            precision: numbers.or(steps).unwrap_or_default(),
        })
    }

    fn header(mut self) -> Result<Header, CodecError> {
        Ok(Header {
            method: self.text("method").ok_or(CodecError::Missing { key: "method" })?,
            input: self.text("in"),
            sample_rate: self.whole("sr")?,
            samples: self.whole("n")?,
            fft: self.whole("fft")?,
            hop: self.whole("hop")?,
            window: self.text("win"),
            channel: self.text("ch"),
            start: self.real("from")?,
            end: self.real("to")?,
            max: self.real("max")?,
            phi_db: self.real("phi")?,
            seed: self.whole("seed")?,
            iterations: self.whole("it")?,
            levels: self.parsed("lv", "two whole numbers with a comma", |value| {
                let (w, h) = value.split_once(',')?;
                Some((w.parse().ok()?, h.parse().ok()?))
            })?,
            rules: self.text("rules"),
            lambda: self.real("lambda")?,
            target: self.text("aim"),
            metric: self.text("metric"),
            program: self.text("v"),
            sha256: self.parsed("sha256", "64 hex digits", |value| {
                let hex = value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
                hex.then(|| value.to_owned())
            })?,
            unknown: self.0,
        })
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.:,+/()".contains(&byte)
}

fn escape(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

fn unescape(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}
