package dev.profilepic.receiver.avatars;

import java.awt.Color;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Makes a picture smaller with the JDK alone. The decoder skips pixels in steps, so a large picture
 * takes no more memory than a picture four times the wanted size.
 */
final class Scaling {

  /** Four megapixels: a progressive JPEG is decoded as a whole, even in steps. */
  private static final long MOST_PIXELS = 4L * 1024 * 1024;

  private static final float QUALITY = 0.85f;
  private static final byte[] NONE = {};

  private Scaling() {}

  /**
   * @return a JPEG with this many pixels along the longer side; empty when the picture is no larger
   *     than that, or too large to be decoded
   * @throws IOException when the JDK cannot read the picture
   */
  static byte[] jpeg(byte[] picture, int size) throws IOException {
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(picture))) {
      var readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("no reader for this format");
      }
      var reader = readers.next();
      try {
        reader.setInput(in, true, true);
        int longer = Math.max(reader.getWidth(0), reader.getHeight(0));
        if (longer <= size || (long) reader.getWidth(0) * reader.getHeight(0) > MOST_PIXELS) {
          return NONE;
        }
        return encoded(scaled(decoded(reader, Math.max(1, longer / (2 * size))), size));
      } finally {
        reader.dispose();
      }
    }
  }

  private static BufferedImage decoded(ImageReader reader, int step) throws IOException {
    var settings = reader.getDefaultReadParam();
    settings.setSourceSubsampling(step, step, step / 2, step / 2);
    return reader.read(0, settings);
  }

  private static BufferedImage scaled(BufferedImage picture, int size) {
    int longer = Math.max(picture.getWidth(), picture.getHeight());
    int width = Math.max(1, Math.round((float) picture.getWidth() * size / longer));
    int height = Math.max(1, Math.round((float) picture.getHeight() * size / longer));
    var small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    var canvas = small.createGraphics();
    try {
      canvas.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      // Transparent parts would be black in a JPEG.
      canvas.drawImage(picture, 0, 0, width, height, Color.WHITE, null);
    } finally {
      canvas.dispose();
    }
    return small;
  }

  private static byte[] encoded(BufferedImage picture) throws IOException {
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var bytes = new ByteArrayOutputStream();
        var out = new MemoryCacheImageOutputStream(bytes)) {
      var settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), settings);
      out.flush();
      return bytes.toByteArray();
    } finally {
      writer.dispose();
    }
  }
}
