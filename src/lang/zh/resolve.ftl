# `reverify resolve` 与 `reverify reconcile`：哪些存疑，如何核清。

resolve-bad-row = 行号是从 2 开始的数字，或如 7-9 的两个数字：第 1 行是表头
resolve-empty-reason = --reason 不能为空：台账要据此留下原因
resolve-nothing-to-accept = 台账没有问题，无需接受。
resolve-accepted = 已按现状接受该台账。此后凡在其中没有结果的人都按存疑处理。
resolve-settled = 已核清 { $count } 次存疑调用：{ $verdict }。
resolve-unprintable = 存疑清单无法输出：{ $error }
resolve-rows-of-many = --row 只能配合一个 INPUT，指的是该文件的行
resolve-row-is-lost = 第 { $row } 行没有自己的存疑调用：它可能在丢失的调用之中，须用 --lost 一并核清；`reverify run --in-doubt resend` 会重新查询
resolve-row-not-in-doubt = 第 { $row } 行并不存疑：`reverify resolve INPUT` 会列出存疑的行
resolve-intent-not-in-doubt = 第 { $intent } 号调用并不存疑：`reverify resolve` 会列出存疑的调用
resolve-nothing-lost = 没有丢失的调用：--lost 只用于曾按旧副本接受的台账
resolve-no-answer = 运行结束前没有记录到结果
resolve-unknown-code = 返回码 { $code } 不在接口文档中
resolve-none = 没有存疑的调用。
resolve-count = 有 { $count } 次调用存疑：可能已计费。
resolve-row = { $file } 第 { $row } 行
resolve-name-the-input = 想知道是哪些行：reverify resolve INPUT
resolve-lost = { $since } 至 { $accepted } 之间的调用随当时接受的旧副本丢失：凡没有结果的人都暂不查询。
resolve-how =
    核清办法：按时间到服务商的调用记录中查找，或交给 `reverify reconcile STATEMENT`；然后
      reverify resolve --intent N --billed --reason 原因     已计费、结果丢失：不再查询
      reverify resolve --intent N --unbilled --reason 原因   未计费：下次运行会查询
      reverify resolve --intent N --resend --reason 原因     仍不清楚：重新查询，可能付两次费
    也可以给出 INPUT 并用 --row N，或用 --lost、--all。

## `reverify reconcile`

reconcile-bad-column = 列的写法是 orderid=…、time=…、amount=… 或 code=…
reconcile-bad-stretch = 时间段的写法是 起..止，如 2026-11-01..2026-11-30 或 2026-11-24 22:00..2026-11-25 06:00
reconcile-no-columns = { $path } 中没有认得出的订单号列或时间列，只有 { $found }：请用 --column orderid=…,time=… 指定
reconcile-no-such-column = { $path } 中没有 { $name } 列，只有 { $found }：请更正 --column
reconcile-head = { $path }：{ $lines } 行，视为在 { $from } 至 { $until } 之间完整
reconcile-head-timeless = { $path }：{ $lines } 行，没有时间，因此无法按时间核清
reconcile-passed-over = 有 { $count } 行不是调用（合计等）
reconcile-matched = 行与结果的订单号一致
reconcile-unexplained = 行在台账中找不到依据
reconcile-twice = 行对同一订单号再次计费
reconcile-though-unbilled = 行对不计费的结果计了费
reconcile-not-charged = 行对计费的结果没有计费
reconcile-missing = 条计费的结果不在账单中
reconcile-settled-billed = 次存疑调用已核清：已计费
reconcile-settled-unbilled = 次存疑调用已核清：未计费
reconcile-in-doubt = 次存疑调用仍存疑
reconcile-outside = 条计费的结果早于或晚于账单所涵盖的时间
reconcile-not-covered = 账单未涵盖其时间
reconcile-ambiguous = { $lines } 行找不到依据的账单可能对应 { $doubts } 次存疑调用
reconcile-without-time = { $lines } 行找不到依据的账单没有可读的时间，可能与其有关
reconcile-lost-settled = 丢失的那段时间里没有找不到依据的账单：丢失的调用都未计费，所有人可重新查询。
reconcile-lost-stays = 随旧副本丢失的调用仍存疑：{ $why }。
reconcile-row = 第 { $row } 行
reconcile-call = 第 { $intent } 号调用
reconcile-more = 另有 { $count } 条：--differences FILE 可全部写出
reconcile-month = 月份
reconcile-lines = 账单行
reconcile-yuan = 元
reconcile-billed = 台账计费
reconcile-doubts = 存疑
reconcile-dry-run = 本次只是试看，没有写入任何内容。
