package dev.profilepic.receiver.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.tenants.Tenant.Owned;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Syncs, replays and LIDs of a bound key reach no data of other instances. */
class ReachOfAKeyTest extends BoundKeyTest {

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
            + TenantRoutes.EVENT.formatted(own.lead(), own.phone())
            + ", "
            + TenantRoutes.EVENT.formatted(foreign.lead(), "5562999212484")
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

  /** In local mode the instance {@code demo} owns leads that name no instance. */
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
}
