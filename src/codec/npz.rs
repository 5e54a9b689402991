//! NPZ archives as untrusted bytes: their arrays, each checked against what the file can hold before memory is taken.

use std::io::{BufReader, Chain, Cursor, Read};

use npyz::npz::{array_name_from_file_name, file_name_from_array_name};
use npyz::{DType, Deserialize, NpyFile, TypeChar};

use super::archive::ArchiveReader;
use super::error::CodecError;
use super::gzip::most_inflated;
use super::header;
use super::stored::Header;

/// How a file with a single array begins.
pub(super) const NPY: &[u8] = b"\x93NUMPY";

/// Bytes of a header that an array may have, as numpy itself reads them.
const HEADER_BYTES: usize = 10_000;

/// How deep brackets stand in one another in the header of an array of numbers, with room to spare.
const DEPTH: usize = 8;

/// Arrays that are named where the right one is missing.
const NAMED: usize = 8;

/// Memory that an element of factors takes: as it is read, and in the model.
const FACTOR_BYTES: u64 = 8 + 8;

/// What the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElementKind {
    Whole,
    Single,
    Double,
}

/// How an array lies in its file.
pub(super) struct ArrayLayout {
    pub(super) name: &'static str,
    pub(super) shape: Vec<usize>,
    /// Elements from one index of an axis to the next.
    pub(super) strides: Vec<usize>,
    pub(super) kind: ElementKind,
}

impl ArrayLayout {
    pub(super) fn wrong(&self, expected: &str) -> CodecError {
        let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        let got = if sizes.is_empty() { "a scalar".to_owned() } else { sizes.join(" x ") };
        CodecError::Npz { reason: format!("{}: expected {expected}, got {got}", self.name) }
    }
}

/// Non-negative finite numbers.
pub(super) struct Array {
    placed: ArrayLayout,
    pub(super) values: Vec<f64>,
}

impl std::ops::Deref for Array {
    type Target = ArrayLayout;

    fn deref(&self) -> &ArrayLayout {
        &self.placed
    }
}

impl Array {
    pub(super) fn at(&self, place: &[usize]) -> f64 {
        self.values[place.iter().zip(&self.strides).map(|(i, stride)| i * stride).sum::<usize>()]
    }
}

/// A file of one array whose header has been read.
pub(super) type ArrayFile<R> = NpyFile<Chain<Cursor<Vec<u8>>, BufReader<R>>>;

