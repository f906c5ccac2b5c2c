# 运行过程中及之后告诉人的内容：进度、状态、指标、信号与报告。

## 运行中

progress-of = { $done }/{ $due }
progress-left = 剩余 { $time }
progress-speed = { $speed } 次/秒
progress-comma = ，
progress-semicolon = ；
progress-reading = 正在读取名单
progress-writing = 正在写入结果
progress-waiting = 等待至 { $until }：{ $why }
progress-stopping =
    正在停止：{ $why }；{ $calls ->
        [0] 没有在途调用
       *[other] 正在完成 { $calls } 次在途调用
    }
progress-told-to-stop =
    正在停止：{ $calls ->
        [0] 没有在途调用
       *[other] 正在完成并记录 { $calls } 次在途调用
    }；再按一次立即退出
progress-in-flight = 在途 { $calls } 次
progress-count = { $what } { $count }
progress-cost = { $yuan } 元
progress-line = 已完成 { $done }/{ $due } 行，{ $speed } 次/秒，预计剩余 { $left }，{ $rest }

signal-first =
    正在停止：{ $calls ->
        [0] 没有在途调用
       *[other] 正在完成并记录 { $calls } 次在途调用
    }，随后写出结果；再发一次信号则立即退出
signal-second =
    已立即退出：{ $calls ->
        [0] 没有在途调用
       *[other] { $calls } 次在途调用存疑
    }，已记录的内容都安全
signal-refused = 无法接收信号：{ $error }
log-not-opened = 无法打开日志文件 { $path }：{ $error }
program-error = 程序自身在 { $place } 处出错；台账中的内容是安全的，再次运行即可继续

hook-failed = --on-finish 的命令失败：{ $status }
hook-took-too-long = --on-finish 的命令超过 { $seconds } 秒仍未结束，已被终止
hook-not-started = 无法启动 --on-finish 的命令：{ $error }
metrics-not-written = 无法写入指标文件 { $path }：{ $error }；运行照常进行
man-written = 手册页已写入 { $path }
man-not-written = 无法把手册页写入 { $path }：{ $error }

## 状态

status-ledger = { $path }：共运行 { $runs } 次
status-sandbox = ，沙箱：答案均为虚构，没有产生费用
status-applicants = 查询过的申请人
status-today = 今天 { $day }
status-in-all = 总计
status-this-run = 本次运行
status-calls = 调用
status-billed = 计费
status-in-doubt = 存疑
status-doubts = { $calls } 次调用存疑，最早的一次在 { $since }：可能已经计费的调用不会自动重发。
status-run-on = { $path }：正在运行，进程 { $pid }，开始于 { $since }
status-silent = 该运行已有 { $seconds } 秒没有消息：机器或磁盘是否繁忙？
status-ahead = 已完成 { $done }/{ $due } 行，{ $speed } 次/秒，预计剩余 { $left }，在途 { $in_flight } 次
status-stopping =
    正在停止，{ $calls ->
        [0] 没有在途调用
       *[other] 正在完成 { $calls } 次在途调用
    }
status-slowed = 收到 { $answers } 次 10011（来自本地址的调用过多）；目前速率为 { $rate } 次/秒
status-last-ended = 目前没有运行。上一次运行结束于 { $at }，退出码 { $code }。
status-last-broke-off =
    目前没有运行。上一次运行在 { $at } 或稍后中断，{ $calls ->
        [0] 没有在途调用
       *[other] 当时有 { $calls } 次在途调用
    }：再次运行即可继续。
status-not-printed = 无法输出状态：{ $error }

## 报告

report-number = { $count }
report-title = 核验报告
report-made-at = 生成于
report-ledger = 台账
report-program = 程序
report-written = 报告已写入 { $path }
report-sandbox = 沙箱的答案均为虚构：没有核验任何人，也没有产生费用。
report-this-machine = 答案来自本机上的接口，可能并非真实接口。
report-foot = 依据名单和台账生成，没有发起任何调用。时间均为北京时间（UTC+8）。
report-share = { $count }（{ $percent }%）
report-list-now = 名单现状
report-last-run = 最近一次
report-run-before = 前一次
report-in-all = 合计
report-count = 数量
report-others = 其他

