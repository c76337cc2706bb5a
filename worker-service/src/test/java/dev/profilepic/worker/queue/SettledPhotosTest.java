package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The effect of each kind of result on the photo that a lead has. */
class SettledPhotosTest extends QueueTest {

  private static final byte[] BYTES = {1, 2, 3};

  @Test
  void nothingIsWrittenForALeadThatWasErasedMeanwhile() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    var delivery = fixture.claimOne();
    fixture.jdbc.update(
        "UPDATE profile_pic.pictures SET state = 'ERASED', erased_at = now() WHERE lead_id = ?",
        lead);

    fixture.settle(Results.stored(delivery, "aa", BYTES));

    assertThat(fixture.picture(lead))
        .containsEntry("state", "ERASED")
        .containsEntry("sha256", null);
    assertThat(fixture.leadRow(lead)).containsEntry("profile_pic_url", null);
    assertThat(fixture.count("profile_pic.avatars")).isZero();
    assertThat(fixture.queued()).isZero();
  }

  @Test
  void aPhotoThatItsOwnerRemovedLeavesTheLead() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    fixture.enqueueAgain(lead);

    fixture.settle(Results.complete(fixture.claimOne(), "NOT_SET"));

    assertThat(fixture.leadRow(lead))
        .containsEntry("profile_pic_url", null)
        .containsEntry("profile_pic_storage_path", null);
    assertThat(fixture.picture(lead))
        .containsEntry("state", "NOT_SET")
        .containsEntry("storage_key", null);
    assertThat(fixture.count("profile_pic.picture_history")).isEqualTo(2);
  }

  /** Or the next lookup would call these bytes unchanged, because the number is still right. */
  @Test
  void aPhotoThatCameByALinkHasNoPictureId() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    fixture.enqueueAgain(lead);

    fixture.settle(Results.withoutId(Results.stored(fixture.claimOne(), "bb", BYTES)));

    assertThat(fixture.picture(lead))
        .containsEntry("sha256", "bb")
        .containsEntry("source_id", null);
  }

  @Test
  void aUrlThatIsNotOursIsNotClearedByNotSet() {
    var lead = fixture.lead();
    fixture.jdbc.update(
        "UPDATE public.leads SET profile_pic_url = 'https://theirs.example/x.jpg' WHERE id = ?::uuid",
        lead);
    fixture.enqueue(lead);

    fixture.settle(Results.complete(fixture.claimOne(), "NOT_SET"));

    assertThat(fixture.leadRow(lead))
        .containsEntry("profile_pic_url", "https://theirs.example/x.jpg");
  }

  @Test
  void aHiddenPhotoKeepsTheOldOne() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    fixture.enqueueAgain(lead);

    fixture.settle(Results.complete(fixture.claimOne(), "HIDDEN"));

    assertThat(fixture.leadRow(lead)).containsEntry("profile_pic_url", Results.link(lead, "aa"));
    assertThat(fixture.picture(lead))
        .containsEntry("state", "HIDDEN")
        .containsEntry("sha256", "aa");
  }

  @Test
  void anUnchangedPhotoTouchesNeitherHistoryNorLead() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    fixture.jdbc.update(
        "UPDATE public.leads SET updated_at = '2020-01-01' WHERE id = ?::uuid", lead);
    fixture.enqueueAgain(lead);

    fixture.settle(Results.complete(fixture.claimOne(), "UNCHANGED"));

    assertThat(fixture.picture(lead))
        .containsEntry("state", "STORED")
        .containsEntry("reason", "UNCHANGED");
    assertThat(fixture.count("profile_pic.picture_history")).isEqualTo(1);
    assertThat(fixture.count("public.leads WHERE updated_at = '2020-01-01'")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void anAttemptThatComesBackTakesNothingOfThePhotoThatWeHave(ComesBack how) {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    var before = photoOf(lead);
    fixture.enqueueAgain(lead);

    fixture.settle(how.result(fixture.claimOne()));

    assertThat(photoOf(lead)).isEqualTo(before).doesNotContainValue(null);
    assertThat(fixture.leadRow(lead)).containsEntry("profile_pic_url", Results.link(lead, "aa"));
  }

  private enum ComesBack {
    RETRIED,
    DEFERRED,
    THROTTLED;

    Settlement result(Delivery delivery) {
      return switch (this) {
        case RETRIED -> Results.retry(delivery, Duration.ofMinutes(1));
        case DEFERRED -> Results.defer(delivery, Duration.ofMinutes(1), null);
        case THROTTLED -> Results.throttled(delivery, Duration.ofMinutes(1));
      };
    }
  }

  private Map<String, Object> photoOf(String lead) {
    return fixture.jdbc.queryForMap(
        """
        SELECT state, sha256, storage_key, lead_url, source_url, source_id, content_type, width, height, bytes, fetched_at
        FROM profile_pic.pictures WHERE lead_id = ?
        """,
        lead);
  }

  @Test
  void aLeadThatFailedAndHasAPhotoIsLookedAtAgain() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    fixture.enqueueAgain(lead);

    fixture.settle(Results.dead(fixture.claimOne(), "NO_ANSWER"));

    assertThat(fixture.picture(lead))
        .containsEntry("state", "FAILED")
        .doesNotContainEntry("next_check_at", null);
  }

  @Test
  void aDeadLetterKeepsThePhotoThatWeHave() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    fixture.enqueueAgain(lead);

    fixture.settle(Results.dead(fixture.claimOne(), "NO_ANSWER"));

    assertThat(fixture.leadRow(lead)).containsEntry("profile_pic_url", Results.link(lead, "aa"));
    assertThat(fixture.picture(lead))
        .containsEntry("state", "FAILED")
        .containsEntry("sha256", "aa");
  }
}
