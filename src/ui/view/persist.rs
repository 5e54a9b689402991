//! What is looked at and how the window is laid out, as a JSON value: a session keeps it, and the window takes it back.
//! Whatever cannot be read is as it was.

use std::collections::BTreeMap;

use egui::{Context, Id, PanelState, Rect, ThemePreference, Vec2};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::listen::{EXPONENTS, ITERATIONS, Listen, Making};
use super::run_list::SortBy;
use super::{Below, FactorSide, Range, Shown, View};
use crate::engine::{ColumnId, Measure};
use crate::figure::{CascadeOrder, ColorMap, FrequencyScale};
use crate::numeric::Named;
use crate::playback::Choice;
use crate::signal::GriffinLim;

/// The panels whose sizes can be changed.
pub const PANELS: [&str; 4] = ["messages", "runs", "controls", "outcome"];

const SHOWN: [(&str, Shown); 4] = [
    ("model", Shown::Model),
    ("input", Shown::Input),
    ("residual", Shown::Residual),
    ("difference", Shown::Difference),
];
const ORDERS: [(&str, CascadeOrder); 2] =
    [("component", CascadeOrder::ByComponent), ("lag", CascadeOrder::ByLag)];
const SIDES: [(&str, FactorSide); 2] = [("w", FactorSide::W), ("h", FactorSide::H)];
const FOLDS: [(&str, Option<Below>); 3] =
    [("", None), ("runs", Some(Below::Runs)), ("messages", Some(Below::Messages))];
const SORTS: [(&str, SortBy); 7] = [
    ("number", SortBy::Number),
    ("bytes", SortBy::Bytes),
    ("snr_db", SortBy::Measure(Measure::Snr)),
    ("kld", SortBy::Measure(Measure::Kld)),
    ("sqrt_snr_db", SortBy::Measure(Measure::SqrtSnr)),
    ("lsd_db", SortBy::Measure(Measure::Lsd)),
    // The name of old.
    ("snr", SortBy::Measure(Measure::Snr)),
];
const THEMES: [(&str, ThemePreference); 3] =
    [("system", ThemePreference::System), ("dark", ThemePreference::Dark), ("light", ThemePreference::Light)];

const CHOICES: [(&str, Choice); 4] =
    [("original", Choice::Original), ("a", Choice::A), ("b", Choice::B), ("components", Choice::Selection)];

/// The name of a value in one of these tables.
fn name<T: Copy + PartialEq>(table: &[(&str, T)], value: T) -> String {
    table.iter().find(|(_, known)| *known == value).map_or_else(String::new, |(name, _)| (*name).to_owned())
}

/// Takes over the value of that name, if there is one.
fn set<T: Copy>(table: &[(&str, T)], name: &str, to: &mut T) {
    if let Some((_, value)) = table.iter().find(|(known, _)| *known == name) {
        *to = *value;
    }
}

/// How things look, whatever is looked at: what a window remembers from one start to the next, too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedLook {
    theme: String,
    scale: String,
    map: String,
    top_db: f32,
    range_db: f32,
    /// Whether the settings and the numbers are shown; none where there being room decides.
    sides: [Option<bool>; 2],
    /// Width and height of each panel.
    panels: BTreeMap<String, [f32; 2]>,
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedView {
    look: SavedLook,
    time: Option<Range>,
    hertz: Option<Range>,
    /// What column B shows where it goes its own way: time and frequency.
    other: Option<(Range, Range)>,
    region: Option<Range>,
    shown: [String; 2],
    order: String,
    side: String,
    log_count: Option<bool>,
    /// What the rate-distortion pane shows.
    measure: String,
    below: String,
    sort: String,
    by_energy: bool,
    matched: Option<bool>,
    lag: usize,
    selected: [Option<usize>; 2],
    heard: SavedListening,
}

/// What is listened to, and how models become sound.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct SavedListening {
    choice: String,
    looped: bool,
    level_match: bool,
    mask_exponent: Option<f64>,
    /// Whether phases are searched for where a sound is open, too.
    searched: bool,
    iterations: Option<usize>,
    seed: Option<u64>,
}

impl SavedListening {
    fn of(listen: &Listen) -> Self {
        let Making { exponent, searched, search } = listen.making;
        Self {
            choice: name(&CHOICES, listen.choice),
            looped: listen.looped,
            level_match: listen.level_match,
            mask_exponent: Some(exponent),
            searched,
            iterations: Some(search.iterations),
            seed: Some(search.seed),
        }
    }

