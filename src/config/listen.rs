//! Options about what is listened to.

use crate::source::listen::Secrets;
use crate::source::listen::address::Address;
use clap::Args;
use std::path::PathBuf;

/// Where shippers may send to.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Listening")]
pub struct Listen {
    /// Take in what shippers send: tcp://:5140, udp://:5140, tls://:6514, http://:9200, https://:9200. Only this machine can reach it unless another address is written, as in tcp://0.0.0.0:5140
    #[arg(long = "listen", id = "listen", value_name = "ADDRESS", value_parser = Address::parse)]
    pub at: Vec<Address>,
    /// Certificate of tls:// and https://, PEM
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Refuse TLS clients without a certificate of these authorities, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_client_ca: Option<PathBuf>,
    /// Refuse HTTP requests without one of these tokens, one a line: Splunk, Bearer, ApiKey, or password of Basic
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub token_file: Option<PathBuf>,
}

impl Listen {
    /// The files among them.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        Secrets {
            certificate: self.tls_cert.clone(),
            key: self.tls_key.clone(),
            client_authorities: self.tls_client_ca.clone(),
            tokens: self.token_file.clone(),
        }
    }
}
