//! Pictures as PNG.

/// The bytes of an 8-bit RGB file.
///
/// # Errors
/// The picture is empty, or its pixels are not `3 width height` bytes.
pub fn encode(width: usize, height: usize, rgb: &[u8]) -> Result<Vec<u8>, String> {
    let side = |n: usize| u32::try_from(n).map_err(|_| format!("{n} pixels are too many for a PNG"));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side(width)?, side(height)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
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
}
