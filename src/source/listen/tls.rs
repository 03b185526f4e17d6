//! TLS of listeners: a certificate and its key from PEM files, and whose clients may connect.

use super::Secrets;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

fn certificates(option: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unusable = |error: &dyn std::fmt::Display| format!("{option}: cannot use {}: {error}", path.display());
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))?.collect();
    let found = found.map_err(|error| unusable(&error))?;
    if found.is_empty() { Err(unusable(&"it holds no certificate in PEM form")) } else { Ok(found) }
}

/// What takes connections in.
///
/// # Errors
/// A file is missing or cannot be used; the text names the option.
pub fn acceptor(secrets: &Secrets) -> Result<TlsAcceptor, String> {
    let (Some(certificate), Some(key)) = (&secrets.certificate, &secrets.key) else {
        return Err("tls:// and https:// need a certificate: give --tls-cert FILE and --tls-key FILE, both PEM".to_owned());
    };
    let chain = certificates("--tls-cert", certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("--tls-key: cannot use {}: {error}", key.display()))?;
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let builder = match &secrets.client_authorities {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates("--tls-client-ca", path)? {
                roots.add(authority).map_err(|error| format!("--tls-client-ca: cannot use {}: {error}", path.display()))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| format!("--tls-client-ca: cannot use {}: {error}", path.display()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let config = builder
        .with_single_cert(chain, key)
        .map_err(|error| format!("--tls-cert and --tls-key do not fit each other or cannot be used: {error}"))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
