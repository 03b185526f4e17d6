//! Who and what there is: people with their devices, other accounts, hosts, applications.

use super::clock::Calendar;
use super::dice::Dice;
use super::places::{Network, Places};
use super::{DAY, HOUR, MINUTE, Moment, Scale};
use logonscope::base::intern::{Interner, Symbol};
use logonscope::model::event::AuthEvent;
use logonscope::model::event_id::LogNumber;
use std::net::{IpAddr, Ipv4Addr};

/// An account of the directory, of the tenant, or of both.
#[derive(Clone, Debug)]
pub struct Account {
    pub name: String,
    pub user: Symbol,
    /// `user@REALM`, as 4769 has it.
    pub ticket_name: Symbol,
    pub sid: Symbol,
    pub upn: Symbol,
    pub object: Symbol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Desktop,
    Laptop,
    Shared,
    Virtual,
    File,
    Print,
    Sql,
    Web,
    App,
    Jump,
    /// A server for remote desktops that the Internet reaches.
    Exposed,
    Terminal,
    Deploy,
    Monitor,
    Scanner,
    Controller,
}

#[derive(Clone, Debug)]
pub struct Machine {
    pub name: String,
    /// Whole name in lower case.
    pub full: Symbol,
    /// What it calls itself: `WorkstationName`.
    pub short: Symbol,
    /// `NAME$`.
    pub account: Account,
    /// SID of its own first administrator.
    pub administrator: Symbol,
    pub site: usize,
    pub role: Role,
    pub address: Ipv4Addr,
    pub next_logon: u64,
    /// The number of the newest record of each log.
    pub records: Vec<(LogNumber, u64)>,
}

impl Machine {
    /// The number under which its log takes in a record; clearing does not begin anew.
    pub fn number(&mut self, event: &AuthEvent) -> u64 {
        let log = event.known.log();
        let place = self.records.iter().position(|(known, _)| *known == log).unwrap_or_else(|| {
            self.records.push((log, 20_000 + u64::from(u32::from(self.address)) % 900_000));
            self.records.len() - 1
        });
        let newest = &mut self.records[place].1;
        *newest += 1;
        *newest
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Office,
    /// A week of early shifts, a week of late ones, a week of nights.
    Shifts,
    /// At shared hosts, in shifts of a day.
    Counter,
    /// On virtual desktops.
    Virtual,
    /// On the road: a laptop with a VPN, and the exposed server.
    Field,
    /// Administrators, developers, the help desk.
    Technical,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub account: usize,
    pub site: usize,
    pub work: Work,
    pub machine: usize,
    /// Minutes after midnight at which the day usually begins, and its length.
    pub starts: i64,
    pub length: i64,
    pub home_days: [bool; 5],
    /// The home network, and a number for the address there.
    pub home: Network,
    pub home_number: u16,
    pub carrier: usize,
    /// The day on which somebody starts or leaves; the whole stream for most.
    pub from_day: i64,
    pub until_day: i64,
    /// Days of absence.
    pub away: (i64, i64),
    /// Days abroad, and where.
    pub trip: Option<(i64, i64, usize)>,
    pub uses_proxy: bool,
    pub device: Symbol,
    pub phone: Symbol,
    pub device_name: Symbol,
    pub phone_name: Symbol,
    pub browser: usize,
    pub is_iphone: bool,
    /// Servers used day by day.
    pub files: [usize; 2],
    pub sql: Option<usize>,
    pub web: usize,
    /// An old program of theirs asks by NTLM.
    pub uses_ntlm: bool,
    /// A Mac or an old phone whose password runs out, and nobody tells it.
    pub stale_phone_day: Option<i64>,
    pub admin: Option<usize>,
    pub is_helpdesk: bool,
    pub is_developer: bool,
    /// What the newest interactive sign-in began, on the computer and on the phone.
    pub session: u128,
    pub phone_session: u128,
    /// The desktop stayed open overnight, under this logon.
    pub open: Option<u64>,
    /// The day on which a new computer stands at the desk, and what the tenant calls it.
    pub next_machine: Option<(i64, usize)>,
    pub next_device: Symbol,
    pub is_victim: bool,
}

#[derive(Clone, Debug)]
pub struct Service {
    pub account: usize,
    pub hosts: Vec<usize>,
    /// Where it reaches.
    pub target: usize,
    pub every: Moment,
    /// Minute of the day of its task, for those that run by a task.
    pub task: Option<i64>,
    pub uses_ntlm: bool,
    /// A planned move: the day, and the new host.
    pub moves: Option<(i64, usize)>,
}

#[derive(Clone, Debug)]
pub struct Workload {
    pub account: usize,
    pub app: Symbol,
    pub is_managed: bool,
    pub networks: Vec<(Network, u16)>,
    pub every: Moment,
    /// Minute of the day of a job that runs once a day.
    pub daily: Option<i64>,
    pub resource: usize,
    pub key: Symbol,
    pub next_key: Symbol,
    pub credential: usize,
    pub rotates: Option<i64>,
    pub moves: Option<(i64, Network, u16)>,
}

#[derive(Clone, Debug)]
pub struct Guest {
    pub account: usize,
    pub tenant: Symbol,
    pub home: Network,
    pub number: u16,
    pub session: u128,
    pub browser: usize,
}

pub struct Cast {
    pub accounts: Vec<Account>,
    pub machines: Vec<Machine>,
    pub people: Vec<Person>,
    pub services: Vec<Service>,
    pub workloads: Vec<Workload>,
    pub guests: Vec<Guest>,
    pub places: Places,
    pub calendar: Calendar,
    /// A public holiday of each site.
    pub holidays: Vec<i64>,
    pub domain: Symbol,
    pub monitor: usize,
    pub scanner: usize,
    pub deploy: usize,
    pub by_role: Vec<(Role, Vec<usize>)>,
}

const LAST: [&str; 40] = [
    "hansen", "berg", "smith", "jones", "taylor", "tan", "lim", "wong", "garcia", "miller", "davis", "moen", "lund", "dahl", "haugen",
    "brown", "evans", "wilson", "walker", "wright", "chua", "goh", "koh", "ng", "lopez", "moore", "clark", "lewis", "young", "king",
    "solberg", "eide", "vik", "strand", "holm", "hall", "green", "baker", "carter", "kaur",
];

/// Makes accounts with names, ids and numbers of their own.
pub struct Maker<'a> {
    pub names: &'a mut Interner,
    pub dice: Dice,
    pub accounts: Vec<Account>,
    pub machines: Vec<Machine>,
    taken: std::collections::HashMap<String, u32>,
}

