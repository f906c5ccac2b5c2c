### 命令行的中文帮助。每条上方的注释是代码中的英文原文，由测试核对。

# Re-verifies a list of applicants against Juhe's face four-factor API (人脸四要素核验), and never pays twice for one answer
about = 用聚合数据的“人脸四要素核验”接口批量核验名单，同一个结果绝不付两次费

## 分组

# Input
heading-input = 输入
# Output
heading-output = 输出
# Ledger
heading-ledger = 台账
# API
heading-api = 接口
# Limits
heading-limits = 限制
# What is asked again
heading-what-is-asked-again = 重新核验

## 所有命令共用

# Read options from this file [default: reverify.toml, if it is there]
help-config = 从这个文件读取选项 [默认：当前目录的 reverify.toml（如有）]
# Language of messages and help: en or zh [default: the locale's]
help-lang = 消息和帮助的语言：en 或 zh [默认：按系统的语言环境]
# Write a log to this file; RUST_LOG chooses how much
help-log-file = 把日志写入这个文件；详细程度由 RUST_LOG 决定

# Exit codes:
#    0  every row is settled
#    1  the run is complete, but rows are rejected, unresolved or pending
#    2  the command line is wrong
#   65  the input cannot be read
#   69  the API is stopped or unreachable
#   73  the output cannot be written
#   74  the ledger cannot be used: locked, damaged, or the disk fails
#   75  stopped early by a quota, budget, deadline or signal: run again to go on
#   77  the key or this machine's address is refused
#   78  the configuration is wrong
after =
    退出码：
    { " " } 0  每一行都有结论
    { " " } 1  运行完成，但有些行资料有误、存疑或还没有结果
    { " " } 2  命令行有误
    { " " }65  输入文件无法读取
    { " " }69  接口停用或无法连接
    { " " }73  输出无法写入
    { " " }74  台账无法使用：被占用、损坏，或磁盘出错
    { " " }75  因额度、预算、时限或信号提前停止：再次运行即可继续
    { " " }77  key 或本机地址被拒绝
    { " " }78  配置有误

## reverify run

