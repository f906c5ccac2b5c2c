//! `reverify photo` against `vipsthumbnail` of libvips, over the same files, in turn, on one core.
//!
//! Both are whole programs, from their start to the last file written. libvips scales to 480 pixels at a
//! fixed quality; `reverify` fits each photo into the byte budget as well. What counts is the processor's
//! time, which a busy machine does not change much; the ratio of each pair is taken, and of those the median.
//! Where `vipsthumbnail` is not installed (Debian: `libvips-tools`), it is skipped, and only our own time
//! is told.
//!
//! The photographs are made here from the free portraits among the fixtures: head and shoulders, or more of the
//! picture, at the size of cameras' pictures, with grain, and as many bytes as cameras write.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fast_image_resize as fir;
use fast_image_resize::images::{Image, ImageRef};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// The portraits, the middle of the face on each, and the face's width, in pixels.
const PORTRAITS: [(&str, [u32; 2], u32); 4] = [
    ("photos/larger.jpg", [336, 173], 144),
    ("portraits/biden.jpg", [272, 180], 154),
    ("portraits/hopper.jpg", [275, 224], 216),
    ("portraits/obama.jpg", [252, 129], 152),
];

/// How high what is cut out of a portrait is, in tenths of the face's width.
const HEIGHTS: [u32; 5] = [26, 30, 34, 38, 42];

const OURS: &str = env!("CARGO_BIN_EXE_reverify");

const FILES: u32 = 40;
const PAIRS: usize = 7;

/// What a size is called, its sides in pixels, its files' length in bytes, and the ratio to reach.
const SIZES: [(&str, u32, u32, usize, f64); 3] = [
    ("12 MP", 3024, 4032, 3_500_000, 1.3),
    ("3 MP", 1536, 2048, 910_000, 2.0),
    ("0.5 MP", 612, 816, 161_000, 2.0),
];

fn main() {
    // `cargo test --benches` and such only want to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let has_peer = runs("vipsthumbnail", &["--version"]);
    let pinned = runs("taskset", &["-c", "0", "true"]);
    println!("{FILES} photos a size, {PAIRS} pairs; milliseconds of processor a photo, medians.");
    if !pinned {
        println!("taskset is not installed: the programs may use more than one core.");
    }
    if !has_peer {
        println!("vipsthumbnail is not installed (Debian: libvips-tools): skipped.");
    }
    println!(
        "{:<8}{:>12}{:>14}{:>12}{:>10}{:>9}",
        "", "reverify", "with faces", "libvips", "ratio", "at least"
    );
    let portraits = PORTRAITS.map(|(name, _, _)| {
        Picture::decode(&std::fs::read(format!("{FIXTURES}/{name}")).expect("the fixture is there"))
    });
    for (name, width, height, bytes, at_least) in SIZES {
        let folder = tempfile::tempdir().expect("there is room for photographs");
        let files: Vec<PathBuf> = (0..FILES)
            .map(|i| {
                let file = folder.path().join(format!("{i:02}.jpg"));
                let of = i as usize % PORTRAITS.len();
                let (_, middle, face) = PORTRAITS[of];
                let part = portraits[of].part(i, middle, face, width, height);
                std::fs::write(&file, portraits[of].photograph(i, part, width, height, bytes))
                    .expect("it can be written");
                file
            })
            .collect();
        let (mut ours, mut faces, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..PAIRS {
            ours.push(measure(pinned, &files, &folder.path().join("ours"), Program::Ours("off")).cpu);
            faces.push(measure(pinned, &files, &folder.path().join("faces"), Program::Ours("warn")).cpu);
            if has_peer {
                theirs.push(measure(pinned, &files, &folder.path().join("theirs"), Program::Vips).cpu);
            }
        }
        let mut ratios: Vec<f64> = theirs
            .iter()
            .zip(&ours)
            .map(|(theirs, ours)| theirs.as_secs_f64() / ours.as_secs_f64())
            .collect();
        let ratio = if has_peer { format!("{:.2}", median(&mut ratios)) } else { "-".to_owned() };
        let a_photo = |times: Vec<Duration>| {
            let mut times: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
            if times.is_empty() {
                return "-".to_owned();
            }
            format!("{:.1}", median(&mut times) * 1000.0 / f64::from(FILES))
        };
        let (ours, faces, theirs) = (a_photo(ours), a_photo(faces), a_photo(theirs));
        println!("{name:<8}{ours:>12}{faces:>14}{theirs:>12}{ratio:>10}{at_least:>9.1}");
        if pinned && name == "12 MP" {
            let mut gains: Vec<f64> = (0..PAIRS).map(|_| gain_of_two_cores(&files, folder.path())).collect();
            println!("        two cores are {:.2} times as fast as one, by the clock", median(&mut gains));
        }
    }
}

/// A program to measure.
#[derive(Clone, Copy)]
enum Program {
    /// With this `--face`.
    Ours(&'static str),
    Vips,
}

struct Times {
    /// Of the processor, user and system.
    cpu: Duration,
    wall: Duration,
}

/// Runs the program over all files on core 0.
fn measure(pinned: bool, files: &[PathBuf], target: &Path, program: Program) -> Times {
    run(if pinned { &["taskset", "-c", "0"] } else { &[] }, files, target, program)
}

fn gain_of_two_cores(files: &[PathBuf], folder: &Path) -> f64 {
    let wall = |cores| {
        let target = folder.join("cores");
        run(&["taskset", "-c", cores], files, &target, Program::Ours("off")).wall.as_secs_f64()
    };
    wall("0") / wall("0,1")
}

fn run(before: &[&str], files: &[PathBuf], target: &Path, program: Program) -> Times {
    std::fs::create_dir_all(target).expect("a folder can be made");
    // The shell's `times` gives the time of its children in its last line; no unsafe code is needed for it.
    let mut command = Command::new("sh");
    command.args(["-c", "\"$@\" >/dev/null && times", "sh"]).args(before);
    match program {
        Program::Ours(face) => {
            command.args([OURS, "photo", "--face", face, "--to"]).arg(target).args(files);
        }
        Program::Vips => {
            let name = target.join("%s.jpg[Q=80]");
            command.args(["vipsthumbnail", "--size", "480x480", "-o"]).arg(name).args(files);
            command.env("VIPS_CONCURRENCY", "1");
        }
    }
    let begun = Instant::now();
    let output = command.output().expect("sh is there");
    let wall = begun.elapsed();
    let text = String::from_utf8_lossy(&output.stdout);
    let children = text.lines().last().unwrap_or_default();
    let times: Option<Vec<f64>> = children.split_whitespace().map(seconds).collect();
    let times = times.filter(|times| output.status.success() && times.len() == 2);
    let cpu = times.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr))).iter().sum();
    Times { cpu: Duration::from_secs_f64(cpu), wall }
}

