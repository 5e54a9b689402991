//! The table of settings: a row for each field of a draft, and back from a run.

use snmf_workbench::engine::SpecDraft;
use snmf_workbench::engine::settings::setting::{Listed, SettingKind};
use snmf_workbench::engine::settings::table::ALL;
use snmf_workbench::engine::settings::{Group, Setting};
use snmf_workbench::numeric::Method;

/// The default draft with another value of a setting.
fn changed(setting: &Setting) -> SpecDraft {
    let other = match &setting.kind {
        SettingKind::Whole(..)
        | SettingKind::Span(..)
        | SettingKind::Count(_)
        | SettingKind::OptionalCount(_) => "17",
        SettingKind::Real(..) | SettingKind::OptionalReal(_) => "0.25",
        SettingKind::Levels(_) => "7,8",
        SettingKind::Switch(..) => "true",
        SettingKind::Choice(choice) => (choice.name)(1),
    };
    let mut draft = SpecDraft::default();
    setting.kind.parse(&mut draft, other).unwrap();
    draft
}

#[test]
fn each_field_of_a_draft_has_a_row() {
    let fields = |draft: &SpecDraft| serde_json::to_value(draft).unwrap().as_object().unwrap().clone();
    let usual = fields(&SpecDraft::default());
    let mut rows = vec!["methods".to_owned()];
    for setting in ALL {
        let draft = changed(setting);
        rows.extend(
            fields(&draft).into_iter().filter(|(name, value)| usual[name] != *value).map(|(name, _)| name),
        );
        let mut copy = SpecDraft::default();
        setting.kind.copy(&mut copy, &draft);
        assert_eq!(copy, draft, "--{}", setting.flag);
        assert_eq!(setting.words(&SpecDraft::default(), &SpecDraft::default()), None, "--{}", setting.flag);
        assert!(setting.words(&draft, &SpecDraft::default()).unwrap().starts_with('-'), "--{}", setting.flag);
    }
    let missing: Vec<_> = usual.keys().filter(|field| !rows.contains(field)).collect();
    assert!(missing.is_empty(), "fields of SpecDraft without a row: {missing:?}");
    assert_eq!(rows.len(), ALL.len() + 1, "each row changes one field: {rows:?}");
}

#[test]
fn a_setting_of_a_run_comes_back_from_it() {
    for setting in ALL.into_iter().filter(|setting| setting.group != Group::Analysis) {
        for method in Method::ALL {
            let before = SpecDraft { methods: vec![method], ..changed(setting) }.parse().unwrap();
            let mut draft = SpecDraft { methods: vec![method], ..SpecDraft::default() };
            draft.adopt(0, &before.runs[0], before.framing);
            let listed = setting.of_run(&before.runs[0], &draft).map(|(name, _)| name);
            assert!(!matches!(setting.listed, Listed::AsSet) || listed == Some(setting.label));
            assert_eq!(draft.parse().unwrap(), before, "--{} of {method:?}", setting.flag);
        }
    }
}
