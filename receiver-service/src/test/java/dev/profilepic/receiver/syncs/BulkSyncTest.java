package dev.profilepic.receiver.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Bulk syncs from the first lead to the last, with figures that add up at any time. */
class BulkSyncTest extends SyncTest {

  @Test
  void leadsWithoutAPhotoAreFedInTheInstancesPaceAndCountedExactly() {
    var leads = leads(5);
    jdbc.sql("UPDATE public.leads SET profile_pic_url = 'https://x' WHERE id = ?::uuid")
        .param(leads.removeLast())
        .update();

    var started = start("{}");
    assertThat(started.path("total_leads").asInt()).isEqualTo(4);

    // 24 lookups a minute make two lookups in 5 s.
    feed(24);
    assertThat(waitingMessages()).isEqualTo(2);
    feed(24);
    assertThat(waitingMessages()).as("no further ahead than the pace").isEqualTo(2);
    assertFigures(started, 4, 0, 2, 2, "RUNNING");

    settleOne("STORED");
    settleOne("NOT_SET");
    assertFigures(started, 4, 2, 0, 2, "RUNNING");
    feed(24);
    settleOne("HIDDEN");
    settleOne("NO_ANSWER");
    feed(24);
    feed(24);

    var sync = assertFigures(started, 4, 4, 0, 0, "DONE");
    assertThat(sync.path("outcomes").toString())
        .contains("\"STORED\":1", "\"NOT_SET\":1", "\"HIDDEN\":1", "\"FAILED\":1");
    assertThat(sync.path("finished_at").asString()).endsWith("Z");
  }

  @Test
  void theInstancesOwnPaceWinsOverTheWorkersPace() {
    leads(3);
    pace(24);
    start("{}");

    feed(6000);

    assertThat(waitingMessages()).isEqualTo(2);
  }

  @Test
  void waitingRefreshesUseTheInstancesPaceToo() {
    leads(3);
    jdbc.sql("INSERT INTO profile_pic.refreshes (instance_id, message_id) VALUES (?, 1)")
        .param(instance)
        .update();
    start("{}");

    feed(24);

    assertThat(waitingMessages()).isEqualTo(1);
    jdbc.sql("DELETE FROM profile_pic.refreshes WHERE instance_id = ?").param(instance).update();
  }

  @Test
  void aListIsWorkedWhetherOrNotItsLeadsExist() {
    var lead = newLead("5562999212484", instance);

    var started =
        start(
            """
            {"phone_list": [{"lead_id": "%s", "phone": "(62) 99921-2484"}, {"lead_id": "%s", "phone": "(62) 99921-2484"},
                            {"lead_id": "%s", "phone": "(11) 99999-0000"}]}
            """
                .formatted(lead, lead, UUID.randomUUID()));
    assertThat(started.path("total_leads").asInt()).isEqualTo(2);
    feed(6000);
    settleOne("STORED");
    feed(6000);

    assertThat(assertFigures(started, 2, 2, 0, 0, "DONE").path("outcomes").toString())
        .contains("\"LEAD_GONE\":1", "\"STORED\":1");
  }

  @Test
  void aPausedSyncFeedsNothingAndGoesOnWhereItStood() {
    leads(3);
    var started = start("{}");
    feed(12);
    assertThat(http.post(path(started, "/pause"), "").json().path("state").asString())
        .isEqualTo("PAUSED");
    settleOne("STORED");

    feed(6000);
    assertThat(waitingMessages()).isZero();
    assertFigures(started, 3, 1, 0, 2, "PAUSED");

    http.post(path(started, "/resume"), "");
    feed(6000);
    assertThat(waitingMessages()).isEqualTo(2);
  }

  @Test
  void aCancelledSyncStopsAndItsFiguresStillAddUp() {
    leads(3);
    var started = start("{}");
    feed(12);

    http.post(path(started, "/cancel"), "");
    feed(6000);
    settleOne("STORED");

    assertFigures(started, 3, 1, 0, 2, "CANCELLED");
    assertThat(http.post(path(started, "/resume"), "").status()).isEqualTo(409);
  }

  @Test
  void anEstimateKnowsTheHoursInWhichTheInstanceWorks() {
    leads(2);
    jdbc.sql(
            "INSERT INTO profile_pic.instances (instance_id, hours_zone, hours_days, hours_from, hours_to) VALUES (?, 'UTC', '{1,2,3,4,5,6,7}', (now() AT TIME ZONE 'UTC' + interval '2 hours')::time, (now() AT TIME ZONE 'UTC' + interval '3 hours')::time)")
        .param(instance)
        .update();

    assertThat(start("{}").path("eta_seconds").asLong()).isBetween(7_080L, 7_260L);
  }

