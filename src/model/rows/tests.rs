use super::*;
use crate::base::intern::{Interner, Symbol};
use crate::base::time::Span;
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, EventKind, Identity, LogonId, MfaResult, Outcome, Provenance, SignIn, SignInCategory, Tri};
use crate::model::event_id;
use crate::model::ids::{AccountId, HostId, InputId, SourceId};
use crate::model::logon_type::LogonType;
use crate::model::status::{Status, StatusFamily};
use proptest::prelude::*;

/// Rows that look like those of a log, with what no log should say in between.
struct Maker {
    dice: u64,
    /// One field of so many is strange.
    strange: u64,
    texts: Vec<Symbol>,
    at: i64,
    rows: usize,
}

impl Maker {
    fn new(seed: u64, strange: u64) -> Self {
        let mut names = Interner::default();
        let texts = (0..40).map(|number| names.intern(&format!("text {number}"))).collect();
        Self { dice: seed.wrapping_mul(2) | 1, strange, texts, at: 16_000_000_000_000_000, rows: 0 }
    }
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice % sides
    }
    fn is_strange(&mut self) -> bool {
        self.strange > 0 && self.roll(self.strange) == 0
    }
    fn number(&mut self, sides: u64) -> u64 {
        match self.roll(8) {
            _ if self.is_strange() => [u64::MAX, u64::MAX - 1, 1 << 63, 1][usize::try_from(self.roll(4)).unwrap()],
            0..3 => 0,
            _ => self.roll(sides),
        }
    }
    #[allow(clippy::cast_possible_truncation)]
    fn small(&mut self, sides: u64) -> u32 {
        self.number(sides) as u32
    }
    fn text(&mut self) -> Symbol {
        let number = self.roll(80);
        self.texts.get(usize::try_from(number).unwrap()).copied().unwrap_or_default()
    }
    fn index(&mut self, sides: u64) -> usize {
        if self.roll(4) == 0 { usize::MAX } else { usize::try_from(self.roll(sides)).unwrap() }
    }
    fn earlier(&mut self) -> EventId {
        let rows = self.rows as u64;
        match self.roll(6) {
            0 => EventId::NONE,
            _ if self.is_strange() => EventId::new(usize::try_from(self.roll(rows * 2 + 3)).unwrap()),
            1 => EventId::new(usize::try_from(self.roll(rows.max(1))).unwrap()),
            _ => EventId::new(self.rows.saturating_sub(usize::try_from(self.roll(30)).unwrap() + 1)),
        }
    }
    fn tri(&mut self) -> Tri {
        [Tri::Yes, Tri::No, Tri::Unknown][usize::try_from(self.roll(3)).unwrap()]
    }
    fn unique(&mut self) -> Unique {
        let bits = u128::from(self.roll(u64::MAX)) << 64 | u128::from(self.roll(u64::MAX));
        match self.roll(8) {
            0..3 => Unique::NONE,
            3 => Unique::guid(u128::from(self.roll(5))),
            form => Unique::of_parts(u8::try_from(form - 3).unwrap(), if form == 7 { u128::from(self.roll(40)) } else { bits }),
        }
    }
    fn identity(&mut self) -> Identity {
        Identity { user: self.text(), domain: self.text(), sid: self.text() }
    }
    fn sign_in(&mut self) -> SignIn {
        let id = self.unique();
        let mut sign_in = SignIn {
            category: [SignInCategory::Interactive, SignInCategory::Adfs][usize::from(self.roll(2) == 0)],
            id,
            session_id: self.unique(),
            correlation_id: self.unique(),
            original_request_id: id,
            unique_token_id: self.unique(),
            is_managed: self.tri(),
            is_compliant: self.tri(),
            coordinates: (self.roll(2) == 0).then_some((-0.0, f64::MAX)),
            asn: self.small(1_000),
            mfa: [MfaResult::Approved, MfaResult::Denied, MfaResult::None][usize::try_from(self.roll(3)).unwrap()],
            ..SignIn::default()
        };
        // Every text of it is another one.
        sign_in.translate(|_| self.text());
        (sign_in.id, sign_in.original_request_id) = (id, id);
        sign_in
    }
    fn row(&mut self) -> Row {
        self.at += i64::try_from(self.roll(20_000_000)).unwrap();
        let at = match self.roll(3) {
            0 if self.is_strange() => [Timestamp::MIN, Timestamp::MAX, Timestamp::default() - Span::ticks(1)][self.rows % 3],
            _ => Timestamp::from_ticks(self.at).unwrap(),
        };
        let known =
            event_id::find("Security", "Microsoft-Windows-Security-Auditing", 4624).map_or_else(Default::default, |known| known.known);
        let success = self.roll(2) == 0;
        let row = Row {
            event: AuthEvent {
                at,
                kind: [EventKind::Logon, EventKind::Other, EventKind::SignIn][usize::try_from(self.roll(3)).unwrap()],
                event_id: self.small(5_000),
                known,
                record: self.number(1 << 40),
                provenance: Provenance { input: InputId::new(self.index(9)), offset: self.number(1 << 35), line: self.small(1 << 20) },
                host: self.text(),
                channel: self.text(),
                outcome: [Outcome::Success, Outcome::None][usize::from(success)],
                status: Status { family: StatusFamily::NtStatus, code: self.small(1 << 31) },
                raw_status: self.small(9),
                raw_sub_status: self.small(9),
                logon_type: [LogonType::Network, LogonType::Other(self.roll(256) as u8), LogonType::None][self.rows % 3],
                account: self.identity(),
                subject: self.identity(),
                logon_id: LogonId(self.number(1 << 40)),
                subject_logon_id: LogonId(self.number(3)),
                linked_logon_id: LogonId(self.number(1 << 20)),
                logon_guid: self.unique(),
                address: match self.roll(3) {
                    0 => Some([10, 0, 0, self.roll(200) as u8].into()),
                    1 => Some([self.roll(60_000) as u16; 8].into()),
                    _ => None,
                },
                address_text: self.text(),
                port: self.small(60_000) as u16,
                workstation: self.text(),
                logon_process: self.text(),
                package: self.text(),
                lm_package: self.text(),
                key_length: self.small(129) as u16,
                process: self.text(),
                elevated: self.tri(),
                target: self.text(),
                ticket_encryption: self.small(20),
                ticket_options: self.small(1 << 31),
                certificate: self.text(),
                outbound_user: self.text(),
                restricted_admin: self.tri(),
                remote_credential_guard: self.tri(),
                is_delegated: success,
                pre_auth_type: [u8::MAX, 2][usize::from(success)],
                session_name: self.text(),
                ts_session: match self.roll(4) {
                    0 => Some(self.small(70_000)),
                    1 => Some(u32::MAX),
                    _ => None,
                },
                entra: (self.roll(3) == 0).then(|| Box::new(self.sign_in())),
            },
            counted: Counted { success, account: self.roll(2) == 0, host: self.roll(2) == 0, source: true },
            account: AccountId::new(self.index(30)),
            host: HostId::new(self.index(3)),
            source: SourceId::new(self.index(40)),
            session: SessionId::new(self.index(1 << 31)),
            visit: VisitId::new(self.index(1 << 31)),
            previous_of_account: self.earlier(),
            previous_of_host: self.earlier(),
            previous_of_source: self.earlier(),
            previous_of_session: self.earlier(),
        };
        self.rows += 1;
        row
    }
}

