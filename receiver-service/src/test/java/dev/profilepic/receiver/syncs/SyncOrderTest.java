package dev.profilepic.receiver.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The valid orders of a sync, and their meaning. */
class SyncOrderTest extends SyncTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "{'phone_list': 'all'} | phone_list",
        "{'phone_list': {'lead_id': '1'}} | phone_list",
        "{'phone_list': [{'phone': '5562999212484'}]} | phone_list[0].lead_id",
        "{'limit': 0} | limit",
        "{'limit': 2147483648} | limit",
        "{'batch_size': 1001} | batch_size",
        "{'force_update': 'maybe'} | force_update",
        "{'dry_run': 7} | dry_run"
      })
  void anOrderThatCannotBeIsRefusedByItsField(String body, String field) {
    var answer = order(body.replace((char) 39, '"'));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(fields(answer.json())).containsExactly(field);
    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.syncs WHERE instance_id = ?")
                .param(instance)
                .query(Long.class)
                .single())
        .isZero();
  }

  @Test
  void aListOfErrorsIsReadNoFurtherThanItsFirstTwenty() {
    var list =
        IntStream.range(0, 30)
            .mapToObj(i -> "{\"lead_id\": \"%d\", \"phone\": \"x\"}".formatted(i))
            .collect(Collectors.joining(", "));

    var answer = order("{\"phone_list\": [" + list + "]}");

    assertThat(fields(answer.json())).hasSize(20).endsWith("phone_list[19].phone");
  }

  @Test
  void ofALeadThatIsListedTwiceTheFirstPhoneCounts() {
    var lead = UUID.randomUUID().toString();

    start(
        """
        {"phone_list": [{"lead_id": "%1$s", "phone": "5562999212484"}, {"lead_id": "%1$s", "phone": "5511988887777"}]}
        """
            .formatted(lead));

    assertThat(
            jdbc.sql("SELECT phone FROM profile_pic.sync_items WHERE lead_id = ?")
                .param(lead)
                .query(String.class)
                .list())
        .containsExactly("5562999212484");
  }

  @Test
  void aLimitCutsAListToItsBeginning() {
    var leads = leads(3);
    var list =
        leads.stream()
            .map(lead -> "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead))
            .collect(Collectors.joining(", "));

    var started = start("{\"limit\": 2, \"phone_list\": [" + list + "]}");

    assertThat(started.path("total_leads").asInt()).isEqualTo(2);
    assertThat(
            jdbc.sql("SELECT lead_id FROM profile_pic.sync_items WHERE sync_id = ?")
                .param(started.path("sync_id").asLong())
                .query(String.class)
                .list())
        .containsExactlyInAnyOrder(leads.get(0), leads.get(1));
  }

  @Test
  void noStepFeedsMoreThanTheBatchThatWasOrdered() {
    leads(3);
    start("{\"batch_size\": 2}");

    feed(6000);

    assertThat(waitingMessages()).isEqualTo(2);
  }

  @Test
  void anEstimateIsByThePaceOfTheInstanceAloneWhenNobodyKnowsWhenItsPauseEnds() {
    leads(3);
    jdbc.sql(
            "INSERT INTO profile_pic.instances (instance_id, pace_per_minute, paused_until) VALUES (?, 7, now() + interval '99 years')")
        .param(instance)
        .update();

    var tried = order("{\"dry_run\": true}").json();

    assertThat(tried.path("pace_per_minute").asInt()).isEqualTo(7);
    assertThat(tried.path("eta_seconds").asInt()).as("three times 8.57 s").isEqualTo(26);
  }

  @Test
  void anOrderWithoutABodyIsOneForAllLeadsWithoutAPhoto() {
    leads(2);

    var answer =
        http.send("POST", "/instance/" + instance + "/sync-profile-pics-bulk", new byte[0]);

    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("total_leads").asInt()).isEqualTo(2);
  }

  private Answer order(String body) {
    return http.post("/instance/" + instance + "/sync-profile-pics-bulk", body);
  }

  private static List<String> fields(JsonNode problem) {
    return problem
        .path("errors")
        .valueStream()
        .map(error -> error.path("field").asString())
        .toList();
  }
}
