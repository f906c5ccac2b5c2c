# 照片：为什么被拒收、已发送的照片有什么值得注意，以及 `reverify photo` 的输出。

## 照片被拒收的原因

photo-no-path = 未填写照片
photo-outside-folder = 照片路径超出了照片文件夹；请写成相对于该文件夹的路径，不要含“..”
photo-symbolic-link = 照片路径经过符号链接；请把文件本身放进文件夹
photo-missing = 照片文件不存在
photo-not-a-file = 照片路径指向的不是普通文件
photo-no-permission = 当前用户无权读取照片文件
photo-unreadable = 照片文件无法读取
photo-empty = 照片文件是空的
photo-file-too-large = 照片文件大于 32 MiB
photo-not-a-picture = 该文件不是图片；可读取 JPEG、PNG、WebP、TIFF、GIF 和 BMP
photo-foreign-heic = 该文件是 HEIC；请导出为 JPEG，或用 heif-convert 转换（在 iPhone 的“设置 > 相机 > 格式”中选择“兼容性最佳”，以后拍摄的就是 JPEG）
photo-foreign-avif = 该文件是 AVIF；请在看图软件中导出为 JPEG，或用 avifdec 转换
photo-foreign-video = 该文件是视频；请转换为 JPEG
photo-foreign-raw = 该文件是相机的 RAW 文件；请转换为 JPEG
photo-foreign-pdf = 该文件是 PDF；请转换为 JPEG
photo-foreign-photoshop = 该文件是 Photoshop 文件；请转换为 JPEG
photo-foreign-jpeg-xl = 该文件是 JPEG XL；请转换为 JPEG
photo-foreign-jpeg-2000 = 该文件是 JPEG 2000；请转换为 JPEG
photo-foreign-icon = 该文件是图标；请转换为 JPEG
photo-foreign-svg = 该文件是 SVG；请转换为 JPEG
photo-foreign-zip = 该文件是 ZIP 压缩包或办公文档；请转换为 JPEG
photo-unsupported-kind = 该文件是少见的 { $format }，无法读取；请另存为普通 JPEG
photo-animated = 该文件是动态 { $format }；请把其中一幅另存为 JPEG
photo-truncated-lines = { $format } 不完整，只有 { $percent }% 的行；请重新复制原件
photo-truncated-passes = { $format } 不完整，只有 { $passes } 遍扫描、{ $percent }% 的细节；请重新复制原件
photo-truncated-bytes = { $format } 不完整，只有文件的 { $percent }%；请重新复制原件
photo-damaged = { $format } 已损坏，无法解码；请重新复制原件
photo-too-many-pixels = { $size } 像素超过可解码的上限；请另存为较小的图片
photo-too-many-passes = 该 JPEG 分 { $passes } 遍或更多遍扫描，没有相机会这样写；请重新保存
photo-too-small = { $size } 像素太少或太窄，认不出人脸
photo-no-face = 照片上没有找到人脸；请换一张正脸照片，或用 --face warn 照样发送
photo-face-too-small = 人脸只有 { $width } 像素宽，至少需要 { $least } 像素；请靠近人脸重新拍摄，或用 --face warn 照样发送

## 已发送的照片有什么值得注意

photo-below-budget = 小于接口要求的大小，原件已没有更多内容
photo-few-pixels = 有一边不足 200 像素
photo-no-end-marker = 文件缺少结束标记，但画面完整
photo-first-of-several = 文件含多幅图片，取第一幅
photo-turned = 已旋转 { $degrees } 度，使人脸朝上
photo-warned-no-face = 没有找到人脸
photo-several-faces = 有 { $count } 张大小相近的人脸
photo-small-face = 发送时人脸只有 { $width } 像素宽
photo-blurred-face = 人脸模糊（清晰度 { $sharpness }，通常不低于 { $least }）

## `reverify photo` 的输出

photo-comma = ，
photo-semicolon = ；
photo-turned-by-exif = 按 EXIF { $number } 转正
photo-turned-by-face = 按人脸旋转 { $degrees }°
photo-face = 人脸 { $width } 像素
photo-sent = { $size }，质量 { $quality }，{ $bytes } 字节
photo-kept = { $size }，保持原样，{ $bytes } 字节
photo-warnings = （{ $warnings }）
photo-rejected = 拒收：{ $reason }
photo-tally = 共 { $total } 张照片：{ $sent } 张可以发送（其中 { $warned } 张有提示），{ $rejected } 张被拒收
photo-skipped = 文件夹中有 { $count } 个文件不是图片、是隐藏文件或链接，已略过
photo-progress = { $done } / { $of }，{ $percent }%，还需 { $left }
photo-none-found = 所指定的位置没有图片
photo-folder-unreadable = 无法读取文件夹 { $path }：{ $error }
photo-unprintable = 无法输出结果：{ $error }
photo-to-unwritable = 无法写入 { $path }（{ $error }）；请用 --to 指定其他位置
photo-unwritable = 无法写入 { $path }（{ $error }）
photo-no-name = 该路径没有文件名
photo-written-already = { $path } 已由另一个文件写入
photo-is-an-input = { $path } 本身就是输入文件；请用 --to 指定其他位置
photo-sheet-unwritable = 无法写入页面 { $path }（{ $error }）；请用 --contact-sheet 指定其他位置

## 对照页

photo-sheet-title = 接口将看到的照片
photo-sheet-rejected = 被拒收（{ $count }）
photo-sheet-sent = 发送的样子（{ $count }）
photo-sheet-face = 人脸
photo-sheet-crop = 裁取的范围
photo-sheet-care = 本页含有人脸图像，拿到它的人都能看到；用完请删除。
photo-sheet-original = 原件
photo-sheet-as-sent = 发送的样子
photo-sheet-nothing = 无可显示

photo-folder-unopened = 无法打开照片文件夹 { $path }：请用 --photos 指定一个存在的文件夹