fn assert_same(rows: &Rows, model: &[Row], first: usize) {
    assert_eq!((rows.len(), rows.first_kept()), (model.len(), first));
    for (index, row) in model.iter().enumerate() {
        let kept = (index >= first).then_some(row);
        assert_eq!(rows.get(index).as_deref(), kept, "{index}");
        assert_eq!(rows.at(index), kept.map(|row| row.event.at));
        assert_eq!(rows.standing(index), kept.map(Standing::of));
    }
    assert!(rows.get(model.len()).is_none() && rows.at(model.len()).is_none() && rows.standing(model.len()).is_none());
    assert!(rows.iter().map(Cow::into_owned).eq(model[first..].iter().cloned()));
    assert!(rows.iter().rev().take(700).map(Cow::into_owned).eq(model[first..].iter().rev().take(700).cloned()));
    assert_eq!(rows.last(), model.last());
}

/// `Row` has floats; equal bits are meant.
fn bits(rows: &Rows, index: usize) -> Option<(u64, u64)> {
    let (latitude, longitude) = rows.get(index)?.event.entra.as_ref()?.coordinates?;
    Some((latitude.to_bits(), longitude.to_bits()))
}

fn filled(maker: &mut Maker, count: usize) -> (Rows, Vec<Row>) {
    let model: Vec<Row> = (0..count).map(|_| maker.row()).collect();
    (model.iter().cloned().collect(), model)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn sealed_rows_are_read_as_they_were(seed in any::<u64>(), strange in prop_oneof![Just(0), Just(300), Just(3)]) {
        let (rows, model) = filled(&mut Maker::new(seed, strange), OPEN + 3 * SEGMENT + 17);
        prop_assert!(rows.open.first_kept() >= 3 * SEGMENT);
        assert_same(&rows, &model, 0);
        for (index, row) in model.iter().enumerate() {
            let coordinates = row.event.entra.as_ref().and_then(|sign_in| sign_in.coordinates);
            prop_assert_eq!(bits(&rows, index), coordinates.map(|(latitude, longitude)| (latitude.to_bits(), longitude.to_bits())));
        }
    }
}

