//! What could have been seen on a host: which records it was ever seen to write, and what that means for the questions one
//! asks of its sessions.

use super::super::Ctx;
use crate::base::text;
use crate::model::coverage::Coverage;
use crate::model::ids::HostId;
use crate::model::visible::{Fact, HostCoverage, Visibility};
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;

/// Security records shown with their share of hours.
const IDS: [u32; 12] = [4624, 4625, 4634, 4647, 4648, 4672, 4778, 4779, 4800, 4801, 4768, 4769];
/// Logs that are named.
const NAMED: usize = 4;

/// What the page says of the logs of a host; made when its records come, not while drawing.
#[derive(Debug, Default)]
pub struct HostLogs {
    /// Of the pane.
    pub lines: Vec<Pair>,
    /// For the profile: the logs, what is missing in them, and what happened to them.
    pub logs: String,
    pub gaps: String,
    pub incidents: Vec<String>,
    /// What could not have been seen, for the message row.
    pub sentence: String,
    /// Records of the host when this was made.
    made_of: Option<u32>,
}

impl HostLogs {
    /// Makes it anew where records came since.
    pub fn look(&mut self, id: HostId, ctx: &Ctx<'_>) {
        let snapshot = ctx.snapshot;
        let Some(host) = snapshot.tables.host(id) else { return };
        if self.made_of == Some(host.events) {
            return;
        }
        let Some(coverage) = HostCoverage::of(id, &snapshot.tables, &snapshot.inputs, &snapshot.names, ctx.zone) else { return };
        let mut answers: Vec<_> = Fact::ALL.into_iter().map(|fact| (fact, coverage.could_see(fact, None))).collect();
        // What cannot be seen here first, then what is there, then what did not happen; the page names the host.
        let rank = |visibility: Visibility| {
            [Visibility::NotAudited, Visibility::Seen, Visibility::NotSeen].iter().position(|of| *of == visibility)
        };
        answers.sort_by_key(|(_, answer)| rank(answer.visibility).unwrap_or(usize::MAX));
        let clean = |words: &str| text::clean(words).into_owned();
        let here = format!(" on {}", coverage.name);
        let lines = answers.iter().map(|(fact, answer)| {
            let meaning = match answer.visibility {
                Visibility::Seen => Meaning::Text,
                Visibility::NotSeen => Meaning::Dim,
                Visibility::NotAudited | Visibility::NoData => Meaning::Uncertain,
            };
            Pair::new(label(*fact), clean(&answer.words.replacen(&here, "", 1))).meaning(meaning)
        });
        let lines = ids(&coverage, ctx).into_iter().chain(lines);
        let hidden = answers.iter().find(|(_, answer)| answer.visibility == Visibility::NotAudited);
        *self = Self {
            lines: lines.collect(),
            logs: logs(&coverage),
            gaps: gaps(&coverage.logs),
            incidents: coverage.incidents().iter().map(|words| clean(words)).collect(),
            sentence: hidden.or(answers.first()).map_or_else(String::new, |(_, answer)| clean(&answer.words)),
            made_of: Some(host.events),
        };
    }
}

/// Records a logon log lives by, and how many of the hours of their log have one, in four cells.
fn ids(coverage: &HostCoverage<'_>, ctx: &Ctx<'_>) -> Vec<Pair> {
    let Some(seen) = coverage.seen else { return Vec::new() };
    let Some(all) = seen.log("Security").map(|log| &log.all) else { return Vec::new() };
    let word = |id: &u32| {
        let sighting = seen.of("Security", *id);
        let share = sighting.and_then(|sighting| sighting.share_of(all)).unwrap_or(0);
        let full = if sighting.is_some() { share.div_ceil(25).clamp(1, 4) as usize } else { 0 };
        format!("{id} {}{}", ctx.glyphs.meter.repeat(full), ".".repeat(4 - full))
    };
    let row = |ids: &[u32]| Pair::new("", ids.iter().map(word).collect::<Vec<_>>().join("  "));
    let lines = IDS.chunks(4).map(row).enumerate();
    lines.map(|(number, pair)| Pair { label: if number == 0 { "hours" } else { "" }, ..pair }).collect()
}

const fn label(fact: Fact) -> &'static str {
    match fact {
        Fact::NetworkLogoff => "logoff",
        Fact::Reconnect => "away",
        Fact::Lock => "lock",
        Fact::Failure => "failure",
        Fact::ExplicitCredentials => "explicit",
        Fact::Privileges => "rights",
        Fact::Boot => "boot",
        Fact::RdpClient => "client",
        Fact::Ticket => "ticket",
        Fact::KerberosFailure => "Kerberos",
    }
}

/// `Security 1,204, System 33`: the logs of the host by their short names, the longest first.
fn logs(coverage: &HostCoverage<'_>) -> String {
    let mut logs = coverage.seen.map(crate::model::sightings::Sightings::logs).unwrap_or_default();
    logs.sort_by_key(|log| std::cmp::Reverse(log.all.count));
    let more = logs.len().saturating_sub(NAMED);
    let mut words: Vec<String> = logs
        .into_iter()
        .take(NAMED)
        .map(|log| format!("{} {}", short(crate::model::event_id::channel(log.log)), text::count(u64::from(log.all.count))))
        .collect();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// The telling part of the name of a log: `TerminalServices-LocalSessionManager`.
fn short(channel: &str) -> &str {
    let name = channel.strip_prefix("Microsoft-Windows-").unwrap_or(channel);
    name.split_once('/').map_or(name, |(name, _)| name)
}

/// Records that are missing by their numbers.
fn gaps(logs: &[Coverage]) -> String {
    if logs.is_empty() {
        return "record numbers were not read: gaps are not known".to_owned();
    }
    let found: Vec<String> = logs
        .iter()
        .filter(|log| !log.is_selection())
        .filter_map(|log| {
            let (gaps, missing) = log.missing();
            let noun = if gaps == 1 { "gap" } else { "gaps" };
            (gaps > 0).then(|| format!("{} {noun} in {}, {} records", text::count(gaps), short(&log.channel), text::count(missing)))
        })
        .collect();
    match (found.is_empty(), logs.iter().all(Coverage::is_selection)) {
        (true, true) => "only chosen records were given: gaps are not known".to_owned(),
        (true, false) => "no record number is missing".to_owned(),
        (false, _) => found.join("; "),
    }
}
