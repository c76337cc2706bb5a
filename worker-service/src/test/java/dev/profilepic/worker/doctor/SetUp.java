package dev.profilepic.worker.doctor;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;

/** A healthy set-up, as its operator would run it. Tests plant faults into it. */
final class SetUp implements AutoCloseable {

  private static final String WEBHOOK_SECRET = "the-webhook-secret-of-this-test";

  final TestDatabase database = TestDatabase.migratedWithTriggers();
  final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());
  final FakeBridge bridge = new FakeBridge();
  final FakeReceiver receiver;
  final FakeReceiver worker;
  final Map<String, String> variables = new TreeMap<>();
  Duration clockIsAhead = Duration.ZERO;

  /**
   * @param status the exit status of the process
   * @param text the text that the process printed
   */
  record Said(int status, String text) {

    /** Returns the names of the checks that found a problem. */
    List<String> problems() {
      return text.lines()
          .filter(line -> line.startsWith("PROBLEM"))
          .map(line -> line.substring(9, 22).strip())
          .distinct()
          .toList();
    }
  }

  SetUp() throws IOException {
    receiver = new FakeReceiver().signedWith(WEBHOOK_SECRET);
    worker = new FakeReceiver();
    bridge.overview(FakeBridge.json(200, "{\"instances\":[{\"id\":\"demo\",\"state\":\"open\"}]}"));
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (gen_random_uuid(), '5562999212484', 'demo')");
    jdbc.update(
        "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES ('crm', sha256('k'), '{ingest}')");
    var url = database.jdbcUrl();
    // The url carries user and password already.
    variables.put("PROFILE_PIC_DATABASE_URL", url);
    variables.put("PROFILE_PIC_DATABASE_USER", "");
    variables.put("PROFILE_PIC_AVATARS_BASE_URL", receiver.url().replace("127.0.0.1", EXTERNAL));
    variables.put("PROFILE_PIC_AVATARS_SIGNING_SECRET", "a-signing-secret-of-this-test");
    variables.put("PROFILE_PIC_ERASURE_KEY", "an-erasure-key-of-this-test");
    variables.put("PROFILE_PIC_BRIDGE_URL", bridge.url());
    variables.put("PROFILE_PIC_BRIDGE_TOKEN", "test-token");
    variables.put("PROFILE_PIC_WEBHOOK_SECRET_BAILEYS", WEBHOOK_SECRET);
    variables.put("PROFILE_PIC_DOCTOR_RECEIVER_HEALTH_URL", receiver.url());
    variables.put("PROFILE_PIC_DOCTOR_WORKER_HEALTH_URL", worker.url());
    variables.put("PROFILE_PIC_LEADS_CREATE", "true");
  }

  /**
   * A loopback address that does not look like loopback, because this machine may have no other
   * name.
   */
  private static final String EXTERNAL = "[::ffff:127.0.0.1]";

  Said examine(String... arguments) throws InterruptedException {
    var out = new ByteArrayOutputStream();
    InstantSource clock = () -> InstantSource.system().instant().plus(clockIsAhead);
    int status =
        DoctorCommand.run(
            List.of(arguments),
            variables,
            clock,
            new PrintStream(out, true, StandardCharsets.UTF_8));
    return new Said(status, out.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    bridge.close();
    receiver.close();
    worker.close();
    database.close();
  }
}
