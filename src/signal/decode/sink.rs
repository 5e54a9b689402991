//! Where decoded frames go: mixed down at once, so that only one channel is ever held, and only as long as asked for.

use std::collections::VecDeque;

use super::super::audio::SignalError;
use super::super::reading::Reading;
use super::options::{Channel, RATES, rate_out_of_range};

/// The longest silence that stands for what is missing, in seconds.
const LONGEST_GAP: u64 = 60;

/// The same as a multiple of what stands before it.
const LARGEST_GAP: u64 = 16;

/// Frames after which a promise is believed: a header may promise hours where there are seconds.
const BELIEVED: usize = 1 << 24;

/// Gaps that a message lists; more are counted.
const LISTED: usize = 3;

/// Why decoding ends before the file does.
#[derive(Debug)]
pub enum DecodeStop {
    /// All that was asked for is there.
    Enough,
    /// It is no sound that can be decoded, for this reason.
    Refused(String),
    /// What the caller did or wanted.
    Failed(SignalError),
}

impl From<std::io::Error> for DecodeStop {
    fn from(e: std::io::Error) -> Self {
        Self::Refused(format!("reading failed: {e}"))
    }
}

/// Refuses a file.
pub fn refuse<T>(reason: impl Into<String>) -> Result<T, DecodeStop> {
    Err(DecodeStop::Refused(reason.into()))
}

/// Rate and channels, which stay the same throughout a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleSpec {
    /// Frames a second.
    pub rate: u32,
    /// Samples in a frame.
    pub channels: usize,
}

/// What is done with frames that come, in this order; whatever comes behind the last step is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimStep {
    /// So many are left out.
    Skip(u64),
    /// So many are kept.
    Keep(u64),
    /// So many of silence are added, which are no gap.
    Silence(u64),
}

/// Collects one channel of samples.
pub struct Sink<'a> {
    place: &'a str,
    channel: Channel,
    end: Option<f64>,
    memory: u64,
    reading: &'a Reading,
    pub samples: Vec<f32>,
    /// Known with the first frame.
    pub shape: Option<SampleSpec>,
    /// Length that the file promises, in frames.
    pub promised: Option<u64>,
    /// How much of the file is behind, 0 to 1, where it promises no length.
    pub share: f64,
    /// What broke off the decoding, or is missing at the end.
    pub broken_off: Option<String>,
    /// What a decoder said last: the reason where no sound comes at all.
    pub hint: Option<String>,
    /// What was not quite as it should be, a sentence each without the file's name.
    pub warnings: Vec<String>,
    plan: VecDeque<TrimStep>,
    /// Frames that have come, whether they were kept or not.
    come: u64,
    gaps: Vec<(usize, u64, &'static str)>,
    /// Whether any channel ever had a sample other than zero.
    pub sounded: bool,
}

impl<'a> Sink<'a> {
    /// Nothing yet. `end` is a time in seconds after which nothing is wanted.
    pub fn new(
        place: &'a str,
        channel: Channel,
        end: Option<f64>,
        memory: u64,
        reading: &'a Reading,
    ) -> Self {
        Self {
            place,
            channel,
            end,
            memory,
            reading,
            samples: Vec::new(),
            shape: None,
            promised: None,
            share: 0.0,
            broken_off: None,
            hint: None,
            warnings: Vec::new(),
            plan: VecDeque::new(),
            come: 0,
            gaps: Vec::new(),
            sounded: false,
        }
    }

    /// Says what the next frames are like.
    pub fn begin(&mut self, shape: SampleSpec) -> Result<(), DecodeStop> {
        let failed = |e| Err(DecodeStop::Failed(e));
        if let Some(before) = self.shape {
            if before == shape {
                return Ok(());
            }
            let SampleSpec { rate, channels } = shape;
            self.broken_off = Some(format!(
                "from there on it has {channels} channels at {rate} Hz instead of {} at {} Hz, which is left out",
                before.channels, before.rate
            ));
            return Err(DecodeStop::Enough);
        }
        if shape.channels == 0 {
            return refuse("it has no channels");
        }
        if !RATES.contains(&shape.rate) {
            return failed(rate_out_of_range(self.place, shape.rate));
        }
        if let Channel::Index(got) = self.channel
            && !(1..=shape.channels).contains(&got)
        {
            let name = self.place.to_owned();
            return failed(SignalError::NoSuchChannel { name, channels: shape.channels, got });
        }
        self.shape = Some(shape);
        Ok(())
    }

