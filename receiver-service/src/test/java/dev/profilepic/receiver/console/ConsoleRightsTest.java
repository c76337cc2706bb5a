package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.console.ConsoleRoutes.Foreign;
import dev.profilepic.receiver.console.ConsoleRoutes.Needs;
import dev.profilepic.receiver.console.ConsoleRoutes.Row;
import dev.profilepic.receiver.console.ConsoleRoutes.Things;
import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.Http.Answer;
import java.util.Locale;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Requests every route of the console without a session, with a read session, with an operator
 * session, and with a session that is bound to another instance. A route without a row in {@link
 * ConsoleRoutes} fails.
 */
class ConsoleRightsTest extends ConsoleTest {

  private static @Nullable String reader;
  private static String operator = "";
  private static String stranger = "";

  @Autowired private RequestMappingHandlerMapping requestMappingHandlerMapping;

  @BeforeEach
  void keys() {
    if (reader == null) {
      operator = newKey("read,operate");
      stranger = newKey("read,operate", "elsewhere_" + UUID.randomUUID());
      reader = newKey("read");
    }
  }

  @Test
  void everyRouteHasARow() {
    var mapped = new TreeSet<String>();
    requestMappingHandlerMapping
        .getHandlerMethods()
        .forEach((info, handler) -> {
          if (handler.getBeanType().getPackageName().endsWith(".console")) {
            info.getMethodsCondition()
                .getMethods()
                .forEach(method ->
                    info.getPatternValues()
                        .forEach(path ->
                            mapped.add(method.name().toLowerCase(Locale.ROOT) + " " + path)));
          }
        });

    var rows =
        ConsoleRoutes.ROWS.stream().map(Row::route).collect(Collectors.toCollection(TreeSet::new));
    assertThat(rows).isEqualTo(mapped);
  }

  @TestFactory
  Stream<DynamicTest> whoeverMayNotGetsNothing() {
    return ConsoleRoutes.ROWS.stream()
        .filter(row -> row.needs() != Needs.NOBODY)
        .map(row -> DynamicTest.dynamicTest(row.route() + " " + row.form(), () -> check(row)));
  }

  private void check(Row row) {
    var things = things();
    var before = traces(things);

    var ofNobody = ask(row, things, null);
    assertThat(ofNobody.status()).isEqualTo(row.route().startsWith("post") ? 403 : 302);
    assertThat(ofNobody.text()).doesNotContain(things.mark());
    var ofKey = http.get(row.path().apply(things), "Accept", "text/html");
    if (row.route().startsWith("get")) {
      assertThat(ofKey.status()).as("a key in a header opens no page").isEqualTo(302);
    }

    var ofReader = ask(row, things, reader);
    if (row.needs() == Needs.OPERATE) {
      assertThat(ofReader.status()).as("who may only look").isEqualTo(403);
    } else {
      assertThat(ofReader.status()).isBetween(200, 302);
    }
    assertThat(traces(things)).isEqualTo(before);

    var ofStranger = ask(row, things, stranger);
    switch (row.foreign()) {
      case REFUSED -> assertThat(ofStranger.status()).as(ofStranger.text()).isIn(403, 404);
      case FORBIDDEN -> assertThat(ofStranger.status()).isEqualTo(403);
      case LEFT_OUT -> assertThat(ofStranger.status()).isBetween(200, 302);
    }
    assertThat(
            ofStranger
                .text()
                .replace("value=\"" + things.mark() + "\"", "")
                .replace("value=\"" + things.lead() + "\"", ""))
        .doesNotContain(things.mark())
        .doesNotContain(things.lead())
        .doesNotContain(row.foreign() == Foreign.REFUSED ? "\n\n\n" : things.instance());
    assertThat(traces(things)).as("what became of it").isEqualTo(before);

    var ofOperator = ask(row, things, operator);
    assertThat(ofOperator.status()).as(ofOperator.text()).isBetween(200, 302);
  }

  private Answer ask(Row row, Things things, @Nullable String key) {
    var path = row.path().apply(things).replace("KEY", Long.toString(keyToRevoke()));
    var visitor = withKey(null);
    if (key == null) {
      return row.route().startsWith("get")
          ? visitor.get(path)
          : visitor.send(
              "POST", path, new byte[0], "Content-Type", "application/x-www-form-urlencoded");
    }
    var console = Console.signIn(visitor, key);
    var form =
        row.form()
            .replace("LEAD", things.lead())
            .replace("INSTANCE", things.instance())
            .replace("LETTER", Long.toString(things.letter()))
            .replace("MARK", "key " + UUID.randomUUID());
    return row.route().startsWith("get") ? console.get(path) : console.post(path, form);
  }

  private long keyToRevoke() {
    return jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES (?, sha256(?::bytea), '{read}') RETURNING id")
        .param("revoke " + UUID.randomUUID())
        .param(UUID.randomUUID().toString())
        .query(Long.class)
        .single();
  }

  private Things things() {
    var world = new World(jdbc);
    var mark = "Markus" + UUID.randomUUID().toString().replaceAll("[^a-f]", "");
    var instance = "rights_" + UUID.randomUUID();
    var number = "5562" + ThreadLocalRandom.current().nextInt(60_000_000, 90_000_000);
    world.instance(instance);
    BRIDGE.put(instance, "qr");
    var lead = world.lead(mark, number, instance);
    world.picture(lead, number, instance, "NOT_SET", "NOT_SET", 0);
    long endpoint = world.endpoint("https://example.com/" + instance, instance);
    jdbc.sql(
            "INSERT INTO profile_pic.unrecognised_webhooks (kind, instance_id, seen, sample) VALUES ('auto', ?, 1, '{}')")
        .param(instance)
        .update();
    jdbc.sql("UPDATE profile_pic.syncs SET state = 'DONE' WHERE state = 'RUNNING'").update();
    long sync =
        jdbc.sql(
                "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES (?, 'list', 0, 1) RETURNING id")
            .param(instance)
            .query(Long.class)
            .single();
    return new Things(
        instance,
        lead,
        mark,
        world.letter(lead, number, instance, "NO_ANSWER"),
        sync,
        endpoint,
        world.delivery(endpoint, lead, instance, "failed"));
  }

  private String traces(Things things) {
    return jdbc.sql(
            """
            SELECT concat_ws(' | ',
              (SELECT row_to_json(p) FROM profile_pic.pictures AS p WHERE lead_id = :lead),
              (SELECT json_agg(r) FROM profile_pic.requests AS r WHERE lead_id = :lead),
              (SELECT json_agg(d.msg_id) FROM pgmq.q_profile_pic_dlq AS d WHERE message ->> 'lead_id' = :lead),
              (SELECT json_agg(s ORDER BY s.id) FROM profile_pic.syncs AS s WHERE instance_id = :instance),
              (SELECT json_agg(d) FROM profile_pic.webhook_deliveries AS d WHERE d.id = :delivery),
              (SELECT row_to_json(i) FROM profile_pic.instances AS i WHERE instance_id = :instance))
            """)
        .param("lead", things.lead())
        .param("instance", things.instance())
        .param("delivery", things.delivery())
        .query(String.class)
        .single();
  }
}
