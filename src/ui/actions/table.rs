//! Everything that can be done in the window, in one table: menus, keys, tooltips and the command list read it.

use std::borrow::Cow;

use egui::{Key, KeyboardShortcut, Modifiers, ThemePreference};

use crate::engine::{Batch, InputState, LaneId, Session, Trace};
use crate::figure::{ColorMap, FrequencyScale};
use crate::playback::Choice;
use crate::signal::Demo;
use crate::ui::view::{Below, PaneId, Shown, Side, View};

/// An action of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Choose a sound, a spectrogram or a factor stream.
    Open,
    /// Analyse a built-in signal with settings that suit it.
    Demo(Demo),
    /// Read a factor stream into a lane.
    Import(LaneId),
    /// An empty session in the place of this one.
    NewSession,
    /// Write the session where it was written before.
    Save,
    /// Write it somewhere else.
    SaveAs,
    /// Write it with everything that belongs to it.
    SaveBundle,
    /// What was opened before.
    Recent,
    /// The sound of runs whose sound was not where it was.
    Locate,
    /// Leave.
    Quit,
    /// Take back the latest edit.
    Undo,
    /// Do it again.
    Redo,
    /// Copy the command line that does the same.
    CopyCommand,
    /// Copy the numbers of both lanes.
    CopyTable,
    /// Copy the pane under the pointer, or both lanes, as a picture for a paper.
    CopyFigure,
    /// Start both lanes.
    RunBoth,
    /// Start one lane.
    Run(LaneId),
    /// Hold both lanes, or let them go on.
    Pause,
    /// End both lanes with what they have.
    Cancel,
    /// End one lane with what it has.
    CancelLane(LaneId),
    /// Trace bytes against loss, or stop that.
    Sweep,
    /// Run every combination of some values, or look how far that is.
    Grid,
    /// Search for R and T that serve a budget best, and show them as a map.
    Choose,
    /// Give the bases of a lane to the runs that follow.
    UseBases(LaneId),
    /// Analyse the marked region alone and run both lanes on it.
    RunRegion,
    /// Analyse all of the file again and run both lanes on it.
    RunWhole,
    /// Show the marked region.
    ZoomRegion,
    /// Mark no region.
    ClearRegion,
    /// Show all of the signal.
    Fit,
    /// The view before this one.
    Back,
    /// The view that [`Action::Back`] left.
    Forward,
    /// Both columns show the same part, or each its own.
    Link,
    /// Half the time range.
    ZoomIn,
    /// Twice the time range.
    ZoomOut,
    /// Half the frequency range.
    ZoomInFrequency,
    /// Twice the frequency range.
    ZoomOutFrequency,
    /// Earlier by a second.
    Earlier,
    /// Later by a second.
    Later,
    /// Earlier by ten seconds.
    MuchEarlier,
    /// Later by ten seconds.
    MuchLater,
    /// What the spectrogram panes show.
    Show(Shown),
    /// Difference between V and the models, or the models.
    Residual,
    /// How frequencies are spread.
    Scale(FrequencyScale),
    /// Linear, logarithmic, mel.
    NextScale,
    /// Colours of levels.
    Map(ColorMap),
    /// Dark, light, or as the system says.
    Theme(ThemePreference),
    /// Dark or light.
    OtherTheme,
    /// All of the screen, or not.
    FullScreen,
    /// Panels as wide as they were at first.
    ResetLayout,
    /// Show what stands beside the panes.
    Side(Side),
    /// Show every run.
    Runs,
    /// Show the messages.
    Messages,
    /// Hear the selected component alone.
    Solo,
    /// Hear all but the selected component.
    Mute,
    /// Hear all components again.
    HearAll,
    /// Components by energy, or by number.
    ByEnergy,
    /// Write the factors of a lane.
    Export(LaneId),
    /// Put a figure of a pane together.
    SavePane(PaneId),
    /// Put a figure together.
    Figure,
    /// Write factors, curves, histograms and metrics.
    ExportData,
    /// Write all of that and the figures.
    ExportAll,
    /// Write a picture of the window.
    SaveWindow,
    /// Play, or hold.
    Play,
    /// Switch what is heard.
    Listen(Choice),
    /// Play the region, or what is shown, over and over.
    Loop,
    /// Make all that can be heard equally loud.
    LevelMatch,
    /// Find out whether anybody hears a difference.
    Abx,
    /// Write what can be heard.
    SaveSound(Choice),
    /// Find an action by its name.
    Commands,
    /// Show all keys.
    Keys,
}