pub(super) struct Archive<'a> {
    entries: ArchiveReader<Cursor<&'a [u8]>>,
    /// Numbers that the file can hold, one byte each.
    most: u64,
    /// Bytes that reading may take.
    memory: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn new(bytes: &'a [u8], memory: u64) -> Result<Self, CodecError> {
        if bytes.starts_with(NPY) {
            let reason =
                "it is a single array: save it by its name with numpy.savez, as V=... or W=..., H=...";
            return Err(CodecError::Npz { reason: reason.to_owned() });
        }
        let entries = ArchiveReader::new(Cursor::new(bytes)).map_err(of_archive)?;
        Ok(Self { entries, most: most_inflated(bytes.len()), memory })
    }

    fn names(&self) -> String {
        let names: Vec<String> = self
            .entries
            .names()
            .map(|entry| array_name_from_file_name(&entry).map_or(entry.clone(), str::to_owned))
            .collect();
        match names.len() {
            0 => "nothing at all".to_owned(),
            1..=NAMED => names.join(", "),
            count => format!("{} and {} more", names[..NAMED].join(", "), count - NAMED),
        }
    }

    /// The file of an array, once its header is known to be one: a length that lies is no reason to take memory.
    fn file(&mut self, name: &str) -> Result<Option<ArrayFile<impl Read + use<'_, 'a>>>, CodecError> {
        let failed = |reason: String| CodecError::Npz { reason: format!("{name}: {reason}") };
        let Some(entry) = self.entries.entry(&file_name_from_array_name(name)).map_err(of_archive)? else {
            return Ok(None);
        };
        let mut entry = BufReader::new(entry);
        let mut head = vec![0; 8];
        let mut more = |head: &mut Vec<u8>, count: usize| {
            let at = head.len();
            head.resize(at + count, 0);
            entry.read_exact(&mut head[at..]).map_err(|e| failed(format!("its header: {e}")))
        };
        head.clear();
        more(&mut head, 8)?;
        let digits = if head[6] == 1 { 2 } else { 4 };
        more(&mut head, digits)?;
        let length = head[8..].iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
        if length > HEADER_BYTES {
            return Err(failed(format!("its header: expected at most {HEADER_BYTES} bytes, got {length}")));
        }
        more(&mut head, length)?;
        if depth(&head[8 + digits..]) > DEPTH {
            return Err(failed("expected numbers, got records".to_owned()));
        }
        NpyFile::new(Cursor::new(head).chain(entry)).map(Some).map_err(|e| failed(e.to_string()))
    }

    /// An array of at most `limit` elements, each of which takes `bytes` of memory in the end.
    fn open(
        &mut self,
        name: &'static str,
        limit: u64,
        bytes: u64,
    ) -> Result<Option<(ArrayLayout, ArrayFile<impl Read + use<'_, 'a>>)>, CodecError> {
        let (most, have) = (self.most, self.memory);
        let Some(file) = self.file(name)? else { return Ok(None) };
        let size = file.shape().iter().try_fold(1u64, |size, n| size.checked_mul(*n)).unwrap_or(u64::MAX);
        if size > limit {
            return Err(CodecError::TooLarge { what: name, limit, got: size });
        }
        let failed = |reason: String| CodecError::Npz { reason: format!("{name}: {reason}") };
        if size > most {
            return Err(failed(format!("expected {size} numbers, which a file of this size cannot hold")));
        }
        let need = size.saturating_mul(bytes);
        if need > have {
            return Err(CodecError::Memory { what: name, need: need >> 20, have: have >> 20 });
        }
        let sizes = |sizes: &[u64]| sizes.iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect();
        let kind = kind(&file.dtype()).map_err(failed)?;
        let placed = ArrayLayout { name, shape: sizes(file.shape()), strides: sizes(file.strides()), kind };
        Ok(Some((placed, file)))
    }

    /// The same for what has to be there.
    pub(super) fn required(
        &mut self,
        name: &'static str,
        limit: u64,
        bytes: u64,
    ) -> Result<(ArrayLayout, ArrayFile<impl Read + use<'_, 'a>>), CodecError> {
        let names = self.names();
        let missing = || CodecError::Npz { reason: format!("it has no array {name}, but {names}") };
        self.open(name, limit, bytes)?.ok_or_else(missing)
    }

    pub(super) fn required_array(&mut self, name: &'static str, limit: u64) -> Result<Array, CodecError> {
        let (placed, file) = self.required(name, limit, FACTOR_BYTES)?;
        collected(placed, file)
    }

    pub(super) fn array(&mut self, name: &'static str, limit: u64) -> Result<Option<Array>, CodecError> {
        let found = self.open(name, limit, FACTOR_BYTES)?;
        found.map(|(placed, file)| collected(placed, file)).transpose()
    }

    /// A whole number from a scalar, where there is one.
    pub(super) fn whole(&mut self, name: &'static str) -> Result<Option<u32>, CodecError> {
        let Some(array) = self.array(name, 1)? else { return Ok(None) };
        let number = array.values.first().copied().filter(|x| x.fract() == 0.0 && *x <= f64::from(u32::MAX));
        let wrong = || CodecError::Npz { reason: format!("{name}: expected one whole number") };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
        number.map(|x| Some(x as u32)).ok_or_else(wrong)
    }

    pub(super) fn header(&mut self, limit: u64) -> Result<Header, CodecError> {
        let failed = |e: &dyn std::fmt::Display| CodecError::Npz { reason: format!("header: {e}") };
        if let Some(file) = self.file("header")? {
            if file.len() > limit {
                return Err(CodecError::TooLarge { what: "header bytes", limit, got: file.len() });
            }
            let bytes: Vec<u8> = file.into_vec().map_err(|e| failed(&e))?;
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim_end();
            let known = line.is_ascii() && line.starts_with("snmf/");
            let wrong = || CodecError::NotAStream { got: line.chars().take(16).collect() };
            return if known { Ok(header::parse(line)?.0) } else { Err(wrong()) };
        }
        let (sample_rate, fft, hop) = (self.whole("sr")?, self.whole("fft")?, self.whole("hop")?);
        Ok(Header { method: "given".to_owned(), sample_rate, fft, hop, ..Header::default() })
    }
}

