package dev.profilepic.receiver.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Operators' commands to a sync, and its reports to the operators. */
class SteeredSyncTest extends SyncTest {

  @Test
  void whatIsSaidTwiceIsNoConflict() {
    leads(1);
    var started = start("{}");

    assertMoves(started, "/pause", 200, "PAUSED");
    assertMoves(started, "/pause", 200, "PAUSED");
    assertMoves(started, "/resume", 200, "RUNNING");
    assertMoves(started, "/resume", 200, "RUNNING");
    assertMoves(started, "/cancel", 200, "CANCELLED");
    assertMoves(started, "/cancel", 200, "CANCELLED");
  }

  @Test
  void whatHasEndedCannotBeSteeredAndIsSaidToHaveEnded() {
    leads(1);
    var started = start("{}");
    feed(6000);
    settleOne("STORED");
    feed(6000);

    for (var action : List.of("/pause", "/resume", "/cancel")) {
      var answer = http.post(path(started, action), "");
      assertThat(answer.status()).as(action).isEqualTo(409);
      assertThat(answer.json().path("detail").asString()).contains("DONE");
    }
    assertFigures(started, 1, 1, 0, 0, "DONE");
    assertThat(http.post("/syncs/999999999/pause", "").status()).isEqualTo(404);
  }

  @Test
  void aSyncThatIsPausedHoldsItsInstanceAndOneThatIsCancelledDoesNot() {
    leads(1);
    var started = start("{}");
    http.post(path(started, "/pause"), "");
    assertThat(http.post("/instance/" + instance + "/sync-profile-pics-bulk", "{}").status())
        .isEqualTo(409);

    http.post(path(started, "/cancel"), "");

    assertThat(start("{}").path("sync_id").asLong())
        .isGreaterThan(started.path("sync_id").asLong());
  }

  @Test
  void theStatusSaysWhetherAnyIsUnfinished() {
    leads(1);
    var ours = withKey(newKey("read", instance));
    assertThat(inProgress(ours)).isFalse();

    var started = start("{}");
    assertThat(inProgress(ours)).isTrue();
    http.post(path(started, "/pause"), "");
    assertThat(inProgress(ours)).as("while it is paused").isTrue();
    http.post(path(started, "/cancel"), "");
    assertThat(inProgress(ours)).isFalse();
  }

  @Test
  void aCancelledSyncHasAnEndAndAPausedOneHasNone() {
    leads(1);
    var started = start("{}");

    http.post(path(started, "/pause"), "");
    assertThat(shown(started).path("finished_at").isString()).isFalse();
    http.post(path(started, "/cancel"), "");
    assertThat(shown(started).path("finished_at").asString("")).endsWith("Z");
  }

  @Test
  void aListHasTheNewestFirstAndGoesOnWhereItsPageEnded() {
    var ours = withKey(newKey("read", instance));
    leads(1);
    long first = startAndCancel();
    long second = startAndCancel();
    long third = startAndCancel();

    var page = ours.get("/syncs?limit=2").json();
    var rest = ours.get("/syncs?limit=2&before=" + page.path("next").asLong()).json();

    assertThat(ids(page)).containsExactly(third, second);
    assertThat(ids(rest)).containsExactly(first);
    assertThat(rest.has("next")).as("the last page").isFalse();
  }

  @Test
  void onlyWhatRunsHasAnEstimate() {
    leads(3);
    var started = start("{}");

    assertThat(shown(started).path("eta_seconds").isNumber()).isTrue();
    http.post(path(started, "/pause"), "");
    assertThat(shown(started).path("eta_seconds").isNumber()).isFalse();
  }

  @Test
  void theEstimateCountsTheRemainingLeads() {
    leads(3);
    pace(6);
    var started = start("{}");
    feed(6000);
    assertThat(shown(started).path("eta_seconds").asLong()).isBetween(30L, 31L);

    settleOne("STORED");

    assertThat(shown(started).path("eta_seconds").asLong()).isBetween(20L, 21L);
  }

  @Test
  void theRateIsThatOfTheTimeItTook() {
    leads(1);
    var started = start("{}");
    feed(6000);
    settleOne("STORED");
    feed(6000);
    jdbc.sql(
            "UPDATE profile_pic.syncs SET finished_at = created_at + interval '24 seconds' WHERE id = ?")
        .param(started.path("sync_id").asLong())
        .update();

    assertThat(shown(started).path("rate_per_minute").asDouble()).isEqualTo(2.5);
  }

  private void assertMoves(JsonNode started, String action, int status, String state) {
    var answer = http.post(path(started, action), "");
    assertThat(answer.status()).as(action).isEqualTo(status);
    assertThat(answer.json().path("state").asString()).isEqualTo(state);
  }

  private JsonNode shown(JsonNode started) {
    return http.get(path(started, "")).json();
  }

  private long startAndCancel() {
    var started = start("{}");
    http.post(path(started, "/cancel"), "");
    return started.path("sync_id").asLong();
  }

  private static boolean inProgress(Http caller) {
    return caller.get("/bulk-sync-status").json().path("bulk_sync_in_progress").asBoolean();
  }

  private static List<Long> ids(JsonNode page) {
    return page.path("items").valueStream().map(sync -> sync.path("sync_id").asLong()).toList();
  }
}
