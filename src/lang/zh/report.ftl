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
