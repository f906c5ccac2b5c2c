# What is wrong with a row, what was repaired in it, what a code means and what to do about it.

## Why a value is not sent

rule-empty = nothing is filled in
rule-damaged-by-spreadsheet = damaged by a spreadsheet: it was rounded as a number, take it from the source again as text
rule-masked = digits are hidden behind *: the whole number is needed
rule-id-length = an ID number has 18 characters (the old ones 15), this has not
rule-id-characters = it holds something else than digits and a final X
rule-id-birth-date = digits 7 to 14 are not a date: a digit was mistyped
rule-id-birth-in-future = its date of birth lies in the future
rule-id-birth-too-early = its date of birth lies before 1850
rule-id-check-digit = the last character does not fit the other 17: a digit was mistyped
rule-id-ends-in-000 = damaged by a spreadsheet, it seems: the last three digits became zeros and do not fit the others
rule-mobile-characters = it holds something else than one number's digits
rule-mobile-length = a mobile number has 11 digits, this has not
rule-mobile-start = a mobile number starts with 13 to 19, this does not
rule-name-length = it is longer than 50 characters
rule-name-replacement-character = a character was lost when the file was converted (U+FFFD)
rule-name-question-mark = it holds a question mark, which often stands for a lost character
rule-name-private-use = it holds a private-use character, which only one system's fonts can show
rule-name-control = it holds a line break, tab or other control character
rule-name-digit = it holds a digit
rule-name-space = it holds a space between Chinese characters: remove it, or write the dot · if one belongs there
rule-name-punctuation = it holds a dot, hyphen or other mark with no letter beside it
rule-name-character = it holds a character that is neither a Chinese nor a Latin letter

## What was repaired

repair-spaces = spaces removed
repair-invisible = invisible characters removed
repair-spreadsheet-marks = a spreadsheet's ' or ="…" removed
repair-full-width = full-width characters written as ASCII
repair-check-letter = a look-alike written as X
repair-fifteen-digits = 15 digits converted to 18
repair-separators = dashes or parentheses removed
repair-country-code = the country code 86 removed
repair-decimal-zero = a trailing .0 removed
repair-middle-dot = the dot in the name written as ·
repair-composed = characters written in their composed form (NFC)

## What to do about a code

remedy-nothing = nothing
remedy-check-key = look the key up in Juhe's console (个人中心 -> 我的数据) and put it into the key file
remedy-apply = apply for 人脸四要素核验 in Juhe's console for this key, or use the key that has it
remedy-renew-key = renew the key in Juhe's console
remedy-certify = submit the account's certification in Juhe's console
remedy-allow-source = add this machine's public address to the allowed sources in Juhe's console
remedy-allow-address = add this machine's public address to the white list in Juhe's console
remedy-ask-juhe = ask Juhe's customer service, then run again
remedy-lower-rate = nothing: the run slows down by itself; a lower --rate avoids it
remedy-tomorrow = run again tomorrow, or buy more calls; --daily-limit stops before it
remedy-no-test-key = use a key that is not a test key
remedy-compare-orders = compare the orderids with Juhe's bill: the document itself warns of losses here
remedy-later = run again later; with --stop-at the run waits and probes
remedy-mend-row = correct the row
remedy-mend-id-number = correct the row's ID number
remedy-mend-mobile = correct the row's mobile number
remedy-mend-name = correct the row's name
remedy-asked-again = nothing: it is asked again in the next runs, three times in all

## Decisions, factors and checks

check-pass = pass
check-mismatch = mismatch
check-failed = failed
check-no-record = no_record
check-unchecked = unchecked
factor-identity = identity
factor-face = face
factor-mobile = mobile
decision-match = match
decision-mismatch = mismatch
decision-inconclusive = inconclusive
decision-rejected = rejected
decision-unresolved = unresolved
decision-pending = pending
