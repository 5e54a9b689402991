//! Figures: what an SVG says lies where it should, at any width; files of every kind are whole and always the same.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use resvg::usvg::roxmltree::{Document, Node};
use resvg::usvg::{self, fontdb};
use snmf_workbench::codec::{self, Form, Header, Stored};
use snmf_workbench::engine::run::measure;
use snmf_workbench::engine::{Analysis, InputSpec, Source, session};
use snmf_workbench::figure::panes::{self, Look, PaneKind};
use snmf_workbench::figure::text::{self, PT};
use snmf_workbench::figure::{
    Arrangement, CascadeOrder, FigureError, FigureFormat, FrequencyScale, Run, Sheet, Sources, Style, output,
    svg,
};
use snmf_workbench::numeric::methods::init::random_factors;
use snmf_workbench::numeric::methods::rounding::round_adaptively;
use snmf_workbench::numeric::{Levels, Model, Named, Shape};
use snmf_workbench::signal::{Axes, Demo, ReadOptions, Stft, Window};

/// Two models of the built-in speech, real and rounded, not learned: nothing here depends on how good they are.
fn sources(components: usize, lags: usize, heard: bool) -> Sources {
    let pool = session::pool(1).unwrap();
    let input = InputSpec { source: Source::Demo(Demo::Speech), read: ReadOptions::default() };
    let stft = Stft { fft: 1024, hop: 512, window: Window::Hann };
    let analysis = Arc::new(Analysis::read(&input, stft, &pool).unwrap());
    let shape = Shape { bins: analysis.bins(), frames: analysis.frames(), components, lags };
    let factors = random_factors::<f32>(shape, 3);
    let rounded = round_adaptively(&factors, Levels { w: 20, h: 12 }, None);
    let run = |name: &str, method: &str, model: Model<f32>| {
        let header = Header {
            method: method.to_owned(),
            input: Some("demo:speech".to_owned()),
            sample_rate: Some(16_000),
            fft: Some(1024),
            hop: Some(512),
            seed: Some(3),
            ..Header::default()
        };
        let stored = Stored { header, model: model.into(), form: Form::default() };
        let measures = measure::measure(&stored, 0, heard.then_some(&*analysis), &pool);
        let objective = Arc::new((1..=50).map(|k| 900.0 / f64::from(k)).collect());
        Run {
            name: name.to_owned(),
            stored: Arc::new(stored),
            measures: Some(Arc::new(measures)),
            objective,
            series: usize::from(name.starts_with('b')),
        }
    };
    let runs = vec![
        run("a.snmf.gz", "cnmf", Model::Real(factors)),
        run("b.snmf.gz", "snmf-rd", Model::Quantised(rounded)),
    ];
    Sources { runs, analysis: heard.then_some(analysis), sweep: Vec::new() }
}

fn sheet(width: f64, kinds: &[PaneKind]) -> Sheet {
    Sheet {
        kinds: kinds.to_vec(),
        arrangement: Arrangement::Grid,
        look: Look::new(Style { width, font: 8.0, dark: false }),
        title: Some("Speech & more".to_owned()),
        letters: true,
        command: "snmf figure a.snmf.gz --audio 'a <b>'".to_owned(),
    }
}

const GO: &dyn Fn(usize, usize) -> ControlFlow<()> = &|_, _| ControlFlow::Continue(());

fn drawn(sheet: &Sheet, sources: &Sources) -> String {
    svg::write(&sheet.scene(sources, GO).unwrap()).unwrap()
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// Left, top, right and bottom of a rectangle or an image.
fn edges(node: Node<'_, '_>) -> [f64; 4] {
    let [x, y, w, h] = ["x", "y", "width", "height"].map(|name| number(node, name));
    [x, y, x + w, y + h]
}

fn near(a: [f64; 4], b: [f64; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.03)
}

/// The groups of panes with the edges of their plots.
fn panes<'a>(document: &'a Document<'a>) -> Vec<(Node<'a, 'a>, String, Option<[f64; 4]>)> {
    let classed = |node: &Node<'_, '_>, word: &str| {
        node.attribute("class").is_some_and(|class| class.split(' ').any(|w| w == word))
    };
    let groups = document.descendants().filter(|node| node.has_tag_name("g") && classed(node, "pane"));
    groups
        .map(|node| {
            let kind = node.attribute("class").unwrap().trim_start_matches("pane ").to_owned();
            let area = node.descendants().find(|node| classed(node, "area")).map(edges);
            (node, kind, area)
        })
        .collect()
}

