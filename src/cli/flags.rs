//! Flags from the rows of the table of settings.

use clap::builder::{StringValueParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::engine::SpecDraft;
use crate::engine::settings::setting::SettingKind;
use crate::engine::settings::{Group, Setting, table};

/// The flags of a group of settings ([`Group`] as a number), and what of them was given.
#[derive(Clone, Debug)]
pub struct Flags<const GROUP: usize> {
    given: Vec<(&'static str, String)>,
}

pub type AnalysisFlags = Flags<{ Group::Analysis as usize }>;
pub type SizeFlags = Flags<{ Group::Size as usize }>;
pub type LearningFlags = Flags<{ Group::Learning as usize }>;
pub type UpdateFlags = Flags<{ Group::Updates as usize }>;
pub type PurposeFlags = Flags<{ Group::Purpose as usize }>;
pub type TargetFlags = Flags<{ Group::Target as usize }>;
pub type RenewalFlags = Flags<{ Group::Renewal as usize }>;
pub type PosterFlags = Flags<{ Group::Poster as usize }>;

fn settings<const GROUP: usize>() -> impl Iterator<Item = &'static Setting> {
    table::ALL.into_iter().filter(|setting| setting.group as usize == GROUP)
}

impl<const GROUP: usize> Flags<GROUP> {
    /// The draft with what was given.
    pub fn set(&self, mut draft: SpecDraft) -> SpecDraft {
        for (setting, (_, text)) in settings::<GROUP>()
            .filter_map(|setting| Some((setting, self.given.iter().find(|given| given.0 == setting.flag)?)))
        {
            // It was parsed once already.
            let _ = setting.kind.parse(&mut draft, text);
        }
        draft
    }
}

fn argument(setting: &'static Setting) -> Arg {
    let value_name = setting.value_name.map_or_else(|| setting.flag.to_uppercase(), str::to_owned);
    let mut argument = Arg::new(setting.flag).long(setting.flag).help(setting.help);
    if let Some(short) = setting.short {
        argument = argument.short(short);
    }
    if matches!(setting.kind, SettingKind::Switch(..)) {
        return argument.action(ArgAction::SetTrue);
    }
    let parsed = |text: String| setting.kind.parse(&mut SpecDraft::default(), &text).map(|()| text);
    argument = argument.value_name(value_name).value_parser(StringValueParser::new().try_map(parsed));
    let default = setting.default().filter(|_| !setting.help.contains("[default"));
    match default {
        Some(default) => argument.default_value(default),
        None => argument,
    }
    .conflicts_with_all(setting.excludes)
}

impl<const GROUP: usize> Args for Flags<GROUP> {
    fn augment_args(command: Command) -> Command {
        settings::<GROUP>().fold(command, |command, setting| command.arg(argument(setting)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const GROUP: usize> FromArgMatches for Flags<GROUP> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = |setting: &Setting| {
            let is_given = matches.value_source(setting.flag) == Some(ValueSource::CommandLine);
            is_given.then(|| match setting.kind {
                SettingKind::Switch(..) => Some("true".to_owned()),
                _ => matches.get_one::<String>(setting.flag).cloned(),
            })?
        };
        let given = settings::<GROUP>().filter_map(|setting| Some((setting.flag, given(setting)?)));
        Ok(Self { given: given.collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
