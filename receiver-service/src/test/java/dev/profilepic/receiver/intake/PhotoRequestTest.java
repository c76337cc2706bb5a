package dev.profilepic.receiver.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that would undo the requests of others in its statement cannot be made. */
class PhotoRequestTest {

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "\ud800", "a\nb"})
  void textThatPostgresDoesNotTakeIsRefused(String bad) {
    assertThatThrownBy(() -> request(bad, null, Instant.EPOCH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(bad);
    assertThatThrownBy(() -> request("1", bad, Instant.EPOCH))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTimeThatPostgresDoesNotTakeGivesWay() {
    assertThat(request("1", null, Instant.MAX).timestamp())
        .isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
    assertThat(request("1", null, Instant.MIN).timestamp()).isEqualTo(Instant.EPOCH);
  }

  private static PhotoRequest request(
      String lead, @org.jspecify.annotations.Nullable String instance, Instant at) {
    return new PhotoRequest(
        lead, "5562999212484", null, instance, at, "webhook", false, null, false, null);
  }
}
