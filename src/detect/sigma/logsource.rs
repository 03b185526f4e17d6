//! Which of the logs that are read a rule is about.

use super::yaml::Node;
use crate::model::event::SignInCategory;

/// The vocabulary that a rule's fields are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    Windows,
    Entra,
}

/// The logs of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logs {
    /// Canonical names of channels.
    Channels(Vec<&'static str>),
    Categories(Vec<SignInCategory>),
}

/// Services of `product: windows` by Sigma's names.
const SERVICES: &[(&str, &[&str])] = &[
    ("security", &["Security"]),
    ("system", &["System"]),
    ("application", &["Application"]),
    ("ntlm", &["Microsoft-Windows-NTLM/Operational"]),
    (
        "terminalservices-localsessionmanager",
        &[
            "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
            "Microsoft-Windows-TerminalServices-LocalSessionManager/Admin",
        ],
    ),
    (
        "terminalservices-remoteconnectionmanager",
        &[
            "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
            "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Admin",
        ],
    ),
    (
        "terminalservices-gateway",
        &["Microsoft-Windows-TerminalServices-Gateway/Operational", "Microsoft-Windows-TerminalServices-Gateway/Admin"],
    ),
    ("rdpcorets", &["Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational"]),
    ("user-profile-service", &["Microsoft-Windows-User Profile Service/Operational"]),
    ("winrm", &["Microsoft-Windows-WinRM/Operational"]),
    ("openssh", &["OpenSSH/Operational"]),
];

/// Services of `product: azure` that are sign-in logs.
const SIGN_INS: &[(&str, &[SignInCategory])] = {
    use SignInCategory::{Adfs, Interactive, ManagedIdentity, NonInteractive, ServicePrincipal};
    &[
        ("signinlogs", &[Interactive, NonInteractive, Adfs]),
        ("noninteractiveusersigninlogs", &[NonInteractive]),
        ("serviceprincipalsigninlogs", &[ServicePrincipal]),
        ("managedidentitysigninlogs", &[ManagedIdentity]),
        ("adfssigninlogs", &[Adfs]),
    ]
};

/// # Errors
/// Why rules of this source cannot be run.
pub fn logs(source: &Node) -> Result<(Product, Logs), String> {
    let part = |name: &str| source.get(name).and_then(Node::text).unwrap_or_default().to_lowercase();
    let (product, service, category) = (part("product"), part("service"), part("category"));
    let find = |list: &str| format!("no log of {list} is read: rules may be about {}", names());
    match product.as_str() {
        _ if !category.is_empty() && product != "azure" => Err(find(&format!("category {category}"))),
        "windows" => {
            let found = SERVICES.iter().find(|(name, _)| *name == service).map(|(_, channels)| Logs::Channels(channels.to_vec()));
            found.map(|logs| (Product::Windows, logs)).ok_or_else(|| find(&format!("windows service '{service}'")))
        }
        "azure" => {
            let name = if service.is_empty() { &category } else { &service };
            let found = SIGN_INS.iter().find(|(known, _)| known == name).map(|(_, categories)| Logs::Categories(categories.to_vec()));
            found.map(|logs| (Product::Entra, logs)).ok_or_else(|| find(&format!("azure '{name}'")))
        }
        "" => Err(find("no product")),
        _ => Err(find(&format!("product {product}"))),
    }
}

fn names() -> String {
    let windows: Vec<&str> = SERVICES.iter().map(|(name, _)| *name).collect();
    let azure: Vec<&str> = SIGN_INS.iter().map(|(name, _)| *name).collect();
    format!("windows {}; azure {}", windows.join(", "), azure.join(", "))
}
