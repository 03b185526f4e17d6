//! Real Entra recordings as sessions and lineages: what an analyst would count by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

#[path = "support/lineages.rs"]
mod lineages;

use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::model::event::Outcome;
use logonscope::model::lineage::Tie;
use logonscope::model::world::World;
use logonscope::session::Sessions;

/// The recordings of a folder of the corpus read together, and how many rows repeated one that was there.
fn read(paths: &[&str]) -> Option<(World, usize)> {
    let corpus = support::corpus()?;
    let opened: Vec<_> = paths.iter().map(|path| Opened::file(corpus.join("entra").join(path))).collect();
    let Loaded { events, names, .. } = load(&opened, Reading::default(), &mut |_, _, _| true);
    let mut world = World { names, ..World::default() };
    let mut sessions = Sessions::default();
    let repeats = events.into_iter().filter(|event| sessions.apply(event.clone(), &mut world).duplicate).count();
    Some((world, repeats))
}

fn count(world: &World, outcome: Outcome) -> usize {
    world.tables.events.iter().filter(|row| row.event.outcome == outcome).count()
}

#[test]
fn an_hour_of_interactive_sign_ins_without_session_ids() {
    for path in ["loganalytics/SigninLogs_export.csv", "loganalytics/SigninLogs_rows.jsonl"] {
        let Some((world, repeats)) = read(&[path]) else { return };
        let tables = &world.tables;
        assert_eq!((tables.events.len(), repeats), (56, 0), "{path}");
        let account = tables.accounts.get(0).unwrap();
        let (successes, interrupted) = (count(&world, Outcome::Success), count(&world, Outcome::Interrupted));
        assert_eq!((account.successes as usize, account.failures), (successes, 0), "{path}");
        assert_eq!(tables.sessions.len(), successes, "{path}: each sign-in is one session");
        // Choosing an account (16000) and having no session yet (50058) led to a sign-in, each of them.
        assert!(interrupted > 0, "{path}");
        let joined = tables.events.iter().filter(|row| row.event.outcome == Outcome::Interrupted && row.session.is_some());
        assert_eq!(joined.count(), interrupted, "{path}");
        assert!(tables.lineages.iter().all(|lineage| lineage.root.is_some() && lineage.silent() == 0), "{path}");
    }
}

#[test]
fn two_exports_of_the_same_hour_are_one_hour() {
    let Some((both, repeats)) = read(&["loganalytics/SigninLogs_export.csv", "loganalytics/SigninLogs_rows.jsonl"]) else { return };
    let Some((one, _)) = read(&["loganalytics/SigninLogs_rows.jsonl"]) else { return };
    assert_eq!(repeats, 56);
    assert_eq!(both.tables.sessions.len(), one.tables.sessions.len());
    assert_eq!(both.tables.accounts.get(0).unwrap().successes, one.tables.accounts.get(0).unwrap().successes);
}

#[test]
fn one_sign_in_in_five_categories_is_an_interrupt_and_no_failure() {
    let Some((world, _)) = read(&["diagnostic/five_categories_same_id.jsonl"]) else { return };
    assert!(world.tables.sessions.is_empty());
    assert!(world.tables.accounts.iter().all(|account| (account.successes, account.failures) == (0, 0)));
}

#[test]
fn managed_identities_have_no_source_and_no_parent() {
    let Some((world, _)) = read(&["diagnostic/managed_identity.jsonl", "diagnostic/service_principal.jsonl"]) else { return };
    let tables = &world.tables;
    assert_eq!(tables.sessions.len(), 17);
    assert_eq!(tables.sessions.iter().filter(|session| session.source.is_none()).count(), 10);
    assert!(tables.lineages.is_empty());
}

#[test]
fn silent_sign_ins_of_a_cut_out_are_unknown_and_never_orphans() {
    let all =
        ["diagnostic/detection_tests_dev.jsonl", "diagnostic/eventhub_envelope.json", "diagnostic/non_interactive_user_abridged.jsonl"];
    let Some((world, _)) = read(&all) else { return };
    let parents = lineages::parents(&world);
    assert_eq!(parents.matches("unknown").count(), 4, "{parents}");
    assert_eq!(parents.split(", ").count(), 4, "{parents}");
    // The address of a device-code approval alone begins a lineage, exact in itself.
    let roots: Vec<_> = world.tables.lineages.iter().filter_map(|lineage| lineage.root).collect();
    assert!(roots.iter().any(|root| root.kind.word() == "device_code"));
    assert!(roots.iter().all(|root| root.tie != Tie::ManagedDevice));
}
