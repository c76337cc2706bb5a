package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The transaction that settles a lookup also learns the LIDs that the lookup names. */
class LearnedLidsTest extends QueueTest {

  private static final String LID = "98765432101234";

  @Test
  void aLookupThatNamesALidTeachesItToItsInstanceAndToNoOther() {
    settleNaming(LID, fixture.lead("a"));

    assertThat(known())
        .containsExactly(
            Map.of("instance_id", "a", "lid", LID, "phone", Results.PHONE, "source", "asked"));
  }

  @Test
  void aLookupThatNamesNoneTeachesNothing() {
    settleNaming(null, fixture.lead("a"));

    assertThat(known()).isEmpty();
  }

  @Test
  void eachOfAGroupTeachesItsOwn() {
    var first = fixture.lead("a");
    var second = fixture.lead("b");
    fixture.enqueue(first);
    fixture.enqueue(second);
    var deliveries = fixture.claim(2);

    var results =
        deliveries.stream()
            .map(each ->
                "a".equals(each.instanceId())
                    ? Results.complete(each, "NOT_SET")
                    : Results.naming(LID, Results.complete(each, "NOT_SET")))
            .toArray(Settlement[]::new);

    assertThat(fixture.settle(results)).hasSize(2);
    assertThat(known()).singleElement().extracting("instance_id").isEqualTo("b");
  }

  @Test
  void whatWasKeptOfThePersonIsServedFromThenOn() {
    fixture.jdbc.update(
        "INSERT INTO profile_pic.unmatched_events (lid, instance_id, force, occurred_at) SELECT ?, i, false, now() FROM unnest(ARRAY['a', 'b']) AS i",
        LID);

    settleNaming(LID, fixture.lead("a"));

    assertThat(fixture.count("profile_pic.unmatched_events WHERE known AND instance_id = 'a'"))
        .isEqualTo(1);
    assertThat(fixture.count("profile_pic.unmatched_events WHERE known")).isEqualTo(1);
  }

  @Test
  void whatIsKnownAlreadyIsNotWrittenAgain() {
    var lead = fixture.lead("a");
    settleNaming(LID, lead);
    var before = fixture.one(String.class, "SELECT ctid::text || xmax FROM profile_pic.lids");

    fixture.enqueueAgain(lead);
    fixture.settle(
        Results.naming(LID, Results.completeFor("556299212484", fixture.claimOne(), "NOT_SET")));

    assertThat(fixture.one(String.class, "SELECT ctid::text || xmax FROM profile_pic.lids"))
        .as("the other spelling is the same number")
        .isEqualTo(before);
  }

  @Test
  void aLookupOverrulesWhatEventsTold() {
    learn("mapping", "5511988887777");

    settleNaming(LID, fixture.lead("a"));

    assertThat(known()).singleElement().extracting("phone").isEqualTo(Results.PHONE);
  }

  @Test
  void nothingIsLearnedOfAPersonWhoAskedToBeForgottenMeanwhile() {
    var lead = fixture.lead("a");
    fixture.enqueue(lead);
    var delivery = fixture.claimOne();
    fixture.jdbc.update(
        "UPDATE profile_pic.pictures SET state = 'ERASED', erased_at = now() WHERE lead_id = ?",
        lead);

    assertThat(fixture.settle(Results.naming(LID, Results.complete(delivery, "NOT_SET"))))
        .hasSize(1);

    assertThat(known()).isEmpty();
  }

  private void settleNaming(@Nullable String lid, String lead) {
    fixture.enqueue(lead);
    var result = Results.complete(fixture.claimOne(), "NOT_SET");
    assertThat(fixture.settle(lid == null ? result : Results.naming(lid, result))).hasSize(1);
  }

  private void learn(String source, String phone) {
    fixture.one(
        Integer.class,
        "SELECT profile_pic.learn_lids(ARRAY['a'], ARRAY[?], ARRAY[?], ARRAY[?], ARRAY[now() - interval '1 hour'])",
        LID,
        phone,
        source);
  }

  private List<Map<String, Object>> known() {
    return fixture.jdbc.queryForList(
        "SELECT instance_id, lid, phone, source FROM profile_pic.lids");
  }
}
