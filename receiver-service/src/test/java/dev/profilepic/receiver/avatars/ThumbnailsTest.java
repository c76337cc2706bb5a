package dev.profilepic.receiver.avatars;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Photos and thumbnails are served alike from Postgres and from the bucket. */
class ThumbnailsTest extends PhotoTest {

  enum Place {
    POSTGRES,
    BUCKET
  }

  private final String sha = HexFormat.of().formatHex(random());

  @ParameterizedTest
  @EnumSource
  void aPhotoIsServedWhereverItIs(Place place) throws Exception {
    var photo = jpeg(640, 640);

    var answer = withKey(null).get(pathTo(lead(place, photo), sha));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.bytes()).isEqualTo(photo);
    assertThat(answer.header("etag")).isEqualTo("\"" + sha + "\"");
    assertThat(answer.header("cache-control")).contains("immutable");
  }

  @ParameterizedTest
  @EnumSource
  void aThumbnailIsMadeOnceAndKeptWhereItsPhotoIs(Place place) throws Exception {
    var link = pathTo(lead(place, jpeg(640, 480)), sha) + "&size=96";

    var first = withKey(null).get(link);

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.header("content-type")).isEqualTo("image/jpeg");
    assertThat(first.header("etag")).isEqualTo("\"" + sha + "-96\"");
    assertThat(first.header("cache-control")).contains("private", "immutable");
    var small = ImageIO.read(new ByteArrayInputStream(first.bytes()));
    assertThat(small.getWidth()).isEqualTo(96);
    assertThat(small.getHeight()).isEqualTo(72);
    assertThat(kept(place)).isEqualTo(1);
    makeThePhotoUnreadable(place);
    assertThat(withKey(null).get(link).bytes()).isEqualTo(first.bytes());
    assertThat(withKey(null).get(link, "If-None-Match", "\"" + sha + "-96\"").status())
        .isEqualTo(304);
  }

  @Test
  void manyWhoAskAtOnceGetTheSameThumbnail() throws Exception {
    var link = pathTo(lead(Place.POSTGRES, jpeg(1600, 1600)), sha) + "&size=192";
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<byte[]> ask = () -> withKey(null).get(link).bytes();
      var answers = readers.invokeAll(IntStream.range(0, 12).mapToObj(i -> ask).toList());

      var first = answers.getFirst().get();
      assertThat(ImageIO.read(new ByteArrayInputStream(first)).getWidth()).isEqualTo(192);
      for (var answer : answers) {
        assertThat(answer.get()).isEqualTo(first);
      }
    }
  }

  @Test
  void whatIsSmallOrNoImageThatCanBeScaledIsServedAsItIs() throws IOException {
    var small = jpeg(64, 64);
    assertThat(withKey(null).get(pathTo(leadWithPhoto(sha, small), sha) + "&size=96").bytes())
        .isEqualTo(small);

    var other = HexFormat.of().formatHex(random());
    var broken = "no image".getBytes(StandardCharsets.US_ASCII);
    var answer = withKey(null).get(pathTo(leadWithPhoto(other, broken), other) + "&size=96");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.bytes()).isEqualTo(broken);
  }

  @Test
  void aWebpIsServedAsItIs() throws IOException {
    var lead = leadWithPhoto(sha, jpeg(640, 640));
    jdbc.sql("UPDATE profile_pic.pictures SET content_type = 'image/webp' WHERE lead_id = ?")
        .param(lead)
        .update();

    var answer = withKey(null).get(pathTo(lead, sha) + "&size=96");

    assertThat(answer.header("content-type")).isEqualTo("image/webp");
    assertThat(answer.bytes().length).isGreaterThan(1000);
  }

  @Test
  void anotherSizeIsRefusedByName() throws IOException {
    var answer = withKey(null).get(pathTo(leadWithPhoto(sha, jpeg(300, 300)), sha) + "&size=4000");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("\"size\"", "must be 96 or 192");
  }

  @Test
  void whileTheBucketIsAwayItsPhotosAreAnswered503AndOthersServed() throws Exception {
    var lead = leadWithPhotoInBucket(sha, jpeg(640, 640));
    var here = HexFormat.of().formatHex(random());
    var other = leadWithPhoto(here, jpeg(640, 640));
    BUCKET.stop();
    try {
      var answer = withKey(null).get(pathTo(lead, sha));

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("retry-after")).isNotEmpty();
      assertThat(withKey(null).get(pathTo(other, here)).status()).isEqualTo(200);
    } finally {
      BUCKET.start();
    }
    assertThat(withKey(null).get(pathTo(lead, sha)).status()).isEqualTo(200);
  }

  @Test
  void noThumbnailIsKeptOfAPhotoThatIsBeingRemoved() throws Exception {
    var lead = leadWithPhotoInBucket(sha, jpeg(640, 640));
    jdbc.sql("UPDATE profile_pic.avatars SET doomed_at = now() WHERE storage_key = ?")
        .param("avatars/" + sha)
        .update();

    withKey(null).get(pathTo(lead, sha) + "&size=96");

    assertThat(kept(Place.BUCKET)).isZero();
  }

  private String lead(Place place, byte[] photo) throws IOException, InterruptedException {
    return switch (place) {
      case POSTGRES -> leadWithPhoto(sha, photo);
      case BUCKET -> leadWithPhotoInBucket(sha, photo);
    };
  }

  private long kept(Place place) {
    return switch (place) {
      case POSTGRES ->
          jdbc.sql("SELECT count(*) FROM profile_pic.thumbnails WHERE storage_key = ?")
              .param("avatars/" + sha)
              .query(Long.class)
              .single();
      case BUCKET -> BUCKET.keys().filter(key -> key.equals("avatars/" + sha + "-96.jpg")).count();
    };
  }

  /** Replaces the photo's bytes, so that making its thumbnail a second time would fail. */
  private void makeThePhotoUnreadable(Place place) throws IOException, InterruptedException {
    var broken = new byte[640];
    switch (place) {
      case POSTGRES ->
          jdbc.sql("UPDATE profile_pic.avatars SET bytes = ? WHERE storage_key = ?")
              .params(broken, "avatars/" + sha)
              .update();
      case BUCKET -> store.bucket().put("avatars/" + sha, "image/jpeg", broken);
    }
  }

  private static byte[] jpeg(int width, int height) throws IOException {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    var canvas = image.createGraphics();
    canvas.setColor(Color.ORANGE);
    canvas.fillOval(0, 0, width, height);
    canvas.dispose();
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", bytes);
    return bytes.toByteArray();
  }

  private static byte[] random() {
    var bytes = new byte[32];
    new Random().nextBytes(bytes);
    return bytes;
  }
}
