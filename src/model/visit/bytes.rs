//! Sessions as shown, as bytes: about 26 for one of a busy Security log instead of 96 and what a desktop has more.

use super::{Client, Desktop, State, Visit, VisitKind};
use crate::base::dictionary::Dictionary;
use crate::base::shelf::Terse;
use crate::base::terse::{Pen, Reader, at_distance, behind, folded_32, unfolded_32};
use crate::base::time::Timestamp;
use crate::model::anomaly::Severity;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::quality::Quality;
use crate::model::session::SessionEnd;

/// What many visits have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort {
    kind: VisitKind,
    /// Always there but in the sort that stands for none.
    lane: Option<Lane>,
    logon_type: LogonType,
    start_quality: Quality,
    has_ended: bool,
    end_reason: SessionEnd,
    privileged: bool,
    worst: Option<Severity>,
    is_desktop: bool,
}

/// Start and first session of the first visit of a segment.
pub type Near = (Timestamp, u32);

impl Terse for Visit {
    type Words = Dictionary<Sort>;
    type Near = Near;

    fn share(words: &mut Self::Words) -> Self::Words {
        words.share()
    }
    fn near(&self) -> Near {
        (self.start, self.first_session.number())
    }
    fn write(&self, number: u32, near: Near, words: &mut Self::Words, pen: &mut Pen<'_>) {
        // A new field is missed by name here.
        let Self {
            kind,
            lane,
            logon_type,
            account,
            host,
            source,
            workstation,
            start,
            start_quality,
            end,
            end_reason,
            logons,
            open_logons,
            held_by,
            first_session,
            last_session,
            parent,
            ref desktop,
            privileged,
            last_event,
            anomalies,
            worst,
            previous_of_account,
            previous_of_host,
            previous_of_source,
            into,
        } = *self;
        let sort = Sort {
            kind,
            lane: Some(lane),
            logon_type,
            start_quality,
            has_ended: end.is_some(),
            end_reason,
            privileged,
            worst,
            is_desktop: desktop.is_some(),
        };
        pen.small(u32::try_from(words.number(sort)).unwrap_or(0));
        pen.moment(start, near.0);
        pen.moment(end.unwrap_or(start), start);
        pen.small(host.number().wrapping_add(1));
        pen.small(account.number().wrapping_add(1));
        pen.small(source.number().wrapping_add(1));
        pen.symbol(workstation);
        for id in [parent, previous_of_account, previous_of_host, previous_of_source, into] {
            pen.small(folded_32(behind(number, id.number())));
        }
        [logons, open_logons, held_by, anomalies].into_iter().for_each(|count| pen.small(count));
        pen.small(folded_32(first_session.number().wrapping_sub(near.1)));
        pen.small(last_session.number().wrapping_sub(first_session.number()));
        pen.small(last_event.number().wrapping_add(1));
        if let Some(desktop) = desktop {
            desktop.write(start, pen);
        }
    }
    fn read(number: u32, near: Near, words: &Self::Words, reader: &mut Reader<'_>) -> Self {
        let sort = words.get(reader.small().into());
        let start = reader.moment(near.0);
        let end = reader.moment(start);
        let host = HostId::of(reader.small().wrapping_sub(1));
        let account = AccountId::of(reader.small().wrapping_sub(1));
        let source = SourceId::of(reader.small().wrapping_sub(1));
        let workstation = reader.symbol();
        let mut visit = || VisitId::of(at_distance(number, unfolded_32(reader.small())));
        let (parent, previous_of_account, previous_of_host) = (visit(), visit(), visit());
        let (previous_of_source, into) = (visit(), visit());
        let (logons, open_logons, held_by, anomalies) = (reader.small(), reader.small(), reader.small(), reader.small());
        let first_session = SessionId::of(near.1.wrapping_add(unfolded_32(reader.small())));
        let last_session = SessionId::of(first_session.number().wrapping_add(reader.small()));
        let last_event = EventId::of(reader.small().wrapping_sub(1));
        Self {
            kind: sort.kind,
            lane: sort.lane.unwrap_or(Lane::Interactive),
            logon_type: sort.logon_type,
            account,
            host,
            source,
            workstation,
            start,
            start_quality: sort.start_quality,
            end: sort.has_ended.then_some(end),
            end_reason: sort.end_reason,
            logons,
            open_logons,
            held_by,
            first_session,
            last_session,
            parent,
            desktop: sort.is_desktop.then(|| Box::new(Desktop::read(start, reader))),
            privileged: sort.privileged,
            last_event,
            anomalies,
            worst: sort.worst,
            previous_of_account,
            previous_of_host,
            previous_of_source,
            into,
        }
    }
}

const STATES: [State; 4] = [State::Active, State::Idle, State::Locked, State::Disconnected];

