//! Logon sessions as bytes: about 30 for one of a busy Security log instead of 136.

use super::{Rare, Session, SessionEnd};
use crate::base::dictionary::Dictionary;
use crate::base::intern::Symbol;
use crate::base::shelf::Terse;
use crate::base::terse::{Pen, Reader, at_distance, behind, folded, folded_32, unfolded, unfolded_32};
use crate::base::time::Timestamp;
use crate::base::unique::Unique;
use crate::model::anomaly::Severity;
use crate::model::attempt::Match;
use crate::model::credential::Credential;
use crate::model::event::{LogonId, Tri};
use crate::model::ids::{AccountId, EventId, HostId, LineageId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::quality::Quality;

/// What many sessions have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort {
    /// Always there but in the sort that stands for none.
    lane: Option<Lane>,
    logon_type: LogonType,
    has_ended: bool,
    end_reason: SessionEnd,
    elevated: Tri,
    privileged: bool,
    package: Symbol,
    lm_package: Symbol,
    logon_process: Symbol,
    credential: Credential,
    authority: Match,
    worst: Option<Severity>,
    joined: Quality,
    passing: bool,
    is_rare: bool,
}

/// Start and first event of the first session of a segment.
pub type Near = (Timestamp, u32);

impl Terse for Session {
    type Words = Dictionary<Sort>;
    type Near = Near;

    fn share(words: &mut Self::Words) -> Self::Words {
        words.share()
    }
    fn near(&self) -> Near {
        (self.start, self.first_event.number())
    }
    fn write(&self, number: u32, near: Near, words: &mut Self::Words, pen: &mut Pen<'_>) {
        // A new field is missed by name here.
        let Self {
            lane,
            logon_type,
            account,
            host,
            source,
            workstation,
            logon_id,
            boot,
            start,
            end,
            end_reason,
            elevated,
            privileged,
            linked_logon_id,
            linked,
            parent,
            package,
            lm_package,
            logon_process,
            process,
            credential,
            authority,
            ref rare,
            events,
            first_event,
            last_event,
            anomalies,
            worst,
            previous_of_account,
            previous_of_host,
            previous_of_source,
            visit,
            previous_of_visit,
            joined,
            passing,
        } = *self;
        let sort = Sort {
            lane: Some(lane),
            logon_type,
            has_ended: end.is_some(),
            end_reason,
            elevated,
            privileged,
            package,
            lm_package,
            logon_process,
            credential,
            authority,
            worst,
            joined,
            passing,
            is_rare: rare.is_some(),
        };
        pen.small(u32::try_from(words.number(sort)).unwrap_or(0));
        pen.moment(start, near.0);
        pen.moment(end.unwrap_or(start), start);
        pen.large(logon_id.0);
        pen.small(host.number().wrapping_add(1));
        pen.small(account.number().wrapping_add(1));
        pen.small(source.number().wrapping_add(1));
        pen.symbol(workstation);
        pen.symbol(process);
        pen.small(boot);
        pen.large(linked_to(logon_id, linked_logon_id));
        for id in [linked, parent, previous_of_account, previous_of_host, previous_of_source, previous_of_visit] {
            pen.small(folded_32(behind(number, id.number())));
        }
        pen.small(folded_32(number.wrapping_sub(visit.number())));
        pen.small(events);
        pen.small(folded_32(first_event.number().wrapping_sub(near.1)));
        pen.small(folded_32(last_event.number().wrapping_sub(first_event.number())));
        pen.small(anomalies);
        if let Some(rare) = rare {
            rare.write(start, pen);
        }
    }
    fn read(number: u32, near: Near, words: &Self::Words, reader: &mut Reader<'_>) -> Self {
        let sort = words.get(reader.small().into());
        let start = reader.moment(near.0);
        let end = reader.moment(start);
        let logon_id = LogonId(reader.large());
        let host = HostId::of(reader.small().wrapping_sub(1));
        let account = AccountId::of(reader.small().wrapping_sub(1));
        let source = SourceId::of(reader.small().wrapping_sub(1));
        let (workstation, process, boot) = (reader.symbol(), reader.symbol(), reader.small());
        let linked_logon_id = linked_of(logon_id, reader.large());
        let mut session = || SessionId::of(at_distance(number, unfolded_32(reader.small())));
        let (linked, parent) = (session(), session());
        let (previous_of_account, previous_of_host, previous_of_source) = (session(), session(), session());
        let previous_of_visit = session();
        let visit = VisitId::of(number.wrapping_sub(unfolded_32(reader.small())));
        let events = reader.small();
        let first_event = EventId::of(near.1.wrapping_add(unfolded_32(reader.small())));
        let last_event = EventId::of(first_event.number().wrapping_add(unfolded_32(reader.small())));
        let anomalies = reader.small();
        Self {
            lane: sort.lane.unwrap_or(Lane::Interactive),
            logon_type: sort.logon_type,
            account,
            host,
            source,
            workstation,
            logon_id,
            boot,
            start,
            end: sort.has_ended.then_some(end),
            end_reason: sort.end_reason,
            elevated: sort.elevated,
            privileged: sort.privileged,
            linked_logon_id,
            linked,
            parent,
            package: sort.package,
            lm_package: sort.lm_package,
            logon_process: sort.logon_process,
            process,
            credential: sort.credential,
            authority: sort.authority,
            rare: sort.is_rare.then(|| Box::new(Rare::read(start, reader))),
            events,
            first_event,
            last_event,
            anomalies,
            worst: sort.worst,
            previous_of_account,
            previous_of_host,
            previous_of_source,
            visit,
            previous_of_visit,
            joined: sort.joined,
            passing: sort.passing,
        }
    }
}

