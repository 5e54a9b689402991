//! What comes next, where it is, and a real server: what it is sent is what it plays.
//!
//! Where `pulseaudio` and `parec` are not installed the server's part is left out; `.ci/sound.sh` sees to it that it
//! is not.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use snmf_workbench::playback::{Choice, Output, Player, Program, SilentClock, Track, Transport};

const RATE: u32 = 16_000;

/// Samples of which each one says where it stands, exactly.
fn ramp(length: u16, sign: f32) -> Arc<[f32]> {
    (0..length).map(|i| sign * f32::from(i + 1) / 65536.0).collect()
}

fn program(length: u16) -> Arc<Program> {
    let track = |samples, gain| Some(Track { samples, gain });
    let tracks = [track(ramp(length, 1.0), 1.0), track(ramp(length, -1.0), 0.5), None, None];
    Arc::new(Program { rate: RATE, length: length.into(), tracks })
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited 20 s for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn silent(length: u16) -> Transport {
    let transport = Transport::start(Box::new(SilentClock), || {}).unwrap();
    transport.set_program(program(length));
    transport
}

/// An output that takes what it is given and has heard it at once.
#[derive(Clone, Default)]
struct Tape(Arc<std::sync::Mutex<Vec<f32>>>);

impl Player for Tape {
    fn name(&self) -> &'static str {
        "tape"
    }

    fn open(&mut self, _: u32) -> Result<Box<dyn Output>, snmf_workbench::playback::OutputError> {
        Ok(Box::new(self.clone()))
    }
}

impl Output for Tape {
    fn wanted(&mut self, _: Duration) -> Result<usize, snmf_workbench::playback::OutputError> {
        std::thread::sleep(Duration::from_micros(200));
        Ok(50)
    }

    fn write(&mut self, samples: &[f32]) -> Result<(), snmf_workbench::playback::OutputError> {
        self.0.lock().unwrap().extend(samples);
        Ok(())
    }

    fn heard(&mut self) -> u64 {
        self.0.lock().unwrap().len() as u64
    }
}

impl Tape {
    fn samples(&self) -> Vec<f32> {
        self.0.lock().unwrap().clone()
    }
}

fn taped(length: u16) -> (Tape, Transport) {
    let tape = Tape::default();
    let transport = Transport::start(Box::new(tape.clone()), || {}).unwrap();
    transport.set_program(program(length));
    (tape, transport)
}

#[test]
fn it_plays_to_the_end_and_begins_anew() {
    let (tape, transport) = taped(3000);
    let original = ramp(3000, 1.0);
    for _ in 0..2 {
        tape.0.lock().unwrap().clear();
        transport.play();
        assert!(transport.state().playing);
        wait_until("the end", || !transport.state().playing);
        let heard = tape.samples();
        assert_eq!(heard[..3000], original[..]);
        assert!(heard[3000..].iter().all(|x| *x == 0.0));
        assert_eq!(transport.position(), 3000);
    }
}

#[test]
fn a_switch_is_a_short_fade_at_the_same_position() {
    let (tape, transport) = taped(60_000);
    transport.play();
    wait_until("some of it", || tape.samples().len() > 1000);
    transport.listen(Choice::A);
    assert_eq!(transport.choice(), Choice::A);
    let switched = tape.samples().len();
    wait_until("some more", || tape.samples().len() > switched + 1000);
    transport.set_level_match(true);
    let matched = tape.samples().len();
    wait_until("still more", || tape.samples().len() > matched + 1000);
    drop(transport);
    let heard = tape.samples();
    // Sample i is that of position i whatever is heard, so that nothing was left out or said twice.
    let of = |i: usize| (i + 1) as f32 / 65536.0;
    let count = |range: Range<usize>, gain: f32| range.filter(|i| heard[*i] == gain * of(*i)).count();
    let (original, other, quiet) =
        (count(0..heard.len(), 1.0), count(0..heard.len(), -1.0), count(0..heard.len(), -0.5));
    let between = heard.len() - original - other - quiet;
    assert!(original > 1000 && other >= 900 && quiet >= 900, "{original} {other} {quiet}");
    assert!(between <= 2 * 80, "two fades of 5 ms are {between} samples");
    let steepest = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.03, "no click: {steepest}");
}

