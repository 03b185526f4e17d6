//! From what is under the cursor to what belongs to it: a menu of filters and places.
//!
//! A filter of the menu stands in place of the one in force, since what belongs to a thing is mostly hidden by what led
//! there; `u` brings the old one back. Only the two lines about the value under the cursor add to it, as `i` and `x` do.

use crate::base::time::{Span, Timestamp, Zone};
use crate::model::ids::VisitId;
use crate::query::narrow;
use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::effect::{Effect, Place};
use crate::ui::popup::{Choice, Menu, Popup};
use crate::ui::update::view_area;
use crate::ui::view::rows::{EventColumn, event_term};
use crate::ui::view::{Ctx, Selection, ViewId, paths, words};

/// Logons of one session that a filter names.
const LOGONS: usize = 16;

/// A term alone.
fn only(field: &str, value: &str) -> String {
    narrow("", field, value, false)
}

/// A filter with the letter that sets it.
struct Filtered {
    key: char,
    text: &'static str,
    filter: String,
}

pub(super) fn open(app: &mut App, selection: &Selection) -> Vec<Effect> {
    let choices = choices(app, selection);
    if choices.is_empty() {
        app.say("nothing under the cursor that anything else belongs to");
    } else {
        app.popup = Some(Popup::Menu(Menu { title: "pivot: what belongs to it (u takes a filter back)".to_owned(), choices, cursor: 0 }));
    }
    Vec::new()
}

fn choices(app: &App, selection: &Selection) -> Vec<Choice> {
    let ctx = app.scene.ctx(view_area(app));
    let place = app.nav.place();
    let mut choices: Vec<Choice> = filters(selection, &ctx).into_iter().map(|filtered| replaced(filtered, place)).collect();
    choices.extend(selection.at.into_iter().flat_map(|at| moments(at, place, ctx.zone)));
    if let Some((field, value)) = &selection.term {
        for (key, text, exclude) in [('v', "only this value", false), ('x', "without this value", true)] {
            let filter = narrow(ctx.filter.map_or("", |filter| filter.text()), field, value, exclude);
            let action = if exclude { Action::FilterExclude } else { Action::FilterInclude };
            choices.push(Choice { key: Some(key), text: text.to_owned(), detail: filter, effects: vec![Effect::Act(action)] });
        }
    }
    choices.extend(places(app, selection));
    choices
}

/// Filters by what the selection names.
fn filters(selection: &Selection, ctx: &Ctx<'_>) -> Vec<Filtered> {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let row = selection.event.and_then(|id| tables.event(id));
    let visit = selection.visit.and_then(|id| tables.visit(id));
    let account = selection.account.and_then(|id| tables.account(id)).map(|account| only("account", &account.name(names)));
    let host = selection.host.and_then(|id| tables.host(id)).map(|host| only("host", &names.shown(host.name)));
    let source = selection.source.and_then(|id| tables.source(id)).map(|source| only("source", &source.name(names)));
    let session = selection.visit.and_then(|id| session(id, ctx)).or_else(|| {
        let session = tables.session(selection.session?)?;
        (session.logon_id.0 != 0).then(|| only("session", &session.logon_id.to_string()))
    });
    let of_type = visit.as_ref().and_then(|visit| visit.logon_type.number()).map(|number| only("type", &number.to_string()));
    let of_type = of_type
        .or_else(|| visit.map(|visit| only("lane", visit.lane.word())))
        .or_else(|| row.as_ref().and_then(|row| event_term(row, EventColumn::Lane, ctx)).map(|(field, value)| only(field, &value)));
    let status = row.as_ref().and_then(|row| event_term(row, EventColumn::Outcome, ctx)).map(|(field, value)| only(field, &value));
    let rule = selection.anomaly.and_then(|id| tables.anomaly(id)).map(|anomaly| only("rule", anomaly.detection.id));
    let incident = selection.anomaly.and_then(|id| tables.anomaly(id)).filter(|anomaly| anomaly.incident.is_some());
    let incident = incident.map(|anomaly| only("incident", &(tables.incident_id(anomaly.incident).index() + 1).to_string()));
    [
        ('a', "same account", account),
        ('h', "same host", host),
        ('s', "same source", source),
        ('i', "same session", session),
        ('t', "same type of logon", of_type),
        ('e', "same outcome", status),
        ('d', "same detection", rule),
        ('n', "everything of the incident", incident),
    ]
    .into_iter()
    .filter_map(|(key, text, filter)| Some(Filtered { key, text, filter: filter? }))
    .collect()
}

