//! The provider's statement: a table whose columns are found by name, read into lines.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz;

use super::exit::{Exit, Failure};
use crate::domain::applicant::Field;
use crate::domain::money::Yuan;
use crate::domain::reconcile::{Charge, Line, Stretch};
use crate::intake::{Row, Table, TableOptions};
use crate::output::text;
use crate::say;

/// What a column of the statement holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementField {
    /// The provider's number of the call.
    Orderid,
    /// When it was.
    Time,
    /// What it cost.
    Amount,
    /// Its `error_code`.
    Code,
}

impl StatementField {
    const ALL: [Self; 4] = [Self::Orderid, Self::Time, Self::Amount, Self::Code];

    const fn name(self) -> &'static str {
        match self {
            Self::Orderid => "orderid",
            Self::Time => "time",
            Self::Amount => "amount",
            Self::Code => "code",
        }
    }

    /// Names by which its column is known, in lower case.
    const fn known_names(self) -> &'static [&'static str] {
        match self {
            Self::Orderid => &[
                "orderid",
                "order_id",
                "order id",
                "订单号",
                "流水号",
                "交易流水号",
                "业务流水号",
                "订单编号",
                "请求流水号",
            ],
            Self::Time => &[
                "time",
                "datetime",
                "date",
                "时间",
                "请求时间",
                "调用时间",
                "交易时间",
                "查询时间",
                "创建时间",
                "日期",
            ],
            Self::Amount => &[
                "amount",
                "price",
                "cost",
                "fee",
                "金额",
                "费用",
                "单价",
                "扣费",
                "扣费金额",
                "消费金额",
                "金额(元)",
                "金额（元）",
            ],
            Self::Code => &["code", "error_code", "errorcode", "返回码", "状态码", "错误码"],
        }
    }
}

/// Reads `orderid=编号`.
///
/// A field of applicants is passed over: a configuration file names columns for all commands.
pub(super) fn parse_column(text: &str) -> Result<(Option<StatementField>, String), String> {
    let (field, name) = text.split_once('=').ok_or_else(|| say!("reconcile-bad-column"))?;
    let field = match field.trim() {
        "price" => Some(StatementField::Amount),
        other if Field::ALL.iter().any(|known| known.parameter() == other) || other == "photo" => None,
        other => Some(
            StatementField::ALL
                .into_iter()
                .find(|known| known.name() == other)
                .ok_or_else(|| say!("reconcile-bad-column"))?,
        ),
    };
    Ok((field, name.trim().to_owned()))
}

/// A statement, read.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) lines: Vec<Line>,
    /// Sums and other lines that are about no call.
    pub(super) passed_over: u64,
}

/// Reads a statement.
///
/// # Errors
///
/// If it is no table, or has neither orderids nor times.
pub(super) fn read(
    path: &Path,
    options: &TableOptions,
    columns: &[(StatementField, String)],
) -> Result<Statement, Failure> {
    let known_in = |names: &[String]| match find_columns(path, names, columns) {
        Ok(places) if places[0].or(places[1]).is_some() => places.iter().flatten().count(),
        _ => 0,
    };
    let table = Table::open_any(path, options, known_in)?;
    let places = find_columns(path, table.shape().columns(), columns)?;
    let [orderid, time, amount, code] = places;
    if orderid.is_none() && time.is_none() {
        let found: Vec<_> = table.shape().columns().iter().map(|name| text::for_terminal(name)).collect();
        let (path, found) = (path.display().to_string(), found.join(", "));
        return Err(Failure::new(Exit::Input, say!("reconcile-no-columns", path = path, found = found)));
    }
    let mut statement = Statement { lines: Vec::new(), passed_over: 0 };
    let mut rows = table.rows()?;
    let mut row = Row::default();
    let mut cell = String::new();
    while rows.read_into(&mut row)? {
        let mut read = |column: Option<usize>| -> String {
            let Some(column) = column else { return String::new() };
            match row.read_cell(table.shape(), column, &mut cell) {
                Ok(()) => tidy(&cell),
                Err(_) => String::new(),
            }
        };
        let (orderid, time, paid, answer) = (read(orderid), read(time), read(amount), read(code));
        if orderid.is_empty() && time.is_empty() || is_sum(&orderid) || is_sum(&time) {
            statement.passed_over += 1;
            continue;
        }
        statement.lines.push(Line {
            row: row.number(),
            orderid: (!orderid.is_empty()).then_some(orderid),
            time: parse_time(&time),
            amount: parse_amount(&paid),
            charge: charge(&answer, &paid),
        });
    }
    Ok(statement)
}