# Verify every row of INPUT that has no answer yet, and write the output
about-run = 核验 INPUT 中还没有结果的每一行，并写出结果文件
# A CSV file or an Excel workbook with a header: name, ID card, mobile and photo path
help-input = 带表头的 CSV 文件或 Excel 工作簿：姓名、身份证号、手机号、照片路径
# Sheet of an Excel workbook, by name or by number from 1 [default: the first visible one]
help-sheet = Excel 工作簿中的工作表，用名称或从 1 起的序号指定 [默认：第一个可见的工作表]
# Encoding of INPUT: utf-8, gb18030, utf-16le, utf-16be [default: detected]
help-encoding = INPUT 的编码：utf-8、gb18030、utf-16le、utf-16be [默认：自动识别]
# Delimiter of INPUT: comma, semicolon or tab [default: detected]
help-delimiter = INPUT 的分隔符：comma（逗号）、semicolon（分号）、tab（制表符） [默认：自动识别]
# Name a column that is not recognised, such as realname=客户; may be repeated
help-column = 指明未能自动识别的列，例如 realname=客户；可重复使用
# The only folder that photos are read from [default: INPUT's]
help-photos = 只从这个文件夹读取照片 [默认：INPUT 所在的文件夹]
# The output, a workbook if it ends in .xlsx [default: INPUT with .verified before its extension]
help-output = 结果文件，以 .xlsx 结尾则为工作簿 [默认：INPUT 的扩展名前加 .verified]
# Language of the added columns' names and of the prose in their cells
help-column-names = 新增列的列名以及其中说明文字的语言
# English names, as scripts know them
value-column-names-en = 英文列名，供脚本使用
# Chinese names, and the cells of prose in Chinese
value-column-names-zh = 中文列名，说明文字也用中文
# Put this before the names of the columns that are added
help-prefix = 在新增列的列名前加上这段文字
# The ledger
help-ledger = 台账文件
# The ledger's hash key [default: the ledger's name with .key]
help-ledger-key-file = 台账的哈希密钥 [默认：台账文件名加 .key]
# File with the API key [default: $JUHE_KEY, else $CREDENTIALS_DIRECTORY/juhe_key]
help-key-file = 存放 API key 的文件 [默认：$JUHE_KEY，其次 $CREDENTIALS_DIRECTORY/juhe_key]
# The API's address: https, or http to this machine only [default: Juhe's]
help-endpoint = 接口地址：https，或仅限本机的 http [默认：聚合数据的地址]
# Start the built-in imitation of the API and use it: no key, no cost
help-sandbox = 启动并使用内置的模拟接口（沙箱）：不需要 key，不花钱
# How long a call may take
help-timeout = 一次调用最长用时
# How long connecting may take
help-connect-timeout = 建立连接最长用时
# Never more calls than this: N/s or N/min
help-rate = 调用速率上限：N/s（每秒）或 N/min（每分钟）
# Calls in flight
help-concurrency = 同时进行的调用数
# Calls in one day of Asia/Shanghai, all runs of the ledger together
help-daily-limit = 上海时间一天内的调用数上限，同一台账的所有运行合计
# At 10012, 10013 or the daily limit
help-on-quota = 遇到 10012、10013 或达到每日上限时
# End the run
value-on-quota-stop = 结束运行
# Sleep until the next day
value-on-quota-wait = 等到第二天
# Calls of this run
help-max-calls = 本次运行的调用数上限
# Price of a billed call
help-price = 一次计费调用的价格（元）
# Cost of this run; needs --price
help-max-cost = 本次运行的费用上限（元），须同时给出 --price
# Only the first N due rows
help-limit = 只核验前 N 个待核验的行
# Start no call from this time of Asia/Shanghai on
help-stop-at = 从上海时间的这个时刻起不再发起调用
# Start no call after this time
help-max-duration = 运行这么久之后不再发起调用
# Ask again where the answer is older, such as 90d
help-max-age = 结果早于这个时长的重新核验，例如 90d
# Ask again where the answer is from before this day of Asia/Shanghai
help-since = 结果早于这一天（上海时间）的重新核验
# Pay again where a factor could not be checked
help-retry-inconclusive = 有要素核验失败的，再次付费核验
# What becomes of rows that may have been billed: hold them, or ask (and perhaps pay) again
help-in-doubt = 对可能已计费的行：保留，或再次核验（可能重复付费）
# Do not ask again
value-in-doubt-hold = 不再核验
# Ask again, and perhaps pay twice
value-in-doubt-resend = 再次核验，可能付两次费
# A bar on a terminal and a line every 10 s elsewhere, or one of the others
help-progress = 进度的显示方式：默认在终端上显示进度条，其他情况每 10 秒一行
# A bar on a terminal, plain lines elsewhere
value-progress-auto = 终端上为进度条，其他情况为文字
# A line every 10 s
value-progress-plain = 每 10 秒一行
# JSON lines on standard output
value-progress-json = 在标准输出上逐行输出 JSON
# Nothing
value-progress-none = 不显示

# Hand the summary as JSON to this shell command once the run has ended, however it ended
help-on-finish = 运行结束后（无论怎样结束）把 JSON 格式的汇总交给这条 shell 命令
# Keep this file up to date for the node exporter's textfile collector (a name that ends in .prom)
help-metrics-file = 持续更新这个文件，供 node exporter 的 textfile collector 读取（文件名以 .prom 结尾）
# Lines of the log for people (text) or programs (json); without --log-file they go to standard error
help-log-format = 日志供人阅读（text）或供程序读取（json）；没有 --log-file 时写到标准错误
# Lines for people
value-log-format-text = 供人阅读
# One JSON object a line
value-log-format-json = 每行一个 JSON 对象

