package dev.profilepic.worker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.s3.S3Server;
import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoBucket;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class S3StoreTest extends StoreContract {

  private final S3Server server = S3Server.started();

  @TempDir private Path folder;

  @Override
  String[] settings() {
    return server.settings();
  }

  @AfterAll
  void stopServer() {
    server.close();
  }

  @Override
  List<String> kept() {
    return server.keys().toList();
  }

  @Override
  Optional<byte[]> bytes(String key) throws BucketException {
    return Optional.of(store().bucket().read(key, 0, 1_000_000)).filter(it -> it.length > 0);
  }

  @Test
  void noBytesAreInTheDatabase() {
    var lead = leadWith("/red.jpg");

    assertThat(
            count(
                "profile_pic.avatars WHERE storage_key = ? AND in_bucket AND bytes IS NULL AND size = ?",
                key(lead),
                RED.length))
        .isEqualTo(1);
  }

  @Test
  void whileTheBucketIsAwayMessagesWaitAndNothingIsMarked() throws Exception {
    picture("/waits.jpg", Pictures.jpeg(Color.MAGENTA));
    server.stop();
    try {
      var phones = IntStream.range(0, 8).mapToObj(i -> phone()).toList();
      phones.forEach(phone -> bridge.lookup(phone, bridge.found("/waits.jpg", "1")));
      var leads = phones.stream().map(this::lead).toList();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              count("profile_pic.pictures WHERE reason = 'STORE_DOWN' AND state = 'PENDING'")
                  == leads.size());
      // Leads that need nothing from the bucket are served.
      var without = phone();
      bridge.lookup(without, FakeBridge.json(200, "{\"status\":\"not_set\"}"));
      var other = lead(without);
      await().until(() -> "NOT_SET".equals(picture(other).get("state")));
      assertThat(count("profile_pic.pictures WHERE attempts > 0")).isZero();
      assertThat(count("pgmq.q_profile_pic_dlq")).isZero();
      assertThat(breaker()).isNotEqualTo("CLOSED");

      server.start();
      jdbc.update("UPDATE pgmq.q_profile_pic_queue SET vt = now()");
      for (var lead : leads) {
        settledKey(lead, null);
      }
    } finally {
      server.start();
    }
  }

  @Test
  void anObjectIsRemovedWhenTheBucketIsBack() throws Exception {
    picture("/later.jpg", Pictures.jpeg(Color.ORANGE));
    var lead = leadWith("/later.jpg");
    var key = key(lead);
    server.stop();
    try {
      erase(lead);
      jdbc.update("UPDATE profile_pic.avatars SET put_until = now() WHERE storage_key = ?", key);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              count("profile_pic.avatars WHERE storage_key = ? AND removal_error IS NOT NULL", key)
                  == 1);
    } finally {
      server.start();
    }

    await().atMost(Duration.ofSeconds(60)).until(() -> !kept().contains(key));
  }

  @Test
  void thumbnailsGoWithTheirPhoto() throws Exception {
    picture("/small.jpg", Pictures.jpeg(Color.YELLOW));
    var lead = leadWith("/small.jpg");
    var thumbnail = PhotoBucket.thumbnail(key(lead), 96);
    store().bucket().put(thumbnail, "image/jpeg", RED);

    erase(lead);

    await().until(() -> !kept().contains(thumbnail));
  }

  @Test
  void everythingMovesOutOfTheBucketAndBackInAndCanBeStopped() throws Exception {
    picture("/moves.jpg", Pictures.jpeg(Color.WHITE));
    var lead = leadWith("/moves.jpg");
    var key = key(lead);

    assertThat(move("postgres")).startsWith("0");
    assertThat(worker.bean(StoreSql.class).bytes(key)).hasValue(Pictures.jpeg(Color.WHITE));
    await().atMost(Duration.ofSeconds(60)).until(() -> kept().isEmpty());
    await().until(() -> count("profile_pic.avatars WHERE in_bucket") == 0);

    server.stop();
    assertThat(move("s3")).startsWith("1").contains("Start it again");
    assertThat(worker.bean(StoreSql.class).bytes(key)).isPresent();
    server.start();
    assertThat(move("s3")).startsWith("0");
    assertThat(move("s3")).startsWith("0").contains("0 photos moved");

    assertThat(bytes(key)).hasValue(Pictures.jpeg(Color.WHITE));
    assertThat(count("profile_pic.avatars WHERE bytes IS NOT NULL")).isZero();
  }

  @Test
  void withAPublicBucketTheLeadGetsItsUrl() {
    var settings = new HashMap<String, String>();
    for (var setting : server.settings()) {
      settings.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
    }
    settings.put("profile-pic.store.public-base-url", "https://cdn.example.com/photos/");
    var lead = leadWith("/red.jpg");
    worker.close();
    try (var other =
        RunningWorker.start(
            database,
            bridge,
            settings.entrySet().stream()
                .map(it -> it.getKey() + "=" + it.getValue())
                .toArray(String[]::new))) {
      assertThat(other.bean(PhotoKeeper.class).isAway()).isFalse();
      // The photo is unchanged, but the lead gets the new form of the link.
      ask(lead, String.valueOf(row(lead).get("phone")));
      await()
          .until(() ->
              ("https://cdn.example.com/photos/" + key(lead))
                  .equals(row(lead).get("profile_pic_url")));
      var fresh = leadWith("/blue.jpg");
      assertThat(row(fresh).get("profile_pic_url"))
          .isEqualTo("https://cdn.example.com/photos/" + key(fresh));
    } finally {
      worker = RunningWorker.start(database, bridge, settings());
    }
  }

  @Test
  void aDatabaseThatIsAwayIsNamed() throws IOException {
    assertThat(move("s3", "jdbc:postgresql://127.0.0.1:1/none"))
        .startsWith("1 stopped, the database refused: Connection to 127.0.0.1:1 refused")
        .contains("Start it again");
  }

  private String breaker() {
    return worker.bean(CircuitBreakerRegistry.class).circuitBreaker("store").getState().name();
  }

  /**
   * Returns the status and the printed text. The bucket's key comes as a file, as Docker passes
   * secrets.
   */
  private String move(String to) throws IOException {
    return move(to, database.jdbcUrl());
  }

  private String move(String to, String databaseUrl) throws IOException {
    var variables = new HashMap<String, Object>();
    variables.put("PROFILE_PIC_DATABASE_URL", databaseUrl);
    for (var setting : server.settings()) {
      var name = setting.split("=", 2)[0].toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
      variables.put(name, setting.split("=", 2)[1]);
    }
    var secret = String.valueOf(variables.remove("PROFILE_PIC_STORE_S3_SECRET_KEY"));
    variables.put(
        "PROFILE_PIC_STORE_S3_SECRET_KEY_FILE",
        Files.writeString(folder.resolve("secret-key"), secret).toString());
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    var printed = new ByteArrayOutputStream();
    try (var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      return MoveStoreCommand.run(List.of("--to", to), environment, out)
          + " "
          + printed.toString(StandardCharsets.UTF_8);
    }
  }
}