#[test]
fn a_region_is_played_over_and_over_and_positions_stay_in_it() {
    let (tape, transport) = taped(20_000);
    transport.seek(2000);
    transport.set_loop(Some(2000..3000));
    transport.play();
    wait_until("five rounds", || tape.samples().len() > 5000);
    for _ in 0..50 {
        let position = transport.position();
        assert!((2000..=3100).contains(&position), "{position}");
        std::thread::sleep(Duration::from_micros(300));
    }
    transport.set_loop(None);
    let left = tape.samples().len();
    wait_until("it leaves the region", || tape.samples().len() > left + 2000);
    transport.pause();
    wait_until("it holds", || !transport.state().playing);
    let heard = tape.samples();
    let of = |i: usize| (i + 1) as f32 / 65536.0;
    // From the second round on a round begins with a fade from what would have come.
    for round in 0..4 {
        for i in 100..1000 {
            assert_eq!(heard[1000 * round + i], of(2000 + i), "round {round}, sample {i}");
        }
    }
    assert!(heard.iter().any(|x| *x > of(3500)), "it went on behind the region");
    // An empty region is none.
    transport.set_loop(Some(50..50));
    transport.seek(0);
    transport.play();
    wait_until("it goes on", || transport.position() > 500);
}

#[test]
fn it_holds_goes_on_and_jumps() {
    let transport = silent(60_000);
    assert_eq!((transport.position(), transport.state().playing), (0, false));
    transport.seek(8000);
    assert_eq!(transport.position(), 8000);
    transport.play();
    let begun = Instant::now();
    wait_until("a tenth of a second", || transport.position() >= 9600);
    let taken = begun.elapsed().as_secs_f64();
    assert!((0.09..0.4).contains(&taken), "{taken}");
    transport.pause();
    let held = transport.position();
    std::thread::sleep(Duration::from_millis(150));
    let still = transport.position();
    assert!(still.abs_diff(held) <= 2000 && !transport.state().playing, "{held} {still}");
    let still = transport.position();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(transport.position(), still);
    transport.play();
    wait_until("it goes on from there", || transport.position() > still + 500);
    transport.seek(1000);
    wait_until("it has jumped", || (1000..4000).contains(&transport.position()));
    // A sound of other length is another sound.
    transport.set_program(program(500));
    wait_until("it stops", || !transport.state().playing && transport.position() == 0);
    // Nothing to play.
    transport.set_program(Arc::default());
    transport.play();
    assert!(!transport.state().playing);
}

#[test]
fn its_clock_is_the_time() {
    let transport = silent(60_000);
    transport.play();
    wait_until("it moves", || transport.position() > 0);
    let (begun, from) = (Instant::now(), transport.position());
    for _ in 0..60 {
        std::thread::sleep(Duration::from_millis(10));
        let expected = from as f64 + begun.elapsed().as_secs_f64() * f64::from(RATE);
        let off = (transport.position() as f64 - expected).abs();
        assert!(off < 512.0, "one frame is 512 samples, and it is {off} off");
    }
}

#[cfg(target_os = "linux")]
mod server {
    use std::fs::File;
    use std::io::Read;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::sync::Mutex;

    use snmf_workbench::playback::PulseAudio;
    use snmf_workbench::signal::{Demo, ReadOptions, load};

    use super::*;

    /// A server of its own with a sink that nobody hears.
    struct Server {
        child: Child,
        socket: PathBuf,
    }

    #[allow(clippy::print_stdout)] // continuous integration reads it
    fn installed() -> bool {
        let found = |name| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
        let all = found("pulseaudio") && found("parec");
        println!("{}", if all { "played through a real server" } else { "no server is installed" });
        all
    }

    impl Server {
        fn start(folder: &Path) -> Self {
            Self::with_sink(folder, &format!("format=float32le rate={RATE} channels=1 channel_map=mono"))
        }

