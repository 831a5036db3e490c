//! Numbers with a check: whether digits are a card's, or a text an IBAN.

/// Lengths of the numbers of each brand, by how they begin.
const BRANDS: [(u32, u32, &[usize]); 9] = [
    (4, 4, &[13, 16, 19]),
    (51, 55, &[16]),
    (2221, 2720, &[16]),
    (34, 34, &[15]),
    (37, 37, &[15]),
    (300, 305, &[14]),
    (36, 39, &[14]),
    (3528, 3589, &[16]),
    (60, 69, &[16, 19]),
];

/// Whether it begins and ends as a card's number does.
pub fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let begins = |(low, high, lengths): &(u32, u32, &[usize])| {
        let width = low.to_string().len();
        let head = digits.iter().take(width).fold(0, |number, digit| number * 10 + digit);
        (*low..=*high).contains(&head) && lengths.contains(&digits.len())
    };
    BRANDS.iter().any(begins) && luhn(&digits)
}

/// The check of Luhn.
fn luhn(digits: &[u32]) -> bool {
    let double = |(at, digit): (usize, &u32)| match at % 2 {
        0 => *digit,
        _ => digit * 2 - if *digit > 4 { 9 } else { 0 },
    };
    digits.iter().rev().enumerate().map(double).sum::<u32>().is_multiple_of(10)
}

/// The longest beginning of a text, whole groups only, that is an IBAN.
pub fn iban(text: &str) -> Option<&str> {
    let ends = text.match_indices(' ').map(|(at, _)| at).chain([text.len()]);
    ends.map(|end| &text[..end]).rfind(|part| is_iban(part))
}

/// The check of ISO 7064: the remainder by 97 is 1.
fn is_iban(text: &str) -> bool {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    let rotated = text.bytes().cycle().skip(4).take(text.len());
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u64::from(byte - b'0'),
        byte => u64::from(byte.wrapping_sub(b'A')) + 10,
    };
    let remainder = rotated.map(value).fold(0, |r, v| (r * if v > 9 { 100 } else { 10 } + v) % 97);
    (15..=34).contains(&text.len()) && remainder == 1
}
