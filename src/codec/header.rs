//! The header line: `snmf/1 key=value key=value ...` in ASCII, readable with `zcat FILE | head -1`.
//!
//! | key | field | key | field |
//! | --- | --- | --- | --- |
//! | T | lags (always) | max | magnitude that V was divided by |
//! | enc | text or context; varint where absent | phi | floor below max V, dB; 80 where absent |
//! | num | f32 or f64; int where absent | seed | seed of the start |
//! | steps | f64, with integers; f32 where absent | it | iterations done |
//! | method | name (always) | lv | quantisation levels W,H |
//! | in | name of the input | rules | which update rules |
//! | sr | sample rate, Hz | ch | channel, from 1; the mean where absent |
//! | n | samples | from, to | region, s |
//! | fft, hop, win | analysis; hann where absent | v | version of the program |
//! | sha256 | of the samples, f32 LE | aim | loss or bytes that the quantisation was searched for |
//! | metric | distortion that integers were chosen by; snr where absent | lambda | price of a bit that they were chosen at |
//! | gz | coder; miniz where absent | fix | bases that were given, COUNT:HASH |
//! | bases | SHA-256 of the stream that has W and dw | | |
//!
//! Values have every byte but letters, digits and `_ - . : , + / ( )` written as `%XX`. Keys that a reader does
//! not know are kept and written back. The full specification is `src/codec/FORMAT.md`.

use super::digest::Digest;
use super::error::CodecError;
use super::gzip::{Coder, Inflater};
use super::stored::{Encoding, Header, Layout};
use crate::numeric::magnitudes::POWERS;
use crate::numeric::{Named, Precision};

/// The first word of a line: of a stream that every reader understands, and of those that need a newer reader.
const MAGIC: [&str; 3] = ["snmf/1", "snmf/2", "snmf/3"];

/// Whether a stream has what a reader of version 1 does not know and must not ignore.
fn needs_version_2(header: &Header, layout: &Layout) -> bool {
    header.power_or_one() != Header::POWER || layout.encoding == Encoding::Context
}

fn magic(header: &Header, layout: &Layout) -> &'static str {
    let version = if layout.bases.is_some() { 2 } else { usize::from(needs_version_2(header, layout)) };
    MAGIC[version]
}

/// Fields whose values are numbers.
pub const NUMBERS: [&str; 14] =
    ["sr", "n", "fft", "hop", "ch", "from", "to", "max", "phi", "pow", "seed", "it", "lambda", "T"];

/// What is stored beside the layout, by key, in the order of the line.
pub fn fields(header: &Header) -> Vec<(&str, String)> {
    fn text<T: ToString>(value: Option<&T>) -> Option<String> {
        value.map(T::to_string)
    }
    let known = [
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
        ("pow", text(header.power.as_ref())),
        ("seed", text(header.seed.as_ref())),
        ("it", text(header.iterations.as_ref())),
        ("lv", header.levels.map(|(w, h)| format!("{w},{h}"))),
        ("rules", header.rules.clone()),
        ("lambda", header.lambda.map(|lambda| format!("{lambda:e}"))),
        ("aim", header.target.clone()),
        ("metric", header.metric.clone()),
        ("fix", header.fixed.clone()),
        ("v", header.program.clone()),
        ("sha256", header.sha256.clone()),
    ];
    let known = known.into_iter().filter_map(|(key, value)| Some((key, value?)));
    known.chain(header.unknown.iter().map(|(key, value)| (key.as_str(), value.clone()))).collect()
}

/// The line with its newline.
pub fn write(header: &Header, layout: &Layout) -> Vec<u8> {
    let Layout { lags, encoding, coder, quantised, precision, bases } = *layout;
    let unusual = |name: &'static str, usual: &str| (name != usual).then(|| name.to_owned());
    let of_layout = [
        ("T", Some(lags.to_string())),
        ("enc", unusual(encoding.name(), Encoding::default().name())),
        ("gz", unusual(coder.name(), Coder::default().name())),
        ("num", (!quantised).then(|| precision.name().to_owned())),
        ("steps", unusual(precision.name(), Precision::default().name()).filter(|_| quantised)),
        ("bases", bases.map(|digest| digest.to_string())),
    ];
    let of_layout = of_layout.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let mut line = magic(header, layout).to_owned();
    for (key, value) in of_layout.chain(fields(header)) {
        line.push(' ');
        line.push_str(key);
        line.push('=');
        escape(&value, &mut line);
    }
    line.push('\n');
    line.into_bytes()
}

/// The header and the layout; what is left of `input` is the body.
pub fn read(input: &mut Inflater<'_>, limit: u64) -> Result<(Header, Layout), CodecError> {
    parse(&line(input, limit)?)
}

