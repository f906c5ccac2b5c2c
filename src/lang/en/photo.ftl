# Messages of `photo`.
photo-folder-unopened = the photo folder { $path } cannot be opened; name an existing folder with --photos
