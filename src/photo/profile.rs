//! Colour profiles (ICC.1): from the colours that a file means to sRGB, which is what a JPEG without a
//! profile means.
//!
//! Newer phones write Display P3, whose numbers, read as sRGB, give paler skin. A profile that changes
//! nothing that can be seen is left out; one that is broken, or is about other samples than the file
//! has, is ignored, as every viewer does it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};

/// The largest profile that is read, in bytes; those of printing presses have two million.
pub(super) const MAX_PROFILE_BYTES: usize = 4 << 20;

/// A difference of so many steps of 255 is not seen.
const UNSEEN: u8 = 2;

/// What the samples of the pixels are that a profile has to be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Samples {
    Grey,
    Rgb,
    /// Cyan, magenta, yellow and black, 0 for none.
    Inks,
}

/// The way from a profile's colours to those of sRGB.
pub(super) enum Profile {
    /// Of each sample of grey.
    Grey(Box<[u8; 256]>),
    /// Of pixels of three samples, or four inks.
    Colour(Arc<Transform8BitExecutor>),
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grey(_) => "Profile::Grey(..)",
            Self::Colour(_) => "Profile::Colour(..)",
        })
    }
}

impl Profile {
    /// Reads a profile. `None`: the pixels are to be taken as sRGB, or mixed from inks by the rule of thumb.
    pub fn read(icc: &[u8], samples: Samples) -> Option<Arc<Self>> {
        if icc.is_empty() || icc.len() > MAX_PROFILE_BYTES {
            return None;
        }
        // A library that panics over a profile costs the profile, not the photo.
        let read = catch_unwind(AssertUnwindSafe(|| Self::try_read(icc, samples)));
        read.ok().flatten().map(Arc::new)
    }

    fn try_read(icc: &[u8], samples: Samples) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(icc).ok()?;
        let (space, layout) = match samples {
            Samples::Grey => (DataColorSpace::Gray, Layout::Gray),
            Samples::Rgb => (DataColorSpace::Rgb, Layout::Rgb),
            Samples::Inks => (DataColorSpace::Cmyk, Layout::Rgba),
        };
        if profile.color_space != space {
            return None;
        }
        let srgb = ColorProfile::new_srgb();
        let transform =
            profile.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default()).ok()?;
        match samples {
            Samples::Grey => {
                let steps: Vec<u8> = (0..=255).collect();
                let mut rgb = [0; 3 * 256];
                transform.transform(&steps, &mut rgb).ok()?;
                let table: Box<[u8; 256]> = Box::new(std::array::from_fn(|i| rgb[3 * i + 1]));
                (!is_alike(&steps, &*table)).then_some(Self::Grey(table))
            }
            Samples::Rgb => {
                let lattice = lattice();
                let mut srgb = vec![0; lattice.len()];
                transform.transform(&lattice, &mut srgb).ok()?;
                (!is_alike(&lattice, &srgb)).then_some(Self::Colour(transform))
            }
            Samples::Inks => Some(Self::Colour(transform)),
        }
    }

    /// Converts grey samples in place; colours are left as they are.
    pub fn convert_grey(&self, samples: &mut [u8]) {
        if let Self::Grey(table) = self {
            for sample in samples {
                *sample = table[usize::from(*sample)];
            }
        }
    }

    /// Converts whole pixels of three samples or four inks to RGB; `false` if nothing was converted.
    pub fn convert_to_rgb(&self, pixels: &[u8], rgb: &mut [u8]) -> bool {
        match self {
            Self::Grey(_) => false,
            Self::Colour(transform) => transform.transform(pixels, rgb).is_ok(),
        }
    }
}

/// Colours from all of the cube.
fn lattice() -> Vec<u8> {
    let steps = || (0..=255).step_by(51);
    steps().flat_map(|r| steps().flat_map(move |g| steps().flat_map(move |b| [r, g, b]))).collect()
}

fn is_alike(some: &[u8], others: &[u8]) -> bool {
    some.iter().zip(others).all(|(a, b)| a.abs_diff(*b) <= UNSEEN)
}

/// Mixes pixels of four inks, 0 for none, to RGB: by their profile, or else by the rule of thumb.
pub(super) fn mix_inks(profile: Option<&Profile>, inks: &[u8], rgb: &mut [u8]) {
    if profile.is_some_and(|profile| profile.convert_to_rgb(inks, rgb)) {
        return;
    }
    for (&[c, m, y, k], pixel) in inks.as_chunks().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
        *pixel = [c, m, y].map(|ink| {
            let light = u16::from(255 - ink) * u16::from(255 - k);
            u8::try_from((light + 127) / 255).unwrap_or(u8::MAX)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(profile: &Profile, rgb: [u8; 3]) -> [u8; 3] {
        let mut srgb = [0; 3];
        assert!(profile.convert_to_rgb(&rgb, &mut srgb));
        srgb
    }

    #[test]
    fn display_p3_is_converted_and_srgb_is_left_out() {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        let profile = Profile::read(&p3, Samples::Rgb).unwrap();
        // Worked out from the primaries of SMPTE EG 432-1 and IEC 61966-2-1.
        let skin = converted(&profile, [200, 150, 130]);
        for (found, expected) in skin.iter().zip([209u8, 147, 126]) {
            assert!(found.abs_diff(expected) <= 2, "{skin:?}");
        }
        assert_eq!(converted(&profile, [255, 255, 255]), [255; 3]);
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert!(Profile::read(&srgb, Samples::Rgb).is_none());
    }

    #[test]
    fn a_grey_profile_moves_the_grey_samples_alone() {
        let icc = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        let profile = Profile::read(&icc, Samples::Grey).unwrap();
        let mut samples = [0, 55, 255];
        profile.convert_grey(&mut samples);
        // Linear 55 of 255 is 128 in sRGB.
        assert_eq!(samples.map(|s| s.abs_diff(128) <= 2), [false, true, false], "{samples:?}");
        assert_eq!((samples[0], samples[2]), (0, 255));
    }

    #[test]
    fn a_profile_that_is_broken_or_about_other_samples_is_ignored() {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        for samples in [Samples::Grey, Samples::Inks] {
            assert!(Profile::read(&p3, samples).is_none(), "{samples:?}");
        }
        for len in (0..p3.len()).step_by(7) {
            // Whatever comes of it, it does not panic.
            let _ = Profile::read(&p3[..len], Samples::Rgb);
        }
        assert!(Profile::read(&[0; 200], Samples::Rgb).is_none());
        assert!(Profile::read(&vec![0; MAX_PROFILE_BYTES + 1], Samples::Rgb).is_none());
    }

    #[test]
    fn inks_without_a_profile_are_mixed_by_the_rule_of_thumb() {
        let mut rgb = [0; 12];
        mix_inks(None, &[0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 255, 128], &mut rgb);
        assert_eq!(rgb, [255, 255, 255, 0, 0, 0, 0, 255, 255, 127, 127, 0]);
    }
}