/// The menus, from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// What comes in.
    File,
    /// What is typed and copied.
    Edit,
    /// What is looked at.
    View,
    /// What is computed.
    Run,
    /// What is heard.
    Listen,
    /// What goes out.
    Export,
    /// How to.
    Help,
}

impl Menu {
    /// All of them, from the left.
    pub const ALL: [Self; 7] =
        [Self::File, Self::Edit, Self::View, Self::Run, Self::Listen, Self::Export, Self::Help];

    /// The word in the bar.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::View => "View",
            Self::Run => "Run",
            Self::Listen => "Listen",
            Self::Export => "Export",
            Self::Help => "Help",
        }
    }
}

/// The row of an action in the table.
pub struct Entry {
    /// The words on a button or in a menu.
    pub label: Cow<'static, str>,
    /// One sentence for the tooltip.
    pub hint: &'static str,
    /// The key that does it.
    pub keys: Option<KeyboardShortcut>,
    /// Where it stands; actions of one menu with the same group stand together.
    pub menu: Menu,
    /// The menu within the menu.
    pub submenu: Option<&'static str>,
    /// Parts of a menu between two lines.
    pub group: u8,
}

const PLAIN: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const COMMAND: Modifiers = Modifiers::COMMAND;

impl Action {
    /// All of them, in the order of the menus.
    pub fn all() -> Vec<Self> {
        let lanes = |action: fn(LaneId) -> Self| LaneId::BOTH.map(action);
        let themes = [ThemePreference::System, ThemePreference::Dark, ThemePreference::Light];
        let mut all = vec![Self::Open];
        all.extend(Demo::ALL.map(Self::Demo));
        all.push(Self::Recent);
        all.extend(lanes(Self::Import));
        all.extend([Self::NewSession, Self::Save, Self::SaveAs, Self::SaveBundle, Self::Locate]);
        all.extend([Self::Quit, Self::Undo, Self::Redo, Self::CopyCommand, Self::CopyTable]);
        all.push(Self::CopyFigure);
        all.extend([Self::Fit, Self::Back, Self::Forward, Self::Link, Self::ZoomIn, Self::ZoomOut]);
        all.extend([Self::ZoomInFrequency, Self::ZoomOutFrequency, Self::ZoomRegion]);
        all.extend([Self::Earlier, Self::Later, Self::MuchEarlier, Self::MuchLater, Self::ClearRegion]);
        all.extend([Shown::Model, Shown::Input, Shown::Residual].map(Self::Show));
        all.push(Self::Residual);
        all.extend(FrequencyScale::ALL.map(Self::Scale));
        all.push(Self::NextScale);
        all.extend(ColorMap::ALL.map(Self::Map));
        all.extend([Self::Solo, Self::Mute, Self::HearAll, Self::ByEnergy]);
        all.extend(themes.map(Self::Theme));
        all.extend([Self::OtherTheme, Self::FullScreen, Self::ResetLayout]);
        all.extend(Side::BOTH.map(Self::Side));
        all.extend([Self::Runs, Self::Messages]);
        all.push(Self::RunBoth);
        all.extend(lanes(Self::Run));
        all.extend([Self::Pause, Self::Cancel]);
        all.extend(lanes(Self::CancelLane));
        all.extend([Self::RunRegion, Self::RunWhole, Self::Sweep, Self::Grid, Self::Choose]);
        all.extend(lanes(Self::UseBases));
        all.push(Self::Play);
        all.extend(Choice::ALL.map(Self::Listen));
        all.extend([Self::Loop, Self::LevelMatch, Self::Abx]);
        all.extend(lanes(Self::Export));
        all.extend(Choice::ALL.map(Self::SaveSound));
        all.push(Self::Figure);
        all.extend(PaneId::all().into_iter().map(Self::SavePane));
        all.extend([Self::SaveWindow, Self::ExportData, Self::ExportAll, Self::Commands, Self::Keys]);
        all
    }