impl Maker<'_> {
    pub fn text(&mut self, text: &str) -> Symbol {
        self.names.intern(text)
    }
    pub fn guid(&mut self) -> Symbol {
        let bits = format!("{:032x}", self.dice.guid());
        let text = format!("{}-{}-{}-{}-{}", &bits[..8], &bits[8..12], &bits[12..16], &bits[16..20], &bits[20..]);
        self.names.intern(&text)
    }
    fn free(&mut self, name: &str) -> String {
        let count = self.taken.entry(name.to_owned()).or_insert(0);
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name}{count}") }
    }
    fn bare(&mut self, name: &str, upn: &str) -> Account {
        let number = 1_100 + self.accounts.len() + self.machines.len();
        Account {
            name: name.to_owned(),
            user: self.text(name),
            ticket_name: self.text(&format!("{name}@CORP.EXAMPLE.COM")),
            sid: self.text(&format!("S-1-5-21-1004336348-1177238915-682003330-{number}")),
            upn: self.text(upn),
            object: self.guid(),
        }
    }
    pub fn account(&mut self, name: &str) -> usize {
        let name = self.free(name);
        let account = self.bare(&name, &format!("{name}@example.com"));
        self.accounts.push(account);
        self.accounts.len() - 1
    }
    /// An account of the tenant only, under a name that is no user principal name.
    pub fn named(&mut self, name: &str) -> usize {
        let name = self.free(name);
        let account = self.bare(&name, &name);
        self.accounts.push(account);
        self.accounts.len() - 1
    }
    pub fn machine(&mut self, prefix: &str, site: usize, role: Role) -> usize {
        let name = {
            let count = self.taken.entry(format!("host {prefix}")).or_insert(0);
            *count += 1;
            format!("{prefix}{count:02}")
        };
        let count = self.machines.iter().filter(|machine| machine.site == site).count();
        let (net, last) = if matches!(role, Role::Desktop | Role::Laptop | Role::Shared | Role::Virtual) {
            (16 + (count / 200) as u8, 20 + (count % 200) as u8)
        } else {
            (1 + (count / 200) as u8, 10 + (count % 200) as u8)
        };
        let account = self.bare(&format!("{name}$"), "");
        let machine = Machine {
            full: self.text(&format!("{}.corp.example.com", name.to_lowercase())),
            short: self.text(&name),
            administrator: {
                let number = 0x3000_0000 + self.machines.len();
                self.text(&format!("S-1-5-21-{number}-1177238915-682003330-500"))
            },
            account,
            site,
            role,
            address: Ipv4Addr::new(10, 10 + site as u8, net, last),
            next_logon: 0x10_0000 + (self.dice.next() & 0xff_ffff),
            records: Vec::new(),
            name,
        };
        self.machines.push(machine);
        self.machines.len() - 1
    }
}

