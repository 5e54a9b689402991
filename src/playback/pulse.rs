//! Sound on Linux: PulseAudio's protocol, which PipeWire speaks too, spoken on one thread with limits to every wait.

use std::ffi::CString;
use std::io::{Cursor, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use pulseaudio::protocol::{
    self, AuthParams, AuthReply, ChannelMap, ChannelVolume, Command, CommandReply, CreatePlaybackStreamReply,
    DEFAULT_SINK, DESCRIPTOR_SIZE, LatencyParams, MAX_VERSION, PlaybackLatency, PlaybackStreamParams, Prop,
    Props, ProtocolError, SampleFormat, SampleSpec, SetClientNameReply, TagStructReader, stream::BufferAttr,
    stream::StreamFlags,
};

use super::output::{AHEAD, Output, OutputError, Player};

/// How long an answer may take. A server on the same machine needs a few milliseconds.
const ANSWER: Duration = Duration::from_secs(1);

/// How long a playing server may be silent: it has nothing to do but to answer, however busy the machine is.
const GONE: Duration = Duration::from_secs(2);

/// How often it is asked what has been heard.
const ASK: Duration = Duration::from_millis(20);

/// No message of a server is as long as this; one that says so is none.
const LONGEST: usize = 1 << 20;

/// Bytes of a sample.
const WIDE: usize = 4;

/// The number of the command that asks what has been heard; those of the begin are below.
const HEARD: u32 = 100;

/// A server found by its socket.
pub struct PulseAudio {
    place: Result<PathBuf, OutputError>,
}

impl PulseAudio {
    /// The server that the environment names, or the usual one of this user.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let place = if let Some(server) = variable("PULSE_SERVER") {
            let path = server.strip_prefix("unix:").unwrap_or(&server);
            if path.starts_with('/') { Ok(path.into()) } else { Err(OutputError::Remote { place: server }) }
        } else if let Some(folder) = variable("PULSE_RUNTIME_PATH") {
            Ok(Path::new(&folder).join("native"))
        } else {
            let folder = variable("XDG_RUNTIME_DIR").ok_or(OutputError::NoPlace);
            folder.map(|folder| Path::new(&folder).join("pulse/native"))
        };
        Self { place }
    }

    /// The server with this socket.
    pub fn at(socket: &Path) -> Self {
        Self { place: Ok(socket.to_owned()) }
    }
}

impl Player for PulseAudio {
    fn name(&self) -> &'static str {
        "PulseAudio"
    }

    fn open(&mut self, rate: u32) -> Result<Box<dyn Output>, OutputError> {
        let place = self.place.as_ref().map_err(Clone::clone)?;
        let absent = |e: std::io::Error| OutputError::Absent {
            reason: e.to_string(),
            place: place.display().to_string(),
        };
        let socket = UnixStream::connect(place).map_err(absent)?;
        socket.set_write_timeout(Some(ANSWER)).map_err(absent)?;
        let mut line = Line { socket, version: MAX_VERSION, received: Vec::new() };
        let stream = line.begin(rate)?;
        Ok(Box::new(PulseStream {
            room: stream.requested_bytes as usize,
            channel: stream.channel,
            rate: f64::from(rate),
            line,
            written: 0,
            reported: None,
            asked: None,
            heard: 0,
        }))
    }
}

/// The connection, with what has been received of the next message.
struct Line {
    socket: UnixStream,
    version: u16,
    received: Vec<u8>,
}

/// A playing stream.
struct PulseStream {
    line: Line,
    channel: u32,
    rate: f64,
    /// Bytes that the server has asked for and has not got.
    room: usize,
    /// Samples.
    written: u64,
    /// Samples heard, when that was, and whether it went on from there; below zero while others are still on their way.
    reported: Option<(f64, Instant, bool)>,
    /// When it was last asked, and whether the answer is still to come.
    asked: Option<(Instant, bool)>,
    heard: u64,
}

fn gone(e: &std::io::Error) -> OutputError {
    match e.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => OutputError::Silent,
        _ => OutputError::Gone { reason: e.to_string() },
    }
}

