//! The table of actions: a row for each with its words, its keys and its place; menus, keys, tooltips and the command list
//! read it.

use std::borrow::Cow;

use egui::{Key, KeyboardShortcut, Modifiers, ThemePreference};

use super::action::Action;
use super::action::Menu::{self, Edit, Export, File, Help, Listen, Run, View};
use crate::engine::ColumnId;
use crate::figure::FrequencyScale;
use crate::numeric::Named;
use crate::playback::Choice;
use crate::ui::view::{Shown, Side};

/// The row of an action in the table.
pub struct ActionRow {
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
    /// Whether its label alone does not say what it is: "Dark" is a theme.
    is_one_of_many: bool,
}

/// What stands in this group of a menu under this name.
fn row(menu: Menu, group: u8, label: impl Into<Cow<'static, str>>) -> ActionRow {
    ActionRow { label: label.into(), hint: "", keys: None, menu, submenu: None, group, is_one_of_many: false }
}

impl ActionRow {
    /// The key that does it.
    fn keys(self, modifiers: Modifiers, key: Key) -> Self {
        Self { keys: Some(KeyboardShortcut::new(modifiers, key)), ..self }
    }

    /// The sentence of its tooltip.
    fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// It stands in a menu within the menu.
    fn within(self, submenu: &'static str) -> Self {
        Self { submenu: Some(submenu), ..self }
    }

    /// It stands there as one of several values.
    fn one_of(self, submenu: &'static str) -> Self {
        Self { is_one_of_many: true, ..self.within(submenu) }
    }
}

const PLAIN: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const COMMAND: Modifiers = Modifiers::COMMAND;