/// What an archive could not do, said of the NPZ that it is.
fn of_archive(e: CodecError) -> CodecError {
    match e {
        CodecError::Archive { reason } => CodecError::Npz { reason },
        e => e,
    }
}

/// How deep brackets stand in one another in a header.
fn depth(header: &[u8]) -> usize {
    let step = |(now, most): (usize, usize), byte: &u8| match byte {
        b'(' | b'[' | b'{' => (now + 1, most.max(now + 1)),
        b')' | b']' | b'}' => (now.saturating_sub(1), most),
        _ => (now, most),
    };
    header.iter().fold((0, 0), step).1
}

fn kind(dtype: &DType) -> Result<ElementKind, String> {
    let DType::Plain(plain) = dtype else { return Err("expected numbers, got records".to_owned()) };
    match (plain.type_char(), plain.size_field()) {
        (TypeChar::Float, 4) => Ok(ElementKind::Single),
        (TypeChar::Float, 8) => Ok(ElementKind::Double),
        (TypeChar::Uint | TypeChar::Int, 1 | 2 | 4 | 8) => Ok(ElementKind::Whole),
        _ => Err(format!("expected integers, f4 or f8, got {}", dtype.descr())),
    }
}

/// All elements, in the order in which they lie in the file.
fn collected<R: Read>(placed: ArrayLayout, file: ArrayFile<R>) -> Result<Array, CodecError> {
    let mut values = Vec::new();
    numbers(file, &placed, |x| values.push(x))?;
    Ok(Array { placed, values })
}

/// Hands over the elements one by one, whatever numbers they are: finite and from 0 up, as many as there should be.
pub(super) fn numbers<R: Read>(
    file: ArrayFile<R>,
    placed: &ArrayLayout,
    mut take: impl FnMut(f64),
) -> Result<(), CodecError> {
    fn each<T: Deserialize, R: Read>(
        file: ArrayFile<R>,
        as_f64: fn(T) -> f64,
        take: &mut dyn FnMut(f64) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut values = file.data::<T>().map_err(|e| e.to_string())?;
        values.try_for_each(|value| take(as_f64(value.map_err(|e| e.to_string())?)))
    }
    let dtype = file.dtype();
    let DType::Plain(plain) = &dtype else { return Ok(()) };
    let take = &mut |x: f64| {
        if !(x.is_finite() && x >= 0.0) {
            return Err(format!("expected finite numbers from 0 up, got {x}"));
        }
        // Adding zero makes a negative zero a plain one.
        take(x + 0.0);
        Ok(())
    };
    #[allow(clippy::cast_precision_loss)] // what does not fit is refused later: it is above u32::MAX
    let read = match (plain.type_char(), plain.size_field()) {
        (TypeChar::Float, 4) => each::<f32, R>(file, f64::from, take),
        (TypeChar::Float, _) => each::<f64, R>(file, |x| x, take),
        (TypeChar::Uint, 1) => each::<u8, R>(file, f64::from, take),
        (TypeChar::Uint, 2) => each::<u16, R>(file, f64::from, take),
        (TypeChar::Uint, 4) => each::<u32, R>(file, f64::from, take),
        (TypeChar::Uint, _) => each::<u64, R>(file, |x| x as f64, take),
        (_, 1) => each::<i8, R>(file, f64::from, take),
        (_, 2) => each::<i16, R>(file, f64::from, take),
        (_, 4) => each::<i32, R>(file, f64::from, take),
        (_, _) => each::<i64, R>(file, |x| x as f64, take),
    };
    read.map_err(|reason| CodecError::Npz { reason: format!("{}: {reason}", placed.name) })
}
