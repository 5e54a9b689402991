//! Everything that a key or a menu can ask for, in one table.

use egui::{Key, KeyboardShortcut, Modifiers};

/// An action of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Choose a sound or a factor stream.
    Open,
    /// Start both lanes.
    RunBoth,
    /// Hold both lanes, or let them go on.
    Pause,
    /// End both lanes with what they have.
    Cancel,
    /// Trace bytes against loss, or stop that.
    Sweep,
    /// Write the factors of lane A.
    ExportA,
    /// Write the factors of lane B.
    ExportB,
    /// Show all of the signal.
    Fit,
    /// Linear, logarithmic, mel.
    NextScale,
    /// Difference between V and the models, or the models.
    Residual,
    /// Copy the command line that does the same.
    CopyCommand,
    /// Dark or light.
    Theme,
    /// Show the messages.
    Messages,
    /// Show this table.
    Keys,
}

impl Action {
    /// All of them, in the order of the list of keys.
    pub const ALL: [Self; 14] = [
        Self::Open,
        Self::RunBoth,
        Self::Pause,
        Self::Cancel,
        Self::Sweep,
        Self::ExportA,
        Self::ExportB,
        Self::Fit,
        Self::NextScale,
        Self::Residual,
        Self::CopyCommand,
        Self::Theme,
        Self::Messages,
        Self::Keys,
    ];

    /// The words on a button or in a menu.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open…",
            Self::RunBoth => "Run both",
            Self::Pause => "Pause",
            Self::Cancel => "Cancel",
            Self::Sweep => "Sweep",
            Self::ExportA => "Export factors of A…",
            Self::ExportB => "Export factors of B…",
            Self::Fit => "Fit",
            Self::NextScale => "Next frequency axis",
            Self::Residual => "Show the residual",
            Self::CopyCommand => "Copy command",
            Self::Theme => "Dark or light",
            Self::Messages => "Messages",
            Self::Keys => "Keys",
        }
    }

    /// One sentence for the tooltip.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Open => "Open a sound or a factor stream; a file dropped on the window does the same",
            Self::RunBoth => "Start both lanes from the same seed on the same spectrogram",
            Self::Pause => "Hold both lanes after the iteration in progress, or let them go on",
            Self::Cancel => "End both lanes after the iteration in progress and keep their factors",
            Self::Sweep => "Trace bytes against loss for every storable method, or stop that",
            Self::ExportA => "Write the factors of lane A as a gzip stream",
            Self::ExportB => "Write the factors of lane B as a gzip stream",
            Self::Fit => "Show all of the signal; a double click in a plot does the same",
            Self::NextScale => "Linear, logarithmic or mel frequency axis",
            Self::Residual => "Show |V - model| in both columns, or the models again",
            Self::CopyCommand => "Copy the command line that does the same without a window",
            Self::Theme => "Change between the dark and the light theme",
            Self::Messages => "Show or hide what the program has told so far",
            Self::Keys => "Show or hide this list",
        }
    }

    /// The key that does it.
    pub const fn shortcut(self) -> KeyboardShortcut {
        let (modifiers, key) = match self {
            Self::Open => (Modifiers::COMMAND, Key::O),
            Self::RunBoth => (Modifiers::NONE, Key::F5),
            Self::Pause => (Modifiers::NONE, Key::F6),
            Self::Cancel => (Modifiers::COMMAND, Key::Period),
            Self::Sweep => (Modifiers::NONE, Key::F7),
            Self::ExportA => (Modifiers::COMMAND, Key::Num1),
            Self::ExportB => (Modifiers::COMMAND, Key::Num2),
            Self::Fit => (Modifiers::NONE, Key::F),
            Self::NextScale => (Modifiers::NONE, Key::A),
            Self::Residual => (Modifiers::NONE, Key::D),
            Self::CopyCommand => (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::C),
            Self::Theme => (Modifiers::COMMAND, Key::T),
            Self::Messages => (Modifiers::NONE, Key::M),
            Self::Keys => (Modifiers::NONE, Key::F1),
        };
        KeyboardShortcut::new(modifiers, key)
    }
}

/// The actions whose keys were pressed in this frame. While text is being typed, single letters are text.
pub fn pressed(ctx: &egui::Context) -> Vec<Action> {
    let typing = ctx.egui_wants_keyboard_input();
    let plain_letter = |s: &KeyboardShortcut| s.modifiers.is_none() && s.logical_key.name().len() == 1;
    let wanted = |action: &Action| {
        let shortcut = action.shortcut();
        !(typing && plain_letter(&shortcut)) && ctx.input_mut(|input| input.consume_shortcut(&shortcut))
    };
    Action::ALL.into_iter().filter(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key_or_a_name() {
        for (i, one) in Action::ALL.into_iter().enumerate() {
            for other in &Action::ALL[i + 1..] {
                assert_ne!(one.shortcut(), other.shortcut(), "{one:?} {other:?}");
                assert_ne!(one.label(), other.label(), "{one:?} {other:?}");
            }
        }
    }
}