impl Action {
    /// Its row of the table.
    #[allow(clippy::too_many_lines)] // a table
    pub fn entry(self) -> ActionRow {
        match self {
            Self::Open => row(File, 0, "Open…").keys(COMMAND, Key::O).hint(
                "Open a sound, a spectrogram, a factor stream or a session; a file dropped on \
                the window does the same",
            ),
            Self::Demo(demo) => row(File, 0, demo.label()).one_of("Demo").hint(demo.description()),
            Self::Import(ColumnId::A) => {
                row(File, 1, "Import factors into A…").hint("Read a factor stream into column A")
            }
            Self::Import(ColumnId::B) => {
                row(File, 1, "Import factors into B…").hint("Read a factor stream into column B")
            }
            Self::Recent => row(File, 0, "Recent files…").keys(COMMAND.plus(SHIFT), Key::O).hint(
                "Sounds, streams and sessions that were opened before, and sessions that were \
                not saved",
            ),
            Self::NewSession => row(File, 2, "New session")
                .keys(COMMAND, Key::N)
                .hint("Start an empty session; this one can be opened again from Recent files"),
            Self::Save => row(File, 2, "Save session")
                .keys(COMMAND, Key::S)
                .hint("Write settings, runs and view to a file; sounds stay where they are"),
            Self::SaveAs => row(File, 2, "Save session as…")
                .keys(COMMAND.plus(SHIFT), Key::S)
                .hint("Write the session to another file"),
            Self::SaveBundle => row(File, 2, "Save bundle…")
                .hint("Write the session with its sounds and streams, so that it opens on another machine"),
            Self::Locate => row(File, 2, "Locate audio…")
                .hint("Choose the file of the sound that the runs of this session were learned from"),
            Self::Quit => row(File, 9, "Quit").keys(COMMAND, Key::Q).hint("Close the window"),
            Self::Undo => row(Edit, 0, "Undo")
                .keys(COMMAND, Key::Z)
                .hint("Take back the latest edit of the settings or of the list of runs"),
            Self::Redo => row(Edit, 0, "Redo").keys(COMMAND.plus(SHIFT), Key::Z).hint("Undo the latest Undo"),
            Self::CopyCommand => row(Edit, 1, "Copy command")
                .keys(COMMAND.plus(SHIFT), Key::C)
                .hint("Copy the command line that does the same without a window"),
            Self::CopyTable => row(Edit, 1, "Copy table")
                .hint("Copy the numbers of both columns, with a tab between two values"),
            Self::Fit => row(View, 0, "Fit")
                .keys(PLAIN, Key::F)
                .hint("Show all of the signal; a double click in a plot does the same"),
            Self::Back => row(View, 0, "Back")
                .keys(PLAIN, Key::Backspace)
                .hint("The part that was shown before this one"),
            Self::Forward => row(View, 0, "Forward")
                .keys(SHIFT, Key::Backspace)
                .hint("The part that was shown before the latest Back"),
            Self::Link => row(View, 0, "Link the columns")
                .keys(PLAIN, Key::L)
                .hint("Both columns show the same part of the signal, or each its own"),
            Self::ZoomIn => {
                row(View, 1, "Zoom in").keys(PLAIN, Key::Equals).within("Zoom").hint("Half the time range")
            }
            Self::ZoomOut => {
                row(View, 1, "Zoom out").keys(PLAIN, Key::Minus).within("Zoom").hint("Twice the time range")
            }
            Self::ZoomInFrequency => row(View, 1, "Zoom in on frequency")
                .keys(PLAIN, Key::CloseBracket)
                .within("Zoom")
                .hint("Half the frequency range"),
            Self::ZoomOutFrequency => row(View, 1, "Zoom out of frequency")
                .keys(PLAIN, Key::OpenBracket)
                .within("Zoom")
                .hint("Twice the frequency range"),
            Self::Earlier => row(View, 1, "Earlier")
                .keys(PLAIN, Key::ArrowLeft)
                .within("Move")
                .hint("Move the view back by 1 s"),
            Self::Later => row(View, 1, "Later")
                .keys(PLAIN, Key::ArrowRight)
                .within("Move")
                .hint("Move the view on by 1 s"),
            Self::MuchEarlier => row(View, 1, "Much earlier")
                .keys(SHIFT, Key::ArrowLeft)
                .within("Move")
                .hint("Move the view back by 10 s"),
            Self::MuchLater => row(View, 1, "Much later")
                .keys(SHIFT, Key::ArrowRight)
                .within("Move")
                .hint("Move the view on by 10 s"),
            Self::ZoomRegion => row(View, 1, "Zoom to the region")
                .keys(PLAIN, Key::Z)
                .within("Zoom")
                .hint("Show the marked region; Ctrl and drag in a plot marks one"),
            Self::ClearRegion => row(View, 1, "Clear the region").hint("Mark no part of the signal"),
            Self::Show(Shown::Model) => row(View, 2, "Reconstructions")
                .within("Both columns show")
                .hint("What the factors add up to, in both columns"),
            Self::Show(Shown::Input) => row(View, 2, "Input")
                .within("Both columns show")
                .hint("The spectrogram that was factorised, in both columns"),
            Self::Show(Shown::Residual) => row(View, 2, "Residuals")
                .within("Both columns show")
                .hint("Difference of the input and the models, in both columns"),
            Self::Show(Shown::Difference) => row(View, 2, "B \u{2212} A")
                .within("Both columns show")
                .hint("Where the model of B is louder or softer than that of A"),
            Self::Residual => row(View, 2, "Residuals on and off")
                .keys(PLAIN, Key::D)
                .within("Both columns show")
                .hint("Residuals in both columns, or the models again; hold O for the input"),
            Self::Scale(FrequencyScale::Linear) => {
                row(View, 2, "Linear").one_of("Frequency axis").hint("Frequencies evenly over the height")
            }
            Self::Scale(FrequencyScale::Log) => row(View, 2, "Logarithmic")
                .one_of("Frequency axis")
                .hint("An octave has the same height everywhere"),
            Self::Scale(FrequencyScale::Mel) => row(View, 2, "Mel")
                .one_of("Frequency axis")
                .hint("Nearly linear below 1 kHz, nearly logarithmic above"),
            Self::NextScale => row(View, 2, "Next frequency axis")
                .keys(PLAIN, Key::A)
                .within("Frequency axis")
                .hint("Linear, logarithmic or mel"),
            Self::Map(map) => row(View, 2, map.name())
                .one_of("Colour map")
                .hint("Colours of levels, the same in every pane"),
            Self::Solo => row(View, 2, "Solo the component")
                .keys(PLAIN, Key::S)
                .within("Components")
                .hint("Show the selected component alone, with others that are soloed"),
            Self::Mute => row(View, 2, "Mute the component")
                .keys(SHIFT, Key::S)
                .within("Components")
                .hint("Show the reconstruction without the selected component"),
            Self::HearAll => row(View, 2, "All components")
                .keys(PLAIN, Key::Num0)
                .within("Components")
                .hint("End every solo and mute"),
            Self::ByEnergy => row(View, 2, "Loudest component first")
                .within("Components")
                .hint("Components by their energy, not their number"),
            Self::Theme(ThemePreference::System) => {
                row(View, 3, "As the system").one_of("Theme").hint("Dark or light, as the system says")
            }
            Self::Theme(ThemePreference::Dark) => row(View, 3, "Dark").one_of("Theme").hint("Light on dark"),
            Self::Theme(ThemePreference::Light) => {
                row(View, 3, "Light").one_of("Theme").hint("Dark on light")
            }
            Self::OtherTheme => row(View, 3, "Dark or light")
                .keys(COMMAND, Key::T)
                .within("Theme")
                .hint("Change between the dark and the light theme"),
            Self::FullScreen => {
                row(View, 3, "Full screen").keys(PLAIN, Key::F11).hint("All of the screen, or a window again")
            }
            Self::ResetLayout => row(View, 3, "Reset layout").hint("Panels as wide as at the first start"),
            Self::Side(Side::Controls) => {
                row(View, 3, "Settings").keys(PLAIN, Key::F9).hint("Show or hide the settings at the left")
            }
            Self::Side(Side::Numbers) => {
                row(View, 3, "Numbers").keys(PLAIN, Key::F10).hint("Show or hide the numbers at the right")
            }
            Self::Runs => row(View, 3, "Runs")
                .keys(PLAIN, Key::R)
                .hint("Show or hide every run, and how the two columns differ"),
            Self::Messages => {
                row(View, 3, "Messages").keys(PLAIN, Key::M).hint("Show or hide the messages so far")
            }
            Self::RunBoth => row(Run, 0, "Run both")
                .keys(PLAIN, Key::F5)
                .hint("Start both columns from the same seed on the same spectrogram"),
            Self::Run(ColumnId::A) => row(Run, 0, "Run A").hint("Start column A alone"),
            Self::Run(ColumnId::B) => row(Run, 0, "Run B").hint("Start column B alone"),
            Self::Pause => row(Run, 1, "Pause or resume")
                .keys(PLAIN, Key::F6)
                .hint("Pause both columns after the iteration in progress, or resume them"),
            Self::Cancel => row(Run, 1, "Cancel").keys(COMMAND, Key::Period).hint(
                "End both columns after the iteration in progress and keep their factors, or end \
                the reading of a sound",
            ),
            Self::CancelColumn(ColumnId::A) => {
                row(Run, 1, "Cancel A").hint("End column A after the iteration in progress")
            }
            Self::CancelColumn(ColumnId::B) => {
                row(Run, 1, "Cancel B").hint("End column B after the iteration in progress")
            }
            Self::Sweep => row(Run, 2, "Sweep")
                .keys(PLAIN, Key::F7)
                .hint("Trace bytes against loss for every method that quantises, or stop the sweep"),
            Self::Grid => row(Run, 2, "Grid of runs…")
                .keys(PLAIN, Key::F8)
                .hint("Run every combination of some R, T, lambda and seeds, and list them"),
            Self::Choose => row(Run, 2, "R and T for a budget…")
                .keys(SHIFT, Key::F8)
                .hint("Try R and T in files of so many bytes, and show as a map which of them is the best"),
            Self::RunRegion => row(Run, 1, "Run on the region")
                .keys(SHIFT, Key::F5)
                .hint("Analyse the marked region alone and start both columns on it"),
            Self::RunWhole => row(Run, 1, "Run on all of the file")
                .hint("Analyse the whole file again and start both columns on it"),
            Self::UseBases(ColumnId::A) => {
                row(Run, 3, "Use the bases of A").hint("Runs that follow keep the bases of column A")
            }
            Self::UseBases(ColumnId::B) => {
                row(Run, 3, "Use the bases of B").hint("Runs that follow keep the bases of column B")
            }
            Self::Export(ColumnId::A) => row(Export, 0, "Export factors of A…")
                .keys(COMMAND, Key::Num1)
                .hint("Write the factors of column A as a gzip stream"),
            Self::Export(ColumnId::B) => row(Export, 0, "Export factors of B…")
                .keys(COMMAND, Key::Num2)
                .hint("Write the factors of column B as a gzip stream"),
            Self::Play => row(Listen, 0, "Play or hold")
                .keys(PLAIN, Key::Space)
                .hint("Play from the current position, or pause there"),
            Self::Listen(Choice::Original) => row(Listen, 1, "The original")
                .keys(PLAIN, Key::Num1)
                .hint("Hear the sound that was analysed, at the same position"),
            Self::Listen(Choice::A) => row(Listen, 1, "The sound of A")
                .keys(PLAIN, Key::Num2)
                .hint("Hear what the factors of A add up to, without what is muted"),
            Self::Listen(Choice::B) => row(Listen, 1, "The sound of B")
                .keys(PLAIN, Key::Num3)
                .hint("Hear what the factors of B add up to, without what is muted"),
            Self::Listen(Choice::Selection) => row(Listen, 1, "The component").keys(PLAIN, Key::Num4).hint(
                "Hear the soloed components, or the selected one, cut out of the sound by a \
                soft mask",
            ),
            Self::Loop => row(Listen, 2, "Loop")
                .keys(SHIFT, Key::L)
                .hint("Play the region over and over, or what is shown where none is marked"),
            Self::LevelMatch => {
                row(Listen, 2, "Level match").hint("Make all that can be heard as loud as the original")
            }
            Self::Abx => row(Listen, 3, "Blind test…")
                .keys(SHIFT, Key::X)
                .hint("Find out whether you hear a difference: X is one of two, and you say which"),
            Self::SaveSound(choice) => row(
                Export,
                1,
                match choice {
                    Choice::Original => "Original as WAV…",
                    Choice::A => "Sound of A as WAV…",
                    Choice::B => "Sound of B as WAV…",
                    Choice::Selection => "Component as WAV…",
                },
            )
            .one_of("Sound")
            .hint(
                "Write what is heard as WAV; as loud as the original where that is open and \
                level match is on",
            ),
            Self::CopyFigure => row(Edit, 1, "Copy figure").hint(
                "Copy the pane under the pointer, or both columns side by side, as a picture for \
                a paper",
            ),
            Self::Figure => row(Export, 1, "Figure…")
                .keys(COMMAND, Key::E)
                .hint("Put a figure together and write it as PDF, SVG or PNG"),
            Self::SavePane(pane) => row(Export, 1, format!("Figure of the {}…", pane.name()))
                .one_of("Pane as figure")
                .hint("Write the pane as a figure: PDF, SVG or PNG"),
            Self::ExportData => row(Export, 2, "Export data…").hint(
                "Write streams, NPZ, CSV, curves, histograms and metrics of both columns with a \
                manifest",
            ),
            Self::ExportAll => row(Export, 2, "Export all…")
                .hint("Write all data and figures of both columns with a manifest"),
            Self::SaveWindow => row(Export, 1, "Window as PNG…").hint("Write what the window shows as PNG"),
            Self::Commands => {
                row(Help, 0, "Commands…").keys(COMMAND, Key::P).hint("Find a command by its name")
            }
            Self::Keys => row(Help, 0, "Keys").keys(PLAIN, Key::F1).hint("Show or hide the list of keys"),
        }
    }

    /// The name apart from its menu, as the command list shows it.
    pub fn full_label(self) -> String {
        let entry = self.entry();
        let label = entry.label.trim_end_matches('…');
        match entry.submenu {
            Some(submenu) if entry.is_one_of_many => format!("{submenu}: {label}"),
            Some(_) | None => label.to_owned(),
        }
    }
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
}
