# 命令行、设置，以及其中的错误。

## 命令行

usage-error = 错误：{ $what }
usage-usage = 用法：{ $usage }
usage-more = 更多说明见 --help。
usage-from-environment = 这个值来自环境变量 { $variable }
usage-no-value = “{ $argument }”需要一个值
usage-not-one-of = “{ $argument }”的值“{ $value }”无效，可用的值：{ $known }
usage-bad-value = “{ $argument }”的值“{ $value }”无效：{ $why }
usage-unknown = 没有“{ $argument }”这个参数
usage-unknown-similar = 没有“{ $argument }”这个参数，是否想用“{ $known }”？
usage-no-command = 没有“{ $name }”这个命令
usage-no-command-similar = 没有“{ $name }”这个命令，是否想用“{ $known }”？
usage-missing = 缺少必需的参数：{ $arguments }
usage-conflict = “{ $argument }”不能与“{ $other }”同时使用
usage-how-many = “{ $argument }”的值的个数不对
usage-not-text = 有一个参数不是 UTF-8 文本

## 各种值

bad-count = 数量应为整数，例如 5000
bad-concurrency = 并发数应为 1 至 10000
bad-duration = 时长应为数字加单位，例如 90d（天）、6h（小时）、60s（秒）
bad-duration-zero = 时长必须大于零
bad-clock = 时刻应写作 HH:MM，从 00:00 到 23:59，例如 06:00
bad-date = 日期应写作 YYYY-MM-DD，例如 2026-11-01
bad-column = 应写作 字段=列名，字段为 realname、idcard、mobile 或 photo，例如 realname=客户
bad-rate = 速率应为 1 至 10000000 的整数加单位，例如 10/s（每秒）或 300/min（每分钟）
bad-yuan = 金额（元）应为数字，最多四位小数，例如 0.55
bad-field = 没有这个字段：可用 realname、idcard、mobile 或 photo
bad-language = 语言为 en 或 zh
bad-key-empty = 内容是空的
bad-key-strange = 内容不止一行，或含有 key 中不可能出现的字符
bad-endpoint-address = 不是网址（例如 { $example }）
bad-endpoint-http = 只有本机（127.0.0.1、localhost）才允许不加密的 http：请用 https
bad-endpoint-protocol = 只能用 https，或到本机的 http
bad-endpoint-credentials = 不能包含用户名或密码：它们会出现在日志里
bad-endpoint-fragment = 不能包含 `#`
bad-fault-form = 应写作 次序:种类 或 起-止:种类，例如 3:10011
bad-fault-calls = 调用从 1 开始编号，范围应从小到大，例如 3 或 3-9
bad-fault-kind = 没有这种故障：可用 error_code、http-300 至 http-599、reset-before-body、reset-after-body、reset-after-body-billed、close-after-body-billed、hang、hang-billed、truncate、not-json、slow 或 unknown-res

## 设置

config-wrong = { $path }：{ $what }
config-unreadable = 配置文件无法读取：{ $error }
config-not-toml = 第 { $line } 行不是 TOML：{ $error }
config-holds-key = API key 不应写在这个文件里：请放进单独的文件，并用 key-file 指明
config-no-option = 没有 `{ $name }` 这个选项；全部选项见 `reverify run --help`
config-no-option-similar = 没有 `{ $name }` 这个选项，是否想用 `{ $known }`？
config-not-switch = `{ $name }` 应为 true 或 false
config-not-value = `{ $name }` 应为文本或数字
output-is-input = 输出 { $path } 就是输入文件：请用 --output 指定另一个文件
output-is-ledger = 输出 { $path } 就是台账：请用 --output 指定另一个文件
output-is-ledger-key = 输出 { $path } 就是台账的密钥：请用 --output 指定另一个文件
output-is-key-file = 输出 { $path } 就是存放 API key 的文件：请用 --output 指定另一个文件
endpoint-unusable = --endpoint 不可用：{ $error }
key-variable-not-text = 环境变量 JUHE_KEY 中的 key 不是文本
key-variable-unusable = 环境变量 JUHE_KEY 中的 key 不可用：{ $error }
key-missing =
    没有 API key：请在 juhe.cn 申请“人脸四要素核验”的 key（个人中心 -> 我的数据），存入只有你能读取的文件，并用 --key-file 指明
    如需不用 key、不花钱地试用全部功能，请加 --sandbox。
key-file-unreadable = key 文件 { $path } 无法读取：{ $error }
key-file-no-key = key 文件 { $path } 中没有 key：{ $error }
key-file-open-to-others = 其他用户可以读取 key 文件 { $path }：请对它执行 chmod 600
max-cost-needs-price = --max-cost 需要同时给出 --price（每次计费调用的价格，元）
since-in-future = --since 在将来，这样到那天之前的每次运行都会为每一行重新付费：请指定已经到来的日期
no-tls = 本机无法建立加密连接（是否安装了 CA 证书？）
no-threads = 系统无法提供线程：{ $error }
no-signals = 无法接收信号：{ $error }

## 运行

run-sandbox-and-endpoint = --sandbox 与 --endpoint 不能同时使用
run-no-sandbox = 沙箱无法启动：{ $error }
run-output-later = { $error }；所有结果都已在台账中：输出文件可以写入之后，用 `reverify render { $input }` 即可写出，不会调用接口
run-stopped = 提前停止：{ $why }

## 沙箱

sandbox-serves = 沙箱：--endpoint { $endpoint }，key 为 "{ $key }"
sandbox-summary = 沙箱：调用 { $calls } 次，计费 { $billed } 次，拒绝 { $refused } 次，故障 { $faults } 次；对象 { $subjects } 个，其中重复计费 { $twice } 个；并发最多 { $in_flight }，一秒内最多 { $in_a_second } 次
sandbox-no-address = 沙箱无法监听 { $address }：{ $error }；请用 --listen 换一个地址，端口 0 表示任选空闲端口
sandbox-bad-address = 应写作 地址:端口，例如 127.0.0.1:8787
sandbox-not-loopback = 沙箱只监听本机回环地址，例如 127.0.0.1:8787
sandbox-no-output = 沙箱无法写到标准输出：{ $error }

## 代码

codes-remedy = 处理办法：{ $remedy }
codes-old = 旧版 resultcode：{ $code }
codes-unknown = 接口文档中没有代码 `{ $code }`：返回未知代码的调用可能已计费，该行按存疑保留
codes-settled = 该行有了结论
codes-rejected = 该行资料有误
codes-inconclusive = 该行无法确定，总共查询三次
codes-stops = 运行停止
codes-slows = 全部暂停，速率减半
codes-quota = 运行停止，或等到明天
codes-once-more = 一分钟后再查询一次
codes-waits = 运行停止，或等待
codes-held = 该行按存疑保留
not-printed = 文字无法写到标准输出：{ $error }
