//! The terminal's background: asked for by OSC 11, told in an answer that comes among the keys.
//!
//! Terminals answer `ESC ] 11 ; rgb : RRRR / GGGG / BBBB`, ended by BEL or `ESC \`, or do not answer at all. The answer
//! is read out of the keys it is taken for, whenever it comes: one that comes late must not press them.

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

/// The question.
pub const QUESTION: &str = "\x1b]11;?\x1b\\";

/// Longest answer, in characters after `ESC ]`.
const LONGEST: usize = 32;

const BEGINNING: &str = "11;rgb";

/// A background by its brightness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    Dark,
    Light,
}

impl Ground {
    /// Light where black is read better on it than white.
    #[must_use]
    pub fn of(rgb: (u8, u8, u8)) -> Self {
        if luminance(rgb) > 0.179 { Self::Light } else { Self::Dark }
    }
    /// The theme that is made for it.
    #[must_use]
    pub const fn theme(self) -> &'static str {
        match self {
            Self::Dark => "default-dark",
            Self::Light => "default-light",
        }
    }
}

/// Relative luminance as WCAG 2 defines it, 0 to 1.
#[must_use]
pub fn luminance((r, g, b): (u8, u8, u8)) -> f64 {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// Whether a terminal may be asked. Some print what they do not know, and GNU screen hands nothing on.
#[must_use]
pub fn may_be_asked(variable: impl Fn(&str) -> Option<String>) -> bool {
    let term = variable("TERM").unwrap_or_default();
    let in_tmux = variable("TMUX").is_some();
    let is_mute = matches!(term.as_str(), "" | "dumb" | "linux" | "cons25" | "vt100" | "vt220") || term.starts_with("eterm");
    cfg!(unix) && !is_mute && (in_tmux || !term.starts_with("screen")) && variable("STY").is_none_or(|_| in_tmux)
}

/// By `COLORFGBG`, such as `15;0`: the last number is the background, 7 and 9 to 15 are light.
#[must_use]
pub fn by_variable(colours: &str) -> Option<Ground> {
    let last: u8 = colours.rsplit(';').next()?.parse().ok()?;
    Some(if matches!(last, 7 | 9..=15) { Ground::Light } else { Ground::Dark })
}

/// Finds the answer among the keys.
#[derive(Debug, Default)]
pub struct Ear {
    /// A question is out. It stays so: nobody says that an answer will not come.
    is_waiting: bool,
    /// Events that look like the beginning of an answer.
    held: Vec<Event>,
    text: String,
    /// The last event was Esc alone: a beginning or an end that came in two pieces.
    after_esc: bool,
    is_inside: bool,
    answer: Option<Ground>,
}

/// The character of a key that is pressed, and whether Alt or Ctrl was with it.
fn letter(event: &Event) -> Option<(char, KeyModifiers)> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Press => match key.code {
            KeyCode::Char(c) => Some((c, key.modifiers.difference(KeyModifiers::SHIFT))),
            KeyCode::Esc => Some(('\x1b', KeyModifiers::NONE)),
            _ => None,
        },
        _ => None,
    }
}

impl Ear {
    /// A question was asked.
    pub const fn listen(&mut self) {
        self.is_waiting = true;
    }
    /// Events look like the beginning of an answer, and what follows will say.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }
    /// The answer, once.
    pub const fn take(&mut self) -> Option<Ground> {
        self.answer.take()
    }
    /// Nothing followed: what was held are keys after all.
    pub fn release(&mut self) -> Vec<Event> {
        (self.is_inside, self.after_esc) = (false, false);
        self.text.clear();
        std::mem::take(&mut self.held)
    }
    /// Takes an event in; gives those that are no part of an answer.
    pub fn hear(&mut self, event: Event) -> Vec<Event> {
        if !self.is_waiting {
            return vec![event];
        }
        let key = letter(&event);
        if self.is_inside {
            return self.inside(event, key);
        }
        let begins = matches!((key, self.after_esc), (Some((']', KeyModifiers::ALT)), _) | (Some((']', KeyModifiers::NONE)), true));
        self.after_esc = key == Some(('\x1b', KeyModifiers::NONE));
        if begins {
            self.is_inside = true;
            self.held.push(event);
            return Vec::new();
        }
        vec![event]
    }
    fn inside(&mut self, event: Event, key: Option<(char, KeyModifiers)>) -> Vec<Event> {
        self.held.push(event);
        let Some((c, with)) = key else { return self.release() };
        let ends = matches!((c, with), ('g', KeyModifiers::CONTROL) | ('\\', KeyModifiers::ALT)) || (c == '\\' && self.after_esc);
        if ends {
            let colour = read(&self.text);
            let kept = self.release();
            return match colour {
                Some(rgb) => {
                    self.answer = Some(Ground::of(rgb));
                    Vec::new()
                }
                None => kept,
            };
        }
        if c == '\x1b' && !self.after_esc {
            self.after_esc = true;
            return Vec::new();
        }
        self.text.push(c);
        let fits = with.is_empty() && !self.after_esc && self.text.len() <= LONGEST && could_be(&self.text);
        if fits { Vec::new() } else { self.release() }
    }
}

