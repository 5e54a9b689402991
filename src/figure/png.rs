//! Pictures as PNG.

/// The bytes of an 8-bit RGB file.
///
/// # Errors
/// The picture is empty, or its pixels are not `3 width height` bytes.
pub fn encode(width: usize, height: usize, rgb: &[u8]) -> Result<Vec<u8>, String> {
    encode_with(width, height, rgb, None, &[])
}

/// The same with the number of pixels in an inch, and words by keyword.
pub fn encode_with(
    width: usize,
    height: usize,
    rgb: &[u8],
    dpi: Option<f64>,
    words: &[(&str, &str)],
) -> Result<Vec<u8>, String> {
    let side = |n: usize| u32::try_from(n).map_err(|_| format!("{n} pixels are too many for a PNG"));
    let mut info = png::Info::with_size(side(width)?, side(height)?);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.pixel_dims = dpi.map(|dpi| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some thousands
        let a_metre = (dpi / 0.0254).round() as u32;
        png::PixelDimensions { xppu: a_metre, yppu: a_metre, unit: png::Unit::Meter }
    });
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::with_info(&mut bytes, info).map_err(|e| e.to_string())?;
    for (key, text) in words {
        // Latin letters stand as tEXt, which everybody reads, others as iTXt.
        let latin = text.chars().all(|c| u32::from(c) < 256);
        let added = if latin {
            encoder.add_text_chunk((*key).to_owned(), (*text).to_owned())
        } else {
            encoder.add_itxt_chunk((*key).to_owned(), (*text).to_owned())
        };
        added.map_err(|e| e.to_string())?;
    }
    let mut writer = encoder.write_header().map_err(|e| e.to_string())?;
    writer.write_image_data(rgb).map_err(|e| e.to_string())?;
    writer.finish().map_err(|e| e.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn pixels_come_back() {
        let rgb: Vec<u8> = (0..3 * 5 * 4).collect();
        let bytes = super::encode(5, 4, &rgb).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut back = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut back).unwrap();
        assert_eq!((info.width, info.height, &back[..]), (5, 4, &rgb[..]));
        assert!(super::encode(0, 0, &[]).is_err() && super::encode(2, 2, &[0]).is_err());
    }

    #[test]
    fn words_and_size_come_back() {
        let words = [("Title", "a"), ("Comment", "V\u{302}")];
        let bytes = super::encode_with(1, 1, &[1, 2, 3], Some(300.0), &words).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let info = reader.info();
        assert_eq!(info.pixel_dims.unwrap().xppu, 11811);
        assert_eq!(info.uncompressed_latin1_text[0].text, "a");
        assert_eq!(info.utf8_text[0].get_text().unwrap(), "V\u{302}");
    }
}