  @Test
  void oneSyncAtATimePerInstance() {
    leads(1);
    start("{}");

    assertThat(http.post("/instance/" + instance + "/sync-profile-pics-bulk", "{}").status())
        .isEqualTo(409);
    assertThat(http.get("/bulk-sync-status").json().path("bulk_sync_in_progress").asBoolean())
        .isTrue();
  }

  @Test
  void aDryRunCountsAndStartsNothing() {
    leads(3);

    var answer =
        http.post(
            "/instance/" + instance + "/sync-profile-pics-bulk",
            "{\"dry_run\": true, \"limit\": 2}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("total_leads").asInt()).isEqualTo(2);
    assertThat(answer.json().path("pace_per_minute").asInt()).isEqualTo(6000);
    assertThat(answer.json().path("eta_seconds").asInt()).isEqualTo(1);
    feed(6000);
    assertThat(waitingMessages()).isZero();
  }

  @Test
  void leadsThatNameNoInstanceBelongToTheDefaultOne() {
    newLead("5562999212484", null);

    var ofDefault =
        http.post("/instance/demo/sync-profile-pics-bulk", "{\"dry_run\": true}").json();
    var other =
        http.post("/instance/" + instance + "/sync-profile-pics-bulk", "{\"dry_run\": true}")
            .json();

    assertThat(ofDefault.path("total_leads").asInt()).isPositive();
    assertThat(other.path("total_leads").asInt()).isZero();
  }

  @Test
  void aLimitEndsTheSyncThere() {
    leads(3);
    var started = start("{\"limit\": 2}");
    feed(6000);
    settleOne("STORED");
    settleOne("STORED");
    feed(6000);

    assertFigures(started, 2, 2, 0, 0, "DONE");
  }

  @Test
  void whatIsFreshNeedsNoMessage() {
    freshLead();
    var started = start("{}");

    feed(6000);
    feed(6000);

    assertThat(waitingMessages()).isZero();
    assertThat(assertFigures(started, 1, 1, 0, 0, "DONE").at("/outcomes/FRESH").asInt())
        .isEqualTo(1);
  }

  private void freshLead() {
    var lead = leads(1).getFirst();
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at, next_check_at)
            SELECT ?, phone, 'NOT_SET', now(), now() + interval '1 day' FROM public.leads WHERE id = ?::uuid
            """)
        .params(lead, lead)
        .update();
  }

  @Test
  void aForcedSyncAsksForLeadsThatAreFresh() {
    freshLead();
    start("{\"force_update\": true}");

    feed(6000);

    assertThat(waitingMessages()).isEqualTo(1);
  }

  @Test
  void anErasedLeadIsNotAskedForAndCountsAsErased() {
    var lead = newLead("5562983000001", instance);
    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);
    var started =
        start(
            "{\"phone_list\": [{\"lead_id\": \"%s\", \"phone\": \"5562983000001\"}]}"
                .formatted(lead));

    feed(6000);
    feed(6000);

    assertThat(waitingMessages()).isZero();
    assertThat(assertFigures(started, 1, 1, 0, 0, "DONE").at("/outcomes/ERASED").asInt())
        .isEqualTo(1);
  }

  @Test
  void aMessageThatSomebodyRemovedDoesNotHoldUpTheSync() {
    leads(1);
    var started = start("{}");
    feed(6000);
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(instance)
        .update();

    feed(6000);

    assertThat(assertFigures(started, 1, 1, 0, 0, "DONE").at("/outcomes/REMOVED").asInt())
        .isEqualTo(1);
  }

  @Test
  void leadsThatComeAfterTheCountRaiseTheTotal() {
    newLead("5562981000001", instance);
    var started = start("{}");
    assertThat(started.path("total_leads").asInt()).isEqualTo(1);
    newLead("5562981000002", instance);
    newLead("5562981000003", instance);

    feed(6000);

    assertFigures(started, 3, 0, 3, 0, "RUNNING");
  }

  @Test
  void aWrongListIsNamedEntryByEntry() {
    var answer =
        http.post(
            "/instance/" + instance + "/sync-profile-pics-bulk",
            "{\"phone_list\": [{\"lead_id\": \"1\", \"phone\": \"x\"}, 7], \"batch_size\": 0}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("errors"))
        .extracting(error -> error.path("field").asString())
        .contains("phone_list[0].phone", "phone_list[1]", "batch_size");
  }

  @Test
  void anUnknownSyncIsNotFound() {
    assertThat(http.get("/syncs/999999999").status()).isEqualTo(404);
    assertThat(http.get("/syncs/x").status()).isEqualTo(400);
    assertThat(http.get("/syncs?limit=0").status()).isEqualTo(400);
  }
}