/// The logon ids of a session as shown, on its host; the Entra session id.
fn session(id: VisitId, ctx: &Ctx<'_>) -> Option<String> {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let visit = tables.visit(id)?;
    let mut ids: Vec<String> = Vec::new();
    for (_, session) in tables.sessions_of_visit(id).take(LOGONS) {
        if session.entra_session().is_some() {
            return Some(only("session", &session.entra_session().shown(names)));
        }
        if session.logon_id.0 != 0 {
            ids.push(session.logon_id.to_string());
        }
    }
    let ids = match ids.as_slice() {
        [] => return None,
        [one] => format!("session:{one}"),
        several => format!("session:({})", several.join(",")),
    };
    // A logon id is one host's own.
    Some(tables.host(visit.host).map_or(ids.clone(), |host| narrow(&ids, "host", &names.shown(host.name), false)))
}

/// A filter is set where it can be seen: pages and inputs do not show one.
fn replaced(Filtered { key, text, filter }: Filtered, place: Place) -> Choice {
    let mut effects = vec![Effect::SetFilter(filter.clone())];
    if !shows_filters(place) {
        effects.push(Effect::Open(Place::View(ViewId::Events)));
    }
    Choice { key: Some(key), text: text.to_owned(), detail: filter, effects }
}

const fn shows_filters(place: Place) -> bool {
    matches!(place, Place::View(id) if !matches!(id, ViewId::Inputs))
}

/// What happened round a moment.
fn moments(at: Timestamp, place: Place, zone: Zone) -> [Choice; 2] {
    [('m', "five minutes before and after", Span::minutes(5)), ('o', "an hour before and after", Span::hours(1))].map(
        |(key, text, reach)| {
            let (from, to) = (at - reach, at + reach);
            let filter = format!("time:{}..{}", to_the_second(from), to_the_second(to));
            let mut choice = replaced(Filtered { key, text, filter }, place);
            choice.detail = words::stretch(from, to, zone);
            choice.effects.push(Effect::ShowSpan(from, to));
            choice
        },
    )
}

fn to_the_second(at: Timestamp) -> String {
    let text = at.rfc3339();
    text.get(..19).map_or(text.clone(), |text| format!("{text}Z"))
}

/// Pages and paths of what the selection names, but for the one that is open.
fn places(app: &App, selection: &Selection) -> Vec<Choice> {
    let here = app.nav.place();
    let path = paths::focus_of(selection, here).map(|focus| Place::Path(focus, selection.at));
    let key_of = |action| app.keymap.key(app.view_context(), action).unwrap_or_default();
    [
        ('p', "paths from and to here", path, Action::GoPath),
        ('A', "page of the account", selection.account.map(Place::Account), Action::GoAccount),
        ('H', "page of the host", selection.host.map(Place::Host), Action::GoHost),
        ('S', "page of the source", selection.source.map(Place::Source), Action::GoSource),
        ('I', "page of the session", selection.place(), Action::GoSession),
        ('R', "the record", selection.event.map(Place::Event), Action::GoRaw),
    ]
    .into_iter()
    .filter_map(|(key, text, place, action)| Some((key, text, place.filter(|place| *place != here)?, action)))
    .map(|(key, text, place, action)| Choice {
        key: Some(key),
        text: text.to_owned(),
        detail: key_of(action),
        effects: vec![Effect::Open(place)],
    })
    .collect()
}
