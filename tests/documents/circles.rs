//! No two files of `src` use each other, directly or through others.
//!
//! An arrow leads from a file to each file that defines something that it names by a path, outside its tests. A folder
//! that hands on a name (`pub use`) is passed through, and a `mod` line alone is no arrow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

/// A module as the names that lead to it from the root: `["engine", "task"]`.
type Module = Vec<String>;

/// The arrows out of each module.
type Arrows = BTreeMap<Module, BTreeSet<Module>>;

/// One file, without comments and tests.
struct File {
    code: String,
    /// What it imports: a path from the root, under a name.
    imports: Vec<Import>,
}

struct Import {
    path: Module,
    name: String,
    /// Whether others may take it from here.
    handed_on: bool,
}

fn words(path: &str) -> Module {
    path.split("::").map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// Every path of the tree behind `use`, with the name under which it is known.
fn leaves(tree: &str, before: &[String]) -> Vec<(Module, String)> {
    let mut depth = 0;
    let parts = tree.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let mut found = Vec::new();
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        let (path, inner) = part.split_once('{').unwrap_or((part, ""));
        let (path, alias) = path.split_once(" as ").unwrap_or((path, ""));
        let mut path = [before, &words(path)].concat();
        if let Some((inner, _)) = inner.rsplit_once('}') {
            found.extend(leaves(inner, &path));
            continue;
        }
        if path.len() > 1 && path.last().is_some_and(|word| word == "self") {
            path.pop();
        }
        let name =
            if alias.is_empty() { path.last().cloned().unwrap_or_default() } else { alias.trim().to_owned() };
        found.push((path, name));
    }
    found
}

/// A path as it leads from the root, where it is one of this crate.
fn absolute(path: &[String], module: &[String], files: &BTreeSet<Module>) -> Option<Module> {
    let mut base = module.to_vec();
    let relative = path.iter().take_while(|word| *word == "self" || *word == "super").count();
    for word in &path[..relative] {
        if word == "super" {
            base.pop();
        }
    }
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        first => {
            let child = [module, &[first.to_owned()]].concat();
            (relative > 0 || files.contains(&child)).then(|| [&base, &path[relative..]].concat())
        }
    }
}

/// The code with paths out of modules that are written inside the file counted from the file itself.
fn unnested(lines: &[&str]) -> String {
    let (mut code, mut ends) = (String::new(), Vec::new());
    for line in lines {
        let indent = &line[..line.len() - line.trim_start().len()];
        if ends.last().is_some_and(|end| end == line) {
            ends.pop();
        }
        let mut rest = *line;
        while let Some((before, after)) = rest.split_once("super::").filter(|_| !ends.is_empty()) {
            let more = (after.len() - after.trim_start_matches("super::").len()) / "super::".len();
            let left = "super::".repeat((more + 1).saturating_sub(ends.len()));
            code.push_str(&format!("{before}self::{left}"));
            rest = after.trim_start_matches("super::");
        }
        code.push_str(&format!("{rest}\n"));
        let is_module =
            line.trim_start().trim_start_matches("pub ").starts_with("mod ") && line.ends_with('{');
        ends.extend(is_module.then(|| format!("{indent}}}")));
    }
    code
}

/// Every file of `src`, with what it imports.
fn read() -> BTreeMap<Module, File> {
    let mut found = Vec::new();
    crate::tidy::sources(Path::new("src"), &mut found);
    let mut texts = BTreeMap::new();
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let place = path.strip_prefix("src").unwrap().with_extension("");
        let mut module: Module = place.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        module.pop_if(|last| last == "mod" || last == "lib");
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines: Vec<&str> = code.lines().map(|line| line.split("//").next().unwrap()).collect();
        let mut code = unnested(&lines);
        if module.first().is_some_and(|room| room == "numeric") {
            // A crate of its own, whose paths start there.
            code = code.replace("crate::", "crate::numeric::");
        }
        texts.insert(module, code);
    }
    let modules: BTreeSet<Module> = texts.keys().cloned().collect();
    texts.into_iter().map(|(module, code)| (module.clone(), File::new(&module, &code, &modules))).collect()
}

impl File {
    fn new(module: &[String], text: &str, modules: &BTreeSet<Module>) -> Self {
        let (mut code, mut imports) = (String::new(), Vec::new());
        for statement in text.split_inclusive(';') {
            let line_start = statement.rfind("use ").filter(|at| {
                let line = statement[..*at].rsplit('\n').next().unwrap().trim();
                line.is_empty() || line.starts_with("pub")
            });
            let Some(at) = line_start else {
                code.push_str(statement);
                continue;
            };
            let (before, tree) = statement.split_at(at);
            code.push_str(before);
            let handed_on = before.trim_end().ends_with("pub") || before.trim_end().ends_with(')');
            for (path, name) in leaves(tree["use ".len()..].trim_end_matches(';'), &[]) {
                let path = absolute(&path, module, modules);
                imports.extend(path.map(|path| Import { path, name, handed_on }));
            }
        }
        Self { code, imports }
    }

