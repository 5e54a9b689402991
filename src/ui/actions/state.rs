//! Whether an action can be done now, and why not; whether it is what is chosen.

use egui::ThemePreference;

use super::Action;
use crate::engine::{Batch, ColumnId, InputState, Session, Trace};
use crate::ui::view::{Below, View};

impl Action {
    /// Why it cannot be done now, if it cannot.
    pub fn why_not(self, session: &Session, view: &View) -> Option<&'static str> {
        let no_input = match session.input() {
            InputState::Ready(_) | InputState::Loading { .. } => None,
            InputState::Empty | InputState::Failed { .. } => Some("Open a sound first"),
        };
        let active = |column| session.column(column).status.is_active();
        let empty = |column| session.shown(column).snapshot.is_none();
        let nothing = ColumnId::BOTH.into_iter().all(empty);
        match self {
            Self::RunBoth | Self::Run(_) | Self::CopyCommand => no_input,
            Self::Cancel if matches!(session.input(), InputState::Loading { from_file: true, .. }) => None,
            Self::Pause | Self::Cancel => {
                (!ColumnId::BOTH.into_iter().any(active)).then_some("Nothing is running")
            }
            Self::CancelColumn(column) => (!active(column)).then_some("This column is not running"),
            Self::Sweep | Self::Grid | Self::Choose => {
                (!matches!(session.input(), InputState::Ready(_))).then_some("Open a sound first")
            }
            Self::RunRegion | Self::ZoomRegion | Self::ClearRegion => {
                view.region.is_none().then_some("Mark a region first: Ctrl and drag in a plot")
            }
            Self::RunWhole => (!session.is_part()).then_some("All of the file is analysed already"),
            Self::UseBases(column) | Self::Export(column) => {
                empty(column).then_some("This column has no factors yet")
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
                nothing.then_some("No column has factors yet")
            }
            Self::Solo | Self::Mute => view
                .selection
                .selected(view.over)
                .is_none()
                .then_some("Select a component first: click on it in the activations or the bases"),
            Self::HearAll => (!view.selection.any_set()).then_some("All components are shown"),
            Self::Back => (!view.can_go_back()).then_some("There is no view before this one"),
            Self::Forward => (!view.can_go_forward()).then_some("Back was not used"),
            Self::Open
            | Self::Demo(_)
            | Self::Import(_)
            | Self::NewSession
            | Self::Recent
            | Self::Quit
            | Self::Link
            | Self::Show(_)
            | Self::Residual
            | Self::Scale(_)
            | Self::NextScale
            | Self::Map(_)
            | Self::ByEnergy
            | Self::Theme(_)
            | Self::OtherTheme
            | Self::FullScreen
            | Self::ResetLayout
            | Self::Side(_)
            | Self::Runs
            | Self::Messages
            | Self::SaveWindow
            | Self::Listen(_)
            | Self::Loop
            | Self::LevelMatch
            | Self::Commands
            | Self::Keys => None,
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
            Self::Open
            | Self::Demo(_)
            | Self::Import(_)
            | Self::NewSession
            | Self::Save
            | Self::SaveAs
            | Self::SaveBundle
            | Self::Recent
            | Self::Locate
            | Self::Quit
            | Self::Undo
            | Self::Redo
            | Self::CopyCommand
            | Self::CopyTable
            | Self::CopyFigure
            | Self::RunBoth
            | Self::Run(_)
            | Self::Pause
            | Self::Cancel
            | Self::CancelColumn(_)
            | Self::UseBases(_)
            | Self::RunRegion
            | Self::RunWhole
            | Self::ZoomRegion
            | Self::ClearRegion
            | Self::Fit
            | Self::Back
            | Self::Forward
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomInFrequency
            | Self::ZoomOutFrequency
            | Self::Earlier
            | Self::Later
            | Self::MuchEarlier
            | Self::MuchLater
            | Self::Residual
            | Self::NextScale
            | Self::OtherTheme
            | Self::FullScreen
            | Self::ResetLayout
            | Self::Solo
            | Self::Mute
            | Self::HearAll
            | Self::Export(_)
            | Self::SavePane(_)
            | Self::Figure
            | Self::ExportData
            | Self::ExportAll
            | Self::SaveWindow
            | Self::Play
            | Self::Abx
            | Self::SaveSound(_)
            | Self::Commands => false,
        }
    }
}
