package dev.profilepic.worker;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;

/** Real pictures for tests. */
public final class Pictures {

  private Pictures() {}

  /**
   * @param format {@code jpg} or {@code png}
   */
  public static byte[] picture(String format, int width, int height, Color color) {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    var graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return bytes.toByteArray();
  }

  /** Returns the same JPEG with a comment in front of its other segments. */
  public static byte[] withComment(byte[] jpeg, String comment) {
    var text = comment.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(jpeg.length + text.length + 4)
        .put(jpeg, 0, 2)
        .putShort((short) 0xFFFE)
        .putShort((short) (text.length + 2))
        .put(text)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  public static byte[] jpeg(Color color) {
    return picture("jpg", 64, 48, color);
  }
}