    /// Its row in the table.
    #[allow(clippy::too_many_lines)] // a table
    pub fn entry(self) -> Entry {
        let (menu, group, label, hint, keys): (Menu, u8, &str, &'static str, _) = match self {
            Self::Open => (
                Menu::File,
                0,
                "Open…",
                "Open a sound, a spectrogram, a factor stream or a session; a file dropped on the window does the same",
                Some((COMMAND, Key::O)),
            ),
            Self::Demo(demo) => (Menu::File, 0, demo.label(), demo.description(), None),
            Self::Import(LaneId::A) => {
                (Menu::File, 1, "Import factors into A…", "Read a factor stream into lane A", None)
            }
            Self::Import(LaneId::B) => {
                (Menu::File, 1, "Import factors into B…", "Read a factor stream into lane B", None)
            }
            Self::Recent => (
                Menu::File,
                0,
                "Recent files…",
                "Sounds, streams and sessions that were opened before, and sessions that were not saved",
                Some((COMMAND.plus(SHIFT), Key::O)),
            ),
            Self::NewSession => (
                Menu::File,
                2,
                "New session",
                "Start an empty session; this one can be opened again from Recent files",
                Some((COMMAND, Key::N)),
            ),
            Self::Save => (
                Menu::File,
                2,
                "Save session",
                "Write settings, runs and view to a file; sounds stay where they are",
                Some((COMMAND, Key::S)),
            ),
            Self::SaveAs => (
                Menu::File,
                2,
                "Save session as…",
                "Write the session to another file",
                Some((COMMAND.plus(SHIFT), Key::S)),
            ),
            Self::SaveBundle => (
                Menu::File,
                2,
                "Save bundle…",
                "Write the session with its sounds and streams, so that it opens on another machine",
                None,
            ),
            Self::Locate => (
                Menu::File,
                2,
                "Locate audio…",
                "Choose the file of the sound that the runs of this session were learned from",
                None,
            ),
            Self::Quit => (Menu::File, 9, "Quit", "Close the window", Some((COMMAND, Key::Q))),
            Self::Undo => (
                Menu::Edit,
                0,
                "Undo",
                "Take back the latest edit of the settings or of the list of runs",
                Some((COMMAND, Key::Z)),
            ),
            Self::Redo => {
                (Menu::Edit, 0, "Redo", "Undo the latest Undo", Some((COMMAND.plus(SHIFT), Key::Z)))
            }
            Self::CopyCommand => (
                Menu::Edit,
                1,
                "Copy command",
                "Copy the command line that does the same without a window",
                Some((COMMAND.plus(SHIFT), Key::C)),
            ),
            Self::CopyTable => (
                Menu::Edit,
                1,
                "Copy table",
                "Copy the numbers of both lanes, with tabs between the columns",
                None,
            ),
            Self::Fit => (
                Menu::View,
                0,
                "Fit",
                "Show all of the signal; a double click in a plot does the same",
                Some((PLAIN, Key::F)),
            ),
            Self::Back => (
                Menu::View,
                0,
                "Back",
                "The part that was shown before this one",
                Some((PLAIN, Key::Backspace)),
            ),
            Self::Forward => (
                Menu::View,
                0,
                "Forward",
                "The part that was shown before the latest Back",
                Some((SHIFT, Key::Backspace)),
            ),
            Self::Link => (
                Menu::View,
                0,
                "Link the columns",
                "Both columns show the same part of the signal, or each its own",
                Some((PLAIN, Key::L)),
            ),
            Self::ZoomIn => (Menu::View, 1, "Zoom in", "Half the time range", Some((PLAIN, Key::Equals))),
            Self::ZoomOut => (Menu::View, 1, "Zoom out", "Twice the time range", Some((PLAIN, Key::Minus))),
            Self::ZoomInFrequency => (
                Menu::View,
                1,
                "Zoom in on frequency",
                "Half the frequency range",
                Some((PLAIN, Key::CloseBracket)),
            ),
            Self::ZoomOutFrequency => (
                Menu::View,
                1,
                "Zoom out of frequency",
                "Twice the frequency range",
                Some((PLAIN, Key::OpenBracket)),
            ),
            Self::Earlier => {
                (Menu::View, 1, "Earlier", "Move the view back by 1 s", Some((PLAIN, Key::ArrowLeft)))
            }
            Self::Later => {
                (Menu::View, 1, "Later", "Move the view on by 1 s", Some((PLAIN, Key::ArrowRight)))
            }
            Self::MuchEarlier => {
                (Menu::View, 1, "Much earlier", "Move the view back by 10 s", Some((SHIFT, Key::ArrowLeft)))
            }
            Self::MuchLater => {
                (Menu::View, 1, "Much later", "Move the view on by 10 s", Some((SHIFT, Key::ArrowRight)))
            }
            Self::ZoomRegion => (
                Menu::View,
                1,
                "Zoom to the region",
                "Show the marked region; Ctrl and drag in a plot marks one",
                Some((PLAIN, Key::Z)),
            ),
            Self::ClearRegion => (Menu::View, 1, "Clear the region", "Mark no part of the signal", None),
            Self::Show(Shown::Model) => {
                (Menu::View, 2, "Reconstructions", "What the factors add up to, in both columns", None)
            }
            Self::Show(Shown::Input) => {
                (Menu::View, 2, "Input", "The spectrogram that was factorised, in both columns", None)
            }
            Self::Show(Shown::Residual) => {
                (Menu::View, 2, "Residuals", "Difference of the input and the models, in both columns", None)
            }
            Self::Residual => (
                Menu::View,
                2,
                "Residuals on and off",
                "Residuals in both columns, or the models again; hold O for the input",
                Some((PLAIN, Key::D)),
            ),
            Self::Scale(FrequencyScale::Linear) => {
                (Menu::View, 2, "Linear", "Frequencies evenly over the height", None)
            }
            Self::Scale(FrequencyScale::Log) => {
                (Menu::View, 2, "Logarithmic", "An octave has the same height everywhere", None)
            }
            Self::Scale(FrequencyScale::Mel) => {
                (Menu::View, 2, "Mel", "Nearly linear below 1 kHz, nearly logarithmic above", None)
            }
            Self::NextScale => {
                (Menu::View, 2, "Next frequency axis", "Linear, logarithmic or mel", Some((PLAIN, Key::A)))
            }
            Self::Map(map) => (Menu::View, 2, map.name(), "Colours of levels, the same in every pane", None),
            Self::Solo => (
                Menu::View,
                2,
                "Solo the component",
                "Show the selected component alone, with others that are soloed",
                Some((PLAIN, Key::S)),
            ),
            Self::Mute => (
                Menu::View,
                2,
                "Mute the component",
                "Show the reconstruction without the selected component",
                Some((SHIFT, Key::S)),
            ),
            Self::HearAll => {
                (Menu::View, 2, "All components", "End every solo and mute", Some((PLAIN, Key::Num0)))
            }
            Self::ByEnergy => (
                Menu::View,
                2,
                "Loudest component first",
                "Components by their energy, not their number",
                None,
            ),
            Self::Theme(ThemePreference::System) => {
                (Menu::View, 3, "As the system", "Dark or light, as the system says", None)
            }
            Self::Theme(ThemePreference::Dark) => (Menu::View, 3, "Dark", "Light on dark", None),
            Self::Theme(ThemePreference::Light) => (Menu::View, 3, "Light", "Dark on light", None),
            Self::OtherTheme => (
                Menu::View,
                3,
                "Dark or light",
                "Change between the dark and the light theme",
                Some((COMMAND, Key::T)),
            ),
            Self::FullScreen => (
                Menu::View,
                3,
                "Full screen",
                "All of the screen, or a window again",
                Some((PLAIN, Key::F11)),
            ),
            Self::ResetLayout => {
                (Menu::View, 3, "Reset layout", "Panels as wide as at the first start", None)
            }
            Self::Side(Side::Controls) => {
                (Menu::View, 3, "Settings", "Show or hide the settings at the left", Some((PLAIN, Key::F9)))
            }
            Self::Side(Side::Numbers) => {
                (Menu::View, 3, "Numbers", "Show or hide the numbers at the right", Some((PLAIN, Key::F10)))
            }
            Self::Runs => (
                Menu::View,
                3,
                "Runs",
                "Show or hide every run, and how the two columns differ",
                Some((PLAIN, Key::R)),
            ),
            Self::Messages => {
                (Menu::View, 3, "Messages", "Show or hide the messages so far", Some((PLAIN, Key::M)))
            }
            Self::RunBoth => (
                Menu::Run,
                0,
                "Run both",
                "Start both lanes from the same seed on the same spectrogram",
                Some((PLAIN, Key::F5)),
            ),
            Self::Run(LaneId::A) => (Menu::Run, 0, "Run A", "Start lane A alone", None),
            Self::Run(LaneId::B) => (Menu::Run, 0, "Run B", "Start lane B alone", None),
            Self::Pause => (
                Menu::Run,
                1,
                "Pause or resume",
                "Pause both lanes after the iteration in progress, or resume them",
                Some((PLAIN, Key::F6)),
            ),
            Self::Cancel => (
                Menu::Run,
                1,
                "Cancel",
                "End both lanes after the iteration in progress and keep their factors, or end the reading of a sound",
                Some((COMMAND, Key::Period)),
            ),
            Self::CancelLane(LaneId::A) => {
                (Menu::Run, 1, "Cancel A", "End lane A after the iteration in progress", None)
            }
            Self::CancelLane(LaneId::B) => {
                (Menu::Run, 1, "Cancel B", "End lane B after the iteration in progress", None)
            }
            Self::Sweep => (
                Menu::Run,
                2,
                "Sweep",
                "Trace bytes against loss for every method that quantises, or stop the sweep",
                Some((PLAIN, Key::F7)),
            ),
            Self::Grid => (
                Menu::Run,
                2,
                "Grid of runs…",
                "Run every combination of some R, T, lambda and seeds, and list them",
                Some((PLAIN, Key::F8)),
            ),
            Self::Choose => (
                Menu::Run,
                2,
                "R and T for a budget…",
                "Try R and T in files of so many bytes, and show as a map which of them is the best",
                Some((SHIFT, Key::F8)),
            ),
            Self::RunRegion => (
                Menu::Run,
                1,
                "Run on the region",
                "Analyse the marked region alone and start both lanes on it",
                Some((SHIFT, Key::F5)),
            ),
            Self::RunWhole => (
                Menu::Run,
                1,
                "Run on all of the file",
                "Analyse the whole file again and start both lanes on it",
                None,
            ),
            Self::UseBases(LaneId::A) => {
                (Menu::Run, 3, "Use the bases of A", "Runs that follow keep the bases of lane A", None)
            }
            Self::UseBases(LaneId::B) => {
                (Menu::Run, 3, "Use the bases of B", "Runs that follow keep the bases of lane B", None)
            }
            Self::Export(LaneId::A) => (
                Menu::Export,
                0,
                "Export factors of A…",
                "Write the factors of lane A as a gzip stream",
                Some((COMMAND, Key::Num1)),
            ),
            Self::Export(LaneId::B) => (
                Menu::Export,
                0,
                "Export factors of B…",
                "Write the factors of lane B as a gzip stream",
                Some((COMMAND, Key::Num2)),
            ),
            Self::Play => (
                Menu::Listen,
                0,
                "Play or hold",
                "Play from the current position, or pause there",
                Some((PLAIN, Key::Space)),
            ),
            Self::Listen(Choice::Original) => (
                Menu::Listen,
                1,
                "The original",
                "Hear the sound that was analysed, at the same position",
                Some((PLAIN, Key::Num1)),
            ),
            Self::Listen(Choice::A) => (
                Menu::Listen,
                1,
                "The sound of A",
                "Hear what the factors of A add up to, without what is muted",
                Some((PLAIN, Key::Num2)),
            ),
            Self::Listen(Choice::B) => (
                Menu::Listen,
                1,
                "The sound of B",
                "Hear what the factors of B add up to, without what is muted",
                Some((PLAIN, Key::Num3)),
            ),
            Self::Listen(Choice::Selection) => (
                Menu::Listen,
                1,
                "The component",
                "Hear the soloed components, or the selected one, cut out of the sound by a soft mask",
                Some((PLAIN, Key::Num4)),
            ),
            Self::Loop => (
                Menu::Listen,
                2,
                "Loop",
                "Play the region over and over, or what is shown where none is marked",
                Some((SHIFT, Key::L)),
            ),
            Self::LevelMatch => {
                (Menu::Listen, 2, "Level match", "Make all that can be heard as loud as the original", None)
            }
            Self::Abx => (
                Menu::Listen,
                3,
                "Blind test…",
                "Find out whether you hear a difference: X is one of two, and you say which",
                Some((SHIFT, Key::X)),
            ),
            Self::SaveSound(choice) => (
                Menu::Export,
                1,
                match choice {
                    Choice::Original => "Original as WAV…",
                    Choice::A => "Sound of A as WAV…",
                    Choice::B => "Sound of B as WAV…",
                    Choice::Selection => "Component as WAV…",
                },
                "Write what is heard as WAV; as loud as the original where that is open and level match is on",
                None,
            ),
            Self::CopyFigure => (
                Menu::Edit,
                1,
                "Copy figure",
                "Copy the pane under the pointer, or both lanes side by side, as a picture for a paper",
                None,
            ),
            Self::Figure => (
                Menu::Export,
                1,
                "Figure…",
                "Put a figure together and write it as PDF, SVG or PNG",
                Some((COMMAND, Key::E)),
            ),
            Self::SavePane(_) => (Menu::Export, 1, "", "Write the pane as a figure: PDF, SVG or PNG", None),
            Self::ExportData => (
                Menu::Export,
                2,
                "Export data…",
                "Write streams, NPZ, CSV, curves, histograms and metrics of both lanes with a manifest",
                None,
            ),
            Self::ExportAll => (
                Menu::Export,
                2,
                "Export all…",
                "Write all data and figures of both lanes with a manifest",
                None,
            ),
            Self::SaveWindow => {
                (Menu::Export, 1, "Window as PNG…", "Write what the window shows as PNG", None)
            }
            Self::Commands => {
                (Menu::Help, 0, "Commands…", "Find a command by its name", Some((COMMAND, Key::P)))
            }
            Self::Keys => (Menu::Help, 0, "Keys", "Show or hide the list of keys", Some((PLAIN, Key::F1))),
        };
        let label = match self {
            Self::SavePane(pane) => Cow::Owned(format!("Figure of the {}…", pane.name())),
            _ => Cow::Owned(label.to_owned()),
        };
        let submenu = match self {
            Self::Demo(_) => Some("Demo"),
            Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomInFrequency
            | Self::ZoomOutFrequency
            | Self::ZoomRegion => Some("Zoom"),
            Self::Earlier | Self::Later | Self::MuchEarlier | Self::MuchLater => Some("Move"),
            Self::Show(_) | Self::Residual => Some("Both columns show"),
            Self::Scale(_) | Self::NextScale => Some("Frequency axis"),
            Self::Map(_) => Some("Colour map"),
            Self::Solo | Self::Mute | Self::HearAll | Self::ByEnergy => Some("Components"),
            Self::Theme(_) | Self::OtherTheme => Some("Theme"),
            Self::SaveSound(_) => Some("Sound"),
            Self::SavePane(_) => Some("Pane as figure"),
            _ => None,
        };
        let keys = keys.map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key));
        Entry { label, hint, keys, menu, submenu, group }
    }

    /// The name apart from its menu, as the command list shows it.
    pub fn full_label(self) -> String {
        let entry = self.entry();
        let label = entry.label.trim_end_matches('…');
        match entry.submenu {
            Some(submenu) if self.is_one_of_many() => format!("{submenu}: {label}"),
            _ => label.to_owned(),
        }
    }

    /// Whether its label alone does not say what it is: "Dark" is a theme.
    const fn is_one_of_many(self) -> bool {
        matches!(
            self,
            Self::Demo(_)
                | Self::Scale(_)
                | Self::Map(_)
                | Self::Theme(_)
                | Self::SaveSound(_)
                | Self::SavePane(_)
        )
    }

    /// Why it cannot be done now, if it cannot.
    pub fn why_not(self, session: &Session, view: &View) -> Option<&'static str> {
        let no_input = match session.input() {
            InputState::Ready(_) | InputState::Loading { .. } => None,
            InputState::Empty | InputState::Failed { .. } => Some("Open a sound first"),
        };
        let active = |lane| session.lane(lane).status.is_active();
        let empty = |lane| session.lane(lane).snapshot.is_none();
        let nothing = LaneId::BOTH.into_iter().all(empty);
        match self {
            Self::RunBoth | Self::Run(_) | Self::CopyCommand => no_input,
            Self::Cancel if matches!(session.input(), InputState::Loading { from_file: true, .. }) => None,
            Self::Pause | Self::Cancel => {
                (!LaneId::BOTH.into_iter().any(active)).then_some("Nothing is running")
            }
            Self::CancelLane(lane) => (!active(lane)).then_some("This lane is not running"),
            Self::Sweep | Self::Grid | Self::Choose => {
                (!matches!(session.input(), InputState::Ready(_))).then_some("Open a sound first")
            }
            Self::RunRegion | Self::ZoomRegion | Self::ClearRegion => {
                view.region.is_none().then_some("Mark a region first: Ctrl and drag in a plot")
            }
            Self::RunWhole => (!session.is_part()).then_some("All of the file is analysed already"),
            Self::UseBases(lane) | Self::Export(lane) => {
                empty(lane).then_some("This lane has no factors yet")
            }
            Self::Fit
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomInFrequency
            | Self::ZoomOutFrequency
            | Self::Earlier
            | Self::Later
            | Self::MuchEarlier
            | Self::MuchLater => no_input.filter(|_| nothing).map(|_| "There is nothing to look at yet"),
            Self::Play => (view.listen.seconds <= 0.0).then_some("There is nothing to hear yet"),
            Self::Abx => view.listen.readiness[0].is_err().then_some("Open a sound first"),
            Self::Listen(_) if view.listen.blind => Some("A blind test goes on: what is heard is its secret"),
            Self::SaveSound(choice) => {
                (!view.listen.possible[choice.index()]).then_some("There is nothing to hear of it yet")
            }
            Self::Save | Self::SaveAs | Self::SaveBundle => {
                (nothing && no_input.is_some() && session.runs().all().is_empty())
                    .then_some("There is nothing to save yet")
            }
            Self::Locate => {
                session.missing_sounds().is_empty().then_some("Every sound is where it should be")
            }
            Self::Undo => (!session.can_undo()).then_some("There is nothing to take back"),
            Self::Redo => (!session.can_redo()).then_some("Nothing was taken back"),
            Self::CopyTable => nothing.then_some("There are no numbers yet"),
            Self::CopyFigure | Self::Figure | Self::SavePane(_) | Self::ExportData | Self::ExportAll => {
                nothing.then_some("No lane has factors yet")
            }
            Self::Solo | Self::Mute => view
                .selection
                .selected(view.over)
                .is_none()
                .then_some("Select a component first: click on it in the activations or the bases"),
            Self::HearAll => (!view.selection.any_set()).then_some("All components are shown"),
            Self::Back => (!view.can_go_back()).then_some("There is no view before this one"),
            Self::Forward => (!view.can_go_forward()).then_some("Back was not used"),
            _ => None,
        }
    }

    /// Whether it is what is chosen now, for actions that choose.
    pub fn is_on(self, session: &Session, view: &View, theme: ThemePreference) -> bool {
        match self {
            Self::Show(shown) => view.shown == [shown; 2],
            Self::Scale(scale) => view.scale == scale,
            Self::Map(map) => view.map == map,
            Self::Theme(one) => one == theme,
            Self::Link => view.is_linked(),
            Self::ByEnergy => view.selection.by_energy,
            Self::Side(side) => view.shows(side),
            Self::Runs => view.below == Some(Below::Runs),
            Self::Messages => view.below == Some(Below::Messages),
            Self::Listen(choice) => view.listen.choice == choice && !view.listen.blind,
            Self::Loop => view.listen.looped,
            Self::LevelMatch => view.listen.level_match || view.listen.blind,
            Self::Keys => view.keys_open,
            Self::Sweep => session.trace().is_some_and(Trace::is_running),
            Self::Grid => session.choice().is_none() && session.grid().is_some_and(Batch::is_running),
            Self::Choose => session.choice().is_some() && session.grid().is_some_and(Batch::is_running),
            _ => false,
        }
    }
}