        fn with_sink(folder: &Path, kind: &str) -> Self {
            let socket = folder.join("native");
            let _ = std::fs::remove_file(&socket);
            let sink = format!("module-null-sink sink_name=null0 {kind}");
            let protocol =
                format!("module-native-protocol-unix auth-anonymous=1 socket={}", socket.display());
            let child = Command::new("pulseaudio")
                .args([
                    "-n",
                    "--daemonize=no",
                    "--exit-idle-time=-1",
                    "--use-pid-file=no",
                    "-L",
                    &sink,
                    "-L",
                    &protocol,
                ])
                .env("HOME", folder)
                .env("XDG_RUNTIME_DIR", folder)
                .stderr(File::create(folder.join("pulseaudio.log")).unwrap())
                .spawn()
                .unwrap();
            let server = Self { child, socket };
            wait_until("the server", || {
                let mut ask = Command::new("pactl");
                ask.args(["-s", &server.place(), "info"]).stdout(Stdio::null()).stderr(Stdio::null());
                server.socket.exists() && ask.status().unwrap().success()
            });
            server
        }

        fn place(&self) -> String {
            format!("unix:{}", self.socket.display())
        }

        /// Records what the sink plays from now on.
        fn recorder(&self) -> Recorder {
            let server = self.place();
            let mut child = Command::new("parec")
                .args(["-s", &server, "-d", "null0.monitor", "--raw", "--latency-msec=10"])
                .args(["--format=float32le", &format!("--rate={RATE}"), "--channels=1"])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut out = child.stdout.take().unwrap();
            let samples = Arc::new(Mutex::new(Vec::new()));
            let into = Arc::clone(&samples);
            let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(move || {
                let (mut rest, mut bytes) = (Vec::new(), [0; 4096]);
                while let Ok(count) = out.read(&mut bytes) {
                    if count == 0 {
                        break;
                    }
                    rest.extend_from_slice(&bytes[..count]);
                    let whole = rest.len() / 4 * 4;
                    let new =
                        rest[..whole].chunks_exact(4).map(|x| f32::from_le_bytes(x.try_into().unwrap()));
                    into.lock().unwrap().extend(new);
                    rest.drain(..whole);
                }
            });
            let recorder = Recorder { child, samples, _thread: thread.unwrap() };
            wait_until("the recorder", || !recorder.samples.lock().unwrap().is_empty());
            recorder
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    struct Recorder {
        child: Child,
        samples: Arc<Mutex<Vec<f32>>>,
        _thread: std::thread::JoinHandle<()>,
    }

    impl Recorder {
        fn samples(&self) -> Vec<f32> {
            self.samples.lock().unwrap().clone()
        }

        fn last(&self) -> f32 {
            self.samples.lock().unwrap().last().copied().unwrap_or(0.0)
        }
    }

    impl Drop for Recorder {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    #[test]
    fn the_captured_sound_is_the_sound_sent() {
        if !installed() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path());
        let recorder = server.recorder();
        let speech = load(Demo::Speech, &ReadOptions::default()).unwrap();
        // A monitor has recorded the next few milliseconds before a stream begins: silence first.
        let samples: Arc<[f32]> = [vec![0.0; 3200], speech.samples].concat().into();
        let track = Some(Track { samples: Arc::clone(&samples), gain: 1.0 });
        let program = Program { rate: RATE, length: samples.len(), tracks: [track, None, None, None] };
        let transport = Transport::start(Box::new(PulseAudio::at(&server.socket)), || {}).unwrap();
        transport.set_program(Arc::new(program));
        transport.play();
        wait_until("the end", || !transport.state().playing);
        assert_eq!(transport.state().problem, None);
        std::thread::sleep(Duration::from_millis(300));
        let captured = recorder.samples();
        // Where it lies in what was captured is where both are most alike.
        let probe = &samples[8000..9600];
        let likeness = |offset: &usize| {
            let at = captured[*offset..].iter().zip(probe);
            at.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
        };
        let best =
            (0..captured.len() - probe.len()).max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap();
        let begin = best.checked_sub(8000).expect("all of it was captured");
        assert!(captured.len() >= begin + samples.len(), "it is complete");
        let others: Vec<usize> = (0..samples.len()).filter(|i| captured[begin + i] != samples[*i]).collect();
        assert!(others.is_empty(), "{} samples are not those sent, from {:?}", others.len(), others.first());
        assert!(captured[..begin].iter().all(|x| *x == 0.0), "before it there is silence");
    }

    #[test]
    fn the_position_is_the_one_that_is_heard() {
        if !installed() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path());
        let recorder = server.recorder();
        let transport = Transport::start(Box::new(PulseAudio::at(&server.socket)), || {}).unwrap();
        transport.set_program(program(60_000));
        transport.play();
        wait_until("it is heard", || recorder.last() > 0.05);
        let mut worst = 0.0f64;
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            // A captured sample says where it stands.
            let heard = f64::from(recorder.last()) * 65536.0;
            worst = worst.max((transport.position() as f64 - heard).abs());
            std::thread::sleep(Duration::from_millis(3));
        }
        println!("position against what is captured: at most {:.1} ms", worst / f64::from(RATE) * 1e3);
        assert!(worst < 512.0, "one frame is 512 samples, and it is {worst} off");
    }