/// Whether a line costs money: its code says so, else its amount; a bill without both lists what is billed.
fn charge(code: &str, amount: &str) -> Charge {
    let is_number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    let costs = parse_amount(amount).is_some_and(|amount| amount > Yuan::default());
    match (code, amount) {
        ("0", _) | ("", "") => Charge::Yes,
        ("", _) if costs => Charge::Yes,
        (_, _) if is_number && !costs => Charge::No,
        // A word instead of a code, a code that costs, or nothing to pay: a call of a package paid before?
        _ => Charge::Perhaps,
    }
}

fn find_columns(
    path: &Path,
    names: &[String],
    chosen: &[(StatementField, String)],
) -> Result<[Option<usize>; 4], Failure> {
    let key = |name: &str| tidy(name).to_lowercase();
    let mut found = [None; 4];
    for (place, field) in found.iter_mut().zip(StatementField::ALL) {
        if let Some((_, wanted)) = chosen.iter().find(|(of, _)| *of == field) {
            *place = names.iter().position(|name| key(name) == key(wanted));
            if place.is_none() {
                let shown: Vec<_> = names.iter().map(|name| text::for_terminal(name)).collect();
                let (path, name) = (path.display().to_string(), text::for_terminal(wanted));
                let message =
                    say!("reconcile-no-such-column", path = path, name = name, found = shown.join(", "));
                return Err(Failure::new(Exit::Input, message));
            }
            continue;
        }
        // The order of the known names decides where several are there.
        *place =
            field.known_names().iter().find_map(|known| names.iter().position(|name| key(name) == *known));
    }
    Ok(found)
}

/// A cell without the spaces around it, and without what spreadsheets put around a text.
fn tidy(cell: &str) -> String {
    let cell = cell.trim().trim_start_matches('\u{feff}').trim();
    let cell = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell);
    cell.trim_start_matches('\'').trim().to_owned()
}

fn is_sum(cell: &str) -> bool {
    ["合计", "总计", "小计", "total", "sum"].iter().any(|word| cell.to_lowercase().starts_with(word))
}

fn parse_amount(text: &str) -> Option<Yuan> {
    let bare: String = text.chars().filter(|c| !matches!(c, '¥' | '￥' | '元' | ',' | ' ')).collect();
    let (whole, decimals) = bare.split_once('.').unwrap_or((&bare, ""));
    let decimals = decimals.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if decimals.is_empty() { whole.parse().ok() } else { format!("{whole}.{decimals}").parse().ok() }
}

