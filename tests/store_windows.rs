//! What the store says of a window is what a walk over everything says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;

use logonscope::base::time::{Span, Timestamp};
use logonscope::model::ids::{AnomalyId, VisitId};
use logonscope::model::lane::Lane;
use logonscope::model::session::SessionEnd;
use logonscope::store::{Phase, Snapshot};
use made::{Made, at};

/// Sessions of all lengths in three lanes over some days; each tenth is open, each seventh is marked.
fn many() -> Snapshot {
    let mut made = Made::default();
    let mut state = 9_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from((state >> 33) % below).unwrap()
    };
    for number in 0..1_500 {
        let start = at("2026-03-01T00:00:00Z") + Span::seconds(random(6 * 86_400));
        let length = [40, 3_000, 80_000, 300_000][usize::try_from(random(4)).unwrap()];
        let end = (number % 10 > 0).then(|| (start + Span::seconds(random(length)), SessionEnd::Logoff));
        let lane = [Lane::Interactive, Lane::Network, Lane::RemoteInteractive][number % 3];
        let id = made.session(lane, "someone@A > HOST", start, end);
        if number % 7 == 0 {
            let opening = made.opening(id);
            made.anomaly(&made::EXPLICIT, 50, "odd", &[opening], &[id]);
        }
    }
    made.snapshot(Phase::File, at("2026-03-12T00:00:00Z"))
}

fn walk(snapshot: &Snapshot, wanted: impl Fn(Timestamp, Timestamp) -> bool) -> Vec<VisitId> {
    let visits = snapshot.tables.visits.iter().enumerate().filter(|(_, visit)| visit.lane == Lane::Network);
    let mut found: Vec<_> = visits.filter(|(_, visit)| wanted(visit.start, visit.end.unwrap_or(Timestamp::MAX))).collect();
    found.sort_by_key(|(number, visit)| (visit.start, *number));
    found.into_iter().map(|(number, _)| VisitId::new(number)).collect()
}

fn end(snapshot: &Snapshot, id: VisitId) -> Timestamp {
    snapshot.tables.visit(id).unwrap().end.unwrap_or(Timestamp::MAX)
}

#[test]
fn sessions_that_reach_into_or_begin_in_a_window_are_all_found() {
    let snapshot = many();
    for hour in [0, 5, 30, 71, 140, 200] {
        let (from, to) = (at("2026-03-01T00:00:00Z") + Span::hours(hour), at("2026-03-01T00:00:00Z") + Span::hours(hour + 3));
        let reaching = snapshot.visits.reaching(Lane::Network, from, 10_000, |id| end(&snapshot, id) >= from);
        assert_eq!(reaching.visits, walk(&snapshot, |start, end| start < from && end >= from), "{hour}");
        let starting = snapshot.visits.starting(Lane::Network, (from, to), 10_000, 10_000, |_| true);
        assert_eq!(starting.visits, walk(&snapshot, |start, _| from <= start && start < to), "{hour}");
        assert!(!reaching.more && !starting.more);
    }
}

#[test]
fn what_is_left_out_is_said_and_the_longest_come_first() {
    let snapshot = many();
    let days = (at("2026-03-01T00:00:00Z"), at("2026-03-08T00:00:00Z"));
    let found = snapshot.visits.starting(Lane::Network, days, 20, 1_000, |_| true);
    assert!(found.more && found.visits.len() == 20);
    let length = |id: &VisitId| end(&snapshot, *id) - snapshot.tables.visit(*id).unwrap().start;
    assert!(found.visits.iter().all(|id| length(id) >= Span::days(1)));
    let few = snapshot.visits.starting(Lane::Network, days, 20, 1_000, |id| id.index() < 60);
    assert_eq!((few.more, few.visits.len()), (false, 20));
    assert!(snapshot.visits.starting(Lane::Network, days, 1_000, 5, |_| true).more);
}

#[test]
fn open_sessions_are_counted_or_said_to_be_too_many() {
    let snapshot = many();
    let open = walk(&snapshot, |_, end| end == Timestamp::MAX);
    assert_eq!(snapshot.visits.open_among(Lane::Network, 10_000, |_| true), u32::try_from(open.len()).ok());
    assert_eq!(snapshot.visits.open_among(Lane::Network, 10_000, |id| id == open[0]), Some(1));
    assert_eq!(snapshot.visits.open_among(Lane::Network, 3, |_| true), None);
    assert_eq!(snapshot.visits.open_among(Lane::Batch, 0, |_| true), Some(0));
}

