//! What of a track of MP4 is heard: its list of edits, or the gaps that iTunes notes in its tags.

use super::boxes::{children, content, find};
use super::sink::{DecodeStop, TrimStep, refuse};
use super::source::{ByteSource, number};

/// What is heard of a track.
#[derive(Debug, Default)]
pub struct Edits {
    /// What is done with its frames, in their order.
    pub plan: Vec<TrimStep>,
    /// Frames of the track behind which nothing is heard.
    pub until: Option<u64>,
    /// How many frames that may be off: the ticks of a movie are coarse.
    pub slack: u64,
    /// Frames that are heard, as far as that is known.
    pub length: Option<u64>,
    /// The same, known to the frame.
    pub exact: Option<u64>,
    /// What is not heard as it is meant.
    pub warning: Option<String>,
}

/// An entry of a list of edits.
struct Edit {
    /// In ticks of the movie.
    length: u64,
    /// Where it begins, in ticks of the track; none for one of nothing.
    start: Option<u64>,
    /// How fast it is played, 65,536 for as it is.
    speed: u64,
}

/// The edits of a list (`elst`) for a track of `rate` frames a second, with the ticks a second of movie and track.
pub fn of_list(list: &[u8], rate: u64, (movie_scale, media_scale): (u64, u64)) -> Result<Edits, DecodeStop> {
    let mut edits = Edits::default();
    if rate == 0 || movie_scale == 0 || media_scale == 0 {
        return Ok(edits);
    }
    let frames = |ticks: u64, scale: u64| {
        u64::try_from(u128::from(ticks) * u128::from(rate) / u128::from(scale)).unwrap_or(u64::MAX)
    };
    let mut entries = entries(list);
    while entries.last().is_some_and(|entry| entry.start.is_none()) {
        entries.pop();
    }
    // Frames of the track that are behind, and how far its ticks may be from those of the movie.
    let (mut at, slack) = (0, rate / movie_scale + 1);
    edits.slack = slack;
    for entry in &entries {
        let length = frames(entry.length, movie_scale);
        let Some(start) = entry.start.map(|start| frames(start, media_scale)) else {
            if edits.plan.is_empty() {
                let seconds = entry.length as f64 / movie_scale as f64;
                let text = format!("its track begins {seconds:.3} s late, which is left out");
                edits.warning = (length > 0).then_some(text);
            } else {
                edits.plan.push(TrimStep::Silence(length));
            }
            continue;
        };
        // Players take 0, a picture that stands still, for the speed of 1.
        if entry.speed != 0 && entry.speed != 1 << 16 {
            return refuse("its list of edits changes the speed, which is not read");
        }
        if start.abs_diff(at) <= slack
            && let Some(TrimStep::Keep(before)) = edits.plan.last_mut()
        {
            // One goes on where the other ends.
            *before = (*before + start).saturating_sub(at);
        } else if start < at {
            return refuse("its list of edits repeats parts or changes their order, which is not read");
        } else {
            edits.plan.push(TrimStep::Skip(start - at));
        }
        edits.plan.push(TrimStep::Keep(length));
        at = start.saturating_add(length);
    }
    let kept = |step: &TrimStep| match step {
        TrimStep::Skip(_) => 0,
        TrimStep::Keep(frames) | TrimStep::Silence(frames) => *frames,
    };
    let length = edits.plan.iter().map(kept).fold(0, u64::saturating_add);
    // The end is that of a packet, and one of 0 is that of the track.
    if let Some(TrimStep::Keep(last)) = edits.plan.pop()
        && last > 0
    {
        edits.until = Some(at);
        edits.length = Some(length);
    }
    Ok(edits)
}

fn entries(list: &[u8]) -> Vec<Edit> {
    let wide = if list.first() == Some(&1) { 8 } else { 4 };
    let entries = list.get(8..).unwrap_or(&[]).chunks_exact(2 * wide + 4);
    let entry = |entry: &[u8]| {
        let start = number(&entry[wide..2 * wide], true);
        let none = if wide == 8 { u64::MAX } else { u64::from(u32::MAX) };
        Edit {
            length: number(&entry[..wide], true),
            start: (start != none).then_some(start),
            speed: number(&entry[2 * wide..], true),
        }
    };
    entries.map(entry).collect()
}

/// The gaps that iTunes notes where there is no list: how many frames are before the sound and how many it has.
pub fn of_tags(source: &mut ByteSource, movie: (u64, u64)) -> Result<Edits, DecodeStop> {
    let mut within = movie;
    for name in [b"udta", b"meta"] {
        let Some((_, start, end)) = find(source, within, *name)? else { return Ok(Edits::default()) };
        within = (start, end);
    }
    // A version stands before the boxes in `meta`.
    let Some((_, start, end)) = find(source, (within.0 + 4, within.1), *b"ilst")? else {
        return Ok(Edits::default());
    };
    for (name, start, end) in children(source, (start, end))? {
        if name != *b"----"
            || content(source, (start, end), &[b"name"])?.as_deref().and_then(|name| name.get(4..))
                != Some(b"iTunSMPB")
        {
            continue;
        }
        let data = content(source, (start, end), &[b"data"])?.unwrap_or_default();
        return Ok(noted(&String::from_utf8_lossy(data.get(8..).unwrap_or(&[]))));
    }
    Ok(Edits::default())
}

/// ` 00000000 00000840 000001CA 00000000003F31F6`: nothing, frames before, frames behind, frames of sound.
fn noted(text: &str) -> Edits {
    let numbers: Vec<u64> =
        text.split_whitespace().take(4).map_while(|word| u64::from_str_radix(word, 16).ok()).collect();
    match numbers[..] {
        [_, before, _, sound] if before < 1 << 14 && sound > 0 => Edits {
            plan: vec![TrimStep::Skip(before)],
            until: Some(before.saturating_add(sound)),
            length: Some(sound),
            exact: Some(sound),
            ..Edits::default()
        },
        _ => Edits::default(),
    }
}
