//! What can be done in the window, as values, and the menus.

use egui::ThemePreference;

use crate::engine::ColumnId;
use crate::figure::{ColorMap, FrequencyScale};
use crate::numeric::Named;
use crate::playback::Choice;
use crate::signal::Demo;
use crate::ui::view::{PaneId, Shown, Side};

/// An action of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Choose a sound, a spectrogram or a factor stream.
    Open,
    /// Analyse a built-in signal with settings that suit it.
    Demo(Demo),
    /// Read a factor stream into a column.
    Import(ColumnId),
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
    /// Copy the numbers of both columns.
    CopyTable,
    /// Copy the pane under the pointer, or both columns, as a picture for a paper.
    CopyFigure,
    /// Start both columns.
    RunBoth,
    /// Start one column.
    Run(ColumnId),
    /// Hold both columns, or let them go on.
    Pause,
    /// End both columns with what they have.
    Cancel,
    /// End one column with what it has.
    CancelColumn(ColumnId),
    /// Trace bytes against loss, or stop that.
    Sweep,
    /// Run every combination of some values, or look how far that is.
    Grid,
    /// Search for R and T that serve a budget best, and show them as a map.
    Choose,
    /// Give the bases of a column to the runs that follow.
    UseBases(ColumnId),
    /// Analyse the marked region alone and run both columns on it.
    RunRegion,
    /// Analyse all of the file again and run both columns on it.
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
    /// Write the factors of a column.
    Export(ColumnId),
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

impl Action {
    /// All of them, in the order of the menus.
    pub fn all() -> Vec<Self> {
        let columns = |action: fn(ColumnId) -> Self| ColumnId::BOTH.map(action);
        let themes = [ThemePreference::System, ThemePreference::Dark, ThemePreference::Light];
        let mut all = vec![Self::Open];
        all.extend(Demo::ALL.iter().copied().map(Self::Demo));
        all.push(Self::Recent);
        all.extend(columns(Self::Import));
        all.extend([Self::NewSession, Self::Save, Self::SaveAs, Self::SaveBundle, Self::Locate]);
        all.extend([Self::Quit, Self::Undo, Self::Redo, Self::CopyCommand, Self::CopyTable]);
        all.push(Self::CopyFigure);
        all.extend([Self::Fit, Self::Back, Self::Forward, Self::Link, Self::ZoomIn, Self::ZoomOut]);
        all.extend([Self::ZoomInFrequency, Self::ZoomOutFrequency, Self::ZoomRegion]);
        all.extend([Self::Earlier, Self::Later, Self::MuchEarlier, Self::MuchLater, Self::ClearRegion]);
        all.extend([Shown::Model, Shown::Input, Shown::Residual, Shown::Difference].map(Self::Show));
        all.push(Self::Residual);
        all.extend(FrequencyScale::ALL.iter().copied().map(Self::Scale));
        all.push(Self::NextScale);
        all.extend(ColorMap::ALL.iter().copied().map(Self::Map));
        all.extend([Self::Solo, Self::Mute, Self::HearAll, Self::ByEnergy]);
        all.extend(themes.map(Self::Theme));
        all.extend([Self::OtherTheme, Self::FullScreen, Self::ResetLayout]);
        all.extend(Side::BOTH.map(Self::Side));
        all.extend([Self::Runs, Self::Messages]);
        all.push(Self::RunBoth);
        all.extend(columns(Self::Run));
        all.extend([Self::Pause, Self::Cancel]);
        all.extend(columns(Self::CancelColumn));
        all.extend([Self::RunRegion, Self::RunWhole, Self::Sweep, Self::Grid, Self::Choose]);
        all.extend(columns(Self::UseBases));
        all.push(Self::Play);
        all.extend(Choice::ALL.map(Self::Listen));
        all.extend([Self::Loop, Self::LevelMatch, Self::Abx]);
        all.extend(columns(Self::Export));
        all.extend(Choice::ALL.map(Self::SaveSound));
        all.push(Self::Figure);
        all.extend(PaneId::all().into_iter().map(Self::SavePane));
        all.extend([Self::SaveWindow, Self::ExportData, Self::ExportAll, Self::Commands, Self::Keys]);
        all
    }
}
