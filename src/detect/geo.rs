//! Distances on the earth, and networks of which an address is no person's place.

/// Mean radius of the earth in kilometres.
const EARTH_KM: f64 = 6_371.0;

/// Autonomous systems of large hosting and VPN providers: AWS, Google Cloud, DigitalOcean, Hetzner, OVH, Vultr, Linode,
/// Oracle, M247, Contabo, Leaseweb, Datacamp, Hostinger, Alibaba, Tencent. People add theirs in `[site] hosting`.
pub const HOSTING_NETWORKS: [u32; 21] = [
    9_009, 14_061, 14_618, 16_276, 16_509, 20_473, 24_940, 28_753, 31_898, 36_352, 45_102, 47_583, 51_167, 53_667, 60_068, 60_781, 63_949,
    132_203, 212_238, 213_230, 396_982,
];

/// Great-circle distance in kilometres between two (latitude, longitude) pairs in degrees (haversine).
#[must_use]
pub fn distance_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (lat1, lat2) = (from.0.to_radians(), to.0.to_radians());
    let (dlat, dlon) = (lat2 - lat1, (to.1 - from.1).to_radians());
    let h = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * EARTH_KM * h.clamp(0.0, 1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosting_networks_can_be_searched() {
        assert!(HOSTING_NETWORKS.is_sorted());
    }

    #[test]
    fn known_distances_fit() {
        let (oslo, lagos) = ((59.91, 10.75), (6.45, 3.39));
        assert!((distance_km(oslo, lagos) - 5_975.0).abs() < 30.0);
        assert!(distance_km(oslo, oslo) < 0.001);
        assert!((distance_km((0.0, 179.5), (0.0, -179.5)) - 111.2).abs() < 1.0);
    }
}
