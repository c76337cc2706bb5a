package dev.profilepic.receiver.support;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.s3.S3Server;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * A receiver on a random port over a real database. All tests of this kind share both, so each
 * makes its own leads.
 */
@ActiveProfiles("local")
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "profile-pic.sources.key=" + ReceiverTest.SOURCES_KEY
    })
public abstract class ReceiverTest {

  protected static final String KEY = "local-dev-key";

  /** Seals the credentials of gateways. */
  public static final String SOURCES_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  /** An S3 server that runs only after a test has started it. */
  protected static final S3Server BUCKET = S3Server.prepared();

  private static final TestDatabase DATABASE = TestDatabase.migratedWithTriggers();

  @LocalServerPort private int port;
  @LocalManagementPort private int managementPort;
  @Autowired protected JdbcClient jdbc;

  protected Http http;
  protected Http management;

  protected ReceiverTest() {
    this.http = new Http(0, null);
    this.management = new Http(0, null);
  }

  @DynamicPropertySource
  static void database(DynamicPropertyRegistry registry) {
    registry.add("spring.datasource.url", DATABASE::jdbcUrl);
    registry.add("profile-pic.store.s3.endpoint", BUCKET::endpoint);
    registry.add("profile-pic.store.s3.bucket", () -> S3Server.BUCKET);
    registry.add("profile-pic.store.s3.access-key", () -> S3Server.ACCESS_KEY);
    registry.add("profile-pic.store.s3.secret-key", () -> S3Server.SECRET_KEY);
    registry.add("profile-pic.store.s3.timeout", () -> "3s");
    registry.add("profile-pic.sources.trusted-origins", () -> "http://evolution:8080");
  }

  @BeforeEach
  void connect() {
    http = new Http(port, KEY);
    management = new Http(managementPort, null);
  }

  /** Forgets erased phones, because leads of other tests may have the same phones. */
  @AfterEach
  void forgetWhoWasErased() {
    jdbc.sql("DELETE FROM profile_pic.tombstones").update();
  }

  protected Http withKey(@Nullable String key) {
    return new Http(port, key);
  }

  /**
   * Creates a key, and waits until the receiver knows it.
   *
   * @param scopes separated by commas
   * @param instances the instances that the key is bound to; none for all
   */
  protected String newKey(String scopes, String... instances) {
    var key = "ppk_test_" + UUID.randomUUID();
    jdbc.sql(
            """
            INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances)
            VALUES (?, sha256(?::bytea), string_to_array(?, ','), nullif(?::text[], '{}'))
            """)
        .param(key)
        .param(key)
        .param(scopes)
        .param(instances)
        .update();
    awaitKey(key);
    return key;
  }

  /** Waits until the receiver knows a key that was just made. */
  protected void awaitKey(String key) {
    Awaitility.await().until(() -> withKey(key).get("/bulk-sync-status").status() != 401);
  }

  /** Creates a lead without an instance. */
  protected String newLead(@Nullable String phone) {
    return newLead(phone, null);
  }

  protected String newLead(@Nullable String phone, @Nullable String instance) {
    var id = UUID.randomUUID().toString();
    jdbc.sql(
            "INSERT INTO public.leads (id, phone, instance_id) VALUES (:id::uuid, :phone, :instance)")
        .param("id", id)
        .param("phone", phone)
        .param("instance", instance)
        .update();
    // The trigger has announced the lead, but the tests start from a lead without a request.
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(id)
        .update();
    return id;
  }

  /** Messages in the queue for a lead, oldest first. */
  protected java.util.List<String> messagesFor(String leadId) {
    return jdbc.sql(
            "SELECT message::text FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ? ORDER BY msg_id")
        .param(leadId)
        .query(String.class)
        .list();
  }
}
