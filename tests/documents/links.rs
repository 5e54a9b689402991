//! The Markdown files of the project: links lead somewhere, names exist, and the README is short and complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files below `folder` that end so, but for what is compiled and what others wrote.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if !path.is_dir() {
            found.extend((path.extension().is_some_and(|e| e == extension)).then(|| path.clone()));
        } else if name != "target"
            && name != ".git"
            && !path.parent().is_some_and(|parent| parent.ends_with("vendor"))
        {
            files(&path, extension, found);
        }
    }
}

/// Every Markdown file with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(Path::new("."), "md", &mut found);
    assert!(found.len() > 10, "Markdown files are where this test looks for them: {found:?}");
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The text without blocks of code, and its code in backquotes.
fn prose(text: &str) -> (String, Vec<String>) {
    let mut fenced = false;
    let lines = text.lines().filter(|line| {
        fenced ^= line.starts_with("```");
        !fenced && !line.starts_with("    ") && !line.starts_with("```")
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let (words, code): (Vec<_>, Vec<_>) = text.split('`').enumerate().partition(|(i, _)| i % 2 == 0);
    let strings = |parts: Vec<(usize, &str)>| parts.into_iter().map(|(_, part)| part.to_owned()).collect();
    let words: Vec<String> = strings(words);
    (words.concat(), strings(code))
}

/// What the links of this text point to.
fn links(text: &str) -> Vec<String> {
    let (words, _) = prose(text);
    words.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()).collect()
}

/// The anchors of the headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let Some(heading) = line.strip_prefix('#').filter(|_| !fenced) else { continue };
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        found.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
    }
    found
}

#[test]
fn every_link_of_a_markdown_file_leads_somewhere() {
    let mut count = 0;
    for (path, text) in documents() {
        for link in links(&text).iter().filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').map_or((&link[..], None), |(f, a)| (f, Some(a)));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{} links to {link}, which is not there", path.display());
            let root = fs::canonicalize(".").unwrap();
            assert!(fs::canonicalize(&target).unwrap().starts_with(root), "{}: {link}", path.display());
            if let Some(anchor) = anchor {
                let known = anchors(&fs::read_to_string(&target).unwrap());
                assert!(known.contains(anchor), "{}: no heading for {link}: {known:?}", path.display());
            }
            count += 1;
        }
    }
    assert!(count > 50, "{count} links were found");
}

#[test]
fn links_and_anchors_are_found_in_markdown() {
    let text = "# The poster's *sets*, T = 1\n[a\nb](c.md#d) `[x](y)`\n\n    [in](code)\n```\n# [f](g)\n```\n![](h.png)";
    assert_eq!(links(text), ["c.md#d", "h.png"]);
    assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), ["the-posters-sets-t--1"]);
    assert_eq!(prose(text).1, ["[x](y)"]);
}

#[test]
fn every_path_and_test_that_a_markdown_file_names_exists() {
    let mut sources = Vec::new();
    ["src", "tests"].into_iter().for_each(|folder| files(Path::new(folder), "rs", &mut sources));
    let sources: String = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let folders = ["src/", "tests/", "benches/", ".ci/", "fuzz/", "assets/", "vendor/"];
    let mut count = 0;
    for (path, text) in documents() {
        for word in prose(&text).1.iter().filter(|word| !word.contains(' ')) {
            if folders.iter().any(|folder| word.starts_with(folder)) {
                assert!(Path::new(word).exists(), "{} names {word}, which is not there", path.display());
                count += 1;
            }
            let is_name = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if is_name && word.matches('_').count() >= 2 {
                let known =
                    sources.contains(&format!("fn {word}(")) || sources.contains(&format!("\"{word}\""));
                assert!(known, "{} names {word}, which is not in the sources", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count} paths and names were found");
}

#[test]
fn the_readme_is_short_and_leads_to_every_room_and_chapter() {
    let readme = fs::read_to_string("README.md").unwrap();
    let lines = readme.lines().count();
    assert!(lines <= 320, "README.md: expected at most 320 lines, got {lines}");
    for room in fs::read_dir("src").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let name = room.file_name().unwrap().to_string_lossy().into_owned();
        assert!(readme.contains(&format!("| [{name}](src/{name}) |")), "README.md has no row for src/{name}");
    }
    let reached = links(&readme);
    for (path, _) in documents() {
        let path = path.strip_prefix(".").unwrap().to_string_lossy().replace('\\', "/");
        let linked = reached.iter().any(|link| link.split('#').next() == Some(&path));
        assert!(linked || path == "README.md", "README.md does not link to {path}");
    }
}

/// The first cell of each row of the tables in a text.
fn first_cells(text: &str) -> Vec<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| "));
    rows.map(|row| row.split(" |").next().unwrap().to_owned()).collect()
}

#[test]
fn every_dependency_has_a_row_with_its_reason() {
    let manifests = ["Cargo.toml", "src/numeric/Cargo.toml"].map(|path| fs::read_to_string(path).unwrap());
    let mut section = "";
    let mut names = Vec::new();
    for line in manifests.iter().flat_map(|manifest| manifest.lines()) {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]") {
            names.extend(line.split_once(" = ").map(|(name, _)| name));
        }
    }
    names.retain(|name| *name != "snmf-numeric");
    assert!(names.len() > 30, "{names:?}");
    let cells = first_cells(&fs::read_to_string("DEPENDENCIES.md").unwrap()).join(", ");
    let known: Vec<&str> = cells.split([',', ' ', '(', ')']).collect();
    for name in names {
        assert!(known.contains(&name), "DEPENDENCIES.md has no row for {name}");
    }
}