# A photo without a face, or with one under 40 pixels wide as sent
help-face = 照片中没有人脸，或发送时人脸宽度不足 40 像素时
# Reject it before it costs a call
value-face-require = 不调用接口，直接拒绝该照片
# Send it all the same, with a warning
value-face-warn = 照常发送，但给出提醒
# Look for no face: send the whole picture
value-face-off = 不查找人脸，发送整张照片
# Price of a billed call, for a workbook's summary
help-render-price = 一次计费调用的价格（元），用于工作簿的汇总表

# Go on with a ledger that is older than it was, or changed: whoever has no answer in it is held in doubt
help-accept-rollback = 台账比原来旧或被改动过仍继续使用：其中没有结果的人一律按存疑保留

## 其他命令

# Compare two outputs: who changed, who is new, who is gone
about-diff = 比较两份输出：谁有变化、谁是新增、谁已消失
# The older output, CSV or Excel
help-old = 较早的输出，CSV 或 Excel
# The newer output, CSV or Excel
help-new = 较新的输出，CSV 或 Excel
# Join rows by this column [default: by name, ID card and mobile]
help-by = 按这一列关联各行 [默认：按姓名、身份证号和手机号]
# Write every difference to this CSV file, personal data masked
help-csv = 把全部差异写入这个 CSV 文件（个人信息已打码）
# Print JSON instead of a table
help-diff-json = 输出 JSON 而不是表格
# What stands before the names of the added columns [default: found]
help-diff-prefix = 新增列列名之前的文字 [默认：自动识别]
# Encoding of both: utf-8, gb18030, utf-16le, utf-16be [default: detected]
help-diff-encoding = 两份文件的编码：utf-8、gb18030、utf-16le、utf-16be [默认：自动识别]
# Delimiter of both: comma, semicolon or tab [default: detected]
help-diff-delimiter = 两份文件的分隔符：comma、semicolon 或 tab [默认：自动识别]
# Show what a run of INPUT would do: problems, calls, cost, time; without a call and without a key
about-plan = 预览对“输入文件”的一次运行：问题、调用次数、费用、用时；不发起调用，也不需要 key
# Prepare every photo that would be sent, and say which cannot be
help-photos-too = 逐张处理将要发送的照片，并指出哪些无法发送
# Write one line per problem to this CSV file, personal data masked, to hand back
help-problems = 把问题逐条写入这个 CSV 文件（个人信息已打码），以便交还名单提供人
# Print JSON instead of a table
help-plan-json = 输出 JSON 而不是表格
# Make a report of INPUT and its last two runs: one HTML file
about-report = 生成 INPUT 及其最近两次运行的报告：一个 HTML 文件
# The input of the run
help-report-input = 运行时的输入文件
# The report [default: INPUT with .report.html for its extension]
help-report-file = 报告文件 [默认：INPUT 的扩展名换成 .report.html]
# Add the rows, with names and numbers masked
help-with-rows = 加入各行明细，姓名和号码打码
# Verify every entry of the ledger, and count them
about-audit = 核对台账中的每一条记录，并计数
# Write one JSON object
help-audit-json = 输出一个 JSON 对象
# List what is in doubt, and settle it by hand
about-resolve = 列出存疑的调用，并由人工了结
# Inputs in which the rows in doubt are to be named
help-inputs = 要在其中指出存疑各行的输入文件
# Which calls
heading-which-calls = 哪些调用
# Rows of INPUT, numbered as in a spreadsheet: 7 or 7-9; may be repeated
help-row = INPUT 中的行，行号与电子表格一致：7 或 7-9；可重复使用
# Calls by the numbers that the list shows; may be repeated
help-intent = 用列表中的编号指明调用；可重复使用
# Everything in doubt
help-all = 全部存疑的调用
# The calls that are lost with an older copy of the ledger
help-lost = 因台账是旧副本而丢失的调用
# What became of them
heading-what-became-of-them = 结果如何
# The calls were billed, and their answers are lost: they are not asked again
help-billed = 已计费，但结果丢失：不再查询
# The calls were not billed: the next run asks again
help-unbilled = 没有计费：下次运行会再次查询
# It stays unknown: the next run asks again, and perhaps pays a second time
help-resend = 仍不清楚：下次运行会再次查询，可能重复付费
# How that is known; it is written into the ledger with your name and the time
help-reason = 依据是什么；会连同您的名字和时间记入台账

