//! The sign-ins of a segment of rows, in columns.

use super::uniques::Pool;
use super::words::{App, Device, Manner, Region, Words};
use crate::base::packed::{Column, Packer};
use crate::base::unique::Unique;
use crate::model::event::SignIn;
use crate::model::world::Row;

#[derive(Debug)]
pub(super) struct SignIns {
    app: Column,
    device: Column,
    region: Column,
    manner: Column,
    id: Column,
    session_id: Column,
    correlation_id: Column,
    original_request_id: Column,
    unique_token_id: Column,
}

impl SignIns {
    pub fn of(rows: &[Row], words: &mut Words, pool: &mut Pool, packer: &mut Packer) -> Self {
        let all = || rows.iter().filter_map(|row| row.event.entra.as_deref());
        Self {
            app: packer.column(all().map(|sign_in| words.apps.number(app_of(sign_in)))),
            device: packer.column(all().map(|sign_in| words.devices.number(device_of(sign_in)))),
            region: packer.column(all().map(|sign_in| words.regions.number(region_of(sign_in)))),
            manner: packer.column(all().map(|sign_in| words.manners.number(manner_of(sign_in)))),
            id: packer.column(all().map(|sign_in| pool.number(sign_in.id))),
            session_id: packer.column(all().map(|sign_in| pool.number(sign_in.session_id))),
            correlation_id: packer.column(all().map(|sign_in| pool.number(sign_in.correlation_id))),
            original_request_id: packer.column(all().map(|sign_in| pool.number(sign_in.original_request_id))),
            unique_token_id: packer.column(all().map(|sign_in| pool.number(sign_in.unique_token_id))),
        }
    }
    /// By its place among those of the segment.
    pub fn get(&self, place: usize, bytes: &[u8], words: &Words, unique: impl Fn(u64) -> Unique) -> SignIn {
        let read = |column: &Column| column.get(place, bytes);
        let app = words.apps.get(read(&self.app));
        let device = words.devices.get(read(&self.device));
        let region = words.regions.get(read(&self.region));
        let manner = words.manners.get(read(&self.manner));
        SignIn {
            category: manner.category,
            id: unique(read(&self.id)),
            session_id: unique(read(&self.session_id)),
            correlation_id: unique(read(&self.correlation_id)),
            original_request_id: unique(read(&self.original_request_id)),
            unique_token_id: unique(read(&self.unique_token_id)),
            app_id: app.app_id,
            app: app.app,
            resource_id: app.resource_id,
            resource: app.resource,
            client_app: app.client_app,
            user_agent: device.user_agent,
            device_id: device.device_id,
            device_name: device.device_name,
            browser: device.browser,
            operating_system: device.operating_system,
            client: device.client,
            system: device.system,
            is_managed: device.is_managed,
            is_compliant: device.is_compliant,
            country: region.country,
            city: region.city,
            coordinates: region.coordinates.map(|(latitude, longitude)| (f64::from_bits(latitude), f64::from_bits(longitude))),
            asn: region.asn,
            protocol: manner.protocol,
            original_transfer: manner.original_transfer,
            incoming_token: manner.incoming_token,
            token_protection: manner.token_protection,
            requirement: manner.requirement,
            method: manner.method,
            step_detail: manner.step_detail,
            conditional_access: manner.conditional_access,
            risk: manner.risk,
            risk_state: manner.risk_state,
            risk_event: manner.risk_event,
            mfa: manner.mfa,
            service_principal_id: app.service_principal_id,
            credential_key_id: app.credential_key_id,
            credential_thumbprint: app.credential_thumbprint,
            credential_type: app.credential_type,
            federated_credential_id: app.federated_credential_id,
            tenant: region.tenant,
            home_tenant: region.home_tenant,
            cross_tenant: region.cross_tenant,
            user_type: region.user_type,
        }
    }
}

const fn app_of(sign_in: &SignIn) -> App {
    App {
        app_id: sign_in.app_id,
        app: sign_in.app,
        resource_id: sign_in.resource_id,
        resource: sign_in.resource,
        client_app: sign_in.client_app,
        service_principal_id: sign_in.service_principal_id,
        credential_key_id: sign_in.credential_key_id,
        credential_thumbprint: sign_in.credential_thumbprint,
        credential_type: sign_in.credential_type,
        federated_credential_id: sign_in.federated_credential_id,
    }
}

const fn device_of(sign_in: &SignIn) -> Device {
    Device {
        user_agent: sign_in.user_agent,
        device_id: sign_in.device_id,
        device_name: sign_in.device_name,
        browser: sign_in.browser,
        operating_system: sign_in.operating_system,
        client: sign_in.client,
        system: sign_in.system,
        is_managed: sign_in.is_managed,
        is_compliant: sign_in.is_compliant,
    }
}

fn region_of(sign_in: &SignIn) -> Region {
    Region {
        country: sign_in.country,
        city: sign_in.city,
        coordinates: sign_in.coordinates.map(|(latitude, longitude)| (latitude.to_bits(), longitude.to_bits())),
        asn: sign_in.asn,
        tenant: sign_in.tenant,
        home_tenant: sign_in.home_tenant,
        cross_tenant: sign_in.cross_tenant,
        user_type: sign_in.user_type,
    }
}

const fn manner_of(sign_in: &SignIn) -> Manner {
    Manner {
        category: sign_in.category,
        protocol: sign_in.protocol,
        original_transfer: sign_in.original_transfer,
        incoming_token: sign_in.incoming_token,
        token_protection: sign_in.token_protection,
        requirement: sign_in.requirement,
        method: sign_in.method,
        step_detail: sign_in.step_detail,
        conditional_access: sign_in.conditional_access,
        risk: sign_in.risk,
        risk_state: sign_in.risk_state,
        risk_event: sign_in.risk_event,
        mfa: sign_in.mfa,
    }
}