/// Reads a time as offices write it. What has no offset is Shanghai's; what has no seconds lasts a minute,
/// and what has no time of day lasts a day.
pub(super) fn parse_time(text: &str) -> Option<Stretch> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Stretch::new(moment, moment));
    }
    let digits: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let digits: Vec<String> = match digits.as_slice() {
        [one] if one.len() == 14 || one.len() == 8 => {
            let mut parts = vec![one[..4].to_owned()];
            parts.extend((4..one.len()).step_by(2).map(|at| one[at..at + 2].to_owned()));
            parts
        }
        [seconds] if seconds.len() == 10 && *seconds == text => {
            let moment = Timestamp::from_second(seconds.parse().ok()?).ok()?;
            return Some(Stretch::new(
                moment,
                moment.checked_add(jiff::SignedDuration::from_millis(999)).ok()?,
            ));
        }
        [milliseconds] if milliseconds.len() == 13 && *milliseconds == text => {
            let moment = Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?;
            return Some(Stretch::new(moment, moment));
        }
        parts => parts.iter().map(|part| (*part).to_owned()).collect(),
    };
    let number = |place: usize| digits.get(place).and_then(|part| part.parse::<i16>().ok());
    let small = |place: usize| number(place).and_then(|number| i8::try_from(number).ok());
    let is_afternoon = ["PM", "pm", "下午", "晚上"].iter().any(|word| text.contains(word));
    if is_afternoon || digits.first().is_none_or(|year| year.len() != 4) {
        return None; // Which number is which would be a guess.
    }
    let (from, lasts_seconds) = match digits.len() {
        3 => (DateTime::new(number(0)?, small(1)?, small(2)?, 0, 0, 0, 0).ok()?, 86_400),
        5 => (DateTime::new(number(0)?, small(1)?, small(2)?, small(3)?, small(4)?, 0, 0).ok()?, 60),
        6 | 7 => {
            let moment = DateTime::new(number(0)?, small(1)?, small(2)?, small(3)?, small(4)?, small(5)?, 0);
            (moment.ok()?, 1)
        }
        _ => return None,
    };
    let from = tz::offset(8).to_timestamp(from).ok()?;
    let until = from.checked_add(jiff::SignedDuration::from_millis(lasts_seconds * 1000 - 1)).ok()?;
    Some(Stretch::new(from, until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_offices_write_them() {
        let second = "2026-11-24T05:03:05Z".parse::<Timestamp>().unwrap();
        for text in [
            "2026-11-24 13:03:05",
            "2026/11/24 13:03:05",
            "2026-11-24T13:03:05+08:00",
            "2026-11-24T13:03:05.000",
            "20261124130305",
            "2026年11月24日 13时03分05秒",
            "1795496585",
            "1795496585000",
        ] {
            let time = parse_time(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(time.from, second, "{text}");
            assert!(time.until.as_second() - time.from.as_second() < 1, "{text}");
        }
        for (text, seconds) in [("2026/11/24 13:03", 60), ("2026-11-24", 86_400), ("20261124", 86_400)] {
            let time = parse_time(text).unwrap();
            assert_eq!(
                time.until.as_millisecond() - time.from.as_millisecond(),
                seconds * 1000 - 1,
                "{text}"
            );
        }
        for text in ["", "yesterday", "11/24/2026", "2026-13-01", "2026-11-24 1:03:05 PM", "24.11.2026 13:03"]
        {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn the_header_is_found_below_a_title() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("statement.csv");
        let line = "JH7,2026-11-24 13:03:05,0.55";
        for (above, header, row) in [
            ("", "订单号,时间,金额", 2),
            ("聚合数据账单\n", "订单号,时间,金额", 3),
            ("聚合数据账单,,,\n\n客户,示例公司\n", "订单号,时间,金额", 5),
            // A line about the bill that says when it is from is not the header.
            ("时间,2026-11\n", "请求时间,订单号,金额", 3),
            ("\u{feff}账单\n", "\"订单号\",\"时间\",\"金额\"", 3),
        ] {
            let line = if header.starts_with("请求") { "2026-11-24 13:03:05,JH7,0.55" } else { line };
            let text = format!("{above}{header}\n{line}\n合计,,0.55\n");
            let (gb18030, _, _) = encoding_rs::GB18030.encode(&text);
            for bytes in [text.as_bytes(), &gb18030, text.replace(',', "\t").as_bytes()] {
                std::fs::write(&path, bytes).unwrap();
                let statement = read(&path, &TableOptions::default(), &[]).unwrap();
                assert_eq!(statement.lines.len(), 1, "{text}");
                let line = &statement.lines[0];
                assert_eq!((line.row, line.orderid.as_deref()), (row, Some("JH7")), "{text}");
                assert_eq!((line.time, line.amount), (parse_time("20261124130305"), "0.55".parse().ok()));
            }
        }
        // Names that are given decide too; a table without a header that is known names its first row.
        let named = [(StatementField::Orderid, "编号".to_owned())];
        std::fs::write(&path, "账单\n编号,金额\nJH7,0.55\n").unwrap();
        assert_eq!(read(&path, &TableOptions::default(), &named).unwrap().lines[0].row, 3);
        let refused = read(&path, &TableOptions::default(), &[]).unwrap_err();
        assert!(format!("{refused:?}").contains("账单"), "{refused:?}");
    }

    #[test]
    fn the_header_of_a_sheet_is_found_below_a_title_and_empty_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("statement.xlsx");
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_string(1, 0, "聚合数据账单").unwrap();
        for (row, cells) in [
            (4, ["订单号", "时间", "金额"]),
            (6, ["JH7", "2026-11-24 13:03:05", "0.55"]),
            (7, ["合计", "", "0.55"]),
        ] {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        workbook.save(&path).unwrap();
        let statement = read(&path, &TableOptions::default(), &[]).unwrap();
        let [line] = statement.lines.as_slice() else { panic!("{statement:?}") };
        assert_eq!((line.row, line.orderid.as_deref()), (7, Some("JH7")));
        assert_eq!((line.time, statement.passed_over), (parse_time("20261124130305"), 1));
    }

    #[test]
    fn what_a_line_costs_is_what_its_code_says_before_its_amount() {
        for (code, paid, expected) in [
            ("", "", Charge::Yes),
            ("", "0.55", Charge::Yes),
            ("", "¥0.550000", Charge::Yes),
            ("", "0", Charge::Perhaps),
            ("", "-0.55", Charge::Perhaps),
            ("0", "0", Charge::Yes),
            ("10012", "", Charge::No),
            ("10012", "0.55", Charge::Perhaps),
            ("成功", "", Charge::Perhaps),
        ] {
            assert_eq!(charge(code, paid), expected, "{code:?} {paid:?}");
        }
    }
}
