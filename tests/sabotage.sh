#!/usr/bin/env bash
# Breaks each guarantee in turn, in a copy of the tree, and shows that the tests notice.
#
#   tests/sabotage.sh                all of them
#   tests/sabotage.sh WORD...        those whose name contains one of the words
#   tests/sabotage.sh --list         their names
#
# The copy is the last commit. It is built in $SABOTAGE_DIR (a new temporary folder if unset; name one to build
# only once for several runs). Exit code 1: a sabotage went unnoticed, or could not be carried out.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tree=$PWD

# Each: name | file | Perl substitution over the whole file | which tests | what a user would suffer.
# Tests: `lib FILTER` or `it FILTER`, the fewest that ought to notice.
sabotages=$(cat <<'END'
sync-off|src/ledger/schema.rs|s/"synchronous", "FULL"/"synchronous", "OFF"/|it power_loss::after_a_power_loss_at|a power loss forgets what was asked
send-before-intent-lasts|src/ledger/writer.rs|s/if has_begun \{ self\.ledger\.commit\(\) \} else \{ Ok\(\(\)\) \}/for reply in std::mem::take(waiting) { self.answer(reply, true); }\n        if has_begun { self.ledger.commit() } else { Ok(()) }/|it power_loss::after_a_power_loss_at|a request leaves before its intent is on the disk
send-although-commit-failed|src/ledger/writer.rs|s/self\.answer\(reply, done\.is_ok\(\)\)/self.answer(reply, true)/|it failing_disks::|a request leaves whose intent was never written
reserve-not-used|src/ledger/writer.rs|s/self\.keep_what_waited\(&waiting\);//; s/self\.outlast\(group, requests\);//|it failing_disks::|a full disk loses the answers that were on their way
failed-log-unnoticed|src/ledger/schema.rs|s/    while let Some\(answer\) = answers\.next\(\)\? \{\n        mode = answer\.get\(0\)\?;\n    \}/    if let Some(answer) = answers.next()? {\n        mode = answer.get(0)?;\n    }/|it failing_disks::|who has a failing disk is told of a lock, and looks for another program
retry-on-timeout|src/api/client.rs|s/Err\(error\) if !left_whole\.possibly\(\) => return not_sent\(&error\),/Err(error) if !left_whole.possibly() \|\| error.is_timeout() => return not_sent(&error),/|it zoo::whatever|a timeout is paid for twice
last-frame-ignored|src/api/body.rs|s/self\.left_whole\.0\.store\(true, Ordering::Release\);//|it zoo::whatever|a reset after the request is paid for twice
everything-in-doubt|src/api/body.rs|s/self\.0\.load\(Ordering::Acquire\)/true/|it zoo::whatever|a connection that never was leaves the row in doubt
settled-asked-again|src/domain/decide.rs|s/let again = policy\.retry_inconclusive && failed && !this_run;/let again = !this_run;/|it resume::a_settled_row|every run pays for everyone again
duplicates-asked-twice|src/domain/decide.rs|s/attempt\.run == run && attempt\.answer\.is_none\(\)/false/|lib domain::decide|the same person twice in a file is paid for twice
doubts-do-not-block|src/domain/decide.rs|s/self\.is_doubtful\(\) && matches!\(self\.verdict, None \| Some\(Verdict::Billed\)\)/false/|it crash_points::a_kill_before|whoever was asked when the program died is paid for twice
resend-unasked|src/domain/decide.rs|s/if policy\.resend_doubts && all_older/if all_older/|it faults::a_row_in_doubt|doubts are resent although nobody allowed it
answer-not-awaited|src/run/call.rs|s/match self\.ledger\.record\(intent, \*answer\)\.await \{/tokio::spawn({ let ledger = self.ledger.clone(); async move { tokio::time::sleep(std::time::Duration::from_millis(200)).await; ledger.record(intent, *answer).await } });\n        match Ok::<(), LedgerError>(()) {/|it crash_points::a_kill_before|a crash loses more answers than calls were in flight
unknown-code-unbilled|src/domain/answer.rs|s/Self::Doubt \| Self::UnknownCode \|/Self::Doubt \|/; s/\| Self::ClientError\(_\) => Class::Unbilled/| Self::UnknownCode | Self::ClientError(_) => Class::Unbilled/|it reaction_table::|a code that nobody knows is taken for free
server-error-unbilled|src/api/reply.rs|s/400\.\.=407 \| 409\.\.=499 => match meaning/400..=407 | 409..=599 => match meaning/|it reaction_table::|a 502 behind a billed call is taken for free
redirect-followed|src/api/client.rs|s/redirect::Policy::none\(\)/redirect::Policy::limited(3)/|it faults::a_redirect|the form goes wherever a redirect points
proxy-used|src/api/client.rs|s/\.no_proxy\(\)//|it faults::a_proxy|the form goes through a proxy of the environment
canary-off|src/run/conductor.rs|s/alone: true,/alone: false,/|it reactions::a_key_or_address|a bad key costs as many calls as fly at once
quota-counted-late|src/run/conductor.rs|s/self\.calls_of_day >= most/self.calls_of_day > most + u64::from(self.in_flight)/|lib run::conductor|the day's limit is passed by the calls in flight
budget-passed|src/run/conductor.rs|s/self\.payable >= most/self.payable > most/|lib run::conductor|--max-cost is passed by one call
earlier-runs-forgotten|src/run/dispatch.rs|s/clock\.now\(\), calls_today, seed/clock.now(), 0 * calls_today, seed/|it limits::|the day's limit begins anew with every run
anchor-not-written|src/ledger/store.rs|s/ledger\.anchor\.advance\(Place::from\(&head\)\)\?;//; s/ledger\.anchor\.replace\(Place::from\(&ledger\.head\)\)/Ok(())/|lib ledger::|an older copy of the ledger is not noticed
anchor-not-compared|src/ledger/open.rs|s/if place\.sequence > head\.sequence \{/if false \&\& place.sequence > head.sequence {/; s/hash != Some\(place\.hash\)/false/|lib ledger::|an older copy of the ledger is taken for the newest
anchor-ahead-of-ledger|src/ledger/store.rs|s/(            ledger\.execute\("COMMIT", \[\]\)\?;\n)(            if let Some\(head\) = sealed \{\n                ledger\.head = head;\n                ledger\.anchor\.advance\(Place::from\(&head\)\)\?;\n            \}\n)/$2$1/|it power_loss::|a crash makes a sound ledger look rolled back
chain-not-checked|src/ledger/chain.rs|s/if digest\.finish\(&link\.last\) != link\.hash \{/if false {/|lib ledger::|a changed ledger is believed
key-not-checked|src/ledger/open.rs|s/Ok\(Some\(stored\)\) if stored == self\.key\.check\(\) => Ok\(\(\)\),/Ok(Some(_)) => Ok(()),/|lib ledger::|another ledger's key makes everyone unknown
lock-not-taken|src/ledger/lock.rs|s/match file\.try_lock\(\) \{/match Ok::<(), TryLockError>(()) {/|it resume::a_second_run|two runs pay for the same rows
output-in-place|src/output/file.rs|s/fs::rename\(&part\.path, &target\)\?;/fs::copy(\&part.path, \&target)?; part.remove()?;/|it power_loss::after_a_power_loss_at|a crash leaves half an output
output-not-synced|src/output/file.rs|s/part\.file\.sync_all\(\)\?;//|it power_loss::after_a_power_loss_at|a power loss leaves an empty output
folder-not-synced|src/output/file.rs|s/File::open\(folder_of\(&target\)\)\?\.sync_all\(\)\?;//|it power_loss::after_a_power_loss_at|an output that was reported is gone after a power loss
ledger-key-not-synced|src/ledger/key.rs|s/file\.as_file\(\)\.sync_all\(\)\.map_err\(io\)\?;//|it power_loss::after_a_power_loss_at|a power loss leaves a ledger without its key
END
)

if [ "${1:-}" = --list ]; then
  cut -d'|' -f1 <<<"$sabotages"
  exit
fi

copy=${SABOTAGE_DIR:-$(mktemp -d)}
mkdir -p "$copy/tree"
[ -n "${SABOTAGE_DIR:-}" ] || trap 'rm -rf "$copy"' EXIT
export CARGO_TARGET_DIR=$copy/target CARGO_TERM_COLOR=never

# Puts the last commit there; what has not changed keeps its time, so that it is not built again.
fresh() {
  git -C "$tree" archive HEAD | tar -x -C "$copy/tree.new" && rsync_or_copy
}
rsync_or_copy() {
  (cd "$copy/tree.new" && find . -type f) | while read -r file; do
    cmp -s "$copy/tree.new/$file" "$copy/tree/$file" || { mkdir -p "$copy/tree/$(dirname "$file")" && cp "$copy/tree.new/$file" "$copy/tree/$file"; }
  done
}
rm -rf "$copy/tree.new" && mkdir "$copy/tree.new" && fresh || exit 1

# Runs the tests of a filter in the copy; the log is in $copy/log. The tests that drive the program stay those of
# the tree as it is: what they open a ledger with, to see what the program has left there, is not broken with it.
try() {
  local kind=$1 filter=$2
  (cd "$copy/tree" && case $kind in
    lib) cargo test --lib -- "$filter" ;;
    it) cargo build && "$copy/it" "$filter" ;;
  esac) >"$copy/log" 2>&1 </dev/null
}

if ! (cd "$copy/tree" && cargo test --test it --no-run) >"$copy/log" 2>&1 </dev/null; then
  cat "$copy/log"
  exit 1
fi
built=$(grep -oE '[^ (]*debug/deps/it-[0-9a-f]+' "$copy/log" | tail -1)
case $built in /*) ;; *) built=$copy/tree/$built ;; esac
cp "$built" "$copy/it" || exit 1

bad=0
printf '%-26s %-10s %6s  %s\n' sabotage result time 'noticed first by'
declare -A sound
while IFS= read -r entry; do
  # The substitution may hold the separator: the first two and the last two fields frame it.
  name=${entry%%|*} rest=${entry#*|}
  file=${rest%%|*} rest=${rest#*|}
  what=${rest##*|} rest=${rest%|*}
  tests=${rest##*|} change=${rest%|*}
  if [ $# -gt 0 ]; then
    wanted=
    for word in "$@"; do case $name in *"$word"*) wanted=1 ;; esac; done
    [ -n "$wanted" ] || continue
  fi
  begun=$SECONDS
  kind=${tests%% *} filter=${tests#* }
  if [ -z "${sound[$tests]:-}" ]; then
    if ! try "$kind" "$filter" || ! grep -q 'test result: ok. [1-9]' "$copy/log"; then
      printf '%-26s %-10s %5ss  %s\n' "$name" "NO BASIS" $((SECONDS - begun)) "its tests fail without it: $tests"
      bad=1
      continue
    fi
    sound[$tests]=1
    begun=$SECONDS
  fi
  perl -0pi -e "$change" "$copy/tree/$file"
  if cmp -s "$copy/tree/$file" "$copy/tree.new/$file"; then
    printf '%-26s %-10s %6s  %s\n' "$name" "NO MATCH" - "the code to break is not in $file any more"
    bad=1
    continue
  fi
  if try "$kind" "$filter"; then
    printf '%-26s %-10s %5ss  %s\n' "$name" UNNOTICED $((SECONDS - begun)) "$what"
    bad=1
  elif first=$(grep -m1 -E '^test .* (FAILED|\.\.\. FAILED)' "$copy/log"); then
    first=${first#test }
    printf '%-26s %-10s %5ss  %s\n' "$name" noticed $((SECONDS - begun)) "${first% ... FAILED}"
  else
    printf '%-26s %-10s %5ss  %s\n' "$name" "NO BUILD" $((SECONDS - begun)) "$(grep -m1 -E '^error' "$copy/log")"
    bad=1
  fi
  cp "$copy/tree.new/$file" "$copy/tree/$file"
done <<<"$sabotages"
exit $bad
