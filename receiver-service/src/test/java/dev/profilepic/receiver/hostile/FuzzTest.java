package dev.profilepic.receiver.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mutated bodies to every endpoint that takes one; the seed is fixed, so a failure repeats. */
class FuzzTest extends ReceiverTest {

  private static final int ROUNDS = 150;
  private static final String LEAD = "7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10";
  private static final List<String> PATHS =
      List.of(
          "POST /profile-pics",
          "POST /webhooks/whatsapp-web",
          "POST /webhooks/evolution",
          "POST /webhooks/waha",
          "POST /webhooks/baileys",
          "POST /webhooks/evolution-go",
          "POST /webhooks/fazer",
          "POST /webhooks/wppconnect",
          "POST /webhooks/wuzapi",
          "POST /webhooks/z-api",
          "POST /webhooks/uazapi",
          "POST /webhooks/chatwoot",
          "POST /webhooks/auto",
          "POST /webhooks/auto/messages-upsert",
          "POST /instance/fuzz/process-profile-pic",
          "POST /instance/fuzz/sync-profile-pics-bulk",
          "POST /dead-letters/replay",
          "PATCH /instances/fuzz");
  private static final List<String> SEEDS =
      List.of(
          "whatsapp-web.flat",
          "whatsapp-web.upsert",
          "evolution.messages-upsert.lid",
          "evolution.contacts-update.array",
          "waha.message",
          "baileys.contacts-update",
          "peers/evolution-go.message",
          "peers/fazer.lid-mapping",
          "peers/wppconnect.onmessage.objects",
          "peers/wuzapi.message",
          "peers/z-api.received",
          "peers/uazapi.messages",
          "peers/chatwoot.contact-updated");
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1e999",
          "1e999999999",
          "-1E+2147483647",
          "0." + "0".repeat(900) + "1",
          "[".repeat(5_000),
          "{\"data\":".repeat(5_000),
          "\"a\", \"phone\": \"5562999212484\"",
          "123456789012345678901234567890",
          "\"\"",
          "\"\\u0000\"",
          "\"\\ud83d\"",
          "\"status@broadcast\"",
          "\"" + "9".repeat(5_000) + "\"",
          "[]",
          "{}",
          "[[[[[[]]]]]]",
          "\"../../etc/passwd\"",
          "\"'; DROP TABLE leads; --\"",
          "\"2026-02-31T99:99:99Z\"",
          "{\"low\": -5, \"high\": 0}",
          "\"http://[::1]:80/\"",
          "\"https://pps.whatsapp.net/%zz\"");

  @BeforeEach
  void aLeadThatBodiesMayHit() {
    jdbc.sql(
            """
            INSERT INTO public.leads (id, phone) VALUES (?::uuid, '5562999212484') ON CONFLICT DO NOTHING
            """)
        .param(LEAD)
        .update();
    takeMessages();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noBodyMakesTheReceiverFailOrGivesTheWorkerWhatItCannotRead(long seed) throws IOException {
    var random = new Random(seed);
    var messages = new ArrayList<String>();
    for (int round = 0; round < ROUNDS; round++) {
      send(random);
      messages.addAll(takeMessages());
    }
    // Bulk syncs that were taken are fed to the queue by the workers.
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

    // A thousand bodies of 10 KiB on average, if they were kept, would be twice as much in Java.
    assertThat(afterMuchMore - afterWarmUp).isLessThan(10L << 20);
  }

  private void send(Random random) throws IOException {
    var call = PATHS.get(random.nextInt(PATHS.size())).split(" ", 2);
    var body = mutated(random);

    var answer = http.send(call[0], call[1], body, "Content-Type", "application/json");

    assertThat(answer.status())
        .as("%s %s with %s", call[0], call[1], new String(body, StandardCharsets.UTF_8))
        .isBetween(200, 499);
    assertThat(answer.text()).doesNotContain("at dev.profilepic", "SQLException", "PSQL");
  }

  private long usedAfter(int requests, Random random) throws IOException {
    for (int i = 0; i < requests; i++) {
      send(random);
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

  private static byte[] mutated(Random random) throws IOException {
    var body = new StringBuilder(seed(random));
    for (int i = random.nextInt(4); i > 0; i--) {
      switch (random.nextInt(6)) {
        case 0 -> replaceValue(body, random);
        case 1 -> body.setCharAt(random.nextInt(body.length()), (char) random.nextInt(0x250));
        case 2 -> body.setLength(1 + random.nextInt(body.length()));
        case 3 ->
            body.insert(random.nextInt(body.length()), VALUES.get(random.nextInt(VALUES.size())));
        case 4 -> body.insert(1, "\"data\": " + VALUES.get(random.nextInt(VALUES.size())) + ",");
        default -> body.insert(body.length(), body.substring(body.length() / 2));
      }
    }
    var bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(8) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) 0xC3; // invalid UTF-8
    }
    return bytes;
  }

  private static void replaceValue(StringBuilder body, Random random) {
    var colon = body.indexOf(":", random.nextInt(body.length()));
    if (colon > 0) {
      var end = body.indexOf("\n", colon);
      body.replace(
          colon + 1,
          end < 0 ? body.length() : end,
          VALUES.get(random.nextInt(VALUES.size())) + (random.nextBoolean() ? "," : ""));
    }
  }

  private static String seed(Random random) throws IOException {
    if (random.nextInt(2) == 0) {
      return """
      {
      "lead_id": "%1$s",
      "phone": "5562999212484",
      "instance_id": "fuzz",
      "force_update": true,
      "phone_list": [{"lead_id": "%1$s",
      "phone": "5562999212484"}],
      "all": true
      }\
      """
          .formatted(LEAD);
    }
    var name = SEEDS.get(random.nextInt(SEEDS.size()));
    try (InputStream in =
        Objects.requireNonNull(FuzzTest.class.getResourceAsStream("/webhooks/" + name + ".json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
