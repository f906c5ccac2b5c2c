//! The bytes to split into records: the file's own, or UTF-8 made from UTF-16 on the way.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE};

use super::encoding::Encoding;

/// How many bytes are read from the file at a time.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// Reads a file from a place of its own, so that any number of passes share one open file.
pub(super) struct FileAt {
    file: Arc<File>,
    offset: u64,
}

impl FileAt {
    pub(super) fn new(file: Arc<File>, offset: u64) -> Self {
        Self { file, offset }
    }
}

impl Read for FileAt {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl Seek for FileAt {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let offset = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.offset.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.offset = offset.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}

/// Where a table's text is.
#[derive(Clone)]
pub(super) enum Content {
    /// In a file.
    File(Arc<File>),
    /// In memory: what a workbook's sheet was written as.
    Sheet(Arc<Vec<u8>>),
}

/// A file's text in an encoding whose ASCII characters are single bytes.
pub(super) enum Source {
    Bytes(FileAt),
    Utf16(Box<FromUtf16>),
    Sheet(Arc<Vec<u8>>, usize),
}

impl Source {
    /// Starts behind the byte order mark, `skip_bytes` from the start.
    pub(super) fn new(content: &Content, skip_bytes: u64, encoding: Option<Encoding>) -> Self {
        let bytes = match content {
            Content::File(file) => FileAt::new(Arc::clone(file), skip_bytes),
            Content::Sheet(text) => return Self::Sheet(Arc::clone(text), 0),
        };
        match encoding {
            Some(Encoding::Utf16Le) => Self::Utf16(Box::new(FromUtf16::new(bytes, UTF_16LE))),
            Some(Encoding::Utf16Be) => Self::Utf16(Box::new(FromUtf16::new(bytes, UTF_16BE))),
            Some(Encoding::Utf8 | Encoding::Gb18030) | None => Self::Bytes(bytes),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Bytes(bytes) => bytes.read(buffer),
            Self::Sheet(text, taken) => {
                let count = buffer.len().min(text.len() - *taken);
                buffer[..count].copy_from_slice(&text[*taken..*taken + count]);
                *taken += count;
                Ok(count)
            }
            Self::Utf16(text) => text.read(buffer),
        }
    }
}

/// Transcodes UTF-16 to UTF-8. What does not decode (half of a surrogate pair, an odd last byte) becomes
/// the byte 0xFF, which UTF-8 never has: whoever checks the rows finds it and knows where it is.
pub(super) struct FromUtf16 {
    bytes: FileAt,
    decoder: Decoder,
    input: Vec<u8>,
    /// Text that was decoded, and how much of it was handed out.
    text: Vec<u8>,
    taken: usize,
    is_over: bool,
}

impl FromUtf16 {
    const BAD: u8 = 0xff;

    fn new(bytes: FileAt, encoding: &'static encoding_rs::Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { bytes, decoder, input: vec![0; CHUNK_BYTES], text: Vec::new(), taken: 0, is_over: false }
    }

    /// Decodes the next chunk of the file.
    fn advance(&mut self) -> io::Result<()> {
        self.text.clear();
        self.taken = 0;
        let count = self.bytes.read(&mut self.input)?;
        self.is_over = count == 0;
        let mut input = &self.input[..count];
        loop {
            let room = self.decoder.max_utf8_buffer_length_without_replacement(input.len());
            let start = self.text.len();
            self.text.resize(start + room.unwrap_or(4 * input.len() + 16), 0);
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(input, &mut self.text[start..], self.is_over);
            self.text.truncate(start + written);
            input = &input[read..];
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::Malformed(..) => self.text.push(Self::BAD),
                DecoderResult::OutputFull => {}
            }
        }
    }
}

impl Read for FromUtf16 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.text.len() && !self.is_over {
            self.advance()?;
        }
        let count = buffer.len().min(self.text.len() - self.taken);
        buffer[..count].copy_from_slice(&self.text[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

/// Reads until the buffer is full or the text ends.
pub(super) fn read_head(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(CHUNK_BYTES);
    source.take(CHUNK_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}