/// The header and the layout of a line, which begins with the magic.
pub fn parse(line: &str) -> Result<(Header, Layout), CodecError> {
    let mut words = line.split(' ');
    let version = words.next().unwrap_or_default();
    let mut offset = version.len() as u64 + 1;
    let mut fields = Fields(Vec::new());
    for word in words {
        let malformed =
            |expected| CodecError::Header { key: word.to_owned(), offset, expected, got: word.to_owned() };
        let (key, value) = word.split_once('=').ok_or_else(|| malformed("key=value"))?;
        if fields.0.iter().any(|field| field.key == key) {
            return Err(malformed("each key once"));
        }
        let value = unescape(value).ok_or_else(|| malformed("%XX for bytes that are no letters"))?;
        fields.0.push(HeaderField { key: key.to_owned(), value, offset });
        offset += word.len() as u64 + 1;
    }
    let layout = fields.layout()?;
    let header = fields.header()?;
    let expected = magic(&header, &layout);
    if version != expected {
        let (key, got) = ("version".to_owned(), version.to_owned());
        return Err(CodecError::Header { key, offset: 0, expected, got });
    }
    Ok((header, layout))
}

/// The first line without its newline, once it is known to be that of a stream of this version.
fn line(input: &mut Inflater<'_>, limit: u64) -> Result<String, CodecError> {
    let mut line = String::new();
    let begin = |line: &str| CodecError::NotAStream { got: line.chars().take(16).collect() };
    loop {
        let word = line.split(' ').next().unwrap_or_default();
        match input.next()? {
            // What ends the first word shows whether the rest is worth reading.
            Some(end @ (b' ' | b'\n')) if word.len() == line.len() => match word.strip_prefix("snmf/") {
                Some(_) if MAGIC.contains(&word) => {
                    if end == b'\n' {
                        return Ok(line);
                    }
                    line.push(' ');
                }
                Some(version) => return Err(CodecError::Version { got: version.to_owned() }),
                None => return Err(begin(&line)),
            },
            Some(b'\n') => return Ok(line),
            Some(byte) if byte.is_ascii() => line.push(char::from(byte)),
            _ => return Err(begin(&line)),
        }
        if line.len() as u64 > limit {
            return Err(CodecError::TooLarge { what: "header bytes", limit, got: line.len() as u64 });
        }
        if line.len() == MAGIC[0].len() && !line.starts_with("snmf/") {
            return Err(begin(&line));
        }
    }
}

/// A key with its value, and where it stands.
struct HeaderField {
    key: String,
    value: String,
    offset: u64,
}

struct Fields(Vec<HeaderField>);

impl Fields {
    fn take(&mut self, key: &str) -> Option<HeaderField> {
        let at = self.0.iter().position(|field| field.key == key)?;
        Some(self.0.remove(at))
    }

    /// Takes the value of a key out.
    fn text(&mut self, key: &str) -> Option<String> {
        self.take(key).map(|field| field.value)
    }

    fn parsed<T>(
        &mut self,
        key: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, CodecError> {
        let Some(HeaderField { key, value, offset }) = self.take(key) else { return Ok(None) };
        match parse(&value) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(CodecError::Header { key, offset, expected, got: value }),
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
        let coder = self.parsed("gz", "the name of a coder", Coder::parse)?;
        let numbers = self.parsed("num", "int, f32 or f64", |value| match value {
            "int" => Some(None),
            real => Precision::parse(real).map(Some),
        })?;
        let steps = self.parsed("steps", "f32 or f64", Precision::parse)?;
        let bases = self.parsed("bases", "64 hex digits, letters small", Digest::parse)?;
        let numbers = numbers.flatten();
        let encoding = self.parsed("enc", "varint or text, or context for integers", |value| {
            Encoding::parse(value).filter(|encoding| encoding.of(numbers.is_none()) == *encoding)
        })?;
        Ok(Layout {
            lags: lags.ok_or(CodecError::Missing { key: "T" })?,
            encoding: encoding.unwrap_or_default(),
            coder: coder.unwrap_or_default(),
            quantised: numbers.is_none(),
            precision: numbers.or(steps).unwrap_or_default(),
            bases,
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
            power: self.parsed("pow", "a number from 0.2 up and below 1", |value| {
                value.parse().ok().filter(|power| POWERS.contains(power) && *power != Header::POWER)
            })?,
            seed: self.whole("seed")?,
            iterations: self.whole("it")?,
            levels: self.parsed("lv", "two whole numbers with a comma", |value| {
                let (w, h) = value.split_once(',')?;
                Some((w.parse().ok()?, h.parse().ok()?))
            })?,
            rules: self.text("rules"),
            fixed: self.text("fix"),
            lambda: self.real("lambda")?,
            target: self.text("aim"),
            metric: self.text("metric"),
            program: self.text("v"),
            sha256: self.parsed("sha256", "64 hex digits", |value| {
                let hex = value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
                hex.then(|| value.to_owned())
            })?,
            unknown: self.0.into_iter().map(|field| (field.key, field.value)).collect(),
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
