package dev.profilepic.receiver.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import dev.profilepic.receiver.tenants.Tenant.Owned;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;

/**
 * Every route, asked with a key for one instance about what is its own, somebody else's, and
 * nobody's, and with a key for all. A route that has no row here fails.
 */
class TenantsTest extends ReceiverTest {

  private static final String EVENT = "{\"lead_id\": \"%s\", \"phone\": \"%s\"}";
  private static final String WEBHOOK =
      """
      {"event": "messages.upsert", "data": [{"key": {"remoteJid": "%s@s.whatsapp.net", "id": "%s"}, "message": {"conversation": "hi"}}]}
      """;

  /** What a route does with things of others. */
  private sealed interface Row {

    String route();

    /**
     * Names one thing. What is foreign answers as what does not exist, and nothing becomes of it.
     *
     * @param nobodys whether a bound key may do it with a lead that nobody owns
     */
    record Names(String route, boolean nobodys, Call call) implements Row {}

    /** Names an instance, so there is nothing of nobody's. */
    record NamesInstance(String route, Call call) implements Row {}

    /**
     * Lists things.
     *
     * @param mark what an element of the list is known by
     */
    record Lists(String route, String path, Function<Tenant, String> mark) implements Row {}

    /** Tells of all instances, so it is for keys that are bound to none. */
    record UnboundOnly(String route, String path) implements Row {}

    /** Needs no key, or tells nothing of any instance. */
    record Open(String route, String why) implements Row {}
  }

  private interface Call {
    Answer by(Http caller, Tenant thing);
  }

