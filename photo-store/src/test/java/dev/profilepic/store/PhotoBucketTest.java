package dev.profilepic.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.profilepic.s3.S3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests against a real S3 server, which checks signatures. */
class PhotoBucketTest {

  private static S3Server server;
  private static PhotoBucket bucket;

  @BeforeAll
  static void start() {
    server = S3Server.started();
    bucket = new PhotoBucket(properties(server.endpoint(), S3Server.SECRET_KEY), S3Server.BUCKET);
  }

  @AfterAll
  static void stop() {
    bucket.close();
    server.close();
  }

  @Test
  void whatIsPutIsReadInPieces() throws Exception {
    bucket.put("avatars/ab/one.jpg", "image/jpeg", bytes("0123456789"));

    assertThat(bucket.read("avatars/ab/one.jpg", 0, 4)).isEqualTo(bytes("0123"));
    assertThat(bucket.read("avatars/ab/one.jpg", 4, 100)).isEqualTo(bytes("456789"));
    assertThat(bucket.read("avatars/ab/one.jpg", 10, 4)).isEmpty();
  }

  @Test
  void toPutTwiceIsHarmless() throws Exception {
    bucket.put("avatars/ab/two.jpg", "image/jpeg", bytes("same"));
    bucket.put("avatars/ab/two.jpg", "image/jpeg", bytes("same"));

    assertThat(bucket.read("avatars/ab/two.jpg", 0, 100)).isEqualTo(bytes("same"));
  }

  @Test
  void whatIsNotThereIsNothing() throws Exception {
    assertThat(bucket.read("avatars/no/such.jpg", 0, 100)).isEmpty();
    bucket.remove("avatars/no/such.jpg");
  }

  @Test
  void aPhotoIsRemovedWithItsThumbnails() throws Exception {
    var key = "avatars/cd/gone.jpg";
    bucket.put(key, "image/jpeg", bytes("photo"));
    for (var size : PhotoBucket.THUMBNAILS) {
      bucket.put(PhotoBucket.thumbnail(key, size), "image/jpeg", bytes("small"));
    }
    assertThat(server.keys()).filteredOn(it -> it.startsWith("avatars/cd/")).hasSize(3);

    bucket.remove(key);

    assertThat(server.keys()).noneMatch(it -> it.startsWith("avatars/cd/"));
  }

  @Test
  void aWrongKeyIsToldWithoutSayingIt() {
    try (var stranger =
        new PhotoBucket(properties(server.endpoint(), "another-secret"), S3Server.BUCKET)) {
      assertThatThrownBy(() -> stranger.put("avatars/x.jpg", "image/jpeg", bytes("x")))
          .isInstanceOf(BucketException.class)
          .hasMessage("the bucket answered 403 SignatureDoesNotMatch");
    }
  }

  @Test
  void aBucketThatIsAwayIsTold() {
    try (var away =
        new PhotoBucket(
            properties(URI.create("http://127.0.0.1:1"), S3Server.SECRET_KEY), S3Server.BUCKET)) {
      assertThatThrownBy(() -> away.put("avatars/x.jpg", "image/jpeg", bytes("x")))
          .isInstanceOf(BucketException.class)
          .hasMessageStartingWith("the bucket does not answer");
    }
  }

  @Test
  void aFullBucketIsTold() throws IOException {
    var full = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    full.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(507, -1);
          exchange.close();
        });
    full.start();
    try (var bucket =
        new PhotoBucket(
            properties(
                URI.create("http://127.0.0.1:" + full.getAddress().getPort()), S3Server.SECRET_KEY),
            S3Server.BUCKET)) {
      assertThatThrownBy(() -> bucket.put("avatars/x.jpg", "image/jpeg", bytes("x")))
          .isInstanceOf(BucketException.class)
          .hasMessageStartingWith("the bucket answered 507");
    } finally {
      full.stop(0);
    }
  }

  private static S3Properties properties(@Nullable URI endpoint, String secret) {
    return new S3Properties(
        endpoint,
        "us-east-1",
        S3Server.BUCKET,
        S3Server.ACCESS_KEY,
        secret,
        true,
        Duration.ofSeconds(5));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
