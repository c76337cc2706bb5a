package dev.profilepic.receiver.console;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Draws faces of people who do not exist, so that the project contains no photo of a real person.
 */
final class Portrait {

  private static final int SIZE = 192;
  private static final int[] SKIN = {0xF1C9A5, 0xE0AC7E, 0xC68642, 0x8D5524, 0xFFDBAC, 0xA66A3A};
  private static final int[] HAIR = {0x2B1B12, 0x4A2F1B, 0x111111, 0x7A4A22, 0xB88A4A, 0x6B6B6B};
  private static final int[] CLOTHES = {0x2F6F8F, 0x8F4A5E, 0x3E7A5C, 0x6A5AA8, 0xC27C2C, 0x45566B};
  private static final int[] WALL = {0xDCEBF5, 0xF6E7D8, 0xE3F1E5, 0xECE4F5, 0xF8E1E1, 0xE7ECEF};

  private Portrait() {}

  /** Returns a face as a JPEG. The same number always gives the same face. */
  static byte[] of(int number) {
    var random = new Random(number * 7919L);
    var image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    var pen = image.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    var wall = one(WALL, random);
    pen.setPaint(new GradientPaint(0, 0, wall, SIZE, SIZE, wall.darker()));
    pen.fillRect(0, 0, SIZE, SIZE);
    var skin = one(SKIN, random);
    var hair = one(HAIR, random);
    boolean longHair = random.nextBoolean();
    pen.setColor(hair);
    if (longHair) {
      pen.fill(new RoundRectangle2D.Double(50, 38, 92, 112, 70, 80));
    }
    pen.setColor(one(CLOTHES, random));
    pen.fill(new Ellipse2D.Double(24, 138, 144, 110));
    pen.setColor(skin.darker());
    pen.fill(new RoundRectangle2D.Double(82, 112, 28, 40, 18, 18));
    pen.setColor(skin);
    pen.fill(new Ellipse2D.Double(62, 48, 68, 84));
    pen.setColor(hair);
    pen.fill(new java.awt.geom.Arc2D.Double(58, 36, 76, 74, 0, 180, java.awt.geom.Arc2D.CHORD));
    pen.setColor(new Color(0x2A2A2A));
    pen.fill(new Ellipse2D.Double(79, 84, 7, 8));
    pen.fill(new Ellipse2D.Double(106, 84, 7, 8));
    pen.setStroke(new java.awt.BasicStroke(3, java.awt.BasicStroke.CAP_ROUND, 0));
    pen.setColor(new Color(0x9C3F3A));
    pen.draw(new java.awt.geom.Arc2D.Double(84, 96, 24, 18, 200, 140, java.awt.geom.Arc2D.OPEN));
    if (random.nextInt(3) == 0) {
      pen.setColor(new Color(0x333333));
      pen.draw(new Ellipse2D.Double(72, 78, 20, 20));
      pen.draw(new Ellipse2D.Double(100, 78, 20, 20));
      pen.drawLine(92, 88, 100, 88);
    }
    pen.dispose();
    return encoded(image, "jpg");
  }

  /** Returns a PNG of squares that looks similar to a QR code. */
  static byte[] png() {
    var random = new Random(25);
    var image = new BufferedImage(290, 290, BufferedImage.TYPE_BYTE_GRAY);
    var pen = image.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, 290, 290);
    pen.setColor(Color.BLACK);
    for (int x = 0; x < 25; x++) {
      for (int y = 0; y < 25; y++) {
        boolean corner = (x < 8 || x > 16) && (y < 8 || y > 16) && !(x > 16 && y > 16);
        if (!corner && random.nextBoolean()) {
          pen.fillRect(20 + x * 10, 20 + y * 10, 10, 10);
        }
      }
    }
    for (int[] at : new int[][] {{20, 20}, {200, 20}, {20, 200}}) {
      pen.fillRect(at[0], at[1], 70, 70);
      pen.setColor(Color.WHITE);
      pen.fillRect(at[0] + 10, at[1] + 10, 50, 50);
      pen.setColor(Color.BLACK);
      pen.fillRect(at[0] + 20, at[1] + 20, 30, 30);
    }
    pen.dispose();
    return encoded(image, "png");
  }

  private static byte[] encoded(BufferedImage image, String format) {
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static Color one(int[] colours, Random random) {
    return new Color(colours[random.nextInt(colours.length)]);
  }
}
