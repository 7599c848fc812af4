//! Archives as files: compressed or not, the standard input and output among them.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::NamedTempFile;

/// The name of the standard input or output.
const STANDARD: &str = "-";

/// What everything that zstd has compressed begins with.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Bytes that are handed to the system, or taken from it, at once.
const BUFFER: usize = 1 << 16;

/// A file that is being written. It gets its name when it is complete; until then, whatever had that
/// name keeps it.
pub struct Draft {
    sink: Sink,
    place: Place,
}

enum Sink {
    Plain(BufWriter<Box<dyn Write + Send>>),
    Compressed(zstd::Encoder<'static, Box<dyn Write + Send>>),
}

enum Place {
    /// A regular file, under another name so far.
    Renamed(NamedTempFile, PathBuf),
    /// What must be written as it stands: the standard output, a pipe, a device.
    Direct,
}

/// Begins the file of this name: compressed with zstd when it ends in `.zst`, the standard output when it
/// is `-`.
pub fn create(path: &Path) -> io::Result<Draft> {
    let (place, out): (_, Box<dyn Write + Send>) = if path == Path::new(STANDARD) {
        (Place::Direct, Box::new(io::stdout()))
    } else if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        (Place::Direct, Box::new(File::options().write(true).open(path)?))
    } else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".docket-dump-").tempfile_in(folder)?;
        let out = file.reopen()?;
        (Place::Renamed(file, path.to_owned()), Box::new(out))
    };
    let sink = if path.extension().is_some_and(|extension| extension == "zst") {
        let mut encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
        encoder.include_checksum(true)?;
        Sink::Compressed(encoder)
    } else {
        Sink::Plain(BufWriter::with_capacity(BUFFER, out))
    };
    Ok(Draft { sink, place })
}

impl Draft {
    /// Completes the file, on disk too, and gives it its name.
    pub fn keep(self) -> io::Result<()> {
        let mut out = match self.sink {
            Sink::Plain(sink) => sink.into_inner()?,
            Sink::Compressed(sink) => sink.finish()?,
        };
        out.flush()?;
        if let Place::Renamed(file, path) = self.place {
            file.as_file().sync_all()?;
            file.persist(path)?;
        }
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Plain(sink) => sink.write(bytes),
            Sink::Compressed(sink) => sink.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Plain(sink) => sink.flush(),
            Sink::Compressed(sink) => sink.flush(),
        }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").finish_non_exhaustive()
    }
}

/// How much of a file has been read.
#[derive(Debug, Clone)]
pub struct Consumed {
    /// How many bytes it has, where that can be known.
    size: Option<u64>,
    read: Arc<AtomicU64>,
}

impl Consumed {
    /// The part of the file that was read, 0 to 1, where that can be known.
    #[expect(clippy::cast_precision_loss, reason = "for the eye")]
    pub fn part(&self) -> Option<f64> {
        let size = self.size.filter(|size| *size > 0)?;
        Some(self.read.load(Ordering::Relaxed) as f64 / size as f64)
    }
}

/// Opens the file of this name, the standard input when it is `-`, and sees by its first bytes whether it
/// is compressed.
pub fn open(path: &Path) -> io::Result<(Box<dyn BufRead + Send>, Consumed)> {
    let (input, size): (Box<dyn io::Read + Send>, _) = if path == Path::new(STANDARD) {
        (Box::new(io::stdin()), None)
    } else {
        let file = File::open(path)?;
        let size = file.metadata()?;
        (Box::new(file), size.is_file().then_some(size.len()))
    };
    let consumed = Consumed { size, read: Arc::default() };
    let counted = Counted { input, read: Arc::clone(&consumed.read) };
    let mut input = BufReader::with_capacity(BUFFER, counted);
    let input: Box<dyn BufRead + Send> = if input.fill_buf()?.starts_with(&MAGIC) {
        Box::new(BufReader::with_capacity(BUFFER, zstd::Decoder::with_buffer(input)?))
    } else {
        Box::new(input)
    };
    Ok((input, consumed))
}

struct Counted {
    input: Box<dyn io::Read + Send>,
    read: Arc<AtomicU64>,
}

impl io::Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