fn refused(e: ProtocolError) -> OutputError {
    match e {
        ProtocolError::Io(e) => gone(&e),
        ProtocolError::ServerError(e) => OutputError::Refused { reason: format!("{e:?}") },
        e => OutputError::Refused { reason: e.to_string() },
    }
}

impl Line {
    /// Introduces this program and opens a stream of one channel.
    fn begin(&mut self, rate: u32) -> Result<CreatePlaybackStreamReply, OutputError> {
        let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
        let auth = AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie: cookie.unwrap_or_default(),
        };
        let reply: AuthReply = self.ask(1, &Command::Auth(auth))?;
        self.version = MAX_VERSION.min(reply.version);
        let mut props = Props::new();
        props.set(Prop::ApplicationName, c"snmf");
        if let Ok(id) = CString::new(std::process::id().to_string()) {
            props.set(Prop::ApplicationProcessId, id);
        }
        let _: SetClientNameReply = self.ask(2, &Command::SetClientName(props))?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a fraction of a second
        let bytes = |seconds: f64| WIDE as u32 * (seconds * f64::from(rate)) as u32;
        let mut stream_props = Props::new();
        stream_props.set(Prop::MediaName, c"snmf");
        self.ask(
            3,
            &Command::CreatePlaybackStream(PlaybackStreamParams {
                sample_spec: SampleSpec { format: SampleFormat::Float32Le, channels: 1, sample_rate: rate },
                channel_map: ChannelMap::mono(),
                sink_name: Some(DEFAULT_SINK.to_owned()),
                // By itself a server buffers two seconds, which it reports only when they are over.
                buffer_attr: BufferAttr {
                    target_length: bytes(AHEAD),
                    pre_buffering: bytes(AHEAD / 2.0),
                    minimum_request_length: bytes(AHEAD / 6.0),
                    ..BufferAttr::default()
                },
                cvolume: Some(ChannelVolume::norm(1)),
                props: stream_props,
                flags: StreamFlags { adjust_latency: true, ..StreamFlags::default() },
                ..PlaybackStreamParams::default()
            }),
        )
    }

    fn send(&mut self, number: u32, command: &Command) -> Result<(), OutputError> {
        protocol::write_command_message(&mut self.socket, number, command, self.version).map_err(refused)
    }

    /// Sends a command and waits for its answer, within limits.
    fn ask<R: CommandReply>(&mut self, number: u32, command: &Command) -> Result<R, OutputError> {
        self.send(number, command)?;
        let until = Instant::now() + ANSWER;
        while Instant::now() < until {
            while let Some(message) = self.message()? {
                match self.read(&message) {
                    Some((got, Command::Reply, at)) if got == number => {
                        let mut payload = Cursor::new(&message[at..]);
                        return TagStructReader::new(&mut payload, self.version).read().map_err(refused);
                    }
                    Some((got, Command::Error(e), _)) if got == number => {
                        return Err(OutputError::Refused { reason: format!("{e:?}") });
                    }
                    _ => {}
                }
            }
            self.receive(ANSWER / 10)?;
        }
        Err(OutputError::Silent)
    }

    /// Takes in what is there, and waits up to `patience` for it.
    fn receive(&mut self, patience: Duration) -> Result<(), OutputError> {
        self.socket.set_read_timeout(Some(patience)).map_err(|e| gone(&e))?;
        let mut bytes = [0; 4096];
        match self.socket.read(&mut bytes) {
            Ok(0) => Err(OutputError::Gone { reason: "it closed the connection".to_owned() }),
            Ok(count) => {
                self.received.extend_from_slice(&bytes[..count]);
                Ok(())
            }
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Ok(())
            }
            Err(e) => Err(gone(&e)),
        }
    }

    /// The next message without its descriptor, once it is all there.
    fn message(&mut self) -> Result<Option<Vec<u8>>, OutputError> {
        if self.received.len() < DESCRIPTOR_SIZE {
            return Ok(None);
        }
        let descriptor = protocol::read_descriptor(&mut Cursor::new(&self.received)).map_err(refused)?;
        let length = descriptor.length as usize;
        if length > LONGEST {
            return Err(OutputError::Refused {
                reason: "it does not speak PulseAudio's protocol".to_owned(),
            });
        }
        if self.received.len() < DESCRIPTOR_SIZE + length {
            return Ok(None);
        }
        let rest = self.received.split_off(DESCRIPTOR_SIZE + length);
        let mut message = std::mem::replace(&mut self.received, rest);
        Ok(Some(message.split_off(DESCRIPTOR_SIZE)))
    }

    /// The number and the command of a message, and where what belongs to the command begins; none of one that this
    /// program has no use for.
    fn read(&self, message: &[u8]) -> Option<(u32, Command, usize)> {
        let mut cursor = Cursor::new(message);
        let (number, command) = Command::read_tag_prefixed(&mut cursor, self.version).ok()?;
        Some((number, command, usize::try_from(cursor.position()).ok()?))
    }
}