    fn apply(&self, listen: &mut Listen) {
        set(&CHOICES, &self.choice, &mut listen.choice);
        (listen.looped, listen.level_match) = (self.looped, self.level_match);
        let usual = Making::default();
        let exponent = self.mask_exponent.filter(|p| p.is_finite()).unwrap_or(usual.exponent);
        let iterations = self.iterations.unwrap_or(usual.search.iterations);
        listen.making = Making {
            exponent: exponent.clamp(*EXPONENTS.start(), *EXPONENTS.end()),
            searched: self.searched,
            search: GriffinLim {
                iterations: iterations.clamp(*ITERATIONS.start(), *ITERATIONS.end()),
                seed: self.seed.unwrap_or(usual.search.seed),
            },
        };
    }
}

fn finite(range: Option<Range>) -> Option<Range> {
    range.filter(|(low, high)| low.is_finite() && high.is_finite() && low < high)
}

impl SavedLook {
    /// As it is now.
    pub fn of(ctx: &Context, view: &View) -> Self {
        let size = |name: &str| {
            let size = PanelState::load(ctx, Id::unique(name))?.size();
            Some((name.to_owned(), [size.x, size.y]))
        };
        Self {
            theme: name(&THEMES, ctx.options(|options| options.theme_preference)),
            scale: view.scale.name().to_owned(),
            map: view.map.name().to_owned(),
            top_db: view.top_db,
            range_db: view.range_db,
            sides: view.sides,
            panels: PANELS.iter().filter_map(|name| size(name)).collect(),
        }
    }

    /// Makes it so.
    pub fn apply(&self, ctx: &Context, view: &mut View) {
        let mut theme = ctx.options(|options| options.theme_preference);
        set(&THEMES, &self.theme, &mut theme);
        ctx.set_theme(theme);
        self.arrange(ctx, view);
    }

    /// Makes it so but for the theme, which belongs to the user and not to what is looked at.
    fn arrange(&self, ctx: &Context, view: &mut View) {
        view.scale = FrequencyScale::parse(&self.scale).unwrap_or(view.scale);
        view.map = ColorMap::parse(&self.map).unwrap_or(view.map);
        view.sides = self.sides;
        // A range of zero was not given.
        if self.range_db.is_finite() && self.range_db >= 1.0 && self.top_db.is_finite() {
            view.range_db = self.range_db.min(200.0);
            view.top_db = self.top_db.clamp(-200.0, 200.0);
        }
        for (name, &[width, height]) in &self.panels {
            let sane = |x: f32| x.is_finite() && (1.0..20_000.0).contains(&x);
            if PANELS.contains(&name.as_str()) && sane(width) && sane(height) {
                let outer_rect = Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(width, height));
                ctx.data_mut(|data| data.insert_persisted(Id::unique(name), PanelState { outer_rect }));
            }
        }
    }
}

impl SavedView {
    /// As it is now, as a JSON value.
    pub fn of(ctx: &Context, view: &View) -> Value {
        Self::now(ctx, view).value()
    }

    /// As a JSON value.
    pub fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// As it is now.
    pub fn now(ctx: &Context, view: &View) -> Self {
        let (part, other) = view.parts();
        Self {
            look: SavedLook { theme: String::new(), ..SavedLook::of(ctx, view) },
            time: Some(part.time),
            hertz: Some(part.hertz),
            other: other.map(|other| (other.time, other.hertz)),
            region: view.region,
            shown: view.shown.map(|shown| name(&SHOWN, shown)),
            order: name(&ORDERS, view.order),
            side: name(&SIDES, view.side),
            log_count: Some(view.log_count),
            measure: view.measure.name().to_owned(),
            below: name(&FOLDS, view.below),
            sort: name(&SORTS, view.runs.sort),
            by_energy: view.selection.by_energy,
            matched: Some(view.selection.matched),
            lag: view.selection.lag,
            selected: ColumnId::BOTH.map(|column| view.selection.selected(column)),
            heard: SavedListening::of(&view.listen),
        }
    }

    /// Reads one; what is none is nothing.
    pub fn read(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok()
    }