report-decisions = 名单现状
report-decision = 结论
report-verdict =
    共 { $rows } 行，已有结论 { $settled } 行，一致的占全部行的 { $percent }%。{ $left ->
        [0] 没有待处理的行。
       *[other] 还有 { $left } 行需要处理：资料有误、存疑或尚未核验。
    }
report-decisions-note = 名单按行统计，运行按答案统计：同一人、同一照片的多行共用一个答案；调用前就被判为资料有误的行不计入任何一次运行。

report-factors-title = 身份、人像与手机号
report-mobile = 手机号
report-identity-is = 身份{ $check }
report-face-is = 人像{ $check }
report-factors-note = “失败”和“无记录”表示该要素未能核验，不等于不通过。
report-nothing-answered = 目前还没有任何答案。

report-scores = 各结论的人像比对分
report-least = 最低
report-median = 中位数
report-most = 最高
report-no-scores = 没有带比对分的答案。
report-scores-note = 接口文档没有说明比对分的取值范围，结论也不依据比对分得出。
report-scores-unreadable = 另有 { $count } 个比对分不是数字，未计入。

report-carriers = 运营商
report-carrier = 运营商
report-no-carriers = 没有注明运营商的答案。

report-rejected = 资料有误的行及原因
report-nothing-rejected = 没有资料有误的行。
report-by-the-api = 被接口拒绝
report-column = 列
report-what-to-mend = 问题
report-rejected-note = 资料有误的行不产生费用。请在名单中改正后再次运行：已有结论的行不会重复付费。

report-doubts = 存疑
report-no-doubts = 没有存疑的调用：每次调用都有答案。
report-doubts-lead = 有 { $rows } 行存疑：这些调用可能已经计费，因此不会自动重发。请按下列时间在聚合数据的调用记录中查找。
report-row = 行
report-asked-at = 调用时间
report-seen = 现象
report-lost = 从那时到 { $until } 的调用记录已丢失，本行可能在其中
report-no-answer = 没有记录到答案
report-more-doubts = 其余 { $rows } 行见结果文件，时间在“detail”列（中文列名为“核验详情”）。

report-runs = 最近一次运行与前一次运行
report-no-runs = 还没有任何一次运行查询过这份名单。
report-no-run-before = 此前没有其他运行。
report-no-calls = 没有发起调用。
report-runs-note = 本台账的运行，不含只查询其他名单的运行。
report-number-of-run = 编号
report-began = 开始
report-took = 末次答案距开始
report-calls = 调用次数
report-billed = 计费次数
report-cost = 费用（单价 { $price } 元）
report-perhaps-cost = 若存疑的都已计费，另加
report-yuan = { $yuan } 元
report-in-doubt = 存疑
report-address-limit = 10011（调用过多）
report-not-sent = 未发出（无法连接）
report-calls-per-minutes =
    { $minutes ->
        [1] 每分钟调用次数
       *[other] 每 { $minutes } 分钟调用次数
    }
report-slowed = 接口回复了 { $answers } 次 10011，从 { $first } 到 { $last }：运行曾暂停，之后放慢了速度。
report-part-billed = 已计费
report-part-unbilled = 已答复，未计费
report-part-limit = 10011，暂停
report-part-doubt = 存疑
report-part-unsent = 未发出
report-as-table = 以表格查看
report-time = 时间

report-answers = 问了什么，答了什么
report-nothing-asked = 没有发起过查询。
report-meaning = 含义
report-api-words = 接口原文
report-is-billed = 是否计费
report-yes = 是
report-no = 否
report-unknown = 不明
report-not-documented = 接口文档中没有
report-answers-note = “接口原文”取自同类答案中的一个。

report-rows = 各行
report-rows-note = 姓名和号码已做脱敏处理，完整内容见结果文件。
report-name = 姓名
report-id-number = 身份证号
report-factors = 身份／人像／手机号
report-answer = 答案
report-score = 比对分
report-verified-at = 答复时间

report-words = 用语说明
report-word-match = 身份、人像、手机号均属于本人。
report-word-mismatch = 至少有一项不属于本人。
report-word-inconclusive = 没有不通过的项，但有的未能核验或没有记录。
report-word-rejected = 该行资料本身有误，因此没有得到关于此人的任何结果。
report-word-unresolved = 已经查询，但答案丢失。该次调用可能已经计费。
report-word-pending = 尚未查询，或尚未得到答案。
