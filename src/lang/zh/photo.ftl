# Messages of `photo`.
photo-folder-unopened = 无法打开照片文件夹 { $path }：请用 --photos 指定一个存在的文件夹