    /// Makes it so. The signal that it is of is fitted already.
    pub fn apply(&self, ctx: &Context, view: &mut View) {
        self.look.arrange(ctx, view);
        self.heard.apply(&mut view.listen);
        for (name, shown) in self.shown.iter().zip(&mut view.shown) {
            set(&SHOWN, name, shown);
        }
        set(&ORDERS, &self.order, &mut view.order);
        set(&SIDES, &self.side, &mut view.side);
        set(&FOLDS, &self.below, &mut view.below);
        set(&SORTS, &self.sort, &mut view.runs.sort);
        view.log_count = self.log_count.unwrap_or(view.log_count);
        view.measure = Measure::parse(&self.measure).unwrap_or(view.measure);
        view.selection.by_energy = self.by_energy;
        view.selection.matched = self.matched.unwrap_or(view.selection.matched);
        view.selection.lag = self.lag;
        view.selection.put_selected(self.selected);
        if !view.is_linked() {
            view.link();
        }
        if let (Some(time), Some(hertz)) = (finite(self.time), finite(self.hertz)) {
            view.show(time, hertz);
        }
        if let Some((time, hertz)) = self.other
            && let (Some(time), Some(hertz)) = (finite(Some(time)), finite(Some(hertz)))
        {
            view.link();
            view.show_column(ColumnId::B);
            view.show(time, hertz);
            view.show_column(ColumnId::A);
        }
        match finite(self.region) {
            Some(region) => view.mark(region),
            None => view.region = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ui::view::fitted;

    #[test]
    fn a_view_comes_back_as_it_was() {
        let (ctx, mut before) = (Context::default(), fitted());
        before.scale = FrequencyScale::Mel;
        before.map = ColorMap::Cividis;
        (before.top_db, before.range_db) = (-6.0, 60.0);
        before.shown = [Shown::Residual, Shown::Model];
        before.order = CascadeOrder::ByLag;
        before.side = FactorSide::H;
        before.below = Some(Below::Runs);
        before.runs.sort = SortBy::Measure(Measure::Lsd);
        before.log_count = false;
        before.measure = Measure::Kld;
        before.selection.by_energy = true;
        before.selection.lag = 3;
        before.selection.put_selected([Some(1), None]);
        before.show((2.0, 5.0), (100.0, 4000.0));
        before.link();
        before.show_column(ColumnId::B);
        before.show((1.0, 3.0), (0.0, 2000.0));
        before.show_column(ColumnId::A);
        before.mark((2.5, 3.5));
        before.sides = [Some(false), None];
        before.listen.choice = Choice::B;
        before.listen.looped = true;
        before.listen.making.search.seed = 7;
        before.listen.making.exponent = 1.5;
        ctx.set_theme(ThemePreference::Light);
        let value = SavedView::of(&ctx, &before);
        let (other, mut after) = (Context::default(), fitted());
        SavedView::read(value.clone()).unwrap().apply(&other, &mut after);
        assert_eq!(SavedView::of(&other, &after), value);
        assert_eq!(after.parts(), before.parts());
        assert_eq!((after.measure, after.runs.sort), (before.measure, before.runs.sort));
        assert_eq!(after.listen.making, before.listen.making);
        let theme = |ctx: &Context| ctx.options(|options| options.theme_preference);
        assert_ne!(theme(&other), ThemePreference::Light, "a theme belongs to the user");
        SavedLook::of(&ctx, &before).apply(&other, &mut after);
        assert_eq!(theme(&other), ThemePreference::Light, "and a window remembers it");
    }

    #[test]
    fn nonsense_leaves_the_view_as_it_is() {
        let ctx = Context::default();
        let before = SavedView::of(&ctx, &fitted());
        assert!(SavedView::read(json!(["of", "something", "else"])).is_none());
        let odd = json!({
            "time": [5.0, 1.0], "hertz": [0.0, 1e300], "other": [[0.0, 1e9], [-5.0, 2.0]], "below": "cellar",
            "look": { "theme": "pink", "map": "jet", "range_db": -4.0, "panels": { "controls": [-9.0, 1e30] } },
            "heard": { "choice": "all", "mask_exponent": -3.0, "iterations": 0 }, "lag": 4_000_000_000u64, "shown": ["everything", "nothing"],
        });
        let mut after = fitted();
        SavedView::read(odd).unwrap().apply(&ctx, &mut after);
        let (a, b) = after.parts();
        assert_eq!(a.time, (0.0, 10.0), "it is no range");
        assert!(b.is_some_and(|b| b.time.1 <= 10.0 && b.hertz.0 >= 0.0), "within the signal");
        assert_eq!((after.listen.making.exponent, after.listen.making.search.iterations), (0.1, 1));
        after.link();
        after.selection.lag = 0;
        assert_eq!(SavedView::of(&ctx, &after)["look"], before["look"]);
    }
}