impl PulseStream {
    /// Deals with every message that is there.
    fn listen(&mut self) -> Result<(), OutputError> {
        while let Some(message) = self.line.message()? {
            match self.line.read(&message) {
                Some((_, Command::Request(request), _)) if request.channel == self.channel => {
                    self.room += request.length as usize;
                }
                Some((_, Command::PlaybackStreamKilled(_), _)) => {
                    return Err(OutputError::Gone { reason: "it ended the stream".to_owned() });
                }
                Some((_, Command::Error(e), _)) => {
                    return Err(OutputError::Refused { reason: format!("{e:?}") });
                }
                Some((HEARD, Command::Reply, at)) => {
                    let mut payload = Cursor::new(&message[at..]);
                    let latency = TagStructReader::new(&mut payload, self.line.version).read();
                    self.learn(&latency.map_err(refused)?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What has been read from the buffer less what is still on its way to the ear.
    fn learn(&mut self, latency: &PlaybackLatency) {
        let read = latency.read_offset.max(0) as f64 / WIDE as f64;
        let heard = read - latency.sink_usec as f64 * 1e-6 * self.rate;
        self.reported = Some((heard, Instant::now(), latency.playing));
        self.asked = self.asked.map(|(when, _)| (when, false));
    }

    fn ask_what_was_heard(&mut self) -> Result<(), OutputError> {
        if self.asked.is_some_and(|(when, pending)| pending || when.elapsed() < ASK) {
            return Ok(());
        }
        self.asked = Some((Instant::now(), true));
        let command = LatencyParams { channel: self.channel, now: SystemTime::now() };
        self.line.send(HEARD, &Command::GetPlaybackLatency(command))
    }
}

impl Output for PulseStream {
    fn wanted(&mut self, patience: Duration) -> Result<usize, OutputError> {
        self.ask_what_was_heard()?;
        self.listen()?;
        if self.asked.is_some_and(|(when, pending)| pending && when.elapsed() > GONE) {
            return Err(OutputError::Silent);
        }
        if self.room < WIDE {
            self.line.receive(patience)?;
            self.listen()?;
        }
        Ok(self.room / WIDE)
    }

    fn write(&mut self, samples: &[f32]) -> Result<(), OutputError> {
        let mut message = Vec::with_capacity(DESCRIPTOR_SIZE + WIDE * samples.len());
        let bytes: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
        // In one piece: half a message would be the end of the stream.
        protocol::write_memblock(&mut message, self.channel, &bytes, 0).map_err(refused)?;
        self.line.socket.write_all(&message).map_err(|e| gone(&e))?;
        self.room = self.room.saturating_sub(bytes.len());
        self.written += samples.len() as u64;
        Ok(())
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of samples
    fn heard(&mut self) -> u64 {
        if let Some((heard, when, playing)) = self.reported {
            // Answers come every few hundredths of a second; longer than that it is not known to have gone on.
            let since = if playing { when.elapsed().min(3 * ASK).as_secs_f64() * self.rate } else { 0.0 };
            self.heard = self.heard.max((heard + since).max(0.0) as u64).min(self.written);
        }
        self.heard
    }
}