# Write the output again from INPUT and the ledger, without any call
about-render = 由 INPUT 和台账重新生成结果文件，不调用接口
# The input of the run
help-render-input = 运行时的输入文件
# Show what pictures would be sent
about-photo = 查看会发送怎样的照片
# Print one JSON object for each picture
help-photo-json = 每张照片输出一个 JSON 对象
# Write a page that shows each original beside what would be sent
help-contact-sheet = 生成一个网页，把每张原件与会发送的样子并排显示
# Write what would be sent into this folder, one JPEG for each picture
help-to = 把会发送的内容写入这个文件夹，每张照片一个 JPEG
# Say what the ledger holds, and how a run that is on gets ahead
about-status = 查看台账内容，以及正在进行的运行的进展
# Look again and again while a run is on, and end with it
help-watch = 运行期间持续刷新，运行结束时随之结束
# How often --watch looks
help-interval = --watch 的刷新间隔
# Write JSON: one object, with --watch one a line
help-status-json = 输出 JSON：一个对象；与 --watch 同用时每行一个
# Write the manual pages
about-man = 生成 man 手册页
# Write them into this folder, such as /usr/local/share/man/man1
help-man-to = 写入这个文件夹，例如 /usr/local/share/man/man1
# Explain the API's codes
about-codes = 解释接口的各种代码
# One `res` or `error_code`; all of them if none is named
help-code = 一个 res 或 error_code；不指定则列出全部
# Make an example to start from: a list, a documented reverify.toml, and the file for the API key
about-init = 生成入门示例：名单、附说明的 reverify.toml、存放 API key 的文件
# Where to make it; the folder is made if it is missing
help-dir = 在哪里生成；文件夹不存在时会创建
# Say which options are in force for `run`, and where each comes from
about-config = 显示 run 生效的各个选项及其来源
# Write JSON
help-json = 输出 JSON
# Check this machine before a run: key, ledger, folders, clock, connection; nothing is paid
about-doctor = 运行前检查本机：key、台账、文件夹、时钟、连接；不产生费用
# The list that is to be verified, if it is there already
help-doctor-input = 准备核验的名单（如果已经有了）
# The output [default: beside INPUT]
help-doctor-output = 结果文件 [默认：与 INPUT 同一文件夹]
# Check for a trial with the built-in imitation: neither key nor connection is needed
help-doctor-sandbox = 检查能否用内置的模拟接口试用：不需要 key，也不需要连接
# Serve an imitation of the API on this machine
about-sandbox = 在本机提供一个模拟接口（沙箱）
# Where to listen: a loopback address; port 0 picks a free one
help-listen = 监听的回环地址；端口 0 表示任选空闲端口
# The key that callers must send; any other is answered with 10001
help-key = 调用者必须使用的 key；其他 key 一律返回 10001
# Calls in any second before 10011
help-ip-limit = 任意一秒内超过这么多次调用即返回 10011
# Calls in one day of Asia/Shanghai before 10012
help-sandbox-daily-limit = 上海时间一天内超过这么多次调用即返回 10012
# How long each answer takes, such as 50ms
help-latency = 每次应答的用时，例如 50ms
# Up to this much longer, at random
help-jitter = 在此之上随机增加的最长用时
# What goes wrong with the Nth call, such as 3:10011 or 5-9:http-502; may be repeated
help-fault = 第 N 次调用发生的故障，例如 3:10011 或 5-9:http-502；可重复使用
# Print a shell's completion script
about-completions = 输出某种 shell 的自动补全脚本
# Which shell
help-shell = 哪种 shell