#[test]
fn what_changes_of_a_sealed_row_is_read_and_no_share_sees_it() {
    let mut maker = Maker::new(7, 0);
    let (mut rows, mut model) = filled(&mut maker, OPEN + 2 * SEGMENT);
    let (before, copied, was) = (rows.share(), rows.clone(), model.clone());
    for index in [0, 5, 511, 512, 700, 5, OPEN + SEGMENT + 3, OPEN + 2 * SEGMENT] {
        let change = |row: &mut Standing| {
            row.visit = VisitId::new(index + 1);
            row.counted.host = !row.counted.host;
            row.previous_of_session = EventId::NONE;
        };
        rows.change(index, change);
        if let Some(row) = model.get_mut(index) {
            let mut standing = Standing::of(row);
            change(&mut standing);
            standing.set(row);
        }
    }
    // A change to what it is already leaves nothing behind.
    rows.change(6, |_| ());
    assert_eq!(rows.sealed.get(0).unwrap().as_ref().unwrap().changed.as_ref().unwrap().len(), 3);
    for _ in 0..3 * SEGMENT {
        let row = maker.row();
        rows.push(row.clone());
        model.push(row);
    }
    assert_same(&rows, &model, 0);
    assert_same(&before, &was, 0);
    assert_same(&copied, &was, 0);
}

#[test]
fn a_share_can_grow_too() {
    let mut maker = Maker::new(11, 0);
    let (mut rows, mut model) = filled(&mut maker, OPEN + SEGMENT);
    let mut share = rows.share();
    for _ in 0..2 * SEGMENT {
        let row = maker.row();
        share.push(row.clone());
        rows.push(row.clone());
        model.push(row);
    }
    assert_same(&share, &model, 0);
    assert_same(&rows, &model, 0);
}

#[test]
fn old_rows_are_let_go_in_whole_segments_and_positions_stay() {
    let mut maker = Maker::new(3, 0);
    let (mut rows, mut model) = filled(&mut maker, OPEN + 5 * SEGMENT + 9);
    rows.keep_newest(OPEN + 3 * SEGMENT);
    assert_same(&rows, &model, 2 * SEGMENT);
    rows.change(3, |row| row.visit = VisitId::new(1));
    rows.keep_newest(2 * SEGMENT);
    let first = rows.first_kept();
    let kept = rows.len() - first;
    assert!((2 * SEGMENT..3 * SEGMENT).contains(&kept));
    assert_same(&rows, &model, first);
    // What was let go before it was sealed does not stand in the way of those that follow.
    for _ in 0..OPEN + 2 * SEGMENT {
        let row = maker.row();
        rows.push(row.clone());
        model.push(row);
    }
    assert_same(&rows, &model, first);
    rows.keep_newest(0);
    assert_eq!(rows.last(), model.last());
}

#[test]
fn few_rows_that_are_kept_are_never_sealed() {
    let mut maker = Maker::new(5, 0);
    let (mut rows, mut model) = (Rows::default(), Vec::new());
    for _ in 0..OPEN + 4 * SEGMENT {
        let row = maker.row();
        rows.push(row.clone());
        model.push(row);
        rows.keep_newest(4_096);
        let kept = rows.len() - rows.first_kept();
        assert!(kept < 4_096 + SEGMENT && (kept >= 4_096 || rows.first_kept() == 0));
    }
    assert!(rows.sealed.is_empty());
    assert_same(&rows, &model, rows.first_kept());
}

#[test]
fn combinations_of_an_age_are_let_go_with_its_last_row() {
    let mut maker = Maker::new(9, 0);
    let row = maker.row();
    let mut rows = Rows::default();
    let age = AGE * SEGMENT;
    for number in 0..age + OPEN + 2 * SEGMENT {
        let mut row = row.clone();
        row.event.record = number as u64;
        rows.push(row);
    }
    assert_eq!((rows.ages.len(), rows.ages[0].is_some()), (1, true));
    for index in [0, age - 1, age, age + SEGMENT] {
        let found = rows.get(index).unwrap();
        assert_eq!((found.event.record, found.event.account, found.host), (index as u64, row.event.account, row.host));
    }
    rows.keep_newest(OPEN + SEGMENT);
    assert!(rows.ages[0].is_none() && rows.get(age - 1).is_none());
    assert_eq!(rows.get(age + SEGMENT).unwrap().event.account, row.event.account);
}
