//! A path in words: hop by hop, what was new, and which link is the weakest.

use super::path::{Hop, Link, Path};
use super::rarity;
use crate::detect::say;
use crate::detect::step::Step;
use crate::model::ids::{AccountId, HostId};

#[cold]
#[inline(never)]
pub fn why(step: &Step<'_>, path: &Path, from: Option<HostId>) -> String {
    let say = step.say();
    let Some(last) = path.hops.last() else { return String::new() };
    let mut text = say.account(path.root);
    if let Some(first) = path.hops.first() {
        text += &format!(" from {}", say.source(first.source));
    }
    let mut before = path.root;
    for (number, hop) in path.hops.iter().enumerate() {
        let then = if number == 0 { "" } else { ", then" };
        let whose = if hop.account == before { String::new() } else { format!(" as {}", say.account(hop.account)) };
        let how = if hop.rdp { "by Remote Desktop" } else { "with administrator rights" };
        text += &format!("{then} to {}{whose} {how} at {}", say.host(hop.to), say.time(hop.at));
        before = hop.account;
    }
    let days = step.usual.account(path.root).activity.days;
    if rarity::knows(step.usual.account(path.root), last.to) {
        text += "; ";
    } else {
        let known = if days > 0 { format!(" in {}", say::count(days as usize, "active day")) } else { String::new() };
        text += &format!("; {} never reached {}{known}", say.account(path.root), say.host(last.to));
        text += if path.root == last.account { "" } else { " before" };
    }
    if let Some(host) = from {
        text += &format!("; {} is no usual way there", say.host(host));
    }
    format!("{text}. Weakest link: {}.", weakest(step, path))
}

fn weakest(step: &Step<'_>, path: &Path) -> String {
    let say = step.say();
    let mut before: AccountId = path.root;
    let mut found: Option<(AccountId, &Hop)> = None;
    for hop in &path.hops {
        if found.is_none_or(|(_, worst)| hop.link > worst.link) {
            found = Some((before, hop));
        }
        before = hop.account;
    }
    let Some((before, hop)) = found else { return String::new() };
    match hop.link {
        Link::Same => "each hop has the account of the one before".to_owned(),
        Link::Shown(_) => format!("the change from {} to {}, which a record shows", say.account(before), say.account(hop.account)),
        Link::Foreign => format!(
            "that {} used {}, where {} works, is known from its address",
            say.account(hop.account),
            say.source(hop.source),
            say.account(before)
        ),
        Link::Inferred => format!("no record shows how {} came to {}; place and time fit", say.account(before), say.account(hop.account)),
    }
}
