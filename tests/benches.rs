//! Benchmarks are run on little data by `cargo test`, and every command that is written of them works as written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

/// Names of the benchmarks, and what cargo is told of them.
fn benches() -> Vec<(String, String)> {
    let manifest = include_str!("../Cargo.toml");
    let parts = manifest.split("[[bench]]\n").skip(1).map(|part| part.split("\n[").next().unwrap());
    parts.map(|part| (part.split('"').nth(1).unwrap().to_owned(), part.to_owned())).collect()
}

fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(format!("{name}.rs"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The commands in a text: name of the benchmark, and the words behind `--`.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    // Text is wrapped between words.
    let text = text.replace("--bench\n", "--bench ").replace(" --\n", " -- ");
    let ends = |rest: &str| rest.split(['`', '#', '\n']).next().unwrap().split("  ").next().unwrap().to_owned();
    text.match_indices("cargo bench --bench ")
        .map(|(place, found)| {
            let words = ends(&text[place + found.len()..]);
            let mut words = words.split_whitespace().map(str::to_owned);
            (words.next().unwrap(), words.skip_while(|word| word != "--").skip(1).collect())
        })
        .collect()
}

#[test]
fn commands_are_found_in_text_and_in_blocks() {
    let text = "by `cargo bench --bench\none -- --megabytes 7`, or\n```sh\ncargo bench --bench two   # all\n```";
    assert_eq!(commands(text), [("one".to_owned(), vec!["--megabytes".to_owned(), "7".to_owned()]), ("two".to_owned(), Vec::new())]);
}

#[test]
fn every_benchmark_is_run_by_the_tests() {
    let benches = benches();
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches")).unwrap();
    let files = files.filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
    assert_eq!(files, benches.len(), "every file in benches/ is in Cargo.toml");
    for (name, told) in benches {
        assert!(told.contains("test = true"), "cargo test leaves out {name}");
        assert!(source(&name).contains("size::of("), "{name} has no small run");
    }
}

#[test]
fn every_command_that_is_written_of_a_benchmark_is_one_that_it_takes() {
    let names: Vec<String> = benches().into_iter().map(|(name, _)| name).collect();
    let mut texts = vec![include_str!("../README.md").to_owned()];
    texts.extend(names.iter().map(|name| source(name).lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n")));
    let commands: Vec<_> = texts.iter().flat_map(|text| commands(text)).collect();
    assert!(commands.len() > names.len(), "{commands:?}");
    for (name, words) in commands {
        assert!(names.contains(&name), "there is no benchmark {name}");
        let source = source(&name);
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            assert!(source.contains(&format!("\"{flag}\"")), "{name} takes no {flag}");
        }
    }
}