/// Words with their places in a pane.
fn words<'a>(pane: Node<'a, 'a>) -> Vec<(String, Node<'a, 'a>)> {
    let texts = pane.descendants().filter(|node| node.has_tag_name("text"));
    texts.map(|node| (node.text().unwrap_or_default().to_owned(), node)).collect()
}

#[test]
fn plots_of_a_row_share_edges_and_images_cover_them() {
    let sources = sources(4, 3, true);
    for width in [85.0, 180.0] {
        let kinds = [panes::V, panes::VHAT, panes::RESIDUAL, panes::W, panes::H];
        let text = drawn(&sheet(width, &kinds), &sources);
        let document = Document::parse(&text).unwrap();
        let panes = panes(&document);
        assert_eq!(panes.len(), 1 + 4 * 2);
        let of = |kind: &str| -> Vec<[f64; 4]> {
            panes.iter().filter(|pane| pane.1 == kind).map(|pane| pane.2.unwrap()).collect()
        };
        let v = of("v")[0];
        for kind in ["vhat", "residual", "w", "h"] {
            let [a, b]: [[f64; 4]; 2] = of(kind).try_into().unwrap();
            assert!((a[1] - b[1]).abs() < 0.03 && (a[3] - b[3]).abs() < 0.03, "{kind}: {a:?} {b:?}");
            assert!((a[2] - a[0] - b[2] + b[0]).abs() < 0.03, "{kind}: equal widths");
            assert!((a[0] - v[0]).abs() < 0.03 && (b[2] - v[2]).abs() < 0.03, "{kind} lies under V");
            assert!(a[2] < b[0]);
        }
        for (node, kind, area) in &panes {
            let images: Vec<[f64; 4]> =
                node.descendants().filter(|node| node.has_tag_name("image")).map(edges).collect();
            match kind.as_str() {
                "v" | "vhat" | "residual" | "w" => {
                    assert!(near(images[0], area.unwrap()), "{kind}: {images:?} {area:?}");
                }
                _ => assert!(images.is_empty()),
            }
        }
    }
}

#[test]
fn a_difference_needs_two_models_and_is_empty_where_they_are_equal() {
    let mut sources = sources(4, 3, true);
    let difference = sheet(120.0, &[panes::DIFFERENCE]);
    let pixels = |sources: &Sources| {
        let image = drawn(&difference, sources);
        let image = &image[image.find("base64,").unwrap() + 7..];
        image[..image.find('"').unwrap()].to_owned()
    };
    let different = pixels(&sources);
    sources.runs[1].stored = Arc::clone(&sources.runs[0].stored);
    let equal = pixels(&sources);
    assert!(equal.len() < different.len() / 4, "one colour: {} {}", equal.len(), different.len());
    sources.runs.truncate(1);
    let reason = difference.scene(&sources, GO).err().unwrap().to_string();
    assert!(reason.contains("difference") && reason.contains("two runs"), "{reason}");
}

#[test]
fn ticks_lie_where_the_axes_say() {
    let sources = sources(4, 3, true);
    let axes = Axes { rate: 16_000, fft: 1024, hop: 512 };
    let frames = sources.analysis.as_ref().unwrap().frames() as f64;
    for &scale in FrequencyScale::ALL {
        let mut sheet = sheet(120.0, &[panes::VHAT]);
        sheet.look.scale = scale;
        let text = drawn(&sheet, &sources);
        let document = Document::parse(&text).unwrap();
        let (pane, _, area) = panes(&document).swap_remove(0);
        let [left, top, right, bottom] = area.unwrap();
        let (from, to) = (axes.time_of(-0.5), axes.time_of(frames - 0.5));
        let (low, high) = match scale {
            FrequencyScale::Linear => (axes.frequency_of(-0.5), axes.frequency_of(512.5)),
            FrequencyScale::Log => (20.0, 8000.0),
            FrequencyScale::Mel => (0.0, 8000.0),
        };
        let (mut along, mut upwards) = (0, 0);
        for (word, node) in words(pane) {
            let Ok(value) = word.parse::<f64>() else { continue };
            let (x, y) = (number(node, "x"), number(node, "y"));
            if node.attribute("text-anchor") == Some("middle") {
                let expected = left + (right - left) * (value - from) / (to - from);
                assert!((x - expected).abs() < 0.03, "{word} s at {x}, not {expected}");
                along += 1;
            } else if node.attribute("text-anchor") == Some("end") {
                let height = |hz: f64| scale.height(hz);
                let share = (height(value) - height(low)) / (height(high) - height(low));
                let middle = y - 0.36 * number(node, "font-size");
                let expected = bottom - (bottom - top) * share;
                assert!((middle - expected).abs() < 0.05, "{word} Hz at {middle}, not {expected}");
                upwards += 1;
            }
        }
        assert!(along >= 2 && upwards >= 2, "{} {along} {upwards}", scale.name());
    }
}