    #[test]
    fn a_sink_of_another_kind_plays_in_time_too() {
        if !installed() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let server = Server::with_sink(folder.path(), "");
        let transport = Transport::start(Box::new(PulseAudio::at(&server.socket)), || {}).unwrap();
        transport.set_program(program(65_000));
        transport.play();
        let begun = Instant::now();
        let mut before = 0;
        while begun.elapsed() < Duration::from_secs(4) {
            let now = transport.position();
            assert!(now >= before, "it never goes back: {before} {now}");
            before = now;
            std::thread::sleep(Duration::from_millis(1));
        }
        // An idle sink of this kind has silence ready for two seconds.
        assert!(before > RATE as usize, "{before}");
        assert_eq!(transport.state().problem, None);
    }

    #[test]
    fn a_server_may_be_absent_die_hang_and_come_back() {
        if !installed() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("native");
        let waking = Arc::new(Mutex::new(0));
        let count = Arc::clone(&waking);
        let transport =
            Transport::start(Box::new(PulseAudio::at(&socket)), move || *count.lock().unwrap() += 1).unwrap();
        transport.set_program(program(65_000));
        // Absent: it says so, and the cursor moves.
        transport.play();
        wait_until("it says why", || transport.state().problem.is_some());
        let problem = transport.state().problem.unwrap();
        assert!(problem.contains("no sound server") && problem.contains("native"), "{problem}");
        wait_until("the cursor moves", || transport.position() > 500);
        assert!(*waking.lock().unwrap() > 0);
        transport.pause();
        // There: the next time it is heard, from where it was.
        let mut server = Server::start(folder.path());
        let recorder = server.recorder();
        transport.play();
        wait_until("it is heard", || recorder.last() > 0.01 && transport.state().problem.is_none());
        // Dead, in the middle of it.
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let begun = Instant::now();
        wait_until("it says why", || transport.state().problem.is_some());
        let problem = transport.state().problem.unwrap();
        assert!(problem.contains("has gone"), "{problem}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        let position = transport.position();
        wait_until("the cursor moves on", || transport.position() > position + 500);
        // Back: it is heard again.
        transport.pause();
        drop((recorder, server));
        let server = Server::start(folder.path());
        let recorder = server.recorder();
        transport.seek(20_000);
        transport.play();
        wait_until("it is heard again", || recorder.last() > 0.3);
        assert_eq!(transport.state().problem, None);
        // Stuck: nobody waits for it.
        let id = server.child.id().to_string();
        let signal = |name: &str| {
            let sent = Command::new("sh").args(["-c", &format!("kill {name} {id}")]).status();
            assert!(sent.unwrap().success());
        };
        signal("-STOP");
        let begun = Instant::now();
        transport.listen(Choice::A);
        transport.seek(100);
        let _ = (transport.position(), transport.state());
        assert!(begun.elapsed() < Duration::from_millis(50), "{:?}", begun.elapsed());
        wait_until("it says why", || transport.state().problem.is_some());
        assert!(transport.state().problem.unwrap().contains("does not answer"));
        signal("-CONT");
        let begun = Instant::now();
        drop(transport);
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
}
