package dev.profilepic.worker.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.download.ImageHeader.Format;
import java.awt.Color;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageFileTest {

  private static final byte[] JPEG = Pictures.jpeg(Color.RED);
  private static final byte[] PNG = Pictures.picture("png", 33, 21, Color.RED);

  /** One lossy pixel. The file ends with the chunk of its pixels. */
  private static final byte[] WEBP =
      Base64.getDecoder().decode("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=");

  private static final byte[] SECRET = "taken at home".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @EnumSource(Format.class)
  void aPlainPictureIsKeptAsItIs(Format format) {
    assertThat(ImageFile.keep(format, sample(format))).hasValue(sample(format));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void aPictureThatIsCutOffAnywhereIsNone(Format format) {
    var whole = sample(format);
    for (int length = 0; length < whole.length; length++) {
      assertThat(ImageFile.keep(format, Arrays.copyOf(whole, length)))
          .as("%d of %d bytes", length, whole.length)
          .isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void whatTrailsThePictureIsDropped(Format format) {
    assertThat(ImageFile.keep(format, join(sample(format), SECRET, sample(format))))
        .hasValue(sample(format));
  }

  @Test
  void ofAJpegNothingIsKeptButWhatShowsIt() {
    var adobe = segment(0xEE, "Adobe\0d\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII));
    var told =
        join(
            Arrays.copyOf(JPEG, 2),
            segment(0xE0, "JFXX\0thumbnail".getBytes(StandardCharsets.US_ASCII)),
            segment(0xE1, join("Exif\0\0".getBytes(StandardCharsets.US_ASCII), SECRET)),
            segment(
                0xE1,
                join("http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII), SECRET)),
            segment(0xE2, join("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII), SECRET)),
            segment(0xEB, SECRET),
            segment(0xED, SECRET),
            segment(0xFE, SECRET),
            adobe,
            Arrays.copyOfRange(JPEG, 2, JPEG.length));

    var kept = ImageFile.keep(Format.JPEG, told).orElseThrow();

    assertThat(kept)
        .isEqualTo(join(Arrays.copyOf(JPEG, 2), adobe, Arrays.copyOfRange(JPEG, 2, JPEG.length)));
  }

  @Test
  void aProgressiveJpegOfManyScansIsReadToItsEnd() throws IOException {
    var progressive = progressive();
    assertThat(count(progressive, 0xDA)).isGreaterThan(4);

    assertThat(ImageFile.keep(Format.JPEG, progressive)).hasValue(progressive);
  }

  @Test
  void restartMarkersStuffedBytesAndFillBytesAreNoEnd() {
    var file =
        "FFD8 FFFFFFC0000B080010001001011100 FFC40003FF FFDA0004AAAA "
            + "12FF0034FFD05566FFFFD177FFFFFFDA000400BB88FF00FFFFD9 99";
    var kept =
        "FFD8 FFC0000B080010001001011100 FFC40003FF FFDA0004AAAA "
            + "12FF0034FFD05566FFFFD177FFDA000400BB88FF00FFD9";

    assertThat(ImageFile.keep(Format.JPEG, bytes(file))).hasValue(bytes(kept));
  }

  @Test
  void aJpegThatIsNotBuiltAsOneIsNone() {
    var frame = "FFC0000B0800100010010111 00";
    var scan = "FFDA0004AAAA 1234";
    for (var file :
        List.of(
            "FFD8 FFD9",
            "FFD8" + frame + "FFD9",
            // A second frame header, possibly with another size.
            "FFD8" + frame + frame + scan + "FFD9",
            "FFD8" + frame + scan + "FFD8" + scan + "FFD9",
            // A segment of an impossible length, and a segment that reaches beyond the end.
            "FFD8" + frame + "FFC40001" + scan + "FFD9",
            "FFD8" + frame + "FFC4FFFF" + scan + "FFD9",
            // A byte between segments, and a restart marker outside a scan.
            "FFD8" + frame + "00" + scan + "FFD9",
            "FFD8" + frame + "FFD0" + scan + "FFD9")) {
      assertThat(ImageFile.keep(Format.JPEG, bytes(file))).as(file).isEmpty();
    }
  }

  @Test
  void ofAPngNothingIsKeptButWhatShowsIt() {
    var afterHeader = 8 + 25;
    var gamma = chunk("gAMA", new byte[] {0, 0, (byte) 0xB1, (byte) 0x8F});
    var told =
        join(
            Arrays.copyOf(PNG, afterHeader),
            chunk("tEXt", SECRET),
            chunk("eXIf", SECRET),
            chunk("iCCP", SECRET),
            chunk("tIME", SECRET),
            gamma,
            Arrays.copyOfRange(PNG, afterHeader, PNG.length));

    assertThat(ImageFile.keep(Format.PNG, told))
        .hasValue(
            join(
                Arrays.copyOf(PNG, afterHeader),
                gamma,
                Arrays.copyOfRange(PNG, afterHeader, PNG.length)));
  }

  @Test
  void aPngWhoseBytesChangedOnTheWayIsNone() {
    for (int at = 8; at < PNG.length; at++) {
      var changed = PNG.clone();
      changed[at] ^= 1;
      assertThat(ImageFile.keep(Format.PNG, changed)).as("byte %d", at).isEmpty();
    }
  }

  @Test
  void ofAWebpNothingIsKeptButWhatShowsIt() {
    var flags = new byte[] {0x2C | 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    var pixels = Arrays.copyOfRange(WEBP, 12, WEBP.length);
    var told =
        riff(
            riffChunk("VP8X", flags),
            riffChunk("ICCP", SECRET),
            pixels,
            riffChunk("EXIF", SECRET),
            riffChunk("XMP ", SECRET));

    var plain = flags.clone();
    plain[0] = 0x10;
    assertThat(ImageFile.keep(Format.WEBP, told)).hasValue(riff(riffChunk("VP8X", plain), pixels));
  }

  /**
   * A mutated picture is refused or kept. The kept bytes are a picture file, and a second pass
   * keeps them unchanged.
   */
  @ParameterizedTest
  @EnumSource(Format.class)
  void mutatedPicturesAreRefusedOrKeptAndNothingElse(Format format) throws IOException {
    var random = new Random(20_261_126);
    var samples =
        format == Format.JPEG ? List.of(sample(format), progressive()) : List.of(sample(format));
    int kept = 0;
    for (int round = 0; round < 20_000; round++) {
      var mutated = mutated(samples.get(random.nextInt(samples.size())), random);

      var file = ImageFile.keep(format, mutated);

      if (file.isPresent()) {
        kept++;
        assertThat(file.get().length).isLessThanOrEqualTo(mutated.length + 1);
        assertThat(ImageFile.keep(format, file.get())).as("round %d", round).hasValue(file.get());
      }
    }
    // Some mutations do no harm, so that both results occur.
    assertThat(kept).isBetween(1, 19_999);
  }

  private static byte[] mutated(byte[] picture, Random random) {
    var bytes = picture.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      int to = at + random.nextInt(Math.min(64, bytes.length - at));
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] = (byte) 0xFF;
        case 2 -> bytes[random.nextInt(Math.min(64, bytes.length))] = (byte) random.nextInt();
        case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 4 ->
            bytes = join(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
        default -> bytes = join(bytes, Arrays.copyOfRange(bytes, at, to));
      }
    }
    return bytes;
  }

  private static byte[] sample(Format format) {
    return switch (format) {
      case JPEG -> JPEG;
      case PNG -> PNG;
      case WEBP -> WEBP;
    };
  }

  private static byte[] progressive() throws IOException {
    var writer = ImageIO.getImageWritersByFormatName("jpg").next();
    var how = writer.getDefaultWriteParam();
    how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    var bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      var image = ImageIO.read(new ByteArrayInputStream(JPEG));
      writer.write(null, new IIOImage(image, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static int count(byte[] bytes, int marker) {
    int count = 0;
    for (int at = 0; at + 1 < bytes.length; at++) {
      if ((bytes[at] & 0xFF) == 0xFF && (bytes[at + 1] & 0xFF) == marker) {
        count++;
      }
    }
    return count;
  }

  private static byte[] segment(int marker, byte[] body) {
    int length = body.length + 2;
    return join(new byte[] {(byte) 0xFF, (byte) marker, (byte) (length >> 8), (byte) length}, body);
  }

  private static byte[] chunk(String type, byte[] body) {
    var crc = new CRC32();
    crc.update(type.getBytes(StandardCharsets.US_ASCII));
    crc.update(body);
    return ByteBuffer.allocate(12 + body.length)
        .putInt(body.length)
        .put(type.getBytes(StandardCharsets.US_ASCII))
        .put(body)
        .putInt((int) crc.getValue())
        .array();
  }

  private static byte[] riff(byte[]... chunks) {
    var body = join(chunks);
    return join(
        "RIFF".getBytes(StandardCharsets.US_ASCII),
        littleEndian(body.length + 4),
        "WEBP".getBytes(StandardCharsets.US_ASCII),
        body);
  }

  private static byte[] riffChunk(String type, byte[] body) {
    return join(
        type.getBytes(StandardCharsets.US_ASCII),
        littleEndian(body.length),
        body,
        new byte[body.length % 2]);
  }

  private static byte[] littleEndian(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (var part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