# The last three digits of a mobile number choose its answer:
#   100 to 116  that res, billed          915  half of a billed answer's JSON
#   910         280105, not billed        916  res 777, which the API document lacks, billed
#   912         HTTP 500                  917  error_code 299999, which the document lacks
#   913         no answer at all          918  10014 the first time, then res 100
#   914         billed, then a reset      any other  res 100, billed
#
# Kinds of --fault ("billed": the work was done and the answer was lost):
#   an error_code such as 10011, not billed    http-300 to http-599, not billed
#   reset-before-body, reset-after-body, hang, not-json: not billed
#   reset-after-body-billed, close-after-body-billed, hang-billed, truncate: billed
#   slow (3 s late), unknown-res (777): billed, and answered
#
# GET /_sandbox/stats on the same address counts calls, billed calls and peaks.
after-sandbox =
    手机号的末三位决定结果：
    { "  " }100 至 116  对应的 res，计费    915  只返回一半的 JSON，计费
    { "  " }910  280105，不计费            916  res 777（文档中没有），计费
    { "  " }912  HTTP 500                  917  error_code 299999（文档中没有）
    { "  " }913  完全没有应答              918  第一次 10014，之后 res 100
    { "  " }914  计费后连接被重置          其他  res 100，计费

    --fault 的种类（“计费”指已经处理，但应答丢失）：
    { "  " }error_code，例如 10011：不计费；http-300 至 http-599：不计费
    { "  " }reset-before-body、reset-after-body、hang、not-json：不计费
    { "  " }reset-after-body-billed、close-after-body-billed、hang-billed、truncate：计费
    { "  " }slow（晚 3 秒）、unknown-res（777）：计费，并有应答

    同一地址的 GET /_sandbox/stats 给出调用数、计费数和峰值。

## 存疑、对账与核验

# By how much the provider's clock and this machine's may differ
help-slack = 服务商与本机的时钟最多可能相差多少
# Compare the provider's bill or call record with the ledger, and settle doubts by it
about-reconcile = 把服务商的账单或调用记录与台账核对，并据此核清存疑的调用
# Comparison
heading-comparison = 核对
# Delimiter of STATEMENT: comma, semicolon or tab [default: detected]
help-reconcile-delimiter = STATEMENT 的分隔符：comma（逗号）、semicolon（分号）或 tab（制表符）[默认：自动识别]
# Encoding of STATEMENT: utf-8, gb18030, utf-16le, utf-16be [default: detected]
help-reconcile-encoding = STATEMENT 的编码：utf-8、gb18030、utf-16le、utf-16be [默认：自动识别]
# How long a call may have taken: the runs' --timeout
help-reconcile-timeout = 一次调用最长可能用了多久：即运行时的 --timeout
# Name a column that is not recognised: orderid=…, time=…, amount=…, code=…; may be repeated
help-reconcile-column = 指定未识别的列：orderid=…、time=…、amount=…、code=…；可重复给出
# Price of a billed call, where the statement has no amounts
help-reconcile-price = 每次计费调用的单价，用于账单没有金额时
# Show what would be settled, and write nothing into the ledger
help-dry-run = 只显示会核清什么，不写入台账
# Statement
heading-statement = 账单
# The provider's bill or call record: a table with a header
help-statement = 服务商的账单或调用记录：带表头的表格
# The time in which no call is missing on it, such as 2026-11-01..2026-11-30 [default: from its first line to its last]
help-covers = 账单不缺任何调用的时间段，如 2026-11-01..2026-11-30 [默认：从第一行到最后一行]
# Write JSON
help-resolve-json = 输出 JSON
# Write one JSON object
help-reconcile-json = 输出一个 JSON 对象
# Write the differences into this CSV file
help-differences = 把差异写入这个 CSV 文件

## 报告与照片

# Pictures, and folders of pictures: JPEG, PNG, WebP, TIFF, GIF or BMP
help-photo-files = 图片或图片文件夹：JPEG、PNG、WebP、TIFF、GIF 或 BMP
