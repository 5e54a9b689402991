//! The transport: a thread of its own that keeps an output filled, asked and read without ever waiting for it.

use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::marks::Marks;
use super::mixer::{Choice, Mixer, Program, Wanted};
use super::output::{Output, OutputError, Player};
use super::silent::SilentClock;

/// How long the thread waits for an output to want something: also how late it hears of what is asked.
const PATIENCE: Duration = Duration::from_millis(5);

/// Samples handed over at a time.
const CHUNK: usize = 4096;

/// What the transport is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransportState {
    /// Whether it plays, or is about to.
    pub playing: bool,
    /// Why nothing is heard, where that is so: the cursor moves all the same.
    pub problem: Option<String>,
    /// What it plays through.
    pub player: &'static str,
}

/// Plays a program. Every call returns at once; what was asked last is what happens.
pub struct Transport {
    shared: Arc<(Mutex<SharedState>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and those who ask share.
#[derive(Default)]
struct SharedState {
    wanted: Wanted,
    seek: Option<usize>,
    closed: bool,
    state: TransportState,
    cursor: PlayCursor,
}

/// Where it is, so that others can follow it without asking.
#[derive(Default)]
struct PlayCursor {
    /// The position while nothing plays.
    resting: usize,
    /// What had been heard, and when.
    heard: u64,
    at: Option<Instant>,
    /// Whether it goes on from there.
    moves: bool,
    /// The most that was reported of this output: what is heard never goes back.
    reported: u64,
    /// What is written: nothing beyond can have been heard.
    written: u64,
    marks: Marks,
    /// A jump that is not heard yet: where to, and what is heard once it is.
    seeking: Option<(usize, u64)>,
}

impl Transport {
    /// A transport that plays through `player`. `wake` is called when it stops by itself or cannot be heard.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(player: Box<dyn Player>, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let mut shared = SharedState::default();
        shared.state.player = player.name();
        let shared = Arc::new((Mutex::new(shared), Condvar::new()));
        let inner = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("snmf-playback".to_owned()).spawn(move || {
            Driver { shared: inner, player, wake: Box::new(wake), playing: None }.run();
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Plays these tracks from now on; where the sound is another one, from its begin.
    pub fn set_program(&self, program: Arc<Program>) {
        self.ask(|shared| {
            let before = &shared.wanted.program;
            if (before.rate, before.length) != (program.rate, program.length) {
                shared.wanted.playing = false;
                shared.state.playing = false;
                shared.wanted.looped = None;
                shared.seek = Some(0);
            }
            shared.wanted.program = program;
        });
    }

    /// Plays from where it is; a server that was not there is looked for again.
    pub fn play(&self) {
        self.ask(|shared| {
            shared.wanted.playing = shared.wanted.program.length > 0;
            shared.state.playing = shared.wanted.playing;
        });
    }

    /// Holds where it is.
    pub fn pause(&self) {
        self.ask(|shared| {
            shared.wanted.playing = false;
            shared.state.playing = false;
        });
    }

    /// Goes to this sample, playing or not.
    pub fn seek(&self, position: usize) {
        self.ask(|shared| shared.seek = Some(position));
    }

    /// Switches what is heard, at the same position.
    pub fn listen(&self, choice: Choice) {
        self.ask(|shared| shared.wanted.choice = choice);
    }

    /// Plays this region over and over, or none.
    pub fn set_loop(&self, looped: Option<Range<usize>>) {
        self.ask(|shared| shared.wanted.looped = looped);
    }

    /// Whether tracks are made equally loud.
    pub fn set_level_match(&self, level_match: bool) {
        self.ask(|shared| shared.wanted.level_match = level_match);
    }

    /// What is listened to.
    pub fn choice(&self) -> Choice {
        lock(&self.shared.0).wanted.choice
    }

    /// What it is doing.
    pub fn state(&self) -> TransportState {
        lock(&self.shared.0).state.clone()
    }

    /// The sample that is heard now.
    pub fn position(&self) -> usize {
        let shared = &mut *lock(&self.shared.0);
        let (cursor, program) = (&mut shared.cursor, &shared.wanted.program);
        if let Some(seek) = shared.seek {
            return seek.min(program.length);
        }
        let Some(at) = cursor.at else { return cursor.resting.min(program.length) };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // samples since the thread looked
        let since = (at.elapsed().as_secs_f64() * f64::from(program.rate)) as u64;
        let since = if cursor.moves { since } else { 0 };
        let heard = (cursor.heard + since).max(cursor.reported).min(cursor.written);
        cursor.reported = heard;
        if let Some((to, _)) = cursor.seeking.filter(|(_, from)| heard < *from) {
            return to.min(program.length);
        }
        cursor.marks.position(heard).min(program.length)
    }

    fn ask(&self, change: impl FnOnce(&mut SharedState)) {
        change(&mut lock(&self.shared.0));
        self.shared.1.notify_one();
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        self.ask(|shared| shared.closed = true);
        if let Some(thread) = self.thread.take() {
            // It looks at the shared state every few milliseconds; an output that hangs is left within its own patience.
            let _ = thread.join();
        }
    }
}

/// The thread's side.
struct Driver {
    shared: Arc<(Mutex<SharedState>, Condvar)>,
    player: Box<dyn Player>,
    wake: Box<dyn Fn() + Send>,
    playing: Option<Playing>,
}

/// An output with what goes to it.
struct Playing {
    output: Box<dyn Output>,
    mixer: Mixer,
    /// What had been heard when it was last looked at.
    heard: u64,
}

impl Driver {
    fn run(mut self) {
        while let Some((wanted, seek)) = self.next() {
            if let Some(playing) = self.playing.take() {
                self.go_on(playing, wanted, seek);
                continue;
            }
            if let Some(position) = seek {
                lock(&self.shared.0).cursor.resting = position;
            }
            if wanted.playing {
                self.open(wanted);
            }
        }
    }

    fn go_on(&mut self, mut playing: Playing, wanted: Wanted, seek: Option<usize>) {
        playing.mixer.set(wanted.clone());
        if let Some(position) = seek {
            playing.mixer.seek(position);
        }
        match playing.step() {
            Ok(heard) => self.follow(playing, heard),
            Err(e) => self.go_on_silently(&e, wanted, playing),
        }
    }

    /// What is wanted now; waits while there is nothing to do. None at the end.
    fn next(&self) -> Option<(Wanted, Option<usize>)> {
        let (mutex, moved) = &*self.shared;
        let mut shared = lock(mutex);
        while self.playing.is_none() && !shared.closed && !shared.wanted.playing && shared.seek.is_none() {
            shared = moved.wait(shared).unwrap_or_else(PoisonError::into_inner);
        }
        if shared.closed {
            return None;
        }
        // While something plays, a jump shows at once and is then where the output says it is.
        Some((shared.wanted.clone(), shared.seek.take()))
    }

    fn open(&mut self, wanted: Wanted) {
        let (rate, position) = (wanted.program.rate, lock(&self.shared.0).cursor.resting);
        let (output, problem) = match self.player.open(rate) {
            Ok(output) => (Ok(output), None),
            Err(e) => (SilentClock.open(rate), Some(e.to_string())),
        };
        // A clock that makes no sound opens always.
        let Ok(output) = output else { return };
        self.report(problem);
        let mixer = Mixer::new(wanted, position);
        self.playing = Some(Playing { output, mixer, heard: 0 });
    }

    /// Takes over where a server has left.
    fn go_on_silently(&mut self, e: &OutputError, wanted: Wanted, mut playing: Playing) {
        let position = playing.mixer.rest(playing.output.heard());
        let rate = wanted.program.rate;
        drop(playing.output);
        self.report(Some(e.to_string()));
        let Ok(output) = SilentClock.open(rate) else { return };
        let mixer = Mixer::new(wanted, position);
        self.playing = Some(Playing { output, mixer, heard: 0 });
    }

    /// Says why an output that begins is not heard, if it is not.
    fn report(&self, problem: Option<String>) {
        let mut shared = lock(&self.shared.0);
        shared.state.problem = problem;
        shared.cursor.reported = 0;
        drop(shared);
        (self.wake)();
    }

    /// Says where it is, and ends when nothing is left to be heard.
    fn follow(&mut self, mut playing: Playing, heard: u64) {
        let over = playing.mixer.is_over(heard);
        let mut shared = lock(&self.shared.0);
        let position = playing.mixer.position(heard);
        let (marks, written, seeking) = playing.mixer.follow(heard);
        let resting = playing.mixer.rest(heard);
        let moves = heard > playing.heard;
        playing.heard = heard;
        let at = (!over).then(Instant::now);
        let reported = shared.cursor.reported;
        shared.cursor = PlayCursor { resting, heard, at, moves, reported, written, marks, seeking };
        if !over {
            drop(shared);
            self.playing = Some(playing);
            return;
        }
        if position >= shared.wanted.program.length {
            // Its end, not a pause: the next time it begins anew.
            shared.wanted.playing = false;
        }
        shared.state.playing = shared.wanted.playing;
        drop(shared);
        (self.wake)();
    }
}

impl Playing {
    /// Hands over what the output wants, and reports what has been heard.
    fn step(&mut self) -> Result<u64, OutputError> {
        let wanted = self.output.wanted(PATIENCE)?.min(CHUNK);
        if wanted > 0 {
            let mut samples = vec![0.0; wanted];
            self.mixer.fill(&mut samples);
            self.output.write(&samples)?;
        }
        Ok(self.output.heard())
    }
}

fn lock(mutex: &Mutex<SharedState>) -> MutexGuard<'_, SharedState> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
