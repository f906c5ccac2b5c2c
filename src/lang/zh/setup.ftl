# 初次使用：init、config、doctor。

## reverify init

init-input = 示例名单，两个虚构的人
init-photo = 两人共用的肖像照片（NASA，公有领域）
init-configuration = run 的全部选项，附含义和默认值
init-key = 存放 API key 的文件，只有您能读取
init-made = 已创建 { $path }：{ $what }
init-kept = 保留   { $path }：原已存在
init-no-key = 无 key { $path } 没有创建：取得 API key 后请写入该文件，并执行 chmod 600
init-ask-key = 在 juhe.cn 取得的 API key（输入时不显示；暂无请直接回车）：
init-key-unread = 无法从终端读取 key：{ $error }
init-key-unusable = 输入的内容不是 key：{ $error }；没有写入任何文件
init-failed = 无法创建 { $path }：{ $error }；请指定一个您可以写入的文件夹
init-next = 接下来：
init-try = # 不需要 key，不花钱
init-check = # 检查是否一切就绪
init-run = # 正式核验前十行

## 附说明的 reverify.toml

sample-head = reverify 的选项。下面每个以 # 紧接名称开头的行是一个选项，去掉 # 即生效。命令行参数优先于环境变量（rate 对应 REVERIFY_RATE），环境变量优先于本文件。API key 不应写在这里，它有单独的文件。
sample-general = 通用

## reverify config

config-file-read = `reverify run` 生效的选项（已读取 { $path }）：
config-no-file = `reverify run` 生效的选项（这里没有 reverify.toml）：
config-from-flag = 命令行
config-from-environment = ${ $name }
config-from-file = { $path }
config-from-default = 默认
config-key-set = API key 已设置：{ $place }
config-key-not-set = API key 未设置：请用 --key-file 指明存放它的文件，或写入环境变量 JUHE_KEY

## reverify doctor

doctor-ok = 正常
doctor-warning = 注意
doctor-problem = 问题
doctor-all-fine = 一切就绪。
doctor-sum = { $problems } 个问题，{ $warnings } 处需要注意。
doctor-key = key
doctor-key-sandbox = 沙箱不需要 key
doctor-key-open = 其他用户可以读取 { $path }（权限 { $mode }）：请对它执行 chmod 600
doctor-key-fine = { $path } 中有 key，权限 { $mode }；聚合数据是否认可，只有调用才知道
doctor-key-variable = { $place } 中有 key：放进只有您能读取的文件更安全
doctor-ledger = 台账
doctor-ledger-unused = （尚无结果）
doctor-ledger-fine = { $path } 及其密钥可用；其中的结果来自：{ $bound }
doctor-ledger-none = { $path } 尚不存在：第一次运行时会创建
doctor-ledger-held = { $path } 正被进程 { $pid } 使用：有运行正在进行，因此没有打开查看
doctor-ledger-folder = 台账目录
doctor-output-folder = 输出目录
doctor-folder-fine = 可以在 { $path } 中创建文件
doctor-folder-bad = 无法在 { $path } 中创建文件（{ $error }）：请给当前用户写入权限，或换一个位置
doctor-output = 输出
doctor-output-new = { $path } 尚不存在
doctor-output-fine = { $path } 可以整体替换
doctor-output-no-file = { $path } 不是文件：请用 --output 指定另一个
doctor-output-mounted = { $path } 与所在目录不在同一文件系统，无法整体替换：请改为挂载目录，或用 --output 指定另一个
doctor-output-unseen = 无法查看 { $path }：{ $error }
doctor-privacy = 隐私
doctor-privacy-fine = 含个人信息或密钥的文件都没有对所有用户开放
doctor-privacy-open = 本机所有用户都能读取 { $paths }：请对含个人信息或密钥的文件执行 chmod 600
doctor-photos = 照片
doctor-photos-fine = { $path } 可以读取
doctor-disk = 磁盘
doctor-disk-fine = { $path } 剩余 { $free } MiB
doctor-disk-low = { $path } 只剩 { $free } MiB：长时间运行之前请腾出空间
doctor-disk-full = { $path } 只剩 { $free } MiB：运行会中断，请先腾出空间
doctor-disk-unknown = 无法得知剩余空间
doctor-connection = 连接
doctor-connection-sandbox = 沙箱不需要连接
doctor-connection-fine = { $host } 有应答（HTTP { $status }）；没有调用接口
doctor-connection-none = { $host } 没有应答（{ $seen }）：请检查网络、防火墙和 --endpoint
doctor-connection-certificate = { $host } 的证书无效：请检查本机时钟、CA 证书（Debian 的 ca-certificates 软件包），以及中间有没有别的设备
doctor-clock = 时钟
doctor-clock-fine =
    { $seconds ->
        [0] 与服务器一致
       *[other] 与服务器相差 { $seconds } 秒
    }
doctor-clock-wrong = 与服务器相差 { $seconds } 秒：请开启时间同步，否则 --stop-at、--daily-limit 以及输出中的时间都不准确
doctor-clock-unknown = 没有比较：服务器没有告知时间
