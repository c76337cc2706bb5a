package dev.profilepic.receiver.avatars;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Many clients request a photo of the largest allowed size and do not read the response. */
class ManyReadersTest extends PhotoTest {

  private static final String SHA =
      "1a46e00000000000000000000000000000000000000000000000000000000000";
  private static final byte[] LARGE = new byte[5 << 20];
  private static final int READERS = 200;

  /** {@code profile-pic.avatars.sending.in-flight}, in pieces of a photo. */
  private static final int PLACES = 128;

  @Autowired private MeterRegistry meters;

  private String lead = "";
  private final List<PhotoReader> readers = new ArrayList<>();

  static {
    new Random(1).nextBytes(LARGE);
  }

  @AfterEach
  void leave() throws IOException {
    for (var reader : readers) {
      reader.close();
    }
  }

  @Test
  void aLargePhotoArrivesWhole() {
    var answer = http.get(pathTo(leadWithPhoto(SHA, LARGE), SHA));

    assertThat(answer.header("content-length")).isEqualTo(Integer.toString(LARGE.length));
    assertThat(answer.bytes()).isEqualTo(LARGE);
  }

  @Test
  void whatTheyDoNotReadIsNotHeldInMemoryAndOthersAreServed() throws Exception {
    lead = leadWithPhoto(SHA, LARGE);
    var path = pathTo(lead, SHA);
    http.get(path);
    long before = used();

    var statuses = statusesOf(more(READERS));
    // The receiver refuses some readers while the database is busy. Further readers follow until no
    // place is free.
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> {
          int free = PLACES - sending();
          statusesOf(more(free));
          return free == 0;
        });

    assertThat(used() - before).isLessThan(100L << 20);
    assertThat(statuses).containsOnly(200, 503);
    var refused = http.get(path);
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("retry-after")).isNotEmpty();
    assertThat(http.get("/bulk-sync-status").status()).isEqualTo(200);
    assertThat(
            http.post(
                    "/profile-pics",
                    "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}"
                        .formatted(newLead("5562999212484")))
                .status())
        .isEqualTo(202);
  }

  private List<PhotoReader> more(int count) throws IOException {
    var path = pathTo(lead, SHA);
    for (int i = 0; i < count; i++) {
      readers.add(new PhotoReader(http.port(), path));
    }
    return readers.subList(readers.size() - count, readers.size());
  }

  private int sending() {
    return (int) meters.get("profilepic.avatars.sending").gauge().value();
  }

  /**
   * Returns the statuses of all readers. It reads them in parallel, because a reader may wait for a
   * place.
   */
  private static List<Integer> statusesOf(List<PhotoReader> readers) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked =
          threads.invokeAll(
              readers.stream().<Callable<Integer>>map(reader -> reader::status).toList());
      var statuses = new ArrayList<Integer>();
      for (var status : asked) {
        statuses.add(status.get());
      }
      return statuses;
    }
  }

  private static long used() {
    var memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }
}
