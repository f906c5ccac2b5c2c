# Photos: why one is rejected, what is worth knowing of one that is sent, and what `reverify photo` says.

## Why a photo is rejected

photo-no-path = no photo is named
photo-outside-folder = the photo's path leaves the photo folder; write it relative to the folder, without ".."
photo-symbolic-link = the photo's path goes through a symbolic link; put the file itself in the folder
photo-missing = the photo's file does not exist
photo-not-a-file = the photo's path names something that is not a regular file
photo-no-permission = the photo's file may not be read by this user
photo-unreadable = the photo's file cannot be read
photo-empty = the photo's file is empty
photo-file-too-large = the photo's file is larger than 32 MiB
photo-not-a-picture = the file is not a picture; JPEG, PNG, WebP, TIFF, GIF and BMP are read
photo-foreign-heic = the file is HEIC; export it as JPEG, or convert it with heif-convert (on the iPhone, Settings > Camera > Formats > Most Compatible makes it take JPEGs)
photo-foreign-avif = the file is AVIF; export it as JPEG from a picture viewer, or convert it with avifdec
photo-foreign-video = the file is a video; convert it to JPEG
photo-foreign-raw = the file is a raw camera file; convert it to JPEG
photo-foreign-pdf = the file is PDF; convert it to JPEG
photo-foreign-photoshop = the file is a Photoshop file; convert it to JPEG
photo-foreign-jpeg-xl = the file is JPEG XL; convert it to JPEG
photo-foreign-jpeg-2000 = the file is JPEG 2000; convert it to JPEG
photo-foreign-icon = the file is an icon; convert it to JPEG
photo-foreign-svg = the file is SVG; convert it to JPEG
photo-foreign-zip = the file is a ZIP archive or an office document; convert it to JPEG
photo-unsupported-kind = a rare kind of { $format } that is not read; save it as an ordinary JPEG
photo-animated = an animated { $format }; save one picture of it as JPEG
photo-truncated-lines = the { $format } is cut off before the picture ends, { $percent } % of its lines are there; copy the original again
photo-truncated-passes = the { $format } is cut off before the picture ends, { $passes } of its passes are there, with { $percent } % of the detail; copy the original again
photo-truncated-bytes = the { $format } is cut off before the picture ends, { $percent } % of the file is there; copy the original again
photo-damaged = the { $format } is damaged and does not decode; copy the original again
photo-too-many-pixels = { $size } pixels are more than are decoded; save it smaller
photo-too-many-passes = the JPEG comes in { $passes } passes or more, which no camera writes; save it again
photo-too-small = { $size } pixels are too few or too narrow to recognise a face on
photo-no-face = no face is found on the photo; take one of the face from the front, or send it all the same with --face warn
photo-face-too-small = the face is only { $width } pixels wide, { $least } are the least; take a photo closer to the face, or send it all the same with --face warn

## What is worth knowing of a photo that is sent

photo-below-budget = smaller than the API asks for, the source has no more to give
photo-few-pixels = a side has fewer than 200 pixels
photo-no-end-marker = the file lacks its end marker, the picture is whole
photo-first-of-several = the file holds several pictures, the first is taken
photo-turned = turned by { $degrees } degrees, so that its face is upright
photo-warned-no-face = no face is found
photo-several-faces = { $count } faces of similar size
photo-small-face = the face is only { $width } pixels wide as sent
photo-blurred-face = the face is blurred (sharpness { $sharpness }, { $least } are usual)

## What `reverify photo` says

photo-comma = ,{ " " }
photo-semicolon = ;{ " " }
photo-turned-by-exif = turned by EXIF { $number }
photo-turned-by-face = turned by { $degrees }° to its face
photo-face = face { $width } px
photo-sent = { $size }, quality { $quality }, { $bytes } bytes
photo-kept = { $size }, kept as it is, { $bytes } bytes
photo-warnings = {" "}({ $warnings })
photo-rejected = rejected: { $reason }
photo-tally =
    { $total ->
        [one] { $total } photo
       *[other] { $total } photos
    }: { $sent } can be sent, { $warned } of them with a warning, { $rejected } rejected
photo-skipped =
    { $count ->
        [one] { $count } file of the folders is no picture, hidden or a link, and was left out
       *[other] { $count } files of the folders are no pictures, hidden or links, and were left out
    }
photo-progress = { $done } of { $of }, { $percent } %, { $left } left
photo-none-found = there is no picture in what was named
photo-folder-unreadable = the folder { $path } cannot be read: { $error }
photo-unprintable = the lines cannot be printed: { $error }
photo-to-unwritable = { $path } cannot be written ({ $error }); name another --to
photo-unwritable = { $path } cannot be written ({ $error })
photo-no-name = the path has no file name
photo-written-already = { $path } was written already, from another file
photo-is-an-input = { $path } is an input itself; name another --to
photo-sheet-unwritable = the page { $path } cannot be written ({ $error }); name another --contact-sheet

## The contact sheet

photo-sheet-title = What the API would see
photo-sheet-rejected = Rejected ({ $count })
photo-sheet-sent = As they are sent ({ $count })
photo-sheet-face = face
photo-sheet-crop = what is cut out
photo-sheet-care = This page holds faces. Whoever gets it can see them: delete it when it has done its work.
photo-sheet-original = original
photo-sheet-as-sent = as it is sent
photo-sheet-nothing = nothing to show

photo-folder-unopened = the photo folder { $path } cannot be opened; name an existing folder with --photos