    /// The paths that the code names outside of its imports, from the root.
    fn paths(&self, module: &[String], modules: &BTreeSet<Module>) -> Vec<Module> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let mut found = Vec::new();
        for path in self.code.split(|c| !is_word(c)).filter(|path| path.contains("::")) {
            let path = words(path);
            let import = self.imports.iter().find(|import| path.first() == Some(&import.name));
            found.extend(match import {
                Some(import) => Some([&import.path, &path[1..]].concat()),
                None => absolute(&path, module, modules),
            });
        }
        found
    }
}

/// The module that defines what this path leads to, past those that hand it on.
fn home(path: &[String], files: &BTreeMap<Module, File>) -> Option<Module> {
    let mut path = path.to_vec();
    // A name is handed on by each folder above it at most.
    for _ in 0..8 {
        let depth = (1..=path.len()).rev().find(|depth| files.contains_key(&path[..*depth]))?;
        let (module, rest) = path.split_at(depth);
        let handed_on = rest.first().and_then(|name| {
            files[module].imports.iter().find(|import| import.handed_on && import.name == *name)
        });
        match handed_on {
            Some(import) => path = [&import.path, &rest[1..]].concat(),
            None => return Some(module.to_vec()),
        }
    }
    None
}

fn arrows(files: &BTreeMap<Module, File>) -> Arrows {
    let modules: BTreeSet<Module> = files.keys().cloned().collect();
    let of = |(module, file): (&Module, &File)| {
        let imported =
            file.imports.iter().filter(|import| !import.handed_on).map(|import| import.path.clone());
        let paths = imported.chain(file.paths(module, &modules));
        let ends = paths.filter_map(|path| home(&path, files)).filter(|end| end != module).collect();
        (module.clone(), ends)
    };
    files.iter().map(of).collect()
}

/// The shortest way along arrows from a module back to itself.
fn circle(from: &Module, arrows: &Arrows) -> Option<Vec<Module>> {
    let mut came_from = BTreeMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(module) = waiting.pop_front() {
        for next in &arrows[module] {
            if next == from {
                let mut way = vec![from.clone(), module.clone()];
                while way.last() != Some(from) {
                    let before: &Module = came_from[way.last().unwrap()];
                    way.push(before.clone());
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next.clone(), module);
                waiting.push_back(next);
            }
        }
    }
    None
}

/// The circles, each once, as files.
fn circles(arrows: &Arrows) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for module in arrows.keys() {
        let Some(way) = circle(module, arrows) else { continue };
        if seen.insert(way.iter().cloned().collect::<BTreeSet<_>>()) {
            let names: Vec<String> = way.iter().map(|module| module.join("/")).collect();
            found.push(names.join(" -> "));
        }
    }
    found
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let files = read();
    let arrows = arrows(&files);
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > files.len(), "{count} arrows between {} files: they are not read", files.len());
    let circles = circles(&arrows);
    assert!(circles.is_empty(), "{} circles:\n{}", circles.len(), circles.join("\n"));
}

#[test]
fn arrows_and_circles_are_found() {
    let texts = [
        ("", "pub mod a; pub mod b;"),
        ("a", "mod one; mod two; pub use one::{One, other as another};"),
        ("a::one", "use crate::b::{self, inner::{C, D as E}}; pub struct One; fn other() { b::run() }"),
        ("a::two", "pub fn f() { super::one::other(); std::mem::swap() }"),
        ("b", "pub mod inner; pub fn run() { crate::a::another() }"),
        ("b::inner", "use super::super::a::One; pub(crate) use self::deep::X; pub mod deep;"),
        ("b::inner::deep", "use std::fmt; fn x() { fmt::Debug }"),
    ];
    let nested = ["mod m {", "    use super::X;", "    use super::super::Y;", "}", "use super::Z;"];
    let expected = "mod m {\n    use self::X;\n    use self::super::Y;\n}\nuse super::Z;\n";
    assert_eq!(unnested(&nested), expected);
    let modules: BTreeSet<Module> = texts.iter().map(|(module, _)| words(module)).collect();
    let file = |(module, text): &(&str, &str)| (words(module), File::new(&words(module), text, &modules));
    let arrows = arrows(&texts.iter().map(file).collect());
    let ends = |module: &str| -> Vec<String> { arrows[&words(module)].iter().map(|m| m.join("/")).collect() };
    assert_eq!(ends("a"), [""; 0], "what is handed on is no arrow");
    assert_eq!(ends("a::one"), ["b", "b/inner"]);
    assert_eq!(ends("a::two"), ["a/one"]);
    assert_eq!(ends("b"), ["a/one"], "an alias is followed");
    assert_eq!(ends("b::inner"), ["a/one"]);
    assert_eq!(ends("b::inner::deep"), [""; 0]);
    assert_eq!(circles(&arrows), ["a/one -> b -> a/one", "b/inner -> a/one -> b/inner"]);
}
