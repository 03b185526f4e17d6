//! What domain controllers write: tickets, NTLM checks, wrong passwords.

use super::logon::sid;
use super::people;
use super::sim::Sim;

pub fn ticket_granting(sim: &mut Sim, user: &str, source: &str) {
    let controller = sim.controller();
    if !sim.hosts[controller].is_up {
        return;
    }
    let mapped = format!("::ffff:{source}");
    sim.audit(
        controller,
        4768,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP.EXAMPLE"),
            ("TargetSid", &sid(people::rid(user))),
            ("ServiceName", "krbtgt"),
            ("Status", "0x0"),
            ("TicketEncryptionType", "0x12"),
            ("PreAuthType", "2"),
            ("IpAddress", &mapped),
        ],
    );
    sim.tick();
}

pub fn service_ticket(sim: &mut Sim, user: &str, host: usize, source: &str) {
    let controller = sim.controller();
    if !sim.hosts[controller].is_up {
        return;
    }
    let (name, service) = (format!("{user}@CORP.EXAMPLE"), format!("{}$", sim.hosts[host].short));
    let mapped = format!("::ffff:{source}");
    sim.audit(
        controller,
        4769,
        &[
            ("TargetUserName", &name),
            ("TargetDomainName", "CORP.EXAMPLE"),
            ("ServiceName", &service),
            ("TicketEncryptionType", "0x12"),
            ("IpAddress", &mapped),
            ("Status", "0x0"),
            ("LogonGuid", "{00000000-0000-0000-0000-000000000000}"),
        ],
    );
    sim.tick();
}

/// A wrong password: 4771 here, 4625 on the host.
pub fn wrong_password(sim: &mut Sim, user: &str, host: usize, source: &str) {
    let controller = sim.controller();
    if sim.hosts[controller].is_up {
        let mapped = format!("::ffff:{source}");
        sim.audit(
            controller,
            4771,
            &[("TargetUserName", user), ("TargetSid", &sid(people::rid(user))), ("Status", "0x18"), ("IpAddress", &mapped)],
        );
        sim.tick();
    }
    sim.audit(
        host,
        4625,
        &[
            ("TargetUserSid", "S-1-0-0"),
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("Status", "0xc000006d"),
            ("SubStatus", "0xc000006a"),
            ("LogonType", "2"),
            ("IpAddress", "127.0.0.1"),
        ],
    );
    sim.tick();
}
