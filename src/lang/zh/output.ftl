# Messages of `output`.

## Errors

output-cannot-write = 无法写入输出文件 { $path }：{ $reason }；原有文件未被改动
output-other-workbook = 无法写成 { $path } 这种格式：请用 --output 指定以 .xlsx 或 .csv 结尾的文件
output-not-regular = 它不是普通文件
output-busy = 另一次运行正在写入该文件
output-cells-shifted = 某一行的单元格数与新增列数不一致

## The cells `reason` and `detail`

output-refusal = { $column }：{ $clause }
output-such-as = { $clause }（等类似情形）
output-refusal-detail = 列 { $column }；{ $code }
output-no-answer = 运行中断前没有记录到答复
output-unknown-code = error_code { $code } 不在接口文档中
output-no-documented-answer = 没有收到文档所载的答复
output-unknown-res = 已计费，但 res 缺失或不在接口文档中
output-more-doubts = 本行另有 { $count } 次调用可能已计费
output-in-doubt = 存疑，调用时间 { $when }：{ $what }；可能已计费，在核实之前不会再次调用
output-lost = 存疑：台账于 { $set_back } 退回到 { $since } 的副本，其间此行可能已被查询并计费，在核清之前不再查询
output-not-asked = 尚未核验
output-not-answered = 尚未得到答复，上次尝试时间 { $when }
output-not-answered-because = 尚未得到答复，上次尝试时间 { $when }：{ $seen }
output-made-up = 沙箱：虚构的答复，并非真实核验
output-repaired = 已修正：{ $repairs }
output-repair = { $field }（{ $repair }）
output-photo = 照片：{ $warnings }

## What was seen of a call without a documented answer

seen-certificate = 服务器证书无效
seen-refused = 连接被拒绝
seen-unreachable = 网络或主机不可达
seen-no-connection-in-time = 在时限内未能建立连接
seen-name = 无法解析主机名
seen-encryption = 无法建立加密连接
seen-no-connection = 无法建立连接
seen-lost-before-request = 请求尚未发完，连接已断开
seen-no-reply-in-time = 在时限内未收到完整应答
seen-cut-short = 应答不完整
seen-lost-before-reply = 未收到应答，连接已断开
seen-too-long = 应答超过 64 KiB
seen-no-json = 应答不是文档规定的 JSON

## Sheets of a workbook

output-sheet-rows = 核验结果
output-sheet-summary = 汇总
output-sheet-codes = 代码说明
output-made-up-sheet = 沙箱：答复均为虚构，未产生任何费用
output-rows = 行数
output-decision = 核验结论
output-meaning = 含义
output-count = 行数
output-factor = 核验要素
output-billed-rows = 已计费的行数
output-perhaps-billed-rows = 可能已计费的行数
output-billed-calls = 已计费的调用次数
output-doubtful-calls = 可能已计费的调用次数
output-cost = 已计费调用的费用（元，单价 { $price }）
output-doubtful-cost = 若存疑调用全部计费，另加（元）
output-rejected-reasons = 未送核验的原因
output-document = 接口文档说明
output-english = 英文说明
output-code-billed = 是否计费
output-remedy = 处理办法
output-yes = 是
output-no = 否
output-unknown = 不确定
output-decision-match = 身份、人像、手机号全部核验通过
output-decision-mismatch = 至少有一项要素核验不通过
output-decision-inconclusive = 没有不通过的要素，但有要素核验失败或查询无记录
output-decision-rejected = 该行无法送核验，或被接口的参数校验拒绝：请按原因说明修正
output-decision-unresolved = 已调用但答复不明：可能已计费，因此不会自动再次调用
output-decision-pending = 尚未得到答复：下次运行时核验
