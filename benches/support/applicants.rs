//! Applicants who cannot exist: their ID numbers have an area code that was never given out.

use std::fmt::Write;

/// Writes a CSV of applicants; `photo` names the photo of each.
pub fn applicants(count: u32, photo: impl Fn(u32) -> String) -> String {
    let mut csv = "realname,idcard,mobile,photo\n".to_owned();
    for number in 0..count {
        let (year, month, day) = (1950 + number % 50, 1 + number / 50 % 12, 1 + number / 600 % 28);
        let body = format!("000000{year}{month:02}{day:02}{:03}", number / 16_800 % 1000);
        let check = check_digit(&body);
        let mobile = format!("139{:05}{}", number % 100_000, 100 + number % 17);
        let name = char::from_u32(0x4e00 + number % 5000).unwrap_or('测');
        writeln!(csv, "样本{name},{body}{check},{mobile},{}", photo(number))
            .expect("a String takes everything");
    }
    csv
}

/// ISO 7064 MOD 11-2.
fn check_digit(body: &str) -> char {
    let sum = body.bytes().fold(0_u32, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    match (12 - sum) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).expect("below ten"),
    }
}
