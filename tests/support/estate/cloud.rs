//! Rows of the four Entra sign-in logs, with the values that Microsoft writes.

use super::Moment;
use super::cast::{Guest, Person, Workload};
use super::places::Network;
use super::record::time;
use super::stream::Estate;
use logonscope::base::intern::{Interner, Symbol};
use logonscope::base::unique::Unique;
use logonscope::model::client;
use logonscope::model::event::{AuthEvent, EventKind, Identity, MfaResult, Outcome, SignIn, SignInCategory, Tri};
use logonscope::model::status::{Status, StatusClass};
use std::collections::HashMap;
use std::net::IpAddr;

const APPS: [(&str, &str); 17] = [
    ("One Outlook Web", "9199bf20-a13f-4107-85dc-02114787ef48"),
    ("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264"),
    ("Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000"),
    ("Microsoft Office", "d3590ed6-52b3-4102-aeff-aad2292ab01c"),
    ("OfficeHome", "4765445b-32c6-49b0-83e6-1d93765276ca"),
    ("Outlook Mobile", "27922004-5251-4030-b22d-91ecd9a37ea4"),
    ("Microsoft Edge", "ecd6b820-32c2-49b6-98a6-444530e5a77a"),
    ("OneDrive SyncEngine", "ab9b8c07-8f02-4f72-87fa-80105867a763"),
    ("Expense Tool", "5f2c1a10-3b1e-4b9f-8a07-0d7f8d0a1c01"),
    ("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
    ("Microsoft Azure CLI", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
    ("Microsoft Azure PowerShell", "1950a258-227b-4e31-a9cf-717495945fc2"),
    ("Microsoft Authentication Broker", "29d9ed98-a469-4536-ade2-f981bc1d605e"),
    ("Windows Sign In", "38aa3b87-a06d-4817-b275-7a316988d93b"),
    ("Meeting Room Device", "eb5c0b42-8e4e-4b0f-9e44-6a4f8a52d0aa"),
    ("Microsoft Authenticator App", "4813382a-8fa7-425e-ab75-3b753aab3abb"),
    ("Graph Explorer", "de8bc8b5-d9f9-48b1-a8ad-b748da725064"),
];
pub const OUTLOOK_WEB: usize = 0;
pub const TEAMS: usize = 1;
pub const SHAREPOINT: usize = 2;
pub const OFFICE: usize = 3;
pub const OFFICE_HOME: usize = 4;
pub const OUTLOOK_MOBILE: usize = 5;
pub const EXPENSES: usize = 8;
pub const PORTAL: usize = 9;
pub const CLI: usize = 10;
pub const POWERSHELL: usize = 11;
pub const BROKER: usize = 12;
pub const MEETING_ROOM: usize = 14;

const RESOURCES: [(&str, &str); 8] = [
    ("Microsoft Graph", "00000003-0000-0000-c000-000000000000"),
    ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"),
    ("Azure Storage", "e406a681-f3d4-42a8-90b6-c2b029497af1"),
    ("Azure Key Vault", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"),
    ("Windows Azure Service Management API", "797f4846-ba00-4fd7-ba43-dac1f8f63013"),
    ("Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000"),
    ("Device Registration Service", "01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9"),
    ("Windows Azure Active Directory", "00000002-0000-0000-c000-000000000000"),
];
pub const GRAPH: usize = 0;
pub const EXCHANGE: usize = 1;
pub const STORAGE: usize = 2;
pub const VAULT: usize = 3;
pub const MANAGEMENT: usize = 4;
pub const REGISTRATION: usize = 6;

/// Weeks of browser versions.
const VERSIONS: usize = 8;

const WORDS: [&str; 47] = [
    "",
    "b2bcollaboration",
    "Browser",
    "Mobile Apps and Desktop clients",
    "Authenticated SMTP",
    "Other clients",
    "IMAP4",
    "none",
    "devicecode",
    "devicecodeflow",
    "ropc",
    "oauth2",
    "primaryrefreshtoken",
    "refreshtoken",
    "bound",
    "unbound",
    "singleFactorAuthentication",
    "multiFactorAuthentication",
    "success",
    "failure",
    "notApplied",
    "password",
    "mobile app notification",
    "previously satisfied",
    "Windows",
    "Windows10",
    "Ios 18.3",
    "Android 15",
    "Linux",
    "Mobile Safari",
    "Rich Client 4.65.0.0",
    "Python Requests 2.31",
    "python-requests/2.31.0",
    "axios/1.7.9",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    "Outlook-iOS/2.0",
    "Outlook-Android/2.0",
    "BAV2ROPC",
    "azsdk-net-Identity/1.10.4 (.NET 8.0)",
    "AzureCLI/2.67 (Linux)",
    "Chrome 139.0.0",
    "member",
    "guest",
    "clientsecret",
    "clientassertion",
    "clientcertificate",
    "federatedidentitycredential",
];

pub struct Kit {
    apps: Vec<(Symbol, Symbol)>,
    resources: Vec<(Symbol, Symbol)>,
    words: HashMap<&'static str, Symbol>,
    /// Edge, Chrome and Firefox by week: name and user agent.
    browsers: Vec<Vec<(Symbol, Symbol)>>,
    categories: [Symbol; 4],
    /// Products of agents and browsers, and systems, without their versions.
    products: HashMap<Symbol, Symbol>,
    systems: HashMap<Symbol, Symbol>,
    pub tenant: Symbol,
    /// Device ids that attackers register.
    pub rogue: Vec<Symbol>,
    pub thumbprints: Vec<Symbol>,
}

impl Kit {
    pub fn new(names: &mut Interner) -> Self {
        let mut pairs = |list: &[(&str, &str)]| -> Vec<(Symbol, Symbol)> {
            list.iter().map(|(name, id)| (names.intern(name), names.intern(id))).collect()
        };
        let (apps, resources) = (pairs(&APPS), pairs(&RESOURCES));
        let base = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        let browsers: [Vec<(Symbol, Symbol)>; 3] = ["Edge", "Chrome", "Firefox"].map(|product| {
            let versions = (140..140 + VERSIONS).map(|version| {
                let agent = match product {
                    "Edge" => {
                        format!("{base} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36 Edg/{version}.0.0.0")
                    }
                    "Chrome" => format!("{base} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"),
                    _ => format!("{base} Gecko/20100101 Firefox/{version}.0"),
                };
                (names.intern(&format!("{product} {version}.0.0")), names.intern(&agent))
            });
            versions.collect()
        });
        let (mut products, mut systems) = (HashMap::new(), HashMap::new());
        for client in WORDS
            .iter()
            .map(|word| names.intern(word))
            .chain(browsers.iter().flatten().flat_map(|(name, agent)| [*name, *agent]))
            .collect::<Vec<_>>()
        {
            let text = names.raw(client).to_owned();
            let (product, system) = client::symbols(&text, &text, names);
            products.insert(client, product);
            systems.insert(client, system);
        }
        let categories = ["SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs"];
        Self {
            apps,
            resources,
            words: WORDS.iter().map(|word| (*word, names.intern(word))).collect(),
            browsers: browsers.into_iter().collect(),
            products,
            systems,
            categories: categories.map(|name| names.intern(name)),
            tenant: names.intern("7a1f0c44-9f5e-4c1f-9a53-2f4f0d9be001"),
            rogue: (0..64).map(|number| names.intern(&format!("0badc0de-0000-4000-8000-{number:012}"))).collect(),
            thumbprints: (0..64).map(|number| names.intern(&format!("0badc0de-1111-4111-9111-{number:012}"))).collect(),
        }
    }
    pub fn word(&self, word: &str) -> Symbol {
        *self.words.get(word).unwrap_or_else(|| panic!("'{word}' is not among the words"))
    }
}

/// The device and program somebody signs in with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client {
    pub device: Symbol,
    pub device_name: Symbol,
    pub browser: Symbol,
    pub system: Symbol,
    pub agent: Symbol,
    pub app: Symbol,
    pub is_managed: Tri,
    pub is_compliant: Tri,
}

/// What a row says beside who and when.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub category: SignInCategory,
    pub network: Network,
    pub address: IpAddr,
    pub client: Client,
    pub app: usize,
    pub resource: usize,
    pub status: u32,
    pub session: u128,
    pub protocol: &'static str,
    pub original: &'static str,
    pub incoming: &'static str,
    pub protection: &'static str,
    pub requirement: &'static str,
    pub method: &'static str,
    pub policy: &'static str,
    pub mfa: MfaResult,
    /// Correlation of the steps of one sign-in; 0 makes a new one.
    pub flow: u128,
}

impl Request {
    /// Somebody signs in with a password or what Windows holds.
    pub const fn interactive(network: Network, address: IpAddr, client: Client, session: u128) -> Self {
        Self {
            category: SignInCategory::Interactive,
            network,
            address,
            client,
            app: OFFICE_HOME,
            resource: GRAPH,
            status: 0,
            session,
            protocol: "none",
            original: "none",
            incoming: "none",
            protection: "none",
            requirement: "singleFactorAuthentication",
            method: "password",
            policy: "success",
            mfa: MfaResult::None,
            flow: 0,
        }
    }
    /// A client renews what it holds.
    pub const fn silent(network: Network, address: IpAddr, client: Client, session: u128) -> Self {
        Self {
            category: SignInCategory::NonInteractive,
            app: TEAMS,
            incoming: "refreshtoken",
            protection: "unbound",
            requirement: "multiFactorAuthentication",
            method: "previously satisfied",
            ..Self::interactive(network, address, client, session)
        }
    }
    pub const fn approved(self) -> Self {
        Self { requirement: "multiFactorAuthentication", method: "mobile app notification", mfa: MfaResult::Approved, ..self }
    }
    pub const fn to(self, app: usize, resource: usize) -> Self {
        Self { app, resource, ..self }
    }
    pub const fn failed(self, status: u32) -> Self {
        Self { status, ..self }
    }
}

impl Estate {
    /// A row for a user of the tenant.
    pub fn sign_in(&mut self, at: Moment, account: usize, request: Request) {
        let who = {
            let account = &self.cast.accounts[account];
            Identity { user: account.upn, domain: Symbol::NONE, sid: account.object }
        };
        let (tenant, user_type) = (self.kit.tenant, self.kit.word("member"));
        self.row(at, who, request, |sign_in| {
            sign_in.tenant = tenant;
            sign_in.user_type = user_type;
        });
    }
    pub fn guest_sign_in(&mut self, at: Moment, guest: &Guest, request: Request) {
        let account = &self.cast.accounts[guest.account];
        let who = Identity { user: account.upn, domain: Symbol::NONE, sid: account.object };
        let (tenant, home, user_type) = (self.kit.tenant, guest.tenant, self.kit.word("guest"));
        let crossing = self.kit.word("b2bcollaboration");
        self.row(at, who, request, |sign_in| {
            sign_in.tenant = tenant;
            sign_in.home_tenant = home;
            sign_in.cross_tenant = crossing;
            sign_in.user_type = user_type;
        });
    }
    /// A row of a service principal or managed identity.
    pub fn workload(
        &mut self,
        at: Moment,
        workload: &Workload,
        (network, address): (Network, IpAddr),
        resource: usize,
        key: Symbol,
        status: u32,
    ) {
        let account = &self.cast.accounts[workload.account];
        let who = Identity { user: account.upn, domain: Symbol::NONE, sid: account.object };
        let category = if workload.is_managed { SignInCategory::ManagedIdentity } else { SignInCategory::ServicePrincipal };
        let kinds = ["clientsecret", "clientcertificate", "clientassertion"];
        let (kind, agent, tenant) =
            (self.kit.word(kinds[workload.credential]), self.kit.word("azsdk-net-Identity/1.10.4 (.NET 8.0)"), self.kit.tenant);
        let (app, principal, is_managed) = (workload.app, account.object, workload.is_managed);
        let request = Request {
            category,
            status,
            requirement: "",
            method: "",
            policy: "notApplied",
            ..Request::interactive(network, address, Client::default(), 0)
        }
        .to(0, resource);
        let name = account.upn;
        self.row(at, who, request, |sign_in| {
            sign_in.app = name;
            sign_in.app_id = app;
            sign_in.tenant = tenant;
            sign_in.service_principal_id = principal;
            if is_managed {
                sign_in.asn = 0;
                sign_in.country = Symbol::NONE;
                sign_in.city = Symbol::NONE;
                sign_in.coordinates = None;
            } else {
                sign_in.credential_key_id = key;
                sign_in.credential_type = kind;
                sign_in.user_agent = agent;
            }
        });
    }
    fn row(&mut self, at: Moment, who: Identity, request: Request, change: impl FnOnce(&mut SignIn)) {
        let (id, flow, token) = (self.dice.guid(), self.dice.guid(), self.dice.guid());
        let kit = &self.kit;
        let unique = |bits: u128| if bits == 0 { Unique::NONE } else { Unique::guid(bits) };
        let client = request.client;
        let status = Status::entra(request.status);
        let mut sign_in = SignIn {
            category: request.category,
            id: Unique::guid(id),
            session_id: unique(request.session),
            correlation_id: Unique::guid(if request.flow == 0 { flow } else { request.flow }),
            original_request_id: Unique::guid(id),
            unique_token_id: Unique::guid(token),
            app: kit.apps[request.app].0,
            app_id: kit.apps[request.app].1,
            resource: kit.resources[request.resource].0,
            resource_id: kit.resources[request.resource].1,
            client_app: client.app,
            user_agent: client.agent,
            device_id: client.device,
            device_name: client.device_name,
            client: kit.products.get(&client.agent.or(client.browser)).copied().unwrap_or(Symbol::NONE),
            system: kit.systems.get(&client.system).copied().unwrap_or(Symbol::NONE),
            browser: client.browser,
            operating_system: client.system,
            is_managed: client.is_managed,
            is_compliant: client.is_compliant,
            country: request.network.country,
            city: request.network.city,
            coordinates: Some(request.network.coordinates),
            asn: request.network.asn,
            protocol: kit.word(request.protocol),
            original_transfer: kit.word(request.original),
            incoming_token: kit.word(request.incoming),
            token_protection: kit.word(request.protection),
            requirement: kit.word(request.requirement),
            method: kit.word(request.method),
            conditional_access: kit.word(request.policy),
            risk: kit.word("none"),
            risk_state: kit.word("none"),
            mfa: if status.class() == StatusClass::MfaDenied { MfaResult::Denied } else { request.mfa },
            ..SignIn::default()
        };
        change(&mut sign_in);
        let channel = match request.category {
            SignInCategory::Interactive | SignInCategory::Adfs => 0,
            SignInCategory::NonInteractive => 1,
            SignInCategory::ServicePrincipal => 2,
            SignInCategory::ManagedIdentity => 3,
        };
        let event = AuthEvent {
            at: time(at),
            kind: EventKind::SignIn,
            channel: kit.categories[channel],
            status,
            raw_status: request.status,
            outcome: match status.class() {
                StatusClass::Success => Outcome::Success,
                StatusClass::Interrupt => Outcome::Interrupted,
                _ => Outcome::Failure,
            },
            account: who,
            address: (request.category != SignInCategory::ManagedIdentity).then_some(request.address),
            pre_auth_type: u8::MAX,
            entra: Some(Box::new(sign_in)),
            ..AuthEvent::default()
        };
        self.push(at, None, event);
    }
    /// A browser of the week: 0 to 5 are Edge, 6 to 8 Chrome, 9 Firefox.
    pub fn browser(&self, number: usize, day: i64) -> (Symbol, Symbol) {
        let product = match number {
            0..6 => 0,
            6..9 => 1,
            _ => 2,
        };
        // Not everybody restarts on the day the update comes.
        let week = ((day + number as i64 % 3) / 7) as usize;
        self.kit.browsers[product][week.min(VERSIONS - 1)]
    }
    /// Somebody's computer, which the organisation manages.
    pub fn computer_client(&self, person: &Person, day: i64, in_browser: bool) -> Client {
        let kit = &self.kit;
        let (browser, agent) = self.browser(person.browser, day);
        // Firefox and private windows do not pass the device on.
        let tells_device = person.browser < 9 || !in_browser;
        Client {
            device: if tells_device { person.device } else { Symbol::NONE },
            device_name: if tells_device { person.device_name } else { Symbol::NONE },
            browser: if in_browser { browser } else { kit.word("Rich Client 4.65.0.0") },
            system: kit.word("Windows10"),
            agent: if in_browser { agent } else { Symbol::NONE },
            app: kit.word(if in_browser { "Browser" } else { "Mobile Apps and Desktop clients" }),
            is_managed: Tri::from_bool(tells_device),
            is_compliant: Tri::from_bool(tells_device),
        }
    }
    pub fn phone_client(&self, person: &Person) -> Client {
        let kit = &self.kit;
        Client {
            device: person.phone,
            device_name: person.phone_name,
            browser: if person.is_iphone { kit.word("Mobile Safari") } else { Symbol::NONE },
            system: kit.word(if person.is_iphone { "Ios 18.3" } else { "Android 15" }),
            agent: kit.word(if person.is_iphone { "Outlook-iOS/2.0" } else { "Outlook-Android/2.0" }),
            app: kit.word("Mobile Apps and Desktop clients"),
            is_managed: Tri::from_bool(person.is_iphone),
            is_compliant: Tri::from_bool(person.is_iphone),
        }
    }
    /// A client that the organisation does not know.
    pub fn strange_client(&self, browser: &str, agent: &str, system: &str) -> Client {
        let kit = &self.kit;
        Client {
            browser: kit.word(browser),
            system: kit.word(system),
            agent: kit.word(agent),
            app: kit.word("Browser"),
            is_managed: Tri::No,
            is_compliant: Tri::No,
            ..Client::default()
        }
    }
}
