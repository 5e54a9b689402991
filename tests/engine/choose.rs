//! R and T for a budget: the right ones where they are known, whatever the number of threads.

use crate::common;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use snmf_workbench::codec::Form;
use snmf_workbench::engine::run::choose::{
    BestChoice, Candidates, Cell, ChooseDraft, ChooseError, ModelGoal, ModelSearch, POWERS, QualityFloor,
    seconds_of,
};
use snmf_workbench::engine::run::job::Progress;
use snmf_workbench::engine::run::series::{Finished, Series};
use snmf_workbench::engine::session::pool;
use snmf_workbench::engine::settings::purpose::Purpose;
use snmf_workbench::engine::{Analysis, InputSpec, Source, SpecDraft};
use snmf_workbench::numeric::Named;
use snmf_workbench::signal::ReadOptions;

fn analysis(source: &str, draft: &SpecDraft, read: ReadOptions, threads: usize) -> Arc<Analysis> {
    let input = InputSpec { source: Source::parse(source).unwrap(), read };
    Arc::new(Analysis::read(&input, draft.framing().unwrap(), &pool(threads).unwrap()).unwrap())
}

fn draft_for(purpose: Purpose) -> SpecDraft {
    let mut draft = SpecDraft { fft: 512.into(), hop: 256.into(), iterations: 60, ..SpecDraft::default() };
    draft.set_purpose(purpose);
    draft
}

/// Runs a search to its end.
fn carry_out(
    analysis: &Arc<Analysis>,
    draft: &SpecDraft,
    goal: ModelGoal,
    quality: QualityFloor,
    lists: [&[usize]; 2],
    threads: usize,
) -> (BestChoice, Vec<Finished>) {
    let candidates = Candidates::new(lists, analysis.bins(), analysis.frames()).unwrap();
    let mut search = ModelSearch::new(draft, goal, quality, candidates).unwrap();
    let pool = pool(threads).unwrap();
    let mut series = Series::new(Arc::clone(analysis), Form::default(), &pool);
    let mut done = Vec::new();
    loop {
        let plan = search.next(&done);
        if plan.is_empty() {
            return (BestChoice::of(&search, &done, seconds_of(analysis)), done);
        }
        for spec in plan {
            let run = series.run(&spec, &mut |_: &Progress<'_>| ControlFlow::Continue(()));
            done.push(run.unwrap());
        }
    }
}

/// Four notes that come and go, each with three partials of its own: V has four parts of one frame.
fn four_notes(folder: &Path) -> String {
    let rate = 8000;
    let samples = (0..3 * rate).map(move |i| {
        let time = f64::from(i) / f64::from(rate);
        let sum: f64 = (0..4)
            .map(|note| {
                let note = f64::from(note);
                let level =
                    (0.55 + 0.45 * (std::f64::consts::TAU * (0.6 + 0.35 * note) * time).sin()).powi(2);
                let partial = |k: f64| (std::f64::consts::TAU * k * (220.0 + 137.0 * note) * time).sin() / k;
                level * (partial(1.0) + partial(2.0) + partial(3.0))
            })
            .sum();
        #[allow(clippy::cast_possible_truncation)] // far below full scale
        let sample = (2500.0 * sum) as i16;
        sample
    });
    let samples: Vec<i16> = samples.collect();
    common::wav(folder, u32::try_from(rate).unwrap(), samples.into_iter())
}

fn cell(chosen: &BestChoice) -> Cell {
    let best = chosen.best.as_ref().unwrap();
    Cell { components: best.components, lags: best.lags }
}

#[test]
fn the_right_number_of_components_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = four_notes(folder.path());
    for purpose in Purpose::ALL.iter().copied() {
        let draft = draft_for(purpose);
        let analysis = analysis(&path, &draft, ReadOptions::default(), 2);
        let quality = QualityFloor::of_purpose(purpose);
        let (goal, lists): (_, [&[usize]; 2]) = (ModelGoal::MaxBytes(500), [&[1, 2, 4, 12], &[1, 4]]);
        let (chosen, done) = carry_out(&analysis, &draft, goal, quality, lists, 2);
        assert_eq!(cell(&chosen), Cell { components: 4, lags: 1 }, "{purpose:?}: {chosen:#?}");
        let powers: &[f64] = if purpose == Purpose::Sound { &POWERS } else { &[] };
        assert_eq!((done.len(), chosen.missed), (8 + powers.len(), false), "every one of the lists");
        // The best for sound is tried at other powers, and the best of these is the one that is taken.
        for (run, power) in done[8..].iter().zip(powers) {
            assert_eq!((Cell::of(&run.spec), run.spec.power), (cell(&chosen), *power));
            assert!(quality.rank(&run.measures) <= quality.rank(&done[chosen.best_run().unwrap()].measures));
        }
        // What is chosen is the best that fits, and nothing on the frontier is beaten.
        let best = chosen.best.clone().unwrap();
        let rank = |i: usize| quality.rank(&done[chosen.runs[i]].measures);
        for (i, row) in chosen.rows.iter().enumerate() {
            assert!(row.bytes > 500 || rank(i) <= quality.rank(&done[chosen.best_run().unwrap()].measures));
            let is_beaten = (0..chosen.rows.len()).any(|k| {
                let other = &chosen.rows[k];
                other.bytes <= row.bytes
                    && rank(k) >= rank(i)
                    && (other.bytes, rank(k)) != (row.bytes, rank(i))
            });
            assert_eq!(row.on_frontier, !is_beaten);
            assert_eq!(row.best, (row.components, row.lags) == (best.components, best.lags));
        }
        assert!(best.on_frontier && best.bytes <= 500 && best.kbps.unwrap() <= 8.0 * 500.0 / 3000.0);
    }
}