/// The actions whose keys were pressed in this frame. While text is being typed, keys that write are text; and where
/// something has the focus, the arrows and Space are its own.
pub fn pressed(ctx: &egui::Context) -> Vec<Action> {
    let typing = ctx.text_edit_focused();
    let focused = ctx.egui_wants_keyboard_input();
    let taken = |keys: &KeyboardShortcut| {
        let writes = !keys.modifiers.command && !is_function_key(keys.logical_key);
        let arrow = matches!(keys.logical_key, Key::ArrowLeft | Key::ArrowRight | Key::Space);
        let edits = keys.modifiers.command && keys.logical_key == Key::Z;
        (writes || edits) && typing || arrow && focused
    };
    let wanted = |action: &Action| {
        let keys = action.entry().keys;
        keys.is_some_and(|keys| !taken(&keys) && ctx.input_mut(|input| consume(input, keys)))
    };
    // Of two shortcuts of one key the one with more modifiers is the one that was meant.
    let mut all = Action::all();
    all.sort_by_key(|action| action.entry().keys.is_none_or(|keys| !keys.modifiers.shift));
    all.into_iter().filter(wanted).collect()
}

/// Plus stands on other keys on other keyboards, with Shift or without.
fn consume(input: &mut egui::InputState, keys: KeyboardShortcut) -> bool {
    input.consume_shortcut(&keys)
        || keys.logical_key == Key::Equals && input.consume_key(Modifiers::NONE, Key::Plus)
}