impl Desktop {
    fn write(&self, start: Timestamp, pen: &mut Pen<'_>) {
        let Self { states, clients, ts_session } = self;
        pen.small(ts_session.is_some().into());
        pen.small(ts_session.unwrap_or(0));
        pen.small(u32::try_from(states.len()).unwrap_or(u32::MAX));
        for (at, state) in states {
            pen.moment(*at, start);
            pen.small(*state as u32);
        }
        pen.small(u32::try_from(clients.len()).unwrap_or(u32::MAX));
        for Client { at, source, workstation, gateway } in clients {
            pen.moment(*at, start);
            pen.small(source.number().wrapping_add(1));
            pen.symbol(*workstation);
            pen.small(gateway.number().wrapping_add(1));
        }
    }
    fn read(start: Timestamp, reader: &mut Reader<'_>) -> Self {
        let (has_number, number) = (reader.small() != 0, reader.small());
        let state = |number: u32| usize::try_from(number).ok().and_then(|number| STATES.get(number)).copied().unwrap_or(State::Active);
        let count = reader.small();
        let states = (0..count).map(|_| (reader.moment(start), state(reader.small()))).collect();
        let count = reader.small();
        let client = |_| Client {
            at: reader.moment(start),
            source: SourceId::of(reader.small().wrapping_sub(1)),
            workstation: reader.symbol(),
            gateway: SourceId::of(reader.small().wrapping_sub(1)),
        };
        let clients = (0..count).map(client).collect();
        Self { states, clients, ts_session: has_number.then_some(number) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::terse::BEHIND;
    use crate::base::time::Span;
    use crate::model::quality::Basis;
    use proptest::prelude::*;

    #[allow(clippy::cast_possible_truncation)]
    fn visit(numbers: &[u64]) -> Visit {
        let mut numbers = numbers.iter().copied();
        let mut large = || numbers.next().unwrap_or(0);
        let at = {
            let start = large();
            move |number: u64| Timestamp::default() + Span::ticks(start.wrapping_add(number).cast_signed())
        };
        let (account, host, source) = (AccountId::of(large() as u32), HostId::of(large() as u32), SourceId::of(large() as u32));
        let mut visit = Visit::new(VisitKind::ALL[large() as usize % 4], account, host, source, at(0));
        visit.lane = Lane::ALL[large() as usize % Lane::COUNT];
        visit.logon_type = LogonType::from_number(large());
        visit.start_quality = [Quality::Exact, Quality::Inferred(Basis::Nearness), Quality::Missing][large() as usize % 3];
        visit.end = (large() % 3 > 0).then(|| at(large()));
        visit.end_reason = SessionEnd::ALL[large() as usize % 8];
        (visit.logons, visit.open_logons, visit.held_by, visit.anomalies) =
            (large() as u32, large() as u32, large() as u32, large() as u32);
        (visit.first_session, visit.last_session) = (SessionId::of(large() as u32), SessionId::of(large() as u32));
        let mut other = || VisitId::of(large() as u32);
        (visit.parent, visit.into) = (other(), other());
        (visit.previous_of_account, visit.previous_of_host, visit.previous_of_source) = (other(), other(), other());
        visit.privileged = large() % 2 > 0;
        visit.last_event = EventId::of(large() as u32);
        visit.worst = Severity::ALL.get(large() as usize % 8).copied();
        if large() % 2 == 0 {
            let desktop = visit.desktop_mut();
            desktop.ts_session = (large() % 2 > 0).then(|| large() as u32);
            desktop.states = (0..large() % 5).map(|_| (at(large()), STATES[large() as usize % 4])).collect();
            let client = |large: &mut dyn FnMut() -> u64| Client {
                at: at(large()),
                source: SourceId::of(large() as u32),
                workstation: crate::base::intern::Symbol::NONE,
                gateway: SourceId::of(large() as u32),
            };
            desktop.clients = (0..large() % 4).map(|_| client(&mut large)).collect();
        }
        visit
    }

    proptest! {
        #[test]
        fn visits_come_back_as_they_were(
            many in prop::collection::vec(
                (
                    prop::collection::vec(prop_oneof![2 => Just(0), 4 => 0..60_u64, 2 => any::<u64>(), 1 => Just(u64::MAX)], 60),
                    prop_oneof![0..5_u32, any::<u32>()],
                ),
                1..6,
            ),
        ) {
            let visits: Vec<(Visit, u32)> = many.iter().map(|(numbers, place)| (visit(numbers), *place)).collect();
            let mut words = Dictionary::default();
            let near = visits[0].0.near();
            for (visit, number) in &visits {
                let mut bytes = Vec::new();
                visit.write(*number, near, &mut words, &mut Pen::new(&mut bytes));
                bytes.extend([0xff; BEHIND]);
                let again = Visit::read(*number, near, &words, &mut Reader::new(&bytes, 0));
                prop_assert_eq!(format!("{again:?}"), format!("{visit:?}"));
            }
        }
    }

    #[test]
    fn every_state_stands_at_its_number() {
        STATES.iter().enumerate().for_each(|(number, state)| assert_eq!(*state as usize, number));
    }
}
