package dev.profilepic.worker.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.PictureUrlPolicy;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.TricklingServer;
import dev.profilepic.worker.exchanges.BodyBudget;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.awt.Color;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.unit.DataSize;

class PictureDownloaderTest {

  private static final DownloadProperties LIMITS =
      new DownloadProperties(Duration.ofMillis(600), DataSize.ofKilobytes(64));

  private static FakeBridge cdn;

  @BeforeAll
  static void start() {
    cdn = new FakeBridge();
  }

  @AfterAll
  static void stop() {
    cdn.close();
  }

  @Test
  void aPictureComesWithItsDigestAndHeader() throws Exception {
    var red = Pictures.jpeg(Color.RED);
    cdn.file("/red", FakeBridge.bytes(200, "text/html", red));

    assertThat(fetch("/red"))
        .isInstanceOfSatisfying(
            Download.Picture.class,
            picture -> {
              assertThat(picture.bytes()).isEqualTo(red);
              assertThat(picture.sha256()).isEqualTo(Sha256.hex(red)).hasSize(64);
              assertThat(picture.keptSha256()).isEqualTo(picture.sha256());
              assertThat(picture.header())
                  .isEqualTo(new ImageHeader(ImageHeader.Format.JPEG, 64, 48));
            });
  }

  @Test
  void aPictureIsKnownByWhatWasDownloadedAndKeptWithoutWhatItTells() throws Exception {
    var red = Pictures.jpeg(Color.RED);
    var told = Pictures.withComment(red, "taken at home");
    cdn.file("/told", FakeBridge.bytes(200, "image/jpeg", told));

    assertThat(fetch("/told"))
        .isInstanceOfSatisfying(
            Download.Picture.class,
            picture -> {
              assertThat(picture.bytes()).isEqualTo(red);
              assertThat(picture.sha256()).isEqualTo(Sha256.hex(told));
              assertThat(picture.keptSha256()).isEqualTo(Sha256.hex(red));
            });
  }

  @Test
  void aPictureThatIsCutOffBehindItsHeaderIsNone() throws Exception {
    var red = Pictures.jpeg(Color.RED);
    cdn.file("/cut", FakeBridge.bytes(200, "image/jpeg", Arrays.copyOf(red, red.length - 20)));

    assertThat(fetch("/cut")).isInstanceOf(Download.BadImage.class);
  }

  @Test
  void aBodyThatIsTooLargeIsNotReadToItsEnd() throws Exception {
    cdn.file("/large", FakeBridge.bytes(200, "image/jpeg", new byte[65 * 1024]));
    cdn.file(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          var chunk = new byte[16 * 1024];
          // The loop ends when the downloader hangs up, because writing then fails.
          for (int i = 0; i < 100_000; i++) {
            exchange.getResponseBody().write(chunk);
          }
        });

    assertThat(fetch("/large")).isInstanceOf(Download.BadImage.class);
    assertThat(fetch("/endless")).isInstanceOf(Download.BadImage.class);
  }

  @Test
  void aBodyThatDripsForeverIsGivenUp() throws Exception {
    var stop = new CountDownLatch(1);
    cdn.file(
        "/drip",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try {
            while (!stop.await(50, java.util.concurrent.TimeUnit.MILLISECONDS)) {
              exchange.getResponseBody().write(1);
              exchange.getResponseBody().flush();
            }
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        });

    assertThat(fetch("/drip")).isInstanceOf(Download.Failed.class);
    stop.countDown();
  }

  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @ParameterizedTest
  @EnumSource
  void aServerThatTricklesIsGivenUpWhateverItTrickles(TricklingServer.Kind kind) throws Exception {
    try (var server = new TricklingServer(kind)) {
      var policy = new PictureUrlPolicy(List.of(), List.of(server.url()));

      assertThat(downloader(policy).fetch(server.url() + "/x.jpg"))
          .isEqualTo(new Download.Failed("not done after 0 s"));
    }
  }

  @Test
  void dimensionsBeyondReasonAreRefusedFromTheHeaderAlone() throws Exception {
    var png = Pictures.picture("png", 16, 16, Color.RED);
    // Width in the IHDR: 20,000.
    png[18] = 0x4E;
    png[19] = 0x20;
    cdn.file("/huge", FakeBridge.bytes(200, "image/png", png));

    assertThat(fetch("/huge")).isInstanceOf(Download.BadImage.class);
  }

  @Test
  void anAllowedNameBehindAPrivateAddressIsUnsafe() throws Exception {
    var downloader = downloader(new PictureUrlPolicy(List.of("localhost"), List.of()));

    assertThat(downloader.fetch("https://localhost/x.jpg")).isInstanceOf(Download.Unsafe.class);
  }

  @Test
  void aConnectionThatIsRefusedFailedThisTime() throws Exception {
    int port;
    try (var closed = new FakeBridge()) {
      port = closed.port();
    }
    var origin = "http://127.0.0.1:" + port;

    assertThat(
            downloader(new PictureUrlPolicy(List.of(), List.of(origin))).fetch(origin + "/x.jpg"))
        .isInstanceOf(Download.Failed.class);
  }

  private static Download fetch(String path) throws InterruptedException {
    return downloader(new PictureUrlPolicy(List.of(), List.of(cdn.url()))).fetch(cdn.url() + path);
  }

  private static PictureDownloader downloader(PictureUrlPolicy policy) {
    var configuration = new DownloadConfiguration();
    return new PictureDownloader(
        policy,
        LIMITS,
        configuration.publicHosts(LIMITS),
        configuration.trustedOrigins(LIMITS),
        new ExchangeDeadlines(),
        new BodyBudget(),
        InstantSource.system(),
        new SimpleMeterRegistry());
  }
}