/// Reads `1m2.345s`.
fn seconds(written: &str) -> Option<f64> {
    let (minutes, seconds) = written.strip_suffix('s')?.split_once('m')?;
    Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
}

fn runs(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// RGB pixels.
struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    fn decode(jpeg: &[u8]) -> Self {
        let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
        let rgb = decoder.decode().expect("the fixture is a JPEG");
        let (width, height) = decoder.dimensions().expect("the fixture has sides");
        let side = |px| u32::try_from(px).expect("the fixture is small");
        Self { width: side(width), height: side(height), rgb }
    }

    /// Chooses what of the picture is on the `number`th photograph, whose sides have the ratio of `width` and
    /// `height`: left, top, width, height.
    fn part(&self, number: u32, [x, y]: [u32; 2], face: u32, width: u32, height: u32) -> [u32; 4] {
        let wanted = face * HEIGHTS[number as usize / PORTRAITS.len() % HEIGHTS.len()] / 10;
        let part_height = wanted.min(self.height).min(self.width * height / width);
        let part_width = part_height * width / height;
        let begins =
            |middle: u32, side: u32, all: u32| middle.saturating_sub(side / 2).min(all.saturating_sub(side));
        [begins(x, part_width, self.width), begins(y, part_height, self.height), part_width, part_height]
    }

    /// Makes the `number`th photograph of that part: enlarged, with grain.
    fn photograph(
        &self,
        number: u32,
        [left, top, part_width, part_height]: [u32; 4],
        width: u32,
        height: u32,
        bytes: usize,
    ) -> Vec<u8> {
        let source = ImageRef::new(self.width, self.height, &self.rgb, fir::PixelType::U8x3).expect("RGB");
        let mut target = Image::new(width, height, fir::PixelType::U8x3);
        let options =
            fir::ResizeOptions::new().crop(left.into(), top.into(), part_width.into(), part_height.into());
        fir::Resizer::new().resize(&source, &mut target, &options).expect("the part lies inside");
        let mut rgb = target.into_vec();
        let mut random = number.wrapping_mul(0x9e37_79b9) | 1;
        for pixel in rgb.as_chunks_mut::<3>().0 {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            // The sum of two dice, about the same for all three colours, as sensors have it.
            let [a, b, c, _] = random.to_le_bytes().map(|byte| i16::from(byte % 12));
            for (sample, own) in pixel.iter_mut().zip([0, c / 4, c / 3]) {
                *sample = u8::try_from((i16::from(*sample) + a - b + own).clamp(0, 255)).unwrap_or(u8::MAX);
            }
        }
        let side = |px| u16::try_from(px).expect("sides of photographs fit");
        let encode = |quality| {
            let mut file = Vec::with_capacity(2 * bytes);
            let mut encoder = Encoder::new(&mut file, quality);
            encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
            encoder.encode(&rgb, side(width), side(height), ColorType::Rgb).expect("it can be encoded");
            file
        };
        let (mut low, mut high) = (20, 100);
        let mut best = encode(low);
        while high - low > 1 {
            let middle = u8::midpoint(low, high);
            let file = encode(middle);
            if file.len() > bytes {
                high = middle;
            } else {
                (low, best) = (middle, file);
            }
        }
        best
    }
}