/// Whether a text is an answer or the beginning of one.
fn could_be(text: &str) -> bool {
    match text.strip_prefix(BEGINNING) {
        None => BEGINNING.starts_with(text),
        Some(rest) => rest.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, 'a' | ':' | '/')),
    }
}

/// `11;rgb:ffff/ffff/ffff`, with one to four digits each; `rgba` has a fourth number, which is left out.
fn read(text: &str) -> Option<(u8, u8, u8)> {
    let numbers = text.strip_prefix(BEGINNING)?;
    let numbers = numbers.strip_prefix("a:").or_else(|| numbers.strip_prefix(':'))?;
    let mut parts = numbers.split('/').map(|digits| {
        let value = u32::from_str_radix(digits, 16).ok()?;
        let most = match digits.len() {
            length @ 1..=4 => 16_u32.pow(u32::try_from(length).ok()?) - 1,
            _ => return None,
        };
        u8::try_from(value * 255 / most).ok()
    });
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyEvent;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    /// What the terminal library makes of the bytes of an answer, with the ends whole or in two pieces.
    fn answer(text: &str, split: bool, bell: bool) -> Vec<Event> {
        let escaped = |c| match split {
            true => vec![key(KeyCode::Esc, KeyModifiers::NONE), key(KeyCode::Char(c), KeyModifiers::NONE)],
            false => vec![key(KeyCode::Char(c), KeyModifiers::ALT)],
        };
        let mut events = escaped(']');
        events.extend(text.chars().map(|c| key(KeyCode::Char(c), if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE })));
        events.extend(if bell { vec![key(KeyCode::Char('g'), KeyModifiers::CONTROL)] } else { escaped('\\') });
        events
    }

    fn heard(events: Vec<Event>) -> (Vec<Event>, Option<Ground>, bool) {
        let mut ear = Ear::default();
        ear.listen();
        let left = events.into_iter().flat_map(|event| ear.hear(event)).collect();
        (left, ear.take(), ear.is_holding())
    }

    #[test]
    fn answers_are_heard_in_every_form_and_press_no_key() {
        for (text, ground) in [
            ("11;rgb:0000/0000/0000", Ground::Dark),
            ("11;rgb:ffff/FFFF/ffff", Ground::Light),
            ("11;rgb:1e/1e/1e", Ground::Dark),
            ("11;rgb:f/f/e", Ground::Light),
            ("11;rgba:fdfd/f6f6/e3e3/ffff", Ground::Light),
            ("11;rgb:0000/2b2b/3636", Ground::Dark),
        ] {
            for (split, bell) in [(false, false), (false, true), (true, true), (true, false)] {
                let (left, answer, holds) = heard(answer(text, split, bell));
                assert_eq!(answer, Some(ground), "{text} {split} {bell}");
                // An Esc that came alone could not be kept back.
                assert_eq!(left.len(), usize::from(split), "{text} {split} {bell}: {left:?}");
                assert!(!holds);
            }
        }
    }

    #[test]
    fn keys_that_only_look_like_an_answer_are_given_back_in_order() {
        let plain = |text: &str| text.chars().map(|c| key(KeyCode::Char(c), KeyModifiers::NONE)).collect::<Vec<_>>();
        let mut typed = vec![key(KeyCode::Char(']'), KeyModifiers::ALT)];
        typed.extend(plain("11x"));
        assert_eq!(heard(typed.clone()), (typed, None, false));
        for text in ["11;rgb:", "11;rgb:12/34", "11;rgb:00000/0/0", "11;rgb:0000/0000/0000/0000/0000/000000"] {
            let events = answer(text, false, true);
            assert_eq!(heard(events.clone()), (events, None, false), "{text}");
        }
        let mut ear = Ear::default();
        ear.listen();
        let begun = key(KeyCode::Char(']'), KeyModifiers::ALT);
        assert!(ear.hear(begun.clone()).is_empty() && ear.is_holding());
        assert_eq!(ear.release(), vec![begun.clone()]);
        assert!(!ear.is_holding());
        // Nobody asked.
        assert_eq!(Ear::default().hear(begun.clone()), [begun]);
        assert_eq!(heard(vec![Event::FocusGained, Event::Resize(3, 4)]).0.len(), 2);
    }

    #[test]
    fn only_terminals_that_bear_it_are_asked() {
        let asked =
            |set: &[(&str, &str)]| may_be_asked(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()));
        for (set, may) in [
            (&[("TERM", "xterm-256color")][..], cfg!(unix)),
            (&[("TERM", "tmux-256color"), ("TMUX", "x")], cfg!(unix)),
            (&[("TERM", "screen-256color"), ("TMUX", "x")], cfg!(unix)),
            (&[("TERM", "screen")], false),
            (&[("TERM", "xterm"), ("STY", "1.pts")], false),
            (&[("TERM", "linux")], false),
            (&[("TERM", "dumb")], false),
            (&[], false),
        ] {
            assert_eq!(asked(set), may, "{set:?}");
        }
        assert_eq!([by_variable("15;0"), by_variable("0;default;15"), by_variable("x")], [Some(Ground::Dark), Some(Ground::Light), None]);
    }
}
