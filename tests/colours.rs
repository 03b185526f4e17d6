//! The themes: read on the backgrounds they are made for, and told apart by people who see fewer colours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use logonscope::model::anomaly::Severity;
use logonscope::ui::ground::luminance;
use logonscope::ui::theme::{Depth, MEANINGS, Meaning, Theme, Themes, names};
use ratatui::style::Color;

type Rgb = (u8, u8, u8);

const BLACK: Rgb = (0, 0, 0);
const CODE: Rgb = (0x1e, 0x1e, 0x1e);
const WHITE: Rgb = (255, 255, 255);
const PAPER: Rgb = (0xfd, 0xf6, 0xe3);

/// WCAG 2: 1 is none, 21 is black on white.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn rgb(colour: Option<Color>) -> Option<Rgb> {
    match colour {
        Some(Color::Rgb(r, g, b)) => Some((r, g, b)),
        None => None,
        other => panic!("{other:?} is no colour of a theme"),
    }
}

fn colour(theme: &Theme, meaning: Meaning) -> Option<Rgb> {
    rgb(theme.style(meaning).fg)
}

#[test]
fn every_colour_is_read_on_the_backgrounds_its_theme_is_for() {
    assert!((contrast(BLACK, WHITE) - 21.0).abs() < 0.01);
    for name in names() {
        let theme = Theme::shipped(name).unwrap();
        let grounds: &[(Rgb, f64)] = match name {
            "default-light" => &[(WHITE, 4.5), (PAPER, 4.5)],
            "high-contrast" => &[(BLACK, 7.0)],
            _ => &[(BLACK, 4.5), (CODE, 4.2)],
        };
        for (meaning, word) in MEANINGS {
            let Some(fg) = colour(&theme, meaning) else { continue };
            for (ground, least) in grounds {
                let found = contrast(fg, *ground);
                assert!(found >= *least, "{name} {word}: {found:.2} on {ground:?}");
            }
        }
        assert_eq!(theme.colourless, name == "mono");
        // Only one theme paints the ground itself.
        assert_eq!(theme.style(Meaning::Text).bg.is_some(), name == "high-contrast");
    }
}

/// Who sees what: the simulation of Machado, Oliveira and Fernandes (2009) for complete absence of one kind of cone, on
/// linear light.
#[derive(Clone, Copy, Debug)]
enum Eyes {
    Deuteranope,
    Protanope,
    Tritanope,
}

fn seen((r, g, b): Rgb, eyes: Eyes) -> [f64; 3] {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let matrix = match eyes {
        Eyes::Deuteranope => [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        Eyes::Protanope => [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
        Eyes::Tritanope => [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    };
    let light = [linear(r), linear(g), linear(b)];
    matrix.map(|row| row.iter().zip(light).map(|(weight, light)| weight * light).sum::<f64>().clamp(0.0, 1.0))
}

/// CIE L*a*b* under D65.
fn lab([r, g, b]: [f64; 3]) -> [f64; 3] {
    let x = (0.412_456 * r + 0.357_576 * g + 0.180_437 * b) / 0.950_47;
    let y = 0.212_673 * r + 0.715_152 * g + 0.072_175 * b;
    let z = (0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83;
    let f = |value: f64| if value > 0.008_856 { value.cbrt() } else { 7.787 * value + 16.0 / 116.0 };
    [116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
}

/// CIE 1976 distance: 2 is just seen, 10 is seen at a glance.
fn distance(one: Rgb, other: Rgb, eyes: Eyes) -> f64 {
    let (one, other) = (lab(seen(one, eyes)), lab(seen(other, eyes)));
    one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn severities_are_told_apart_by_people_who_see_fewer_colours() {
    let severities = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical].map(Meaning::Severity);
    for (name, eyes, least) in [
        ("default-dark", &[Eyes::Deuteranope, Eyes::Protanope][..], 10.0),
        ("default-light", &[Eyes::Deuteranope, Eyes::Protanope], 10.0),
        ("high-contrast", &[Eyes::Deuteranope, Eyes::Protanope], 10.0),
        ("deuteranopia", &[Eyes::Deuteranope, Eyes::Protanope], 15.0),
        ("tritanopia", &[Eyes::Tritanope], 15.0),
    ] {
        let theme = Theme::shipped(name).unwrap();
        for (place, one) in severities.iter().enumerate() {
            for other in &severities[place + 1..] {
                let (a, b) = (colour(&theme, *one).unwrap(), colour(&theme, *other).unwrap());
                for eyes in eyes {
                    let found = distance(a, b, *eyes);
                    assert!(found >= least, "{name} {eyes:?}: {one:?} and {other:?} are {found:.1} apart");
                }
            }
        }
        // What failed and what is open are the two other signs that colour helps to find.
        for eyes in eyes {
            let (a, b) = (colour(&theme, Meaning::Failure).unwrap(), colour(&theme, Meaning::Open).unwrap());
            assert!(distance(a, b, *eyes) >= least, "{name} {eyes:?}: failure and open");
        }
    }
}

#[test]
fn with_fewer_colours_the_severities_still_differ() {
    let severities = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    for name in Themes::default().names() {
        for depth in [Depth::True, Depth::Cube, Depth::Ansi] {
            let mut theme = Theme::shipped(name).unwrap();
            theme.depth = depth;
            for (place, one) in severities.iter().enumerate() {
                for other in &severities[place + 1..] {
                    let style = |severity: Severity| theme.style(Meaning::Severity(severity));
                    // By colour or by attribute; without colour the letter that stands with each says it.
                    let differs = style(*one) != style(*other) || theme.colourless;
                    assert!(differs, "{name} {depth:?}: {one:?} and {other:?}");
                }
            }
            for (meaning, word) in MEANINGS {
                let fits = |colour: Option<Color>| match (colour, depth) {
                    (None, _) => true,
                    (Some(Color::Rgb(..)), depth) => depth == Depth::True,
                    (Some(Color::Indexed(_)), depth) => depth == Depth::Cube,
                    (Some(_), depth) => depth == Depth::Ansi,
                };
                let style = theme.style(meaning);
                assert!(fits(style.fg) && fits(style.bg), "{name} {depth:?} {word}: {style:?}");
            }
        }
    }
}
