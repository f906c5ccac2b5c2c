# 一次运行的结果。

summary-files = { $input } -> { $output }：{ $rows } 行
summary-sandbox = 沙箱：结果为虚构，未产生费用
summary-calls = 本次运行：调用 { $calls } 次，计费 { $billed } 次，存疑 { $doubts } 次
summary-nothing-paid = 未产生费用
summary-cost = { $cost } 元
summary-cost-and-doubts = { $cost } 元；如果存疑的全部计费，再加 { $more } 元
summary-rejected = 资料有误、未调用接口的行：
summary-more-kinds = 另有 { $kinds } 类：见 reason 列
summary-stopped = 提前停止：{ $why }。
summary-old-answers = 有 { $rows } 行保留旧结果：本应重新核验，但照片已不在。
summary-input-changed = 运行期间输入文件被改动：输出按现在的输入文件生成。
summary-nothing-left = 全部完成，没有待办事项。
summary-next = 接下来：
summary-next-doubts = { $rows } 行存疑：这些调用可能已计费，因此不会自动重复。按聚合数据的账单或调用记录核清，或手工核清：
summary-statement = 账单.csv
summary-next-doubts-resend = 如要再次调用（可能重复付费）：
summary-next-old-answers = 有 { $rows } 行仍是旧结果，本次运行还没有重新核验到；继续运行：
summary-next-rejected = { $rows } 行资料有误：请按 reason 列的说明修改输入文件后再次运行；已有结论的不会重复付费。
summary-next-pending = { $rows } 行还没有结果；继续运行：

## 为何停止，如何处理

stop-max-calls = 已达到 --max-calls
stop-max-cost = 已达到 --max-cost（存疑的调用按已花费计算）
stop-daily-limit = 已达到 --daily-limit；上海时间零点开始新的一天
stop-answered = 接口返回 { $answer }
stop-key-refused = 接口拒绝了这个 key 或本机地址，返回 { $answer }
stop-deadline = 已到 --stop-at 或 --max-duration 规定的时间
stop-deadline-last = 已到 --stop-at 或 --max-duration 规定的时间；最后一次调用的结果是 { $answer }
stop-signal = 收到了停止的要求
stop-address-limit = 接口连续半小时返回 10011（本机地址请求过多）：请稍后用更低的 --rate 再运行
stop-access-refused = 接口拒绝访问（HTTP { $status }）：请检查 key，以及本机地址是否在允许之列
stop-certificate = 服务器的证书无效，因此什么也没有发送：请检查 --endpoint、本机时钟、CA 证书，以及中间有没有别的设备
stop-unreachable = 无法连接接口（{ $seen }）：请检查网络和 --endpoint
stop-no-connection = 没有连接
stop-busy = 接口半小时内只返回 HTTP 429 或 503（要求等待）：请稍后再运行
stop-doubts = 连续五次调用没有得到文档规定的结果：请检查网络，并确认聚合数据是否有故障
stop-unknown-codes = 连续三次返回接口文档中没有的代码，最后一次是 { $answer }
stop-unknown-res = 连续三次计费的结果里没有接口文档规定的 `res`：接口可能已变更，请咨询聚合数据
stop-fields-refused = 接口连续拒绝了五行，最后一次是 { $answer }：各列是否对应正确？
stop-client-error = 服务地址返回 HTTP { $status }：请检查 --endpoint
stop-ledger-failed = 台账无法写入
answer-known = { $code } { $text }（{ $english }）：{ $remedy }
answer-unknown-code = { $code }（接口文档中没有此代码）：请咨询聚合数据其含义
answer-seen = 如下内容：{ $seen }
answer-none = 没有代码

## 暂时没有发起调用的原因

pause-rate = 按速率等待
pause-address-limit = 10011，正在降速
pause-quota = 当日次数已用完
pause-internal-errors = 多次返回 10014
pause-maintenance = 10020，接口维护
pause-asked-to-wait = 接口要求等待
pause-unreachable = 没有连接
summary-photo-warnings = 有 { $rows } 行的照片有提示：见 `detail` 列，或用 `reverify photo` 查看。
