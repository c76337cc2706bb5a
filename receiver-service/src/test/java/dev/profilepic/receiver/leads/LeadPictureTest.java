package dev.profilepic.receiver.leads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.Test;

class LeadPictureTest extends ReceiverTest {

  @Test
  void aLeadThatNobodyAskedForIsUnknownYet() {
    var answer = http.get("/leads/" + newLead("5562999212484") + "/profile-pic");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("state").asString()).isEqualTo("UNKNOWN");
    assertThat(answer.json().path("queued").asBoolean()).isFalse();
  }

  @Test
  void aQueuedLeadIsPending() {
    var lead = newLead("5562999212484");
    http.post(
        "/profile-pics", "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));

    var picture = http.get("/leads/" + lead + "/profile-pic").json();

    assertThat(picture.path("state").asString()).isEqualTo("PENDING");
    assertThat(picture.path("queued").asBoolean()).isTrue();
    assertThat(picture.path("attempts").asInt()).isZero();
    assertThat(picture.path("url").isNull()).isTrue();
  }

  @Test
  void aStoredPhotoHasItsSignedLink() {
    var lead = newLead("5562999212484");
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, sha256, storage_key, requested_at, checked_at)
            VALUES (?, '5562999212484', 'STORED', 'STORED', repeat('ab', 32), 'k', now(), now())
            """)
        .param(lead)
        .update();

    var picture = http.get("/leads/" + lead + "/profile-pic").json();

    assertThat(picture.path("url").asString())
        .startsWith("http://127.0.0.1:8080/avatars/" + lead + "?v=abababababab&k=");
    assertThat(picture.path("checked_at").asString()).endsWith("Z");
  }

  @Test
  void aLeadThatTheCrmDoesNotHaveIsNotFound() {
    assertThat(http.get("/leads/nobody/profile-pic").status()).isEqualTo(404);
  }
}