/// A shortcut as it stands on the keys: "Ctrl+." and not "Ctrl+Period".
pub fn describe_keys(ctx: &egui::Context, keys: KeyboardShortcut) -> String {
    let text = ctx.format_shortcut(&keys);
    let name = keys.logical_key.name();
    let symbol = match keys.logical_key {
        // On the same key, or on one of its own; the shifted one is what people look for.
        Key::Equals => "+",
        Key::Minus => "-",
        Key::Period => ".",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        _ => name,
    };
    text.strip_suffix(name).map_or(text.clone(), |modifiers| format!("{modifiers}{symbol}"))
}

fn is_function_key(key: Key) -> bool {
    let name = key.name();
    name.len() > 1 && name.starts_with('F') && name[1..].chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key_or_a_name() {
        let all = Action::all();
        for (i, one) in all.iter().enumerate() {
            for other in &all[i + 1..] {
                let keys = (one.entry().keys, other.entry().keys);
                assert!(keys.0.is_none() || keys.0 != keys.1, "{one:?} {other:?}");
                assert_ne!(one.full_label(), other.full_label(), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn every_action_says_what_it_does_and_stands_in_its_menu_once() {
        for action in Action::all() {
            let entry = action.entry();
            assert!(!entry.label.is_empty() && entry.hint.len() > 10, "{action:?}");
            assert!(!entry.hint.ends_with('.'), "{action:?}: one clause, no full stop");
        }
        // Groups of a menu stand together, or a line would be drawn twice.
        for menu in Menu::ALL {
            let groups: Vec<u8> = Action::all()
                .into_iter()
                .map(Action::entry)
                .filter(|e| e.menu == menu)
                .map(|e| e.group)
                .collect();
            assert!(!groups.is_empty() && groups.is_sorted(), "{menu:?}: {groups:?}");
        }
    }

    #[test]
    fn function_keys_are_told_from_letters() {
        assert!(is_function_key(Key::F1) && is_function_key(Key::F11));
        assert!(!is_function_key(Key::F) && !is_function_key(Key::Backspace));
    }
}
