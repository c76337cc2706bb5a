package dev.profilepic.receiver.avatars;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Impatient;
import dev.profilepic.receiver.support.MovableClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A client that reads a photo too slowly is cut off, so that its place becomes free. */
@Impatient
class SlowReadersTest extends PhotoTest {

  private static final String SHA =
      "510w000000000000000000000000000000000000000000000000000000000000";
  private static final int LARGE = 5 << 20;

  @Autowired private MeterRegistry meters;
  @Autowired private MovableClock clock;

  @Test
  void aReaderWhoTricklesIsCutOffAfterTheTimeForAWholePhoto() throws Exception {
    var lead = leadWithPhoto(SHA, new byte[LARGE]);
    var read = new AtomicLong();

    // The reader reads 800 KB/s, so it never pauses for long. The time for a whole photo passes
    // meanwhile.
    try (var reader = new PhotoReader(http.port(), pathTo(lead, SHA));
        var pace = Executors.newSingleThreadScheduledExecutor()) {
      var reading =
          pace.scheduleAtFixedRate(() -> readOn(reader, read), 0, 20, TimeUnit.MILLISECONDS);
      Awaitility.await().until(() -> read.get() > 0);
      clock.setAhead(PhotoSender.TIMEOUT.plusSeconds(1));
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(reading::isDone);
    } finally {
      clock.setAhead(Duration.ZERO);
    }

    assertThat(read.get()).isLessThan(LARGE);
  }

  @Test
  void aReaderWhoReadsNothingIsCutOffAndItsPlaceIsFree() throws Exception {
    var lead = leadWithPhoto(SHA, new byte[LARGE]);

    try (var reader = new PhotoReader(http.port(), pathTo(lead, SHA))) {
      assertThat(reader.status()).isEqualTo(200);
      Awaitility.await().until(() -> meters.get("profilepic.avatars.sending").gauge().value() == 0);

      assertThat(reader.read(LARGE)).isLessThan(LARGE);
    }
  }

  /** Reads the next part of the photo. Throws at the end of the data, which ends the schedule. */
  private static void readOn(PhotoReader reader, AtomicLong read) {
    try {
      int more = reader.read(16 * 1024);
      read.addAndGet(more);
      if (more < 16 * 1024) {
        throw new IllegalStateException("no more");
      }
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
