package dev.profilepic.receiver.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DedupeTest extends ReceiverTest {

  private static final String PHONE = "5562999212484";
  private static final String LINK = "https://pps.whatsapp.net/v/t61/1_n.jpg?oh=1&oe=7FFFFFFF";

  @Test
  void aFreshPhotoNeedsNoLook() {
    var lead =
        leadWith(
            "STORED", Map.of("source_url", LINK, "storage_key", "k", "sha256", "ab".repeat(32)));

    assertThat(post(lead, "")).isEqualTo("duplicate");
    assertThat(messagesFor(lead)).isEmpty();
  }

  @Test
  void theSamePictureUnderANewSignatureIsTheSame() {
    var lead =
        leadWith(
            "STORED", Map.of("source_url", LINK, "storage_key", "k", "sha256", "ab".repeat(32)));

    assertThat(post(lead, url(LINK.replace("oh=1", "oh=2")))).isEqualTo("duplicate");
    assertThat(post(lead, url(LINK.replace("1_n", "2_n")))).isEqualTo("queued");
  }

  @Test
  void aPhotoThatIsDueForACheckIsLookedAt() {
    var lead = leadWith("STORED", Map.of("source_url", LINK, "next_check_ms", -1000));

    assertThat(post(lead, "")).isEqualTo("queued");
  }

  @Test
  void aLinkIsNewsOfALeadWithoutAPhoto() {
    var lead = leadWith("NOT_SET", Map.of());

    assertThat(post(lead, "")).isEqualTo("duplicate");
    assertThat(post(lead, url(LINK))).isEqualTo("queued");
  }

  @Test
  void whoHidesTheirPhotoIsLookedAtWhenTheyWriteOnceAnHour() {
    var lead = leadWith("HIDDEN", Map.of());

    assertThat(post(lead, "")).isEqualTo("duplicate");
    jdbc.sql(
            "UPDATE profile_pic.pictures SET checked_at = now() - interval '2 hours' WHERE lead_id = ?")
        .param(lead)
        .update();
    assertThat(post(lead, "")).isEqualTo("queued");
  }

  @Test
  void aFailedLeadIsTriedAgain() {
    var lead = newLead(PHONE);
    post(lead, "");
    new QueueHand(jdbc).settle(lead, "NO_ANSWER");

    assertThat(post(lead, "")).isEqualTo("queued");
  }

  @Test
  void forceUpdatePassesOnceWhateverIsKnown() {
    var lead = leadWith("STORED", Map.of("source_url", LINK));

    assertThat(post(lead, ", \"force_update\": true")).isEqualTo("queued");
    assertThat(post(lead, ", \"force_update\": true")).isEqualTo("duplicate");
  }

  @Test
  void aNumberWrittenOtherwiseIsTheSamePerson() {
    var lead = newLead(PHONE);

    assertThat(post(lead, "")).isEqualTo("queued");
    assertThat(
            http.post(
                    "/profile-pics",
                    "{\"lead_id\": \"%s\", \"phone\": \"556299212484\"}".formatted(lead))
                .json()
                .path("status")
                .asString())
        .isEqualTo("duplicate");
  }

  @Test
  void manyAtOnceMakeOneMessage() throws Exception {
    var lead = newLead(PHONE);

    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          IntStream.range(0, 100).mapToObj(i -> callers.submit(() -> post(lead, ""))).toList();
      int queued = 0;
      for (var answer : answers) {
        queued += answer.get().equals("queued") ? 1 : 0;
      }
      assertThat(queued).isEqualTo(1);
    }
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @Test
  void anErasedPersonIsNotAskedForAgain() {
    // Other tests use PHONE, so the erased person has another phone.
    var erased = "5562999218801";
    var lead = newLead(erased);
    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);

    var answer =
        http.post(
            "/profile-pics", "{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, erased));

    assertThat(answer.status()).isEqualTo(409);
    assertThat(messagesFor(lead)).isEmpty();
  }

  private String leadWith(String outcome, Map<String, Object> settlement) {
    var lead = newLead(PHONE);
    post(lead, "");
    new QueueHand(jdbc).settle(lead, outcome, settlement);
    return lead;
  }

  private String post(String lead, String more) {
    return http.post(
            "/profile-pics",
            "{\"lead_id\": \"%s\", \"phone\": \"%s\"%s}".formatted(lead, PHONE, more))
        .json()
        .path("status")
        .asString();
  }

  private static String url(String url) {
    return ", \"profile_pic_url\": \"%s\"".formatted(url);
  }
}
