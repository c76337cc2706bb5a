package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.test.context.TestPropertySource;

/** Webhooks with media, and webhooks with too many people for one query per person. */
@TestPropertySource(properties = "profile-pic.webhooks.secrets.waha=a-secret-for-waha")
class LargeWebhooksTest extends ReceiverTest {

  private static final AtomicInteger STATEMENTS = new AtomicInteger();
  private static final Pattern OURS =
      Pattern.compile("_lids|_unmatched|match_leads|find_leads|profile_pic\\.enqueue");

  /** Counts the statements that the receiver runs because of webhooks. */
  @TestConfiguration
  static class Counting {

    @Bean
    static BeanPostProcessor counting() {
      return new BeanPostProcessor() {
        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
          return bean instanceof DataSource source ? new CountingDataSource(source) : bean;
        }
      };
    }
  }

  private static final class CountingDataSource extends DelegatingDataSource {

    CountingDataSource(DataSource target) {
      super(target);
    }

    @Override
    public Connection getConnection() throws java.sql.SQLException {
      var connection = super.getConnection();
      return (Connection)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("prepareStatement")
                    && OURS.matcher((String) arguments[0]).find()
                    // Scheduled jobs run beside the call.
                    && !Thread.currentThread().getName().startsWith("scheduling-")) {
                  STATEMENTS.incrementAndGet();
                }
                try {
                  return method.invoke(connection, arguments);
                } catch (InvocationTargetException failed) {
                  throw failed.getCause();
                }
              });
    }
  }

  @Test
  void twelveThousandPeopleUnderALidTakeAsManyStatementsAsTen() {
    int few = statements(() -> contacts("few", 10, true));
    int many = statements(() -> contacts("many", 12_000, true));

    assertThat(many).isEqualTo(few).isLessThan(10);
    assertThat(rows("lids", "many")).isEqualTo(12_000);
    int unknown = statements(() -> contacts("hidden", 12_000, false));
    assertThat(unknown).isLessThan(10);
    assertThat(rows("unmatched_events", "hidden")).isEqualTo(12_000);
  }

  @Test
  void tenThousandLeadsInOneWebhookAreAllQueued() {
    jdbc.sql(
            """
            INSERT INTO public.leads (id, phone, instance_id)
            SELECT gen_random_uuid(), '5511' || (930000000 + n)::text, 'crowd' FROM generate_series(0, 9999) AS n
            """)
        .update();
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue").update();

    int statements =
        statements(() -> {
          var answer = contacts("crowd", 10_000, true);
          assertThat(answer.json().path("queued").asInt()).as(answer.text()).isEqualTo(10_000);
        });

    assertThat(statements).isLessThan(15);
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue").update();
  }

  @Test
  void aWebhookWithThirtyMegabytesOfMediaIsTaken() {
    var phone = "5562987651001";
    var lead = newLead(phone);

    var answer = http.post("/webhooks/evolution", withMedia(phone, 30_000_000));

    assertThat(answer.json().path("status").asString()).as(answer.text()).isEqualTo("queued");
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @Test
  void moreThanThirtyTwoMebibytesAreRefused() {
    assertThat(http.post("/webhooks/evolution", withMedia("5562987651002", 34_000_000)).status())
        .isEqualTo(413);
  }

  @Test
  void littleIsKeptForSomebodyWhoIsNotKnownYet() {
    var contacts = contactsOf("x", 2_000, true);

    assertThat(withKey(null).post("/webhooks/evolution", contacts).status()).isEqualTo(413);
    assertThat(
            withKey(null)
                .post("/webhooks/evolution", withMedia("5562987651003", 1_000_000))
                .status())
        .isEqualTo(401);
  }

  @Test
  void aKeyBehindALotOfMediaIsFound() {
    var body = withMedia("5562987651004", 1_000_000);
    var withToken =
        body.substring(0, body.length() - 1) + ", \"webhookVerifyToken\": \"" + KEY + "\"}";

    assertThat(withKey(null).post("/webhooks/fazer", withToken).status()).isEqualTo(202);
  }

  @Test
  void nothingIsDoneBeforeTheSignatureIsRight() {
    var phone = "5562987651005";
    var lead = newLead(phone);
    var body =
        "{\"event\": \"message\", \"session\": \"s\", \"payload\": {\"from\": \"%s@c.us\"}, \"media\": \"%s\"}"
            .formatted(phone, "A".repeat(2_000_000));

    assertThat(signed(body, body + "x").status()).isEqualTo(401);
    assertThat(messagesFor(lead)).isEmpty();
    assertThat(signed(body, body).status()).isEqualTo(202);
    assertThat(messagesFor(lead)).hasSize(1);
  }

  private Answer signed(String sent, String whatIsSigned) {
    try {
      var mac = Mac.getInstance("HmacSHA512");
      mac.init(
          new SecretKeySpec("a-secret-for-waha".getBytes(StandardCharsets.UTF_8), "HmacSHA512"));
      var hex =
          HexFormat.of().formatHex(mac.doFinal(whatIsSigned.getBytes(StandardCharsets.UTF_8)));
      return withKey(null).post("/webhooks/waha", sent, "X-Webhook-Hmac", hex);
    } catch (java.security.GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Answer contacts(String instance, int count, boolean withPhone) {
    var body = contactsOf(instance, count, withPhone);
    var answer = http.post("/webhooks/evolution", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer;
  }

  private static String contactsOf(String instance, int count, boolean withPhone) {
    return IntStream.range(0, count)
        .mapToObj(n ->
            withPhone
                ? "{\"remoteJid\": \"5511%d@s.whatsapp.net\", \"lid\": \"2222%d@lid\", \"pushName\": \"N\"}"
                    .formatted(930_000_000 + n, 10_000_000 + n)
                : "{\"remoteJid\": \"1111%d@lid\", \"pushName\": \"N\"}".formatted(10_000_000 + n))
        .collect(
            Collectors.joining(
                ", ",
                "{\"event\": \"contacts.upsert\", \"instance\": \"" + instance + "\", \"data\": [",
                "]}"));
  }

  private static String withMedia(String phone, int size) {
    return """
    {"event": "messages.upsert", "instance": "m", "data": {"message": {"base64": "%s"}, "key": {"remoteJid": "%s@s.whatsapp.net"}}}\
    """
        .formatted("A".repeat(size), phone);
  }

  private static int statements(Runnable work) {
    STATEMENTS.set(0);
    work.run();
    return STATEMENTS.get();
  }

  private long rows(String table, String instance) {
    return jdbc.sql("SELECT count(*) FROM profile_pic." + table + " WHERE instance_id = ?")
        .param(instance)
        .query(Long.class)
        .single();
  }
}
