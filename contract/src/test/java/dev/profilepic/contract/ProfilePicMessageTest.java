package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.ProfilePicMessage.Parsed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProfilePicMessageTest {

  @Test
  void aCompleteMessageIsReadWhole() {
    var parsed =
        ProfilePicMessage.parse(
            """
            {"lead_id": "7b1c9a52", "phone": "5562999212484", "profile_pic_url": "https://pps.whatsapp.net/x.jpg",
             "instance_id": "usuario_1", "timestamp": "2026-11-22T12:00:00+00:00", "retry_count": 3, "sync_type": "bulk",
             "force_update": true, "something_else": {"a": 1}}
            """);

    assertThat(parsed)
        .isEqualTo(
            new Parsed.Valid(
                new ProfilePicMessage(
                    "7b1c9a52",
                    "5562999212484",
                    "https://pps.whatsapp.net/x.jpg",
                    "usuario_1",
                    Instant.parse("2026-11-22T12:00:00Z"),
                    "bulk",
                    true)));
  }

  @Test
  void onlyLeadAndPhoneAreRequiredAndMayBeNumbers() {
    assertThat(
            ProfilePicMessage.parse(
                "{\"lead_id\": 42, \"phone\": 5562999212484, \"instance_id\": \"unknown\", \"timestamp\": \"soon\"}"))
        .isEqualTo(
            new Parsed.Valid(
                new ProfilePicMessage("42", "5562999212484", null, null, null, "webhook", false)));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "null",
        "[]",
        "\"text\"",
        "7",
        "{}",
        "{\"lead_id\": \"1\"}",
        "{\"phone\": \"5562999212484\"}",
        "{\"lead_id\": null, \"phone\": \"5562999212484\"}",
        "{\"lead_id\": \"  \", \"phone\": \"5562999212484\"}",
        "{\"lead_id\": {\"a\": 1}, \"phone\": \"5562999212484\"}",
        "{\"lead_id\": \"1\", \"phone\": [\"5562999212484\"]}",
        "{\"lead_id\": \"1\", \"phone\": \"5562999212484\", \"profile_pic_url\": 7}",
        "{\"lead_id\": \"1\", \"phone\": \"5562999212484\", \"instance_id\": {}}",
        "not json",
      })
  void anythingElseIsInvalidWithAProblemInWords(@Nullable String json) {
    assertThat(ProfilePicMessage.parse(json))
        .isInstanceOfSatisfying(
            Parsed.Invalid.class, invalid -> assertThat(invalid.problem()).isNotBlank());
  }
}
