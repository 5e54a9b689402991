//! Sound where there is no PulseAudio: the system's default device, by `cpal`.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, OutputCallbackInfo, StreamConfig};

use super::output::{AHEAD, Output, OutputError, Player};

/// A device that takes nothing for so long is gone.
const GONE: Duration = Duration::from_secs(2);

/// The default output device.
pub struct Device;

/// What the device's own thread and ours share.
#[derive(Default)]
struct DeviceQueue {
    waiting: VecDeque<f32>,
    /// Samples that the device has taken, when it last did, and how long from then on until they are heard.
    taken: u64,
    at: Option<(Instant, Duration)>,
    failed: Option<String>,
}

type SharedQueue = Arc<(Mutex<DeviceQueue>, Condvar)>;

struct DeviceStream {
    queue: SharedQueue,
    rate: f64,
    begun: Instant,
    heard: u64,
    /// Ends the sound when it is dropped.
    _stream: cpal::Stream,
}

fn lock(queue: &Mutex<DeviceQueue>) -> MutexGuard<'_, DeviceQueue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Player for Device {
    fn name(&self) -> &'static str {
        "default device"
    }

    fn open(&mut self, rate: u32) -> Result<Box<dyn Output>, OutputError> {
        let refused = |e: cpal::Error| OutputError::Refused { reason: e.to_string() };
        let device = cpal::default_host().default_output_device().ok_or_else(|| OutputError::Absent {
            reason: "the system names no output device".to_owned(),
            place: "default device".to_owned(),
        })?;
        let channels = device.default_output_config().map_err(refused)?.channels();
        let config = StreamConfig { channels, sample_rate: rate, buffer_size: BufferSize::Default };
        let queue = SharedQueue::default();
        let (taking, failing) = (Arc::clone(&queue), Arc::clone(&queue));
        let take = move |out: &mut [f32], info: &OutputCallbackInfo| {
            let times = info.timestamp();
            let mut queue = lock(&taking.0);
            for frame in out.chunks_mut(usize::from(channels).max(1)) {
                let x = queue.waiting.pop_front();
                queue.taken += u64::from(x.is_some());
                frame.fill(x.unwrap_or(0.0));
            }
            let played = Duration::from_secs_f64(out.len() as f64 / f64::from(channels) / f64::from(rate));
            queue.at = Some((Instant::now(), times.playback.duration_since(times.callback) + played));
            taking.1.notify_one();
        };
        let fail = move |e: cpal::Error| {
            // The stream goes on after these.
            if !matches!(e.kind(), ErrorKind::DeviceChanged | ErrorKind::Xrun | ErrorKind::RealtimeDenied) {
                lock(&failing.0).failed = Some(e.to_string());
                failing.1.notify_one();
            }
        };
        let stream = device.build_output_stream(config, take, fail, None).map_err(refused)?;
        stream.play().map_err(refused)?;
        Ok(Box::new(DeviceStream {
            queue,
            rate: f64::from(rate),
            begun: Instant::now(),
            heard: 0,
            _stream: stream,
        }))
    }
}

impl Output for DeviceStream {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a fraction of a second
    fn wanted(&mut self, patience: Duration) -> Result<usize, OutputError> {
        let most = (AHEAD * self.rate) as usize;
        let (mutex, moved) = &*self.queue;
        let mut queue = lock(mutex);
        if queue.waiting.len() >= most && queue.failed.is_none() {
            queue = moved.wait_timeout(queue, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
        let since = queue.at.map_or(self.begun, |(at, _)| at);
        match &queue.failed {
            None if since.elapsed() > GONE => Err(OutputError::Silent),
            Some(reason) => Err(OutputError::Gone { reason: reason.clone() }),
            None => Ok(most.saturating_sub(queue.waiting.len())),
        }
    }

    fn write(&mut self, samples: &[f32]) -> Result<(), OutputError> {
        lock(&self.queue.0).waiting.extend(samples);
        Ok(())
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of samples
    fn heard(&mut self) -> u64 {
        let queue = lock(&self.queue.0);
        if let Some((at, until_heard)) = queue.at {
            let to_come = until_heard.saturating_sub(at.elapsed()).as_secs_f64() * self.rate;
            self.heard = self.heard.max(queue.taken.saturating_sub(to_come as u64));
        }
        self.heard
    }
}