    pub fn skip(&mut self, frames: u64) {
        self.plan(&[TrimStep::Skip(frames)]);
    }

    /// Does so with the next frames, behind what was planned before.
    pub fn plan(&mut self, steps: &[TrimStep]) {
        self.plan.extend(steps);
    }

    /// How many frames have come, those that were left out among them.
    pub const fn come(&self) -> u64 {
        self.come
    }

    /// How many frames are kept.
    pub fn frames(&self) -> u64 {
        self.samples.len() as u64
    }

    pub fn seconds(&self) -> f64 {
        self.shape.map_or(0.0, |shape| self.samples.len() as f64 / f64::from(shape.rate))
    }

    /// Adds interleaved frames.
    pub fn push(&mut self, interleaved: &[f32]) -> Result<(), DecodeStop> {
        let Some(SampleSpec { channels, .. }) = self.shape else { return refuse("it has no shape") };
        let mut rest = &interleaved[..interleaved.len() / channels * channels];
        while !rest.is_empty() {
            let (count, is_kept) = self.next(rest.len() / channels)?;
            let (now, later) = rest.split_at(count * channels);
            if is_kept {
                self.mix(now, channels)?;
            }
            rest = later;
        }
        self.look_up()
    }

    /// How many of the next frames, at most so many, share a fate, and whether they are kept.
    fn next(&mut self, most: usize) -> Result<(usize, bool), DecodeStop> {
        loop {
            let (count, is_kept) = match self.plan.front_mut() {
                None => (most, true),
                Some(TrimStep::Silence(frames)) => {
                    let frames = std::mem::take(frames);
                    self.plan.pop_front();
                    self.silence(frames)?;
                    continue;
                }
                Some(TrimStep::Skip(0) | TrimStep::Keep(0)) => {
                    self.plan.pop_front();
                    continue;
                }
                Some(TrimStep::Skip(left)) => (take(left, most), false),
                Some(TrimStep::Keep(left)) => (take(left, most), true),
            };
            self.come += count as u64;
            return Ok((count, is_kept));
        }
    }

    fn mix(&mut self, frames: &[f32], channels: usize) -> Result<(), DecodeStop> {
        self.room(frames.len() / channels)?;
        self.sounded = self.sounded || frames.iter().any(|x| *x != 0.0);
        let frames = frames.chunks_exact(channels);
        match self.channel {
            Channel::Index(index) => self.samples.extend(frames.map(|frame| frame[index - 1])),
            Channel::Mix => {
                self.samples.extend(frames.map(|frame| frame.iter().sum::<f32>() / channels as f32));
            }
        }
        Ok(())
    }

    fn silence(&mut self, frames: u64) -> Result<(), DecodeStop> {
        let count = usize::try_from(frames).unwrap_or(usize::MAX);
        self.room(count)?;
        self.samples.resize(self.samples.len() + count, 0.0);
        Ok(())
    }

    /// Puts silence where frames are missing, so that what follows stays where it was.
    pub fn gap(&mut self, frames: u64, why: &'static str) -> Result<(), DecodeStop> {
        let rate = self.shape.map_or(1, |shape| u64::from(shape.rate));
        // A header that lies must not make hours of nothing.
        let believed = (LONGEST_GAP * rate).max(self.frames().saturating_mul(LARGEST_GAP));
        let longest = self.promised.map_or(believed, |all| all.saturating_sub(self.frames()).min(believed));
        let missing = frames.min(longest);
        match self.gaps.last_mut() {
            Some((at, length, _)) if *at as u64 + *length == self.samples.len() as u64 => *length += missing,
            _ if missing > 0 => self.gaps.push((self.samples.len(), missing, why)),
            _ => {}
        }
        let mut rest = usize::try_from(missing).unwrap_or(usize::MAX);
        while rest > 0 {
            let (count, is_kept) = self.next(rest)?;
            if is_kept {
                self.silence(count as u64)?;
            }
            rest -= count;
        }
        self.look_up()
    }

