# 台账为何不能使用。无论何种原因，没有台账就不发起任何调用。

ledger-locked = 台账 { $path } 正被进程 { $pid } 使用：请等那次运行结束，或用 --ledger 另指定一个
ledger-missing = { $path } 处没有台账：请用 --ledger 指定，或先执行 `reverify run`
ledger-key-missing = 台账 { $ledger } 在，但其密钥文件 { $key } 不在：没有密钥就认不出任何人，所有人都会被重复付费；请恢复该密钥文件，或用 --ledger-key-file 指定
ledger-key-damaged = 台账密钥文件 { $path } 已损坏：内容应为 64 个十六进制数字；请从备份恢复
ledger-key-of-another = 密钥文件 { $key } 不属于台账 { $ledger }：请用 --ledger-key-file 指定正确的密钥
ledger-not-a-ledger = { $path } 不是 reverify 的台账，或已损坏：请从备份恢复，或用 --ledger 另指定一个
ledger-newer = 台账 { $path } 由更新版本的 reverify 写成（结构版本 { $found }，本程序只认识到 { $known }）：请使用那个版本
ledger-other-endpoint = 台账 { $path } 曾用于{ $bound }，不能再用于{ $wanted }：两者的结果不可混在一起；请用 --ledger 另指定一个
ledger-half = { $there } 所属的台账不在：{ $path } 缺失或为空，其中记录过的人都会被重复付费；请将其放回；如系有意删除，请把 { $there } 也删除
ledger-unsound = 台账 { $path } 与最后一次使用时不同：{ $fault }；未发送任何请求，因为缺失的部分可能已经付过费；请把全部文件的最新副本放回（详情见 `reverify audit`），或执行 `reverify resolve --accept-rollback --reason 原因` 以现有台账继续，届时所有没有结果的人都按存疑处理
ledger-unsound-damaged = 台账 { $path } 已损坏：{ $fault }；未发送任何请求；请从备份恢复其全部文件（详情见 `reverify audit`）
ledger-io = 台账无法使用 { $path }：{ $source }
ledger-sql = 台账 { $path } 无法读写：{ $source }
ledger-damaged = 台账 { $path } 已损坏：{ $what }；请从备份恢复
ledger-failed = 台账写入失败，因此不再发起调用

endpoint-sandbox = 内置沙箱
endpoint-this-machine = 本机上的接口
endpoint-remote = 其他地方的接口

## 台账变旧、被改动或损坏的迹象。每条都是句子的一部分。

fault-anchor-missing = 其锚点文件 { $anchor } 缺失，无从判断这是否为最新副本
fault-anchor-unreadable = 其锚点文件 { $anchor } 已损坏，无从判断这是否为最新副本
fault-behind = 其中的记录止于第 { $found } 组，而写过的有 { $written } 组：这是较旧的副本，或其 -wal 文件缺失或损坏
fault-diverged = 其中第 { $at } 组记录不是当初写入的那一组：这是另一段历史的副本
fault-lacks-a-call = { $reserve } 中有一条结果，而台账里没有对应的调用：这是较旧的副本
fault-broken = 从第 { $group } 组起，记录与写入时不同：{ $what }
fault-broken-since = 从第 { $group } 组（{ $time }）起，记录与写入时不同：{ $what }
fault-link-missing = 链条缺了一环
fault-row-missing = { $table } 表缺了一行
fault-changed = 有数值被改动
fault-rows-added = { $table } 表里有并非 reverify 写入的行
fault-tables-changed = 其表、索引或触发器不是 reverify 所建的
fault-damaged = SQLite 报告“{ $what }”
