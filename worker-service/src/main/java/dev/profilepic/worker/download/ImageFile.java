package dev.profilepic.worker.download;

import java.util.Optional;

/**
 * Reads a picture's file to its end, and keeps only the parts that show the picture: no EXIF, XMP
 * or text, no colour profile, no thumbnail of another picture, and nothing behind the end. Segments
 * and chunks are walked and copied; nothing is decoded, so no decoder can be attacked.
 */
final class ImageFile {

  private ImageFile() {}

  /**
   * @param bytes that {@link ImageHeader#read} took for this format
   * @return empty when the file is cut off before its end, or is not built as its format demands
   */
  static Optional<byte[]> keep(ImageHeader.Format format, byte[] bytes) {
    return switch (format) {
      case JPEG -> JpegFile.keep(bytes);
      case PNG -> PngFile.keep(bytes);
      case WEBP -> WebpFile.keep(bytes);
    };
  }
}
