# 一行数据有什么问题、做了哪些修正、代码的含义与处理办法。

## 不能提交的原因

rule-empty = 没有填写
rule-damaged-by-spreadsheet = 被电子表格损坏：已按数字取整，请从源头以文本格式重新取得
rule-masked = 有数字被 * 遮住：需要完整的号码
rule-id-length = 身份证号应为 18 位（旧号 15 位），此处位数不符
rule-id-characters = 含有数字和末位 X 以外的字符
rule-id-birth-date = 第 7 至 14 位不是日期：有一位数字录错
rule-id-birth-in-future = 出生日期在将来
rule-id-birth-too-early = 出生日期早于 1850 年
rule-id-check-digit = 末位校验码与前 17 位不符：有一位录错
rule-id-ends-in-000 = 疑似被电子表格损坏：末三位变成了 0，与前面各位不符
rule-mobile-characters = 含有一个号码的数字以外的内容
rule-mobile-length = 手机号应为 11 位，此处位数不符
rule-mobile-start = 手机号应以 13 至 19 开头，此处不是
rule-name-length = 超过 50 个字符
rule-name-replacement-character = 文件转换编码时丢失了字符（U+FFFD）
rule-name-question-mark = 含有问号，多半是丢失的字符
rule-name-private-use = 含有自造字（私用区字符），只有某个系统的字体能显示
rule-name-control = 含有换行、制表符或其他控制字符
rule-name-digit = 含有数字
rule-name-space = 汉字之间有空格：请删去；如本应有间隔号，请写作 ·
rule-name-punctuation = 间隔号、连字符等符号的旁边没有文字
rule-name-character = 含有既非汉字也非拉丁字母的字符

## 所做的修正

repair-spaces = 去掉空格
repair-invisible = 去掉不可见字符
repair-spreadsheet-marks = 去掉电子表格的 ' 或 ="…"
repair-full-width = 全角字符改为半角
repair-check-letter = 形似 X 的字符改为 X
repair-fifteen-digits = 15 位换算为 18 位
repair-separators = 去掉连字符或括号
repair-country-code = 去掉国家代码 86
repair-decimal-zero = 去掉末尾的 .0
repair-middle-dot = 姓名中的间隔号统一为 ·
repair-composed = 字符统一为组合形式（NFC）

## 各代码的处理办法

remedy-nothing = 无需处理
remedy-check-key = 在聚合数据控制台（个人中心 -> 我的数据）查到 key，写入 key 文件
remedy-apply = 在聚合数据控制台为该 key 申请“人脸四要素核验”，或改用已有权限的 key
remedy-renew-key = 在聚合数据控制台续期该 key
remedy-certify = 在聚合数据控制台提交账号认证
remedy-allow-source = 在聚合数据控制台把本机的公网地址加入允许的请求来源
remedy-allow-address = 在聚合数据控制台把本机的公网地址加入白名单
remedy-ask-juhe = 联系聚合数据客服，然后再次运行
remedy-lower-rate = 无需处理：程序会自行降速；调低 --rate 可以避免
remedy-tomorrow = 明天再运行，或购买更多次数；--daily-limit 可以在此之前停下
remedy-no-test-key = 改用正式的 key
remedy-compare-orders = 用 orderid 与聚合数据的账单核对：文档自己就提醒此处可能造成损失
remedy-later = 稍后再运行；指定 --stop-at 时程序会等待并试探
remedy-mend-row = 修改该行
remedy-mend-id-number = 修改该行的身份证号
remedy-mend-mobile = 修改该行的手机号
remedy-mend-name = 修改该行的姓名
remedy-asked-again = 无需处理：以后的运行会再次查询，总共三次

## 结论、要素与核验结果

check-pass = 通过
check-mismatch = 不通过
check-failed = 失败
check-no-record = 无记录
check-unchecked = 未核验
factor-identity = 身份
factor-face = 人像
factor-mobile = 手机号
decision-match = 一致
decision-mismatch = 不一致
decision-inconclusive = 无法确定
decision-rejected = 资料有误
decision-unresolved = 存疑
decision-pending = 待核验
