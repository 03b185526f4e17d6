//! From host to host.

use super::{Kind, Scene};
use crate::estate::cast::Role;
use crate::estate::record::{RIGHT, Way};
use crate::estate::stream::Estate;
use crate::estate::{MINUTE, Moment, SECOND};
use logonscope::model::event::LogonId;
use std::net::IpAddr;

pub const KINDS: &[Kind] = &[
    ("lateral RDP chain", None, rdp_chain),
    ("lateral SMB fan-out", None, smb_fan),
    ("lateral WinRM", None, winrm),
    ("RDP tunnel", None, tunnel),
    ("RDP hijack", None, hijack),
    ("clerk at a controller", None, controller_logon),
];

/// Computer to server to server to controller, with a stolen account.
fn rdp_chain(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let account = if scene.number.is_multiple_of(2) { estate.some_admin(scene) } else { estate.victim(scene) };
    let who = estate.person(account);
    let (mut from_host, mut from) = estate.foothold(scene);
    let mut session = LogonId(0x3e7);
    let mut path = estate.targets(scene, &[Role::App, Role::Sql, Role::Web], 2);
    path.extend(estate.targets(scene, &[Role::Controller], 1));
    let controller = estate.controller_of(scene);
    let mut last = at;
    for server in path {
        let (short, full) = (estate.cast.machines[from_host].short, estate.cast.machines[server].full);
        let local = estate.person(estate.cast.people[scene.foothold].account);
        let by = if session == LogonId(0x3e7) { (local, session) } else { (who, session) };
        estate.explicit(at - 2 * SECOND, from_host, by, who, full, "C:\\Windows\\System32\\mstsc.exe");
        estate.ticket(at - SECOND, controller, who, from, RIGHT);
        session = estate.remote_desktop(at, server, who, from, short, scene.number.is_multiple_of(2));
        last = at + 3 * SECOND;
        from_host = server;
        from = IpAddr::V4(estate.cast.machines[server].address);
        at += scene.dice.between(3, 25) * MINUTE;
    }
    last
}

fn smb_fan(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let account = estate.victim(scene);
    let (who, name) = (estate.person(account), estate.cast.accounts[account].ticket_name);
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    estate.ticket(at - 5 * SECOND, controller, who, from, RIGHT);
    let pace = if scene.is_slow() { 3 * MINUTE } else { scene.dice.between(1, 20) * SECOND };
    let many = scene.dice.between(22, 45) as usize;
    let mut seen = at;
    for (place, host) in
        estate.targets(scene, &[Role::App, Role::File, Role::Sql, Role::Web, Role::Desktop, Role::Laptop], many).into_iter().enumerate()
    {
        let service = estate.cast.machines[host].account.user;
        estate.service_ticket(at - 20, controller, name, service, from, 0x12);
        estate.visit(at, host, who, Way::KERBEROS.from(from).admin(scene.number.is_multiple_of(2)));
        if place < 20 {
            seen = at;
        }
        at += pace + scene.dice.between(0, pace / 2);
    }
    seen
}

fn winrm(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let admin = estate.some_admin(scene);
    let who = estate.person(admin);
    let (host, from) = estate.foothold(scene);
    let local = estate.person(estate.cast.people[scene.foothold].account);
    let controller = estate.controller_of(scene);
    for server in estate.targets(scene, &[Role::App, Role::Sql, Role::File, Role::Web], 6) {
        let full = estate.cast.machines[server].full;
        estate.explicit(at - SECOND, host, (local, LogonId(0x4d_2a10)), who, full, "C:\\Windows\\System32\\wsmprovhost.exe");
        estate.ticket(at - 400, controller, who, from, RIGHT);
        estate.remote_shell(at, server, who, from);
        at += scene.dice.between(20, 400) * SECOND;
    }
    at
}

/// A tunnel ends on the host itself.
fn tunnel(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let who = estate.person(account);
    let host = if scene.number.is_multiple_of(2) { estate.foothold(scene).0 } else { estate.targets(scene, &[Role::App, Role::Web], 1)[0] };
    let local = IpAddr::from([127, 0, 0, 1]);
    let name = estate.texts.of("DESKTOP-4F2K9QX");
    let id = estate.remote_desktop(at, host, who, local, name, false);
    estate.remote_desktop_left(at + 50 * MINUTE, host, who, local, id);
    at + 3 * SECOND
}

/// Somebody with SYSTEM's rights takes the disconnected session of another.
fn hijack(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let server = estate.targets(scene, &[Role::App, Role::Terminal, Role::Sql], 1)[0];
    let admin = estate.some_admin(scene);
    let (owner, thief) = (estate.person(admin), estate.person(estate.victim(scene)));
    let jump = estate.cast.of_role(Role::Jump)[0];
    let (there, here) = (IpAddr::V4(estate.cast.machines[jump].address), estate.foothold(scene));
    let (jump_name, name) = (estate.cast.machines[jump].short, estate.cast.machines[here.0].short);
    // The owner's session is ordinary life.
    let label = estate.label.take();
    let owned = estate.remote_desktop(at, server, owner, there, jump_name, true);
    estate.desktop(at + 20 * MINUTE, server, 4779, owner, owned, Some((there, jump_name)));
    estate.session_manager(at + 20 * MINUTE, server, 24, owner, there);
    estate.label = label;
    let begin = at + 70 * MINUTE;
    let session = estate.remote_desktop(begin, server, thief, here.1, name, false);
    let taken = begin + 6 * MINUTE;
    estate.desktop(taken, server, 4779, thief, session, Some((here.1, name)));
    estate.session_manager(taken + 20, server, 24, thief, here.1);
    estate.session_manager(taken + 300, server, 25, owner, here.1);
    estate.desktop(taken + 320, server, 4778, owner, owned, Some((here.1, name)));
    taken + 320
}

/// An everyday account on the screen of a domain controller.
fn controller_logon(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let who = estate.person(estate.victim(scene));
    let (host, from) = estate.foothold(scene);
    let short = estate.cast.machines[host].short;
    let server = estate.targets(scene, &[Role::Controller], 1)[0];
    let id = estate.remote_desktop(at, server, who, from, short, true);
    estate.remote_desktop_left(at + 30 * MINUTE, server, who, from, id);
    at + 3 * SECOND
}
