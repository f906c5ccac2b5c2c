# 第一次调用之前的几行。

announce-input = { $input }：{ $rows } 行（{ $form }）：待核验 { $due }，已有结论 { $settled }，资料有误 { $rejected }，存疑 { $held }
announce-no-call = 无需调用接口
announce-calls = 最多 { $calls } 次调用，速率 { $rate }，并发 { $concurrency }，至少需要 { $time }
announce-sandbox = 沙箱：结果为虚构，不产生费用
announce-cost = 最多花费 { $cost } 元
announce-no-price = 加上 --price 可显示费用
announce-orphans = 有 { $calls } 次调用没有结果，因为之前的运行中断了：可能已计费的按存疑保留
announce-alarm = 警告：{ $rows } 个身份证号中有 { $count } 个以 000 结尾，很可能被电子表格取整了；用错误的号码调用同样要付费。请从源头重新取得文件，身份证号用文本格式
announce-photo-warnings = 待核验的行中有 { $rows } 行的照片有提示：见 `detail` 列