/// The page, and the box around the ink of each line of text, with the text.
fn ink(text: &str) -> (usvg::Size, Vec<(String, usvg::Rect)>) {
    fn collect(group: &usvg::Group, found: &mut Vec<(String, usvg::Rect)>) {
        for node in group.children() {
            match node {
                usvg::Node::Group(group) => collect(group, found),
                usvg::Node::Text(text) => {
                    let words = text.chunks().iter().map(usvg::TextChunk::text).collect::<String>();
                    let ink = text.flattened().bounding_box().transform(text.abs_transform()).unwrap();
                    found.push((words, ink));
                }
                usvg::Node::Path(_) | usvg::Node::Image(_) => {}
            }
        }
    }
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(text::REGULAR.to_vec());
    fonts.load_font_data(text::STRONG.to_vec());
    let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(text, &options).unwrap();
    let mut found = Vec::new();
    collect(tree.root(), &mut found);
    (tree.size(), found)
}

#[test]
fn no_words_meet_and_none_leaves_the_page() {
    let all = PaneKind::ALL;
    for (components, lags) in [(2, 32), (20, 5), (3, 1)] {
        let sources = sources(components, lags, true);
        for (width, font) in [(85.0, 7.0), (180.0, 8.0), (180.0, 10.0)] {
            for arrangement in [Arrangement::Grid, Arrangement::Poster] {
                for order in [CascadeOrder::ByComponent, CascadeOrder::ByLag] {
                    let mut sheet = Sheet { arrangement, ..sheet(width, &all) };
                    sheet.look.style.font = font;
                    sheet.look.order = order;
                    let text = drawn(&sheet, &sources);
                    let (page, words) = ink(&text);
                    let case = format!("R {components}, T {lags}, {width} mm, {arrangement:?}, {order:?}");
                    assert!(words.len() > 40, "{case}: {} words", words.len());
                    for (word, ink) in &words {
                        let inside = ink.left() >= 0.0
                            && ink.top() >= 0.0
                            && ink.right() <= page.width()
                            && ink.bottom() <= page.height();
                        assert!(inside, "{case}: {word} at {ink:?} leaves {page:?}");
                    }
                    for (i, (a, one)) in words.iter().enumerate() {
                        for (b, other) in &words[i + 1..] {
                            let apart = one.right() <= other.left()
                                || other.right() <= one.left()
                                || one.bottom() <= other.top()
                                || other.bottom() <= one.top();
                            assert!(apart, "{case}: {a} at {one:?} meets {b} at {other:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_kind_of_file_is_whole_and_always_the_same() {
    let sources = sources(3, 4, true);
    let sheet = sheet(85.0, &[panes::V, panes::VHAT, panes::HIST, panes::RD, panes::TABLE]);
    let scene = sheet.scene(&sources, GO).unwrap();
    let again = sheet.scene(&sources, GO).unwrap();
    for &format in FigureFormat::ALL {
        let bytes = output::file(&scene, format, 200.0).unwrap();
        assert!(bytes == output::file(&again, format, 200.0).unwrap(), "{format:?}");
        let has = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        match format {
            FigureFormat::Svg => {
                let text = String::from_utf8(bytes).unwrap();
                let document = Document::parse(&text).unwrap();
                let command =
                    document.descendants().find(|node| node.has_tag_name(("urn:snmf-workbench", "command")));
                assert_eq!(command.unwrap().text(), Some(sheet.command.as_str()));
                assert_eq!(document.root_element().attribute("width"), Some("85mm"));
                assert!(text.contains("Inter, Helvetica, Arial, sans-serif") && text.contains("seed 3"));
            }
            FigureFormat::Pdf => {
                assert!(has("%PDF-") && has("%%EOF") && has("Inter-Regular"), "the font goes with it");
                assert!(has("snmf figure a.snmf.gz") && !has("CreationDate"));
                let box_of = format!("{:.0}", 85.0 * PT);
                assert!(has("MediaBox") && has(&box_of), "{box_of}");
            }
            FigureFormat::Png => {
                let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
                let info = reader.info();
                assert_eq!(f64::from(info.width), (85.0f64 / 25.4 * 200.0).round());
                let texts = &info.uncompressed_latin1_text;
                let of =
                    |key: &str| texts.iter().find(|text| text.keyword == key).map(|text| text.text.clone());
                assert_eq!(of("Comment").as_ref(), Some(&sheet.command));
                assert!(of("Description").unwrap().contains("R 3, T 4"));
            }
        }
    }
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let alone = sources(3, 2, false);
    for kind in [panes::V, panes::RESIDUAL, panes::RD] {
        let got = sheet(180.0, &[kind]).scene(&alone, GO);
        assert_eq!(got, Err(FigureError::NeedsInput { pane: kind.name() }));
    }
    let mut curveless = sources(3, 2, false);
    curveless.runs.iter_mut().for_each(|run| run.objective = Arc::default());
    assert_eq!(sheet(180.0, &[panes::CONVERGENCE]).scene(&curveless, GO), Err(FigureError::NoCurve));
    let narrow = sheet(20.0, &[panes::VHAT]).scene(&alone, GO);
    assert!(matches!(narrow, Err(FigureError::TooNarrow { least, .. }) if least > 20.0), "{narrow:?}");
    let stopped = sheet(180.0, &[panes::VHAT]).scene(&alone, &|_, _| ControlFlow::Break(()));
    assert_eq!(stopped, Err(FigureError::Cancelled));
    let none = sheet(180.0, &[]).scene(&alone, GO);
    assert!(matches!(none, Err(FigureError::Nothing { .. })));
    let scene = sheet(180.0, &[panes::VHAT]).scene(&alone, GO).unwrap();
    assert!(
        output::file(&scene, FigureFormat::Png, 0.01).is_err()
            && output::file(&scene, FigureFormat::Png, 1e6).is_err()
    );
}

fn snmf(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
    command.args(words).current_dir(folder).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().unwrap()
}

#[test]
fn a_session_brings_its_sound_and_its_curves_into_a_figure() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = std::fs::canonicalize("tests/fixtures/version-1.bundle.zip").unwrap();
    let words =
        ["figure", bundle.to_str().unwrap(), "--panes", "v,vhat,residual,convergence", "--out", "x.svg"];
    let done = snmf(folder.path(), &words);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let svg = std::fs::read_to_string(folder.path().join("x.svg")).unwrap();
    for label in ["Iteration", "Frequency (Hz)", "Time (s)"] {
        assert!(svg.contains(label), "{label}");
    }
}

#[test]
fn the_command_line_draws_or_says_what_is_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (run, name) in sources(3, 2, false).runs.iter().zip(["a.snmf.gz", "b.snmf.gz"]) {
        fs::write(folder.join(name), codec::write(&run.stored)).unwrap();
    }
    let both =
        ["figure", "a.snmf.gz", "b.snmf.gz", "--audio", "demo:speech", "--panes", "v,residual,rd,table"];
    for out in ["x.svg", "x.pdf", "x.png"] {
        let words = [&both[..], &["--dpi", "60", "--out", out]].concat();
        let output = snmf(folder, &words);
        assert!(output.status.success(), "{out}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(fs::metadata(folder.join(out)).unwrap().len() > 10_000, "{out}");
    }
    let alone = snmf(folder, &["figure", "a.snmf.gz", "--panes", "vhat", "--out", "-"]);
    assert!(String::from_utf8(alone.stdout).unwrap().starts_with("<svg"));
    let refused = |words: &[&str], code: i32, expected: &str| {
        let output = snmf(folder, &[&["figure", "a.snmf.gz"], words].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
        assert!(error.contains(expected), "{words:?}: expected {expected} in: {error}");
    };
    refused(&["--panes", "v", "--out", "y.pdf"], 1, "--audio");
    refused(&["--panes", "vhat,residual", "--out", "y.pdf"], 1, "residual");
    refused(&["--panes", "everything", "--out", "y.pdf"], 2, "expected one of v, vhat");
    refused(&["--out", "y.gif"], 2, ".pdf, .svg or .png");
    refused(&["--out", "x.svg"], 1, "--force");
    refused(&["--out", "nowhere/y.svg"], 1, "nowhere");
    refused(&["--width-mm", "25", "--out", "y.svg"], 2, "width-mm");
    refused(&["--font-size", "0", "--out", "y.svg"], 2, "font-size");
    refused(&["--dpi", "NaN", "--out", "y.png"], 2, "dpi");
    refused(&["--audio", "demo:drums", "--out", "y.svg"], 1, "cannot be compared");
    refused(&["--panes", "convergence", "--out", "y.svg"], 1, "convergence");
    let names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 5, "nothing else was left: {names:?}");
}
