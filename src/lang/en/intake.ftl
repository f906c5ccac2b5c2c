# Messages of `intake`.

intake-not-found = there is no such file
intake-permission-denied = this user may not read it: check the permissions of the file and of its folders
intake-directory = it is a directory: name the CSV or .xlsx file in it
intake-not-a-file = it is a pipe or device, which cannot be read a second time: save it as a file first
intake-io = it cannot be read: { $error }
intake-empty = it is empty: its first line must name the columns
intake-not-text = it is { $format }: save it as .xlsx or CSV and use that
intake-format-xls = an old Excel workbook (.xls), a workbook with a password, or another Office document
intake-format-xlsb = an Excel binary workbook (.xlsb)
intake-format-ods = an OpenDocument spreadsheet (.ods)
intake-format-zip = a zip archive without an Excel workbook in it
intake-format-pdf = a PDF document
intake-format-picture = a { $format } picture or another media file
intake-format-archive = a { $format } archive
intake-format-database = an SQLite database, such as a ledger
intake-format-markup = a web page or XML document (as some systems export under the name .xls)
intake-workbook-damaged = the workbook is damaged and cannot be read: open it in a spreadsheet program, save it as .xlsx again and use that
intake-workbook-damaged-at = the workbook is damaged at row { $row } and cannot be read: open it in a spreadsheet program, save it as .xlsx again and use that
intake-workbook-locked = the workbook has a password: save it as .xlsx without one and use that
intake-workbook-too-large = the workbook is too large to unpack (at most 1 GiB, 256 MiB of it text that cells share): save the sheet as CSV and use that
intake-no-such-sheet = it has no sheet { $name }, only { $found }: correct --sheet
intake-empty-rows-above = rows above row { $row } are empty: the first row of the sheet must name the columns, so delete the empty rows above it
intake-cell-without-column = row { $row } has text in column { $column }, over which the first row has no name: name that column, or empty the cell
intake-too-many-rows = { $rows } rows are more than the 1,048,575 that an Excel sheet holds below its header: name a .csv file with --output
intake-too-many-columns = { $columns } columns, with those that are added, are more than the 16,384 that an Excel sheet holds: name a .csv file with --output
intake-too-much-text = row { $row }, column { $column } has more than the 32,767 characters that an Excel cell holds: name a .csv file with --output
intake-zero-byte = row { $row } holds a zero byte, so it is not text: export it as CSV again
intake-not-utf16 = it is not UTF-16: leave --encoding out, or name another
intake-undecodable = row { $row }, { $column }: a character is cut or damaged, it does not decode as { $encoding }: mend that cell, or name the right encoding with --encoding
intake-open-quote = row { $row }: a quote is opened and never closed, so the rows below it cannot be told apart
intake-text-after-quote = row { $row }: text follows a closing quote; a quote inside a cell must be doubled, and an unclosed one swallows rows
intake-too-long = row { $row } is longer than 1 MiB: is this a CSV file?
intake-too-many-cells = row { $row } has { $found } cells under { $expected } columns: a delimiter inside a cell is not quoted
intake-no-header = its first row looks like an applicant, not a header: put a line above it that names the columns, such as realname,idcard,mobile,photo
intake-missing-columns = there is no column for { $missing }, only { $found }: name it with { $remedy }
intake-no-such-column = it has no column { $name } for { $field }, only { $found }: correct --column { $field }=…
intake-ambiguous-column = more than one column could be { $field }: { $found }; choose one with --column { $field }=NAME, or rename one of them
intake-column-used-twice = --column gives { $field } a column twice, or one that another field has: give each field one of its own
intake-collision = it has a column { $name } already, which the output adds: add --prefix { $remedy }
intake-changed = it was changed while it was being read: run again
intake-column = column { $number }
intake-column-named = column { $number } ({ $name })
intake-unknown-encoding = not an encoding known here: use utf-8, gb18030, utf-16le or utf-16be
intake-unknown-delimiter = not a delimiter: use comma, semicolon or tab
intake-found-mark = by its byte order mark
intake-found-zeros = by its zero bytes
intake-found-throughout = valid throughout
intake-found-told = as told
intake-found-workbook = from a workbook
intake-delimiter-comma = comma
intake-delimiter-semicolon = semicolon
intake-delimiter-tab = tab
intake-note-other-sheets = { $count ->
    [one] sheet { $sheet } is read; there is one more, which --sheet NAME would choose
   *[other] sheet { $sheet } is read; there are { $count } more, of which --sheet NAME would choose one
}
intake-note-hidden-sheet = sheet { $sheet } is hidden in the workbook, and is read
intake-note-hidden-rows = { $count ->
    [one] one row of sheet { $sheet } is hidden or filtered out, and is read like the others
   *[other] { $count } rows of sheet { $sheet } are hidden or filtered out, and are read like the others
}
intake-note-merged-cells = { $count ->
    [one] sheet { $sheet } has a merged cell: only the first row of it holds its text, the others count as empty
   *[other] sheet { $sheet } has { $count } merged cells: only the first row of each holds its text, the others count as empty
}
intake-shape-text = { $encoding }, { $found }, { $delimiter }
intake-shape-sheet = Excel sheet { $sheet }
