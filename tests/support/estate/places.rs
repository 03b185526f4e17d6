//! Places and networks of the Internet that rows of Entra name.

use super::dice::Dice;
use logonscope::base::intern::{Interner, Symbol};
use std::net::{IpAddr, Ipv4Addr};

/// A network at a place: who sends from there has one of its addresses.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    pub asn: u32,
    pub country: Symbol,
    pub city: Symbol,
    pub coordinates: (f64, f64),
    /// Its first two bytes.
    pub prefix: [u8; 2],
}

impl Network {
    pub fn address(&self, number: u16) -> IpAddr {
        let [third, last] = number.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(self.prefix[0], self.prefix[1], third, last.max(1)))
    }
    pub fn any(&self, dice: &mut Dice) -> IpAddr {
        self.address(dice.next() as u16)
    }
}

type Line = (u32, &'static str, &'static str, f64, f64, [u8; 2]);

/// Where the sites are: offices, three providers at home, two carriers whose exits stand in two cities, a neighbour city.
pub struct Country {
    pub zone: chrono_tz::Tz,
    pub office: Network,
    pub homes: Vec<Network>,
    pub carriers: Vec<Network>,
}

pub struct Places {
    pub sites: Vec<Country>,
    /// A cloud proxy that part of the staff goes through; its exits are where its maker put them.
    pub proxies: Vec<Network>,
    /// Hotels and conferences abroad.
    pub abroad: Vec<Network>,
    pub cloud: Vec<Network>,
    /// Hosters, where attackers rent.
    pub hosters: Vec<Network>,
    /// Homes in other countries: residential proxies, and attackers at home.
    pub foreign_homes: Vec<Network>,
    /// Botnets and scanners.
    pub noise: Vec<Network>,
}