    /// Keeps the first frames only.
    pub fn truncate(&mut self, frames: u64) {
        self.samples.truncate(usize::try_from(frames).unwrap_or(usize::MAX));
    }

    /// Memory for so many more samples. It grows by half, never beyond what may be used.
    fn room(&mut self, more: usize) -> Result<(), DecodeStop> {
        let need = self.samples.len().saturating_add(more);
        if need <= self.samples.capacity() {
            return Ok(());
        }
        let most = need + need / 2;
        let known = self.whole().filter(|all| *all >= need);
        let grown = known.map_or(most, |all| all.min(most + BELIEVED));
        let fits = |samples: usize| bytes(samples) <= self.memory;
        let held = self.samples.len();
        let all = known.filter(|all| held > BELIEVED && !fits(*all));
        let room = all.is_none()
            && ((fits(grown) && self.samples.try_reserve_exact(grown - held).is_ok())
                || (fits(need) && self.samples.try_reserve_exact(more).is_ok()));
        if room {
            return Ok(());
        }
        let (name, need) = (self.place.to_owned(), all.unwrap_or(need));
        let seconds = need as f64 / self.shape.map_or(1.0, |shape| f64::from(shape.rate));
        Err(DecodeStop::Failed(SignalError::TooLarge { name, seconds, mib: bytes(need) >> 20 }))
    }

    /// How many samples are wanted at most, where that is known.
    fn whole(&self) -> Option<usize> {
        let rate = self.shape.map_or(0.0, |shape| f64::from(shape.rate));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a time is not negative
        let wanted = self.end.map(|end| (end * rate).round() as usize);
        let promised = self.promised.and_then(|all| usize::try_from(all).ok());
        wanted.into_iter().chain(promised).min()
    }

    /// Reports the progress; ends where enough is there or nobody waits any more.
    fn look_up(&mut self) -> Result<(), DecodeStop> {
        let Some(SampleSpec { rate, .. }) = self.shape else { return Ok(()) };
        let wanted = self.end.map(|end| (end * f64::from(rate)).round());
        let whole = self.whole().filter(|all| *all > 0);
        let share = whole.map_or(self.share, |all| self.samples.len() as f64 / all as f64);
        let ended = |_| DecodeStop::Failed(SignalError::Ended { name: self.place.to_owned() });
        self.reading.advance(share).map_err(ended)?;
        if wanted.is_some_and(|wanted| self.samples.len() as f64 >= wanted) {
            return Err(DecodeStop::Enough);
        }
        Ok(())
    }

    pub fn gaps_warning(&self) -> Option<String> {
        let rate = f64::from(self.shape?.rate);
        let seconds = |frames: u64| frames as f64 / rate;
        let (_, _, why) = self.gaps.first()?;
        let mut list: Vec<String> = self
            .gaps
            .iter()
            .take(LISTED)
            .map(|(at, length, _)| {
                format!("{:.3} to {:.3} s", seconds(*at as u64), seconds(*at as u64 + length))
            })
            .collect();
        if self.gaps.len() > LISTED {
            let rest: u64 = self.gaps[LISTED..].iter().map(|(_, length, _)| length).sum();
            list.push(format!("{} more places, {:.3} s in all", self.gaps.len() - LISTED, seconds(rest)));
        }
        Some(format!("{why}: replaced by silence from {}", list.join(", from ")))
    }
}

/// Takes at most so many of what is left.
fn take(left: &mut u64, most: usize) -> usize {
    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(most);
    *left -= count as u64;
    count
}

/// What so many samples take.
const fn bytes(samples: usize) -> u64 {
    (samples as u64).saturating_mul(size_of::<f32>() as u64)
}