#[test]
fn the_right_number_of_lags_is_found() {
    // Two objects of 31 frames.
    let mut draft = SpecDraft { iterations: 60, ..SpecDraft::default() };
    draft.set_purpose(Purpose::Poster);
    let analysis = analysis("demo:evolving", &draft, ReadOptions::default(), 2);
    let lists: [&[usize]; 2] = [&[2], &[1, 8, 32]];
    let (chosen, _) = carry_out(&analysis, &draft, ModelGoal::MaxBytes(4000), QualityFloor::Snr, lists, 2);
    assert_eq!(cell(&chosen), Cell { components: 2, lags: 32 }, "{chosen:#?}");
}

#[test]
fn a_least_quality_takes_the_fewest_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = four_notes(folder.path());
    let draft = draft_for(Purpose::Sound);
    let analysis = analysis(&path, &draft, ReadOptions::default(), 2);
    let lists: [&[usize]; 2] = [&[2, 4, 12], &[1, 2]];
    let (chosen, done) =
        carry_out(&analysis, &draft, ModelGoal::MinQuality(16.0), QualityFloor::SqrtSnr, lists, 2);
    let best = chosen.best.clone().unwrap();
    assert!(!chosen.missed && best.components >= 4 && best.lags == 1, "{chosen:#?}");
    let reached = best.sqrt_snr_db.unwrap();
    // Integers of a model this small follow the price in jumps.
    assert!((16.0..17.5).contains(&reached), "not much more than is asked for: {reached} dB");
    let fewest = done.iter().filter(|run| run.measures.quality.sqrt_snr_db.unwrap() >= 16.0);
    assert_eq!(fewest.map(|run| run.measures.sizes.file_bytes).min(), Some(best.bytes));
    // What no R and T can do is missed by the least.
    let (chosen, done) =
        carry_out(&analysis, &draft, ModelGoal::MinQuality(90.0), QualityFloor::SqrtSnr, [&[1, 2], &[1]], 2);
    let most = done.iter().map(|run| run.measures.quality.sqrt_snr_db.unwrap()).fold(f64::MIN, f64::max);
    assert!(chosen.missed && chosen.best.unwrap().sqrt_snr_db == Some(most));
}

#[test]
fn the_number_of_threads_changes_neither_the_choice_nor_a_row() {
    let draft = SpecDraft { iterations: 20, ..draft_for(Purpose::Sound) };
    let read = ReadOptions { start: Some(0.0), end: Some(1.5), ..ReadOptions::default() };
    let rows = [1, 2, 7].map(|threads| {
        let analysis = analysis("demo:speech", &draft, read, threads);
        let (mut chosen, done) = carry_out(
            &analysis,
            &draft,
            ModelGoal::MaxBytes(700),
            QualityFloor::SqrtSnr,
            [&[], &[1, 2]],
            threads,
        );
        chosen.rows.iter_mut().for_each(|row| row.seconds = 0.0);
        let order: Vec<Cell> = done.iter().map(|run| Cell::of(&run.spec)).collect();
        (order, serde_json::to_string(&chosen.rows).unwrap())
    });
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[0], rows[2]);
    let mut cells = rows[0].0.clone();
    cells.sort_unstable();
    cells.dedup();
    assert!(cells.len() >= 6 && cells.len() < 12, "coarse first, then near the best: {cells:?}");
}

#[test]
fn a_budget_that_nothing_meets_gives_the_smallest() {
    let draft = SpecDraft { iterations: 10, ..draft_for(Purpose::Features) };
    let read = ReadOptions { start: Some(0.0), end: Some(1.0), ..ReadOptions::default() };
    let analysis = analysis("demo:noise-burst", &draft, read, 2);
    let lists: [&[usize]; 2] = [&[2, 5], &[1]];
    let (chosen, _) =
        carry_out(&analysis, &draft, ModelGoal::MaxBytes(9), QualityFloor::Divergence, lists, 2);
    assert!(chosen.missed && chosen.rows.iter().all(|row| !row.meets));
    let fewest = chosen.rows.iter().map(|row| row.bytes).min();
    assert_eq!(chosen.best.map(|best| best.bytes), fewest);
}

#[test]
fn a_budget_is_typed_in_bytes_or_in_bits_a_second() {
    let draft =
        |budget: &str, in_kbps| ChooseDraft { budget: budget.to_owned(), in_kbps, ..ChooseDraft::default() };
    assert_eq!(draft("8", true).bytes(Some(2.9)), Ok(2900));
    assert_eq!(draft(" 1.5 ", true).bytes(Some(2.0)), Ok(375));
    assert_eq!(draft("2914", false).bytes(None), Ok(2914));
    assert_eq!(draft("8", true).bytes(None), Err(ChooseError::NoLength));
    for (budget, in_kbps) in
        [("0", false), ("-3", true), ("many", true), ("1.5", false), ("", true), ("inf", true)]
    {
        assert!(
            matches!(draft(budget, in_kbps).bytes(Some(2.0)), Err(ChooseError::Budget { .. })),
            "{budget}"
        );
    }
}
