//! Values out of a rendered message, for records that have nothing else: classic Splunk text, `UserData` that a shipper
//! dropped.
//!
//! Labels are in the language of the host, so only the order of the lines counts: `assets/tables/messages.csv` has the
//! order of each message. A line that is a heading of a group is no value. What does not fit the table is left alone.

use super::positions;
use crate::base::table;
use crate::model::fields::Field;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Lines of one kind of message: how many there are (`None`: at least as many as names), and their fields.
type Order = (Option<usize>, Vec<Option<Field>>);

static TABLE: LazyLock<HashMap<u32, Vec<Order>>> = LazyLock::new(|| {
    let mut orders: HashMap<u32, Vec<Order>> = HashMap::new();
    for row in table::rows(include_str!("../../assets/tables/messages.csv")) {
        let [id, lines, names] = row.as_slice() else { continue };
        let Ok(id) = id.parse() else { continue };
        let names = names.split_whitespace().map(positions::named).collect();
        orders.entry(id).or_default().push((lines.parse().ok(), names));
    }
    orders
});

/// Whether the table has the message of this event.
#[must_use]
pub fn is_known(event_id: u32) -> bool {
    TABLE.contains_key(&event_id)
}

/// The values of a message by field, in order.
#[must_use]
pub fn values(event_id: u32, message: &str) -> Vec<(Field, &str)> {
    let Some(orders) = TABLE.get(&event_id) else { return Vec::new() };
    let lines = value_lines(message);
    let order = orders.iter().find(|(count, names)| count.map_or(lines.len() >= names.len(), |count| lines.len() == count));
    let Some((_, names)) = order else { return Vec::new() };
    let pairs = names.iter().zip(&lines).filter_map(|(field, value)| Some(((*field)?, *value)));
    // A SID that was turned into a name is no SID.
    pairs.filter(|(field, value)| !field.name().ends_with("Sid") || value.starts_with("S-1-")).collect()
}

/// The values behind the colons, headings left out: a heading stands alone on its line and its group is indented.
fn value_lines(message: &str) -> Vec<&str> {
    let lines: Vec<&str> = message.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_indented = |line: &str| line.starts_with(['\t', ' ']);
    let mut values = Vec::new();
    for (number, line) in lines.iter().enumerate().skip(1) {
        let Some((_, value)) = line.split_once([':', '\u{ff1a}']) else { continue };
        let heads_a_group = !is_indented(line) && value.is_empty() && lines.get(number + 1).is_some_and(|next| is_indented(next));
        if !heads_a_group {
            // Some languages end a label with two colons.
            values.push(value.trim_start_matches(':').trim());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_lines_tells_the_values_in_any_language() {
        let english = "An account was logged off.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-21-1-2-3-1104\r\n\tAccount Name:\t\talice\r\n\tAccount Domain:\t\tCORP\r\n\tLogon ID:\t\t0x3912391A\r\n\r\nLogon Type:\t\t\t3\r\n\r\nThis event is generated when a logon session is destroyed.";
        let german = "Ein Konto wurde abgemeldet.\n\nAntragsteller:\n\tSicherheits-ID:\t\tCORP\\alice\n\tKontoname:\t\talice\n\tKontodomäne:\t\tCORP\n\tAnmelde-ID:\t\t0x3912391A\n\nAnmeldetyp:\t\t\t3\n";
        let expected = [
            (Field::TargetUserSid, "S-1-5-21-1-2-3-1104"),
            (Field::TargetUserName, "alice"),
            (Field::TargetDomainName, "CORP"),
            (Field::TargetLogonId, "0x3912391A"),
            (Field::LogonType, "3"),
        ];
        assert_eq!(values(4634, english), expected);
        assert_eq!(values(4634, german), expected[1..]);
        let rdp = "Remote Desktop Services: User authentication succeeded:\n\nUser: bob\nDomain: \nSource Network Address: 10.0.0.5";
        assert_eq!(values(1149, rdp), [(Field::Param1, "bob"), (Field::Param2, ""), (Field::Param3, "10.0.0.5")]);
    }

    #[test]
    fn a_message_of_another_build_is_left_alone() {
        assert_eq!(values(4634, "An account was logged off.\n\nSubject:\n\tSecurity ID:\tS-1-5-18\n"), []);
        assert_eq!(values(4688, "A new process has been created.\n\tSecurity ID:\tS-1-5-18\n"), []);
    }
}