  private static final List<Row> ROWS =
      List.of(
          new Row.Names(
              "post /profile-pics",
              true,
              (by, it) -> by.post("/profile-pics", EVENT.formatted(it.lead(), it.phone()))),
          new Row.NamesInstance(
              "post /profile-pics",
              (by, it) ->
                  by.post(
                      "/profile-pics",
                      "{\"lead_id\": \"%s\", \"phone\": \"%s\", \"instance_id\": \"%s\"}"
                          .formatted(it.lead(), it.phone(), it.instance()))),
          new Row.NamesInstance(
              "post /instance/{instance}/process-profile-pic",
              (by, it) ->
                  by.post(
                      "/instance/" + it.instance() + "/process-profile-pic",
                      EVENT.formatted(it.lead(), it.phone()))),
          new Row.Names(
              "post /webhooks/{kind}",
              true,
              (by, it) -> by.post("/webhooks/fazer", WEBHOOK.formatted(it.phone(), it.lead()))),
          new Row.Names(
              "post /webhooks/{kind}/{event}",
              true,
              (by, it) ->
                  by.post(
                      "/webhooks/fazer/messages-upsert", WEBHOOK.formatted(it.phone(), it.lead()))),
          new Row.Names(
              "post /webhooks/{kind}",
              true,
              (by, it) ->
                  by.post(
                      "/webhooks/whatsapp-web",
                      "{\"from\": \"%s@s.whatsapp.net\", \"leadId\": \"%s\", \"fromMe\": false}"
                          .formatted(it.phone(), it.lead()))),
          new Row.Lists(
              "get /webhooks/unrecognised", "/webhooks/unrecognised", it -> quoted(it.instance())),
          new Row.NamesInstance(
              "post /instance/{instance}/sync-profile-pics-bulk",
              (by, it) -> {
                by.post("/syncs/" + it.sync() + "/cancel", "");
                return by.post("/instance/" + it.instance() + "/sync-profile-pics-bulk", "{}");
              }),
          new Row.Lists("get /bulk-sync-status", "/bulk-sync-status", it -> quoted(it.instance())),
          new Row.Lists("get /syncs", "/syncs", it -> quoted(it.instance())),
          new Row.NamesInstance("get /syncs/{id}", (by, it) -> by.get("/syncs/" + it.sync())),
          new Row.NamesInstance(
              "post /syncs/{id}/pause", (by, it) -> by.post("/syncs/" + it.sync() + "/pause", "")),
          new Row.NamesInstance(
              "post /syncs/{id}/resume",
              (by, it) -> by.post("/syncs/" + it.sync() + "/resume", "")),
          new Row.NamesInstance(
              "post /syncs/{id}/cancel",
              (by, it) -> by.post("/syncs/" + it.sync() + "/cancel", "")),
          new Row.Names(
              "get /leads/{id}/profile-pic",
              false,
              (by, it) -> by.get("/leads/" + it.lead() + "/profile-pic")),
          new Row.Names(
              "delete /leads/{id}/profile-pic",
              false,
              (by, it) -> by.delete("/leads/" + it.lead() + "/profile-pic")),
          new Row.Names(
              "post /leads/{id}/profile-pic/allow",
              false,
              (by, it) -> by.post("/leads/" + it.lead() + "/profile-pic/allow", "")),
          new Row.Names(
              "post /leads/{id}/profile-pic/revoke-links",
              false,
              (by, it) -> by.post("/leads/" + it.lead() + "/profile-pic/revoke-links", "")),
          new Row.Names(
              "post /leads/{id}/profile-pic/refresh",
              false,
              (by, it) -> by.post("/leads/" + it.lead() + "/profile-pic/refresh", "")),
          new Row.Names(
              "get /leads/{id}/profile-pic/history",
              false,
              (by, it) -> by.get("/leads/" + it.lead() + "/profile-pic/history")),
          new Row.Lists("get /instances", "/instances", it -> quoted(it.instance())),
          new Row.NamesInstance(
              "patch /instances/{id}",
              (by, it) -> by.patch("/instances/" + it.instance(), "{\"pace_per_minute\": 7}")),
          new Row.Lists("get /dead-letters", "/dead-letters?limit=200", it -> quoted(it.lead())),
          new Row.Names(
              "post /dead-letters/replay",
              false,
              (by, it) -> by.post("/dead-letters/replay", "{\"ids\": [" + it.letter() + "]}")),
          new Row.Names(
              "delete /dead-letters/{id}",
              false,
              (by, it) -> by.delete("/dead-letters/" + it.letter())),
          new Row.Lists(
              "get /webhook-endpoints",
              "/webhook-endpoints?limit=200",
              it -> quoted(it.instance())),
          new Row.NamesInstance(
              "post /webhook-endpoints",
              (by, it) ->
                  by.post(
                      "/webhook-endpoints",
                      "{\"url\": \"https://example.com/x\", \"instances\": [\"%s\"]}"
                          .formatted(it.instance()))),
          new Row.NamesInstance(
              "get /webhook-endpoints/{id}",
              (by, it) -> by.get("/webhook-endpoints/" + it.endpoint())),
          new Row.NamesInstance(
              "patch /webhook-endpoints/{id}",
              (by, it) -> by.patch("/webhook-endpoints/" + it.endpoint(), "{\"enabled\": false}")),
          new Row.NamesInstance(
              "delete /webhook-endpoints/{id}",
              (by, it) -> by.delete("/webhook-endpoints/" + it.endpoint())),
          new Row.NamesInstance(
              "get /webhook-endpoints/{id}/secret",
              (by, it) -> by.get("/webhook-endpoints/" + it.endpoint() + "/secret")),
          new Row.NamesInstance(
              "post /webhook-endpoints/{id}/secret/rotate",
              (by, it) -> by.post("/webhook-endpoints/" + it.endpoint() + "/secret/rotate", "")),
          new Row.NamesInstance(
              "get /webhook-endpoints/{id}/deliveries",
              (by, it) -> by.get("/webhook-endpoints/" + it.endpoint() + "/deliveries")),
          new Row.NamesInstance(
              "post /webhook-endpoints/{id}/replay",
              (by, it) ->
                  by.post(
                      "/webhook-endpoints/" + it.endpoint() + "/replay",
                      "{\"from\": \"2026-01-01T00:00:00Z\"}")),
          new Row.UnboundOnly("get /audit", "/audit"),
          new Row.Open("get /avatars/{leadId}", "a signed link, which only who may see it has"),
          new Row.Open("get /openapi.yaml", "the same for everybody"));

  private static String boundTo = "";
  private static String secret = "";

