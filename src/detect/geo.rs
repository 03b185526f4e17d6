//! Distances on the earth.

/// Mean radius of the earth in kilometres.
const EARTH_KM: f64 = 6_371.0;

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
    fn known_distances_fit() {
        let (oslo, lagos) = ((59.91, 10.75), (6.45, 3.39));
        assert!((distance_km(oslo, lagos) - 5_975.0).abs() < 30.0);
        assert!(distance_km(oslo, oslo) < 0.001);
        assert!((distance_km((0.0, 179.5), (0.0, -179.5)) - 111.2).abs() < 1.0);
    }
}