const SITES: [(chrono_tz::Tz, Line, [Line; 3], [Line; 4]); 4] = [
    (
        chrono_tz::Europe::Oslo,
        (64_610, "NO", "Oslo", 59.91, 10.75, [193, 10]),
        [
            (2_119, "NO", "Oslo", 59.91, 10.75, [84, 208]),
            (41_164, "NO", "Drammen", 59.74, 10.20, [81, 166]),
            (29_695, "NO", "Lillestrom", 59.96, 11.05, [88, 90]),
        ],
        [
            (2_119, "NO", "Oslo", 59.91, 10.75, [46, 212]),
            (2_119, "NO", "Bergen", 60.39, 5.32, [46, 214]),
            (8_786, "NO", "Oslo", 59.91, 10.75, [77, 16]),
            (8_786, "NO", "Trondheim", 63.43, 10.39, [77, 18]),
        ],
    ),
    (
        chrono_tz::Europe::London,
        (64_611, "GB", "London", 51.51, -0.13, [194, 70]),
        [
            (2_856, "GB", "London", 51.51, -0.13, [86, 130]),
            (5_089, "GB", "Reading", 51.45, -0.97, [82, 30]),
            (13_285, "GB", "Croydon", 51.37, -0.10, [92, 20]),
        ],
        [
            (12_576, "GB", "London", 51.51, -0.13, [31, 94]),
            (12_576, "GB", "Manchester", 53.48, -2.24, [31, 96]),
            (25_135, "GB", "Slough", 51.51, -0.59, [90, 240]),
            (25_135, "GB", "Glasgow", 55.86, -4.25, [90, 242]),
        ],
    ),
    (
        chrono_tz::America::New_York,
        (64_612, "US", "New York", 40.71, -74.01, [198, 22]),
        [
            (701, "US", "Brooklyn", 40.65, -73.95, [71, 190]),
            (7_922, "US", "Newark", 40.74, -74.17, [73, 10]),
            (12_271, "US", "Queens", 40.73, -73.79, [74, 64]),
        ],
        [
            (21_928, "US", "Newark", 40.74, -74.17, [172, 56]),
            (21_928, "US", "Chicago", 41.88, -87.63, [172, 58]),
            (20_057, "US", "New York", 40.71, -74.01, [107, 77]),
            (20_057, "US", "Atlanta", 33.75, -84.39, [107, 79]),
        ],
    ),
    (
        chrono_tz::Asia::Singapore,
        (64_613, "SG", "Singapore", 1.35, 103.82, [202, 40]),
        [
            (9_506, "SG", "Singapore", 1.35, 103.82, [116, 86]),
            (4_773, "SG", "Singapore", 1.35, 103.82, [218, 212]),
            (55_430, "SG", "Singapore", 1.35, 103.82, [121, 6]),
        ],
        [
            (9_506, "SG", "Singapore", 1.35, 103.82, [119, 56]),
            (4_773, "SG", "Singapore", 1.35, 103.82, [182, 19]),
            (9_506, "SG", "Singapore", 1.35, 103.82, [119, 74]),
            (4_773, "SG", "Singapore", 1.35, 103.82, [183, 90]),
        ],
    ),
];
const PROXIES: [Line; 3] = [
    (62_044, "DE", "Frankfurt am Main", 50.11, 8.68, [165, 225]),
    (22_616, "US", "Washington", 38.90, -77.04, [136, 226]),
    (53_813, "SG", "Singapore", 1.35, 103.82, [167, 103]),
];
const ABROAD: [Line; 6] = [
    (3_320, "DE", "Berlin", 52.52, 13.40, [91, 10]),
    (3_215, "FR", "Paris", 48.86, 2.35, [90, 100]),
    (3_352, "ES", "Madrid", 40.42, -3.70, [83, 40]),
    (2_516, "JP", "Tokyo", 35.68, 139.69, [106, 150]),
    (5_384, "AE", "Dubai", 25.20, 55.27, [94, 200]),
    (7_018, "US", "San Francisco", 37.77, -122.42, [99, 10]),
];
const CLOUD: [Line; 4] = [
    (8_075, "NL", "Amsterdam", 52.37, 4.90, [20, 50]),
    (8_075, "US", "Boydton", 36.67, -78.39, [40, 70]),
    (16_509, "IE", "Dublin", 53.35, -6.26, [54, 170]),
    (396_982, "BE", "Brussels", 50.85, 4.35, [35, 205]),
];
const HOSTERS: [Line; 5] = [
    (14_061, "US", "Santa Clara", 37.35, -121.96, [159, 65]),
    (24_940, "DE", "Nuremberg", 49.45, 11.08, [116, 203]),
    (16_276, "FR", "Roubaix", 50.69, 3.17, [51, 91]),
    (9_009, "RO", "Bucharest", 44.43, 26.10, [185, 156]),
    (63_949, "US", "Fremont", 37.55, -121.99, [172, 104]),
];
const FOREIGN_HOMES: [Line; 5] = [
    (37_148, "NG", "Lagos", 6.45, 3.39, [197, 210]),
    (25_513, "RU", "Moscow", 55.75, 37.62, [95, 24]),
    (45_899, "VN", "Hanoi", 21.03, 105.85, [113, 160]),
    (28_573, "BR", "Sao Paulo", -23.55, -46.63, [177, 32]),
    (9_121, "TR", "Istanbul", 41.01, 28.98, [88, 230]),
];
const NOISE: [Line; 4] = [
    (4_134, "CN", "Guangzhou", 23.13, 113.26, [121, 30]),
    (49_505, "RU", "Saint Petersburg", 59.94, 30.31, [92, 63]),
    (45_090, "CN", "Beijing", 39.90, 116.41, [49, 232]),
    (57_523, "NL", "Amsterdam", 52.37, 4.90, [80, 94]),
];

impl Places {
    pub fn new(names: &mut Interner) -> Self {
        let mut read = |lines: &[Line]| -> Vec<Network> {
            let line = |&(asn, country, city, latitude, longitude, prefix): &Line| Network {
                asn,
                country: names.intern(country),
                city: names.intern(city),
                coordinates: (latitude, longitude),
                prefix,
            };
            lines.iter().map(line).collect()
        };
        let sites = SITES
            .iter()
            .map(|(zone, office, homes, carriers)| Country {
                zone: *zone,
                office: read(&[*office])[0],
                homes: read(homes),
                carriers: read(carriers),
            })
            .collect();
        Self {
            sites,
            proxies: read(&PROXIES),
            abroad: read(&ABROAD),
            cloud: read(&CLOUD),
            hosters: read(&HOSTERS),
            foreign_homes: read(&FOREIGN_HOMES),
            noise: read(&NOISE),
        }
    }
}