  @Autowired private RequestMappingHandlerMapping requestMappingHandlerMapping;

  @BeforeEach
  void oneKey() {
    if (secret.isEmpty()) {
      boundTo = "own_" + UUID.randomUUID();
      secret = newKey("ingest,operate,read", boundTo);
    }
  }

  @Test
  void everyRouteHasARow() {
    var rows = ROWS.stream().map(Row::route).collect(Collectors.toCollection(TreeSet::new));

    assertThat(rows).isEqualTo(mapped());
    assertThat(rows).containsAll(described());
  }

  @TestFactory
  Stream<DynamicTest> whatIsNotTheCallersDoesNotExistForIt() {
    return ROWS.stream()
        .flatMap(row ->
            switch (row) {
              case Row.Names names ->
                  Stream.of(Owned.BY_THE_CRM, Owned.ON_RECORD)
                      .map(owned -> test(row, owned.name(), () -> check(names, owned)));
              case Row.NamesInstance names ->
                  Stream.of(test(row, "instance", () -> check(names.call(), Owned.BY_THE_CRM)));
              case Row.Lists lists -> Stream.of(test(row, "list", () -> check(lists)));
              case Row.UnboundOnly only -> Stream.of(test(row, "unbound", () -> check(only)));
              case Row.Open open -> Stream.of();
            });
  }

  private void check(Row.Names row, Owned owned) {
    check(row.call(), owned);
    var nobodys = Tenant.create(jdbc, "of_nobody_" + UUID.randomUUID(), Owned.BY_NOBODY);
    var before = nobodys.traces(jdbc);
    var missing = Tenant.missing();

    var answer = row.call().by(bound(), nobodys);

    if (row.nobodys()) {
      assertSucceeded(answer);
    } else {
      assertSame(answer, nobodys, row.call().by(bound(), missing), missing);
      assertThat(nobodys.traces(jdbc)).isEqualTo(before);
      assertSucceeded(row.call().by(http, nobodys));
    }
  }