#[test]
fn a_run_that_grows_opens_and_ends_again_is_found_where_it_lies() {
    let mut made = Made::default();
    let start = at("08:00:00");
    let run = made.session(Lane::Network, "svc@A > HOST", start, Some((start, SessionEnd::Logoff)));
    let visit = made.visit_of(run);
    for (until, is_open) in [("08:00:20", true), ("08:00:30", false), ("08:40:00", true), ("08:41:00", false), ("11:00:00", false)] {
        made.change(run, |visit| {
            visit.end = (!is_open).then(|| at(until));
            visit.end_reason = if is_open { SessionEnd::Open } else { SessionEnd::Logoff };
        });
        let snapshot = made.snapshot(Phase::File, at("12:00:00"));
        assert_eq!(snapshot.visits.open(Lane::Network), u32::from(is_open), "{until}");
        let reaching = |moment: &str| {
            let moment = at(moment);
            !snapshot.visits.reaching(Lane::Network, moment, 9, |id| end(&snapshot, id) >= moment).visits.is_empty()
        };
        assert!(reaching(until), "{until}");
        assert_eq!(reaching("11:59:59"), is_open, "{until}");
        let starting = snapshot.visits.starting(Lane::Network, (start, at("09:00:00")), 9, 9, |_| true);
        assert_eq!(starting.visits, [visit], "filed once: {until}");
    }
    // Its first logon is found to be older than its first record said.
    made.change(run, |visit| visit.start = at("07:00:00"));
    let snapshot = made.snapshot(Phase::File, at("12:00:00"));
    assert_eq!(snapshot.visits.next_start(Lane::Network, at("06:00:00")), Some((at("07:00:00"), visit)));
    assert_eq!(snapshot.visits.next_start(Lane::Network, at("07:00:00")), None);
}

#[test]
fn anomalies_are_walked_in_order_of_time_both_ways() {
    let snapshot = many();
    let (first, last) = (Timestamp::MIN, Timestamp::MAX);
    let all: Vec<_> = snapshot.marks.between(first, last).collect();
    assert_eq!(all.len(), snapshot.tables.anomalies.len());
    assert!(all.is_sorted());
    assert_eq!(snapshot.marks.after(first, AnomalyId::NONE).collect::<Vec<_>>(), all);
    let mut back: Vec<_> = snapshot.marks.before(last, AnomalyId::NONE).collect();
    back.reverse();
    assert_eq!(back, all);
    let (at, id) = all[10];
    assert_eq!(snapshot.marks.after(at, id).next(), Some(all[11]));
    assert_eq!(snapshot.marks.before(at, id).next(), Some(all[9]));
    let lane = snapshot.marks.in_lane(Some(Lane::Network), first, last).count();
    assert!(lane > 0 && lane < all.len());
    let session = snapshot.tables.anomaly(id).unwrap().sessions[0];
    let visit = snapshot.tables.session(session).unwrap().visit;
    assert_eq!(snapshot.marks.of_visit(visit).collect::<Vec<_>>(), [id]);
}

#[test]
fn an_anomaly_keeps_its_place_when_evidence_is_added() {
    let mut made = Made::default();
    let first = made.event(Lane::Network, at("09:00:00"), true);
    let later = made.event(Lane::Network, at("10:00:00"), true);
    let id = made.anomaly(&made::SPRAY, 79, "tries", &[first], &[]);
    let mut grown = made.world.tables.anomaly(id).unwrap().as_ref().clone();
    grown.records.push(later);
    grown.end = at("10:00:00");
    *made.world.tables.anomalies.get_mut(id.index()).unwrap() = std::sync::Arc::new(grown);
    made.store.mark(&made.world.tables, id);
    let snapshot = made.snapshot(Phase::File, at("10:00:00"));
    assert_eq!(snapshot.marks.place(id), Some((Some(Lane::Network), at("09:00:00"))));
    let marked = |hour| snapshot.density.total(Lane::Network, hour, hour + Span::minutes(10)).worst.is_some();
    assert!(marked(at("09:00:00")) && !marked(at("10:00:00")));
}
