package dev.profilepic.worker.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.download.ImageHeader.Format;
import java.awt.Color;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageHeaderTest {

  @Test
  void jpegAndPngAreReadByContent() {
    assertThat(ImageHeader.read(Pictures.picture("jpg", 640, 480, Color.RED)))
        .contains(new ImageHeader(Format.JPEG, 640, 480));
    assertThat(ImageHeader.read(Pictures.picture("png", 33, 21, Color.RED)))
        .contains(new ImageHeader(Format.PNG, 33, 21));
  }

  @ParameterizedTest
  @CsvSource({
    // One-pixel pictures of the three kinds: lossy, lossless, extended.
    "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=",
    "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
    "UklGRiQAAABXRUJQVlA4WAoAAAAAAAAAAAAAAAAAVlA4TAAAAAAvAAAA"
  })
  void webpIsReadInItsThreeKinds(String base64) {
    assertThat(ImageHeader.read(Base64.getDecoder().decode(base64)))
        .contains(new ImageHeader(Format.WEBP, 1, 1));
  }

  @Test
  void aHeaderThatIsCutOffAnywhereIsNoPicture() {
    var jpeg = Pictures.jpeg(Color.RED);
    for (int length = 0; length < 20; length++) {
      assertThat(ImageHeader.read(Arrays.copyOf(jpeg, length))).isEmpty();
    }
  }

  @Test
  void otherBytesAreNoPicture() {
    assertThat(ImageHeader.read("<html>".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEmpty();
    assertThat(
            ImageHeader.read(
                "GIF89a.........................."
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEmpty();
    assertThat(ImageHeader.read(new byte[64])).isEmpty();
  }

  @Test
  void aJpegWhoseSegmentsNeverEndDoesNotLoop() {
    var bytes = new byte[1024];
    Arrays.fill(bytes, (byte) 0xFF);
    bytes[1] = (byte) 0xD8;

    assertThat(ImageHeader.read(bytes)).isEmpty();
  }
}
