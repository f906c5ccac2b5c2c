# Messages of `diff`.

diff-no-output = { $path } is no output of reverify: it lacks columns such as decision and mobile_check; if they were written with --prefix, name it
diff-no-such-column = { $path } has no column "{ $name }" to join by
diff-no-applicant = { $path } has no column for { $field }: name it with --column { $field }=NAME, or join --by another column
diff-unprintable = the differences cannot be printed: { $error }
diff-would-overwrite = the differences would be written over { $path }, which is compared: name another file with --csv
diff-title = { $old } ({ $old_rows } rows) -> { $new } ({ $new_rows } rows)
diff-by-applicant = joined by name, ID number and mobile
diff-by-column = joined by the column { $column }
diff-unchanged = the same
diff-changed = changed
diff-new = new
diff-gone = gone
diff-repeated = { $count ->
    [one] { $path }: one row is like a row above it; it is compared with the next of its like
   *[other] { $path }: { $count } rows are like a row above them; each is compared with the next of its like
}
diff-nameless = { $count ->
    [one] { $path }: one row has nothing to be joined by, and is left out
   *[other] { $path }: { $count } rows have nothing to be joined by, and are left out
}
diff-at-both = row { $old } -> row { $new }  { $whom }
diff-at-new = new, row { $row }  { $whom }
diff-at-old = gone, was row { $row }  { $whom }
diff-turn = { $old } -> { $new }: { $what }
diff-only = { $said }: { $what }
diff-more = { $count ->
    [one] One more difference: --csv FILE writes them all.
   *[other] { $count } more differences: --csv FILE writes them all.
}
diff-written = { $path }: every difference, one a line
diff-is-new = not in the older output
diff-is-gone = not in the newer output
diff-mobile-now-anothers = the mobile number now belongs to another person
diff-mobile-anothers = the mobile number is another person's
diff-mobile-now-own = the mobile number is this person's now
diff-mobile-own = the mobile number is this person's
diff-mobile-no-record = there is no record of the mobile number
diff-mobile-failed = the mobile number could not be checked this time
diff-face-mismatch = the photo shows another person
diff-face-pass = the photo shows this person
diff-face-failed = the photo could not be checked this time
diff-identity-mismatch = name and ID number do not belong together
diff-identity-pass = name and ID number belong together
diff-identity-failed = name and ID number could not be checked this time
diff-answered = answered, with the same factors as far as they are known
diff-rejected = rejected this time
diff-unresolved = in doubt this time
diff-pending = not answered this time