/// Where a site's share of everything ends, in percent.
const SHARES: [i64; 4] = [40, 60, 85, 100];

fn site(dice: &mut Dice) -> usize {
    let throw = dice.between(0, 100);
    SHARES.iter().position(|share| throw < *share).unwrap_or(0)
}

impl Cast {
    pub fn new(scale: Scale, names: &mut Interner) -> Self {
        let calendar = Calendar::new(scale.seed, scale.days);
        let places = Places::new(names);
        let domain = names.intern("CORP");
        let mut maker = Maker {
            names,
            dice: Dice::new(scale.seed),
            accounts: Vec::new(),
            machines: Vec::new(),
            taken: std::collections::HashMap::default(),
        };
        let of = |share: usize, least: usize| (scale.accounts * share / 1_000).max(least);
        let (services, workloads, guests, admins) = (of(32, 6), of(50, 6), of(25, 3), of(12, 3));
        let people = scale.accounts.saturating_sub(services + workloads + guests + admins).max(20);
        let servers = servers(&mut maker, people);
        let mut people: Vec<Person> = (0..people).map(|_| person(&mut maker, &places, &servers, scale.days)).collect();
        let technical: Vec<usize> = (0..people.len()).filter(|place| people[*place].work == Work::Technical).collect();
        for place in technical.iter().take(admins) {
            let name = format!("adm-{}", maker.accounts[people[*place].account].name);
            people[*place].admin = Some(maker.account(&name));
        }
        for place in technical.iter().skip(admins).take(of(8, 2)) {
            people[*place].is_helpdesk = true;
        }
        let services = (0..services).map(|_| service(&mut maker, &servers, scale.days)).collect();
        let workloads = (0..workloads).map(|_| workload(&mut maker, &places, scale.days)).collect();
        let guests = (0..guests).map(|_| guest(&mut maker, &places)).collect();
        let (monitor, scanner, deploy) = (maker.account("svc-monitor"), maker.account("svc-vulnscan"), maker.account("svc-deploy"));
        let holidays = (0..4).map(|_| maker.dice.between(0, scale.days)).collect();
        let Maker { accounts, machines, .. } = maker;
        let mut by_role: Vec<(Role, Vec<usize>)> = Vec::new();
        for (place, machine) in machines.iter().enumerate() {
            match by_role.iter_mut().find(|(role, _)| *role == machine.role) {
                Some((_, places)) => places.push(place),
                None => by_role.push((machine.role, vec![place])),
            }
        }
        Self {
            accounts,
            machines,
            people,
            services,
            workloads,
            guests,
            places,
            calendar,
            holidays,
            domain,
            monitor,
            scanner,
            deploy,
            by_role,
        }
    }
    pub fn of_role(&self, role: Role) -> &[usize] {
        self.by_role.iter().find(|(other, _)| *other == role).map_or(&[], |(_, places)| places)
    }
    pub fn is_server(&self, machine: usize) -> bool {
        !matches!(self.machines[machine].role, Role::Desktop | Role::Laptop | Role::Shared | Role::Virtual)
    }
    /// The domain controller that a host of the site asks; it asks one for the day.
    pub fn controller(&self, site: usize, day: i64, client: usize) -> usize {
        let here: Vec<usize> = self.of_role(Role::Controller).iter().copied().filter(|place| self.machines[*place].site == site).collect();
        here[(client + day as usize) % here.len()]
    }
    /// The address of a host on a day: leases of laptops change every week, at one site and in VPNs every day, others stay.
    pub fn address(&self, machine: usize, day: i64, is_vpn: bool) -> IpAddr {
        let host = &self.machines[machine];
        let place = |number: i64, net: u8, nets: i64| {
            let number = number.rem_euclid(nets * 240);
            IpAddr::V4(Ipv4Addr::new(10, 10 + host.site as u8, net + (number / 240) as u8, 10 + (number % 240) as u8))
        };
        if is_vpn {
            place(machine as i64 + day * 101, 200, 24)
        } else if host.role == Role::Laptop {
            place(machine as i64 + if host.site == 3 { day } else { day / 7 } * 37, 100, 24)
        } else {
            IpAddr::V4(host.address)
        }
    }
}

