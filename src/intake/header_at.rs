//! Where the header is: at the top, or below what stands above it, such as a bill's title.

use super::encoding::Encoding;
use super::record::{Delimiter, Record, Records, unquote};

/// In how many rows from the top a header is looked for that need not be the first.
const MAX_ROWS_TO_HEADER: usize = 20;

/// Where a table's header is.
#[derive(Clone, Copy)]
pub(super) enum HeaderAt<'a> {
    /// It is the first row.
    Top,
    /// It is the row near the top of whose names most are known. How many of a row's are, the function says.
    Known(&'a dyn Fn(&[String]) -> usize),
}

/// A header that was found.
pub(super) struct HeaderFound {
    /// How many rows stand above it.
    pub(super) above: usize,
    pub(super) delimiter: Delimiter,
    /// It is one, and not only the first row of a table in which nothing is known.
    pub(super) is_known: bool,
}

impl HeaderAt<'_> {
    /// Finds the header, and the delimiter: the one that is given, or the first line's unless more of the
    /// header is known by another.
    pub(super) fn find(self, head: &[u8], given: Option<Delimiter>) -> HeaderFound {
        let likely = given.unwrap_or_else(|| Delimiter::of_first_line(head));
        let mut found = HeaderFound { above: 0, delimiter: likely, is_known: true };
        let Self::Known(known_in) = self else { return found };
        let others = Delimiter::ALL.into_iter().filter(|_| given.is_none());
        let mut most = 0;
        for delimiter in std::iter::once(likely).chain(others) {
            let mut records = Records::new(head, delimiter);
            let mut record = Record::default();
            for above in 0..MAX_ROWS_TO_HEADER {
                if !records.read_into(&mut record).unwrap_or(false) {
                    break;
                }
                let is_utf8 = Encoding::Utf8.first_bad_byte(&record.raw).is_none();
                let encoding = if is_utf8 { Encoding::Utf8 } else { Encoding::Gb18030 };
                let known = known_in(&names(&record, encoding).collect::<Vec<_>>());
                if known > most {
                    most = known;
                    (found.above, found.delimiter) = (above, delimiter);
                }
            }
        }
        found.is_known = most > 0;
        found
    }
}

/// The cells of a record as text, unquoted; what does not decode is empty.
pub(super) fn names(header: &Record, encoding: Encoding) -> impl Iterator<Item = String> {
    let mut scratch = Vec::new();
    (0..header.len()).map(move |index| {
        let name = encoding.decode(unquote(header.cell(index), &mut scratch));
        name.unwrap_or_default().into_owned()
    })
}
