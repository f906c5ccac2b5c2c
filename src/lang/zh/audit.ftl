# `reverify audit`：台账是否与写入时一致。

audit-sound = { $path }：台账完好，每条记录都与写入时一致
audit-unsound = { $path }：台账有问题，不会用它发起任何调用
audit-unprintable = 核验结果无法输出：{ $error }
audit-groups = 组记录，全部核验通过
audit-groups-from = 组记录，自第 { $from } 组起核验：此前是按原样接收或接受的内容
audit-groups-unverified = 组记录，未能全部核验
audit-anchor = 锚点所记的组号
audit-runs = 次运行
audit-intents = 次调用在发起前已记录
audit-answers = 条结果
audit-resolutions = 条人工对存疑调用的结论
audit-rollbacks = 条人工对旧副本的结论
audit-billed = 次调用确定已计费
audit-in-doubt = 次调用存疑
audit-remedy =
    处理办法：把全部文件的最新副本放回（台账及其 -wal、.anchor、.key，如有 .reserve 也一并放回）。
    如果没有，可用现有台账继续：reverify resolve --accept-rollback --reason 原因
    之后凡在其中没有结果的人都按存疑处理，因为缺失的部分里可能已查询并付费。
audit-remedy-damaged = 处理办法：请从备份恢复其全部文件；损坏在文件本身，无法靠人工结论弥补。