  private void check(Call call, Owned owned) {
    var own = Tenant.create(jdbc, boundTo, owned);
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), owned);
    var missing = Tenant.missing();
    var before = foreign.traces(jdbc);

    var ofForeign = call.by(bound(), foreign);
    var ofMissing = call.by(bound(), missing);

    assertSame(ofForeign, foreign, ofMissing, missing);
    assertThat(foreign.traces(jdbc)).as("what became of it").isEqualTo(before);
    var ofOwn = call.by(bound(), own);
    assertSucceeded(ofOwn);
    assertThat(own.anonymous(ofOwn.text())).isNotEqualTo(missing.anonymous(ofMissing.text()));
    assertSucceeded(call.by(http, foreign));
  }

  private void check(Row.UnboundOnly row) {
    assertThat(bound().get(row.path()).status()).isEqualTo(403);
    assertSucceeded(http.get(row.path()));
  }

  private void check(Row.Lists row) {
    var own = Tenant.create(jdbc, boundTo, Owned.BY_THE_CRM);
    var recorded = Tenant.create(jdbc, boundTo, Owned.ON_RECORD);
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.BY_THE_CRM);
    var elses = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.ON_RECORD);
    var nobodys = Tenant.create(jdbc, "of_nobody_" + UUID.randomUUID(), Owned.BY_NOBODY);

    var seen = bound().get(row.path());

    assertSucceeded(seen);
    assertThat(seen.text())
        .contains(row.mark().apply(own), row.mark().apply(recorded))
        .doesNotContain(row.mark().apply(foreign))
        .doesNotContain(row.mark().apply(elses))
        .doesNotContain(row.mark().apply(nobodys));
    assertThat(http.get(row.path()).text())
        .contains(Stream.of(own, foreign, elses, nobodys).map(row.mark()).toArray(String[]::new));
  }

  @Test
  void aMessageThatNamesAnothersInstanceDoesNotBringItsLeadWithIt() {
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.BY_THE_CRM);
    var letter = Tenant.letter(jdbc, foreign.lead(), foreign.phone(), boundTo);
    var ofNoLead = Tenant.letter(jdbc, "none", "1", boundTo);

    assertThat(bound().get("/dead-letters?limit=200").text())
        .doesNotContain(foreign.lead())
        .contains("\"id\":" + ofNoLead + ",");
    assertThat(bound().delete("/dead-letters/" + letter).status()).isEqualTo(404);
    assertThat(bound().delete("/dead-letters/" + ofNoLead).status()).isEqualTo(204);
  }

  @Test
  void anOwnLettersReplayAsksThroughNoOtherInstance() {
    var own = Tenant.create(jdbc, boundTo, Owned.BY_THE_CRM);
    var letter = Tenant.letter(jdbc, own.lead(), own.phone(), "foreign_" + UUID.randomUUID());

    var answer = bound().post("/dead-letters/replay", "{\"ids\": [" + letter + "]}").json();

    assertThat(answer.path("unreplayable").asInt()).isEqualTo(1);
    assertThat(messagesFor(own.lead())).isEmpty();
  }

  @Test
  void replayingAllIsAllOfOnesOwn() {
    var own = Tenant.create(jdbc, boundTo, Owned.BY_THE_CRM);
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.BY_THE_CRM);
    var before = foreign.traces(jdbc);

    assertSucceeded(bound().post("/dead-letters/replay", "{\"all\": true}"));
    assertSucceeded(bound().post("/dead-letters/replay", "{\"reason\": \"NO_ANSWER\"}"));

    assertThat(foreign.traces(jdbc)).isEqualTo(before);
    assertThat(messagesFor(own.lead())).hasSize(1);
  }

  @Test
  void aBulkSyncReachesNoFurtherThanTheKeyThatStartedIt() {
    var own = Tenant.create(jdbc, boundTo, Owned.BY_THE_CRM);
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.BY_THE_CRM);
    http.post("/syncs/" + own.sync() + "/cancel", "");
    http.post("/syncs/" + foreign.sync() + "/cancel", "");
    var before = foreign.traces(jdbc);
    var list =
        "{\"force_update\": true, \"phone_list\": ["
            + EVENT.formatted(own.lead(), own.phone())
            + ", "
            + EVENT.formatted(foreign.lead(), "5562999212484")
            + "]}";

    var sync =
        bound()
            .post("/instance/" + boundTo + "/sync-profile-pics-bulk", list)
            .json()
            .path("sync_id")
            .asLong();
    feed();
    feed();

    assertThat(messagesFor(own.lead())).hasSize(1);
    assertThat(foreign.traces(jdbc)).isEqualTo(before);
    assertThat(bound().get("/syncs/" + sync).json().at("/outcomes/LEAD_GONE").asInt()).isEqualTo(1);
  }

  /** In local mode the instance {@code demo} owns what names none. */
  @Test
  void aBulkSyncOfAllCountsAndFeedsNothingThatIsOnRecordElsewhere() {
    var key = newKey("ingest,operate,read", "demo");
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.ON_RECORD);
    var mine = newLead("5562999212484", null);
    jdbc.sql("UPDATE profile_pic.syncs SET state = 'DONE' WHERE instance_id = 'demo'").update();
    long before = count(key);
    jdbc.sql("UPDATE public.leads SET instance_id = 'demo' WHERE id = ?::uuid")
        .param(foreign.lead())
        .update();
    assertThat(count(key)).as("it is demo's now").isEqualTo(before + 1);
    jdbc.sql("UPDATE public.leads SET instance_id = NULL WHERE id = ?::uuid")
        .param(foreign.lead())
        .update();

    var started = withKey(key).post("/instance/demo/sync-profile-pics-bulk", "{}").json();
    for (int i = 0; i < 20; i++) {
      feed();
    }

    var listed =
        jdbc.sql("SELECT lead_id FROM profile_pic.sync_items WHERE sync_id = ?")
            .param(started.path("sync_id").asLong())
            .query(String.class)
            .list();
    assertThat(listed).contains(mine).doesNotContain(foreign.lead());
    jdbc.sql("UPDATE profile_pic.syncs SET state = 'DONE' WHERE instance_id = 'demo'").update();
  }

  private void feed() {
    jdbc.sql("SELECT profile_pic.feed_syncs(6000000, interval '60 s')").query(Long.class).single();
  }

  private long count(String key) {
    return withKey(key)
        .post("/instance/demo/sync-profile-pics-bulk", "{\"dry_run\": true}")
        .json()
        .path("total_leads")
        .asLong();
  }

  @Test
  void whatHappenedThroughAnotherInstanceStaysThatOnes() {
    var own = Tenant.create(jdbc, boundTo, Owned.BY_THE_CRM);
    jdbc.sql(
            "INSERT INTO profile_pic.picture_history (lead_id, outcome, state, message_id, instance_id) VALUES (?, 'HIDDEN', 'HIDDEN', 1, 'former')")
        .param(own.lead())
        .update();
    var path = "/leads/" + own.lead() + "/profile-pic/history";

    assertThat(bound().get(path).json().path("items")).hasSize(1);
    assertThat(http.get(path).json().path("items")).hasSize(2);
  }

  @Test
  void aLidAndWhatIsKeptForItBelongToTheirInstance() {
    var lid = Long.toString(System.nanoTime());
    var foreign = "foreign_" + UUID.randomUUID();
    var mapping =
        "{\"event\": \"lid-mapping.update\", \"instance_id\": \"%s\", \"data\": [{\"lid\": \"%s@lid\", \"pn\": \"%s@s.whatsapp.net\"}]}";
    http.post("/webhooks/baileys", mapping.formatted(foreign, lid, "5562999212484"));

    bound().post("/webhooks/baileys", mapping.formatted(boundTo, lid, "5511988887777"));
    var refused =
        bound().post("/webhooks/baileys", mapping.formatted(foreign, lid, "5511988887777"));

    assertThat(refused.status()).isEqualTo(403);
    assertThat(
            jdbc.sql("SELECT phone FROM profile_pic.lids WHERE lid = ? AND instance_id = ?")
                .params(lid, foreign)
                .query(String.class)
                .single())
        .isEqualTo("5562999212484");
    assertThat(
            jdbc.sql(
                    "SELECT profile_pic.learn_lids(ARRAY[?], ARRAY[?], ARRAY['5511988887777'], ARRAY['asked'], ARRAY[now()], ARRAY[?])")
                .params(foreign, lid, boundTo)
                .query(Integer.class)
                .single())
        .as("whatever the receiver hands on")
        .isZero();
  }

  private static DynamicTest test(
      Row row, String variant, org.junit.jupiter.api.function.Executable check) {
    return DynamicTest.dynamicTest(row.route() + " " + variant, check);
  }

  private Http bound() {
    return withKey(secret);
  }

  private static void assertSame(Answer one, Tenant ofOne, Answer other, Tenant ofOther) {
    assertThat(one.status()).as(one.text()).isEqualTo(other.status());
    assertThat(ofOne.anonymous(one.text())).isEqualTo(ofOther.anonymous(other.text()));
  }

  private static void assertSucceeded(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private TreeSet<String> mapped() {
    var routes = new TreeSet<String>();
    requestMappingHandlerMapping
        .getHandlerMethods()
        .forEach((info, handler) ->
            info.getMethodsCondition()
                .getMethods()
                .forEach(method ->
                    info.getPatternValues()
                        .forEach(path ->
                            routes.add(method.name().toLowerCase(Locale.ROOT) + " " + path))));
    // The pages of the console have a test of their own.
    routes.removeIf(route -> route.endsWith(" /") || route.contains(" /console/"));
    return routes;
  }

  @SuppressWarnings("unchecked")
  private TreeSet<String> described() {
    var document = new Yaml().<Map<String, Object>>load(http.get("/openapi.yaml").text());
    var routes = new TreeSet<String>();
    Objects.requireNonNull((Map<String, Map<String, Object>>) document.get("paths"))
        .forEach((path, item) ->
            item.keySet().stream()
                .filter(List.of("get", "post", "patch", "put", "delete")::contains)
                .forEach(method -> routes.add(method + " " + path)));
    return routes;
  }
}