fn servers(maker: &mut Maker<'_>, people: usize) -> Vec<(Role, Vec<usize>)> {
    let counts = [
        (Role::Controller, "DC", 8),
        (Role::File, "FS", 4 + people / 400),
        (Role::Print, "PRN", 4),
        (Role::Sql, "SQL", 4 + people / 500),
        (Role::Web, "WEB", 4 + people / 500),
        (Role::App, "APP", 6 + people / 150),
        (Role::Jump, "JUMP", 4),
        (Role::Exposed, "RDS", 1),
        (Role::Terminal, "TS", 4),
        (Role::Deploy, "SCCM", 1),
        (Role::Monitor, "MON", 1),
        (Role::Scanner, "SCAN", 1),
        (Role::Virtual, "VDI", 4 + people * 9 / 100),
        (Role::Shared, "KIOSK", 4 + people / 100),
    ];
    counts
        .into_iter()
        .map(|(role, prefix, count)| (role, (0..count).map(|number| maker.machine(prefix, number % 4, role)).collect()))
        .collect()
}

fn of(servers: &[(Role, Vec<usize>)], role: Role) -> &[usize] {
    servers.iter().find(|(other, _)| *other == role).map_or(&[], |(_, places)| places)
}

/// The servers of a site, of one role.
fn near(maker: &Maker<'_>, servers: &[(Role, Vec<usize>)], role: Role, site: usize) -> Vec<usize> {
    of(servers, role).iter().copied().filter(|place| maker.machines[*place].site == site).collect()
}

fn person(maker: &mut Maker<'_>, places: &Places, servers: &[(Role, Vec<usize>)], days: i64) -> Person {
    let site = site(&mut maker.dice);
    let throw = maker.dice.between(0, 100);
    let work = match throw {
        0..8 => Work::Shifts,
        8..16 => Work::Counter,
        16..25 => Work::Virtual,
        25..33 => Work::Field,
        33..41 => Work::Technical,
        _ => Work::Office,
    };
    let first = char::from(b'a' + maker.dice.below(26) as u8);
    let last = maker.dice.pick(&LAST);
    let account = maker.account(&format!("{first}{last}"));
    let has_laptop = matches!(work, Work::Field | Work::Technical) || (work == Work::Office && maker.dice.chance(0.55));
    let machine = match work {
        Work::Counter => maker.dice.pick(&near(maker, servers, Role::Shared, site)),
        Work::Virtual => maker.dice.pick(&near(maker, servers, Role::Virtual, site)),
        _ if has_laptop => maker.machine("LT", site, Role::Laptop),
        _ => maker.machine("PC", site, Role::Desktop),
    };
    let name = maker.machines[machine].name.clone();
    let role = maker.machines[machine].role;
    let is_replaced = matches!(role, Role::Desktop | Role::Laptop) && maker.dice.chance(0.02);
    let next_machine = is_replaced.then(|| {
        let day = maker.dice.between(days / 2, days.max(2));
        (day, maker.machine(if role == Role::Laptop { "LT" } else { "PC" }, site, role))
    });
    let dice = &mut maker.dice;
    let home = dice.pick(&places.sites[site].homes);
    let starts = match work {
        Work::Shifts => 6 * 60,
        Work::Counter => dice.pick(&[6 * 60, 14 * 60]),
        _ if dice.chance(0.05) => 6 * 60 + 30 + dice.round(30),
        _ => 8 * 60 + 30 + dice.round(75),
    };
    let works_at_home = has_laptop && dice.chance(0.7);
    let home_days = std::array::from_fn(|_| works_at_home && dice.chance(0.35));
    let from_day = if dice.chance(0.015) { dice.between(1, days.max(2)) } else { 0 };
    let until_day = if dice.chance(0.01) { dice.between(1, days.max(2)) } else { days };
    let away_from = dice.between(-10, days * 3);
    let trip = dice.chance(0.06).then(|| {
        let start = dice.between(0, days.max(1));
        (start, start + dice.between(2, 6), dice.below(places.abroad.len()))
    });
    let (home_number, carrier, browser) = (dice.next() as u16, dice.below(2), dice.below(10));
    let (uses_proxy, is_iphone, uses_ntlm, is_developer) = (dice.chance(0.15), dice.chance(0.6), dice.chance(0.06), dice.chance(0.4));
    let stale_phone_day = dice.chance(0.012).then(|| dice.between(0, days.max(1)));
    let (files, sql, web) = {
        let file = near(maker, servers, Role::File, site);
        let sql = near(maker, servers, Role::Sql, site);
        let web = near(maker, servers, Role::Web, site);
        let dice = &mut maker.dice;
        ([dice.pick(&file), dice.pick(&file)], dice.chance(0.2).then(|| dice.pick(&sql)), dice.pick(&web))
    };
    Person {
        account,
        site,
        work,
        machine,
        starts,
        length: 8 * 60 + 20,
        home_days,
        home,
        home_number,
        carrier,
        from_day,
        until_day,
        away: (away_from, away_from + 9),
        trip: trip.filter(|_| has_laptop),
        uses_proxy,
        device: maker.guid(),
        phone: maker.guid(),
        device_name: maker.text(&name),
        phone_name: maker.text(if is_iphone { "iPhone" } else { "SM-S921B" }),
        browser,
        is_iphone,
        files,
        sql,
        web,
        uses_ntlm,
        stale_phone_day,
        admin: None,
        is_helpdesk: false,
        is_developer: work == Work::Technical && is_developer,
        session: maker.dice.guid(),
        phone_session: maker.dice.guid(),
        open: None,
        next_machine,
        next_device: maker.guid(),
        is_victim: false,
    }
}