/// The id of the other half lies near; 0 for none.
const fn linked_to(own: LogonId, linked: LogonId) -> u64 {
    folded(own.0.wrapping_sub(swapped(own, linked.0)).cast_signed())
}
const fn linked_of(own: LogonId, distance: u64) -> LogonId {
    LogonId(swapped(own, own.0.wrapping_sub(unfolded(distance).cast_unsigned())))
}
/// A half is not linked to itself: that stands for none.
const fn swapped(own: LogonId, linked: u64) -> u64 {
    match linked {
        0 => own.0,
        linked if linked == own.0 => 0,
        linked => linked,
    }
}

impl Rare {
    fn write(&self, start: Timestamp, pen: &mut Pen<'_>) {
        let Self { disconnected, entra_session, lineage } = self;
        let (form, bits) = entra_session.parts();
        pen.small(form.into());
        #[allow(clippy::cast_possible_truncation)] // the lower half
        pen.large(bits as u64);
        #[allow(clippy::cast_possible_truncation)] // the upper half
        pen.large((bits >> 64) as u64);
        pen.small(lineage.number().wrapping_add(1));
        pen.small(u32::try_from(disconnected.len()).unwrap_or(u32::MAX));
        for (from, until) in disconnected {
            pen.moment(*from, start);
            pen.small(until.is_some().into());
            pen.moment(until.unwrap_or(*from), *from);
        }
    }
    fn read(start: Timestamp, reader: &mut Reader<'_>) -> Self {
        #[allow(clippy::cast_possible_truncation)] // written as it was
        let form = reader.small() as u8;
        let (low, high) = (reader.large(), reader.large());
        let lineage = LineageId::of(reader.small().wrapping_sub(1));
        let count = reader.small();
        let stretch = |_| {
            let from = reader.moment(start);
            let is_over = reader.small() != 0;
            let until = reader.moment(from);
            (from, is_over.then_some(until))
        };
        Self {
            disconnected: (0..count).map(stretch).collect(),
            entra_session: Unique::of_parts(form, u128::from(high) << 64 | u128::from(low)),
            lineage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::terse::BEHIND;
    use crate::base::time::Span;
    use crate::model::credential::{CredentialKind, Evidence};
    use crate::model::quality::Basis;
    use proptest::prelude::*;

    #[allow(clippy::cast_possible_truncation)]
    fn session(numbers: &[u64]) -> Session {
        let mut numbers = numbers.iter().copied();
        let mut large = || numbers.next().unwrap_or(0);
        let at = {
            let start = large();
            move |number: u64| Timestamp::default() + Span::ticks(start.wrapping_add(number).cast_signed())
        };
        let start = at(0);
        let mut session = Session::new(Lane::ALL[large() as usize % Lane::COUNT], Default::default(), start, EventId::of(large() as u32));
        (session.account, session.host, session.source) =
            (AccountId::of(large() as u32), HostId::of(large() as u32), SourceId::of(large() as u32));
        session.logon_type = LogonType::from_number(large());
        session.end = (large() % 3 > 0).then(|| at(large()));
        session.end_reason = SessionEnd::ALL[large() as usize % 8];
        (session.workstation, session.package, session.process) = (symbol(large()), symbol(large()), symbol(large()));
        (session.lm_package, session.logon_process) = (symbol(large() % 3), symbol(large() % 3));
        (session.logon_id, session.linked_logon_id) = (LogonId(large()), LogonId(large()));
        if large() % 4 == 0 {
            session.linked_logon_id = session.logon_id;
        }
        session.elevated = [Tri::Yes, Tri::No, Tri::Unknown][large() as usize % 3];
        (session.privileged, session.passing) = (large() % 2 > 0, large() % 2 > 0);
        session.credential = Credential::new(CredentialKind::ALL[large() as usize % 16], Evidence::LmPackage);
        session.authority = [Match::None, Match::Address][large() as usize % 2];
        session.joined = [Quality::Exact, Quality::Inferred(Basis::Nearness), Quality::Missing][large() as usize % 3];
        session.worst = Severity::ALL.get(large() as usize % 8).copied();
        (session.boot, session.events, session.anomalies) = (large() as u32, large() as u32, large() as u32);
        session.last_event = EventId::of(large() as u32);
        let mut other = || SessionId::of(large() as u32);
        (session.linked, session.parent, session.previous_of_visit) = (other(), other(), other());
        (session.previous_of_account, session.previous_of_host, session.previous_of_source) = (other(), other(), other());
        session.visit = VisitId::of(large() as u32);
        if large() % 3 == 0 {
            let rare = session.rare_mut();
            rare.lineage = LineageId::of(large() as u32);
            rare.entra_session = Unique::of_parts((large() % 4) as u8, u128::from(large()) << 64 | u128::from(large()));
            rare.disconnected = (0..large() % 4).map(|_| (at(large()), (large() % 2 > 0).then(|| at(large())))).collect();
        }
        session
    }

    #[allow(clippy::cast_possible_truncation)]
    fn symbol(number: u64) -> Symbol {
        let mut bytes = Vec::new();
        Pen::new(&mut bytes).small(number as u32);
        bytes.extend([0; BEHIND]);
        Reader::new(&bytes, 0).symbol()
    }

    proptest! {
        #[test]
        fn sessions_come_back_as_they_were(
            many in prop::collection::vec(
                (
                    prop::collection::vec(prop_oneof![2 => Just(0), 4 => 0..60_u64, 2 => any::<u64>(), 1 => Just(u64::MAX)], 70),
                    prop_oneof![0..5_u32, any::<u32>()],
                ),
                1..6,
            ),
        ) {
            let sessions: Vec<(Session, u32)> = many.iter().map(|(numbers, place)| (session(numbers), *place)).collect();
            let mut words = Dictionary::default();
            let near = sessions[0].0.near();
            for (session, number) in &sessions {
                let mut bytes = Vec::new();
                session.write(*number, near, &mut words, &mut Pen::new(&mut bytes));
                bytes.extend([0xff; BEHIND]);
                let again = Session::read(*number, near, &words, &mut Reader::new(&bytes, 0));
                prop_assert_eq!(format!("{again:?}"), format!("{session:?}"));
            }
        }
    }
}
