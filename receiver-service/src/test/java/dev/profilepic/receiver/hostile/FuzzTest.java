package dev.profilepic.receiver.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.fuzz.HostileRequests;
import dev.profilepic.fuzz.RawClient;
import dev.profilepic.fuzz.Routes;
import dev.profilepic.fuzz.Samples;
import dev.profilepic.fuzz.Verdict;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A short run of {@code bin/fuzz} against the receiver alone. The seed is fixed, so that a failure
 * is reproducible.
 */
class FuzzTest extends ReceiverTest {

  private static final int ROUNDS = 600;
  private static final String LEAD = "7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10";

  private HostileRequests requests = new HostileRequests(List.of(), List.of(), KEY, List.of(LEAD));

  @BeforeEach
  void readTheRoutes() throws IOException {
    requests =
        new HostileRequests(
            Routes.in(http.get("/openapi.yaml").text()),
            Samples.in(Path.of("src/test/resources/webhooks")),
            KEY,
            List.of(LEAD));
    takeMessages();
  }

  /** Creates the lead that requests may address and erase. */
  private void newVictim() {
    jdbc.sql("DELETE FROM public.leads WHERE id = ?::uuid").param(LEAD).update();
    jdbc.sql("INSERT INTO public.leads (id, phone) VALUES (?::uuid, '5562999212484')")
        .param(LEAD)
        .update();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noRequestMakesTheReceiverFailOrGivesTheWorkerWhatItCannotRead(long seed) throws IOException {
    var random = new Random(seed);
    var messages = new ArrayList<String>();
    try (var client = new RawClient(http.port(), Duration.ofSeconds(30))) {
      for (int round = 0; round < ROUNDS; round++) {
        if (round % 50 == 0) {
          newVictim();
        }
        send(client, random);
        messages.addAll(takeMessages());
      }
    }
    // Feeds the accepted bulk syncs to the queue, as the workers do.
    jdbc.sql("SELECT profile_pic.feed_syncs(6000000, interval '1 minute')")
        .query(Long.class)
        .single();
    messages.addAll(takeMessages());

    assertThat(messages)
        .as("some of it must have reached the queue")
        .isNotEmpty()
        .allSatisfy(message ->
            assertThat(ProfilePicMessage.parse(message))
                .isInstanceOf(ProfilePicMessage.Parsed.Valid.class));
  }

  @Test
  void nothingOfItStaysInMemory() throws IOException {
    var random = new Random(6);
    long afterWarmUp = usedAfter(200, random);

    long afterMuchMore = usedAfter(1_000, random);

    // If they were kept, 1,000 bodies of 10 KiB on average would take twice this limit in Java.
    assertThat(afterMuchMore - afterWarmUp).isLessThan(10L << 20);
  }

  private void send(RawClient client, Random random) throws IOException {
    var request = requests.next(random);

    var answer = client.exchange(request);

    assertThat(Verdict.on(answer)).as("%s", request).isEmpty();
  }

  private long usedAfter(int count, Random random) throws IOException {
    try (var client = new RawClient(http.port(), Duration.ofSeconds(30))) {
      for (int i = 0; i < count; i++) {
        send(client, random);
      }
    }
    takeMessages();
    var memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }

  private List<String> takeMessages() {
    return jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue RETURNING message::text")
        .query(String.class)
        .list();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 60, 200})
  void aFloodOfHeadersIsRefusedOrIgnored(int headers) {
    var flood = new String[headers * 2];
    for (int i = 0; i < headers; i++) {
      flood[2 * i] = "x-flood-" + i;
      flood[2 * i + 1] = "v".repeat(100);
    }

    assertThat(http.get("/bulk-sync-status", flood).status()).isIn(200, 400, 431);
  }
}