const TRADES: [&str; 12] = ["backup", "sql", "report", "sync", "erp", "print", "archive", "billing", "hr", "web", "etl", "ftp"];

fn service(maker: &mut Maker<'_>, servers: &[(Role, Vec<usize>)], days: i64) -> Service {
    let trade = maker.dice.pick(&TRADES);
    let name = match maker.dice.below(10) {
        0 => format!("{trade}runner"),
        1 => format!("{trade}$"),
        2..4 => format!("svc-{trade}"),
        _ => format!("svc_{trade}"),
    };
    // A group managed account's name ends in `$`, and so does what follows a number.
    let account = if let Some(name) = name.strip_suffix('$') {
        let number = maker.accounts.len();
        maker.account(&format!("gmsa-{name}{number}$"))
    } else {
        maker.account(&name)
    };
    let site = site(&mut maker.dice);
    let (apps, targets) =
        (near(maker, servers, Role::App, site), [near(maker, servers, Role::Sql, site), near(maker, servers, Role::File, site)]);
    let other = near(maker, servers, Role::Web, site);
    let dice = &mut maker.dice;
    let hosts: Vec<usize> = (0..=dice.below(3)).map(|_| dice.pick(&apps)).collect();
    let target = dice.pick(&targets[dice.clone().below(2)]);
    let task = dice.chance(0.4).then(|| dice.between(0, 24 * 60));
    let moves = dice.chance(0.04).then(|| (dice.between(3, days.max(4)), dice.pick(&other)));
    Service { account, hosts, target, every: dice.pick(&[20, 60, 120, 240]) * MINUTE, task, uses_ntlm: dice.chance(0.08), moves }
}

fn workload(maker: &mut Maker<'_>, places: &Places, days: i64) -> Workload {
    let trade = maker.dice.pick(&TRADES);
    let number = maker.accounts.len();
    let is_managed = maker.dice.chance(0.3);
    let account = maker.named(&if is_managed { format!("vm-{trade}-{number}") } else { format!("{trade}-connector-{number}") });
    let dice = &mut maker.dice;
    let network = if dice.chance(0.25) { places.sites[site(dice)].office } else { dice.pick(&places.cloud) };
    let pool = dice.pick(&[1, 1, 2, 4, 12]);
    let networks = (0..pool).map(|_| (network, dice.next() as u16)).collect();
    let moves = dice.chance(0.03).then(|| (dice.between(3, days.max(4)), dice.pick(&places.cloud), dice.next() as u16));
    Workload {
        is_managed,
        networks,
        every: dice.pick(&[1, 1, 4, 6]) * HOUR,
        daily: dice.chance(0.4).then(|| dice.between(0, DAY / MINUTE)),
        resource: dice.below(5),
        credential: dice.below(3),
        rotates: dice.chance(0.10).then(|| dice.between(1, days.max(2))),
        moves: moves.filter(|_| !is_managed),
        key: maker.guid(),
        next_key: maker.guid(),
        app: maker.guid(),
        account,
    }
}

fn guest(maker: &mut Maker<'_>, places: &Places) -> Guest {
    let (first, last, partner) = (char::from(b'a' + maker.dice.below(26) as u8), maker.dice.pick(&LAST), maker.dice.below(6));
    let account = {
        let number = maker.accounts.len();
        maker.named(&format!("{first}.{last}{number}@partner{partner}.example.net"))
    };
    let site = site(&mut maker.dice);
    let tenant = maker.text(&format!("0000000{partner}-1111-4222-8333-444444444444"));
    let dice = &mut maker.dice;
    let home = dice.pick(&places.sites[site].homes);
    Guest { account, tenant, home, number: dice.next() as u16, session: dice.guid(), browser: dice.below(10) }
}
