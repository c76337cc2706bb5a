package dev.profilepic.receiver.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that are made at the console. */
class NewKeysTest extends ReceiverTest {

  @ParameterizedTest
  @ValueSource(strings = {" , ", ",", " ", ",,\t"})
  void aFieldOfInstancesThatNamesNoneIsNoKeyForAll(String instances) {
    var wrong =
        catchThrowableOfType(
            ProblemException.class,
            () -> ApiKeys.Wanted.read("crm", List.of("ingest"), instances, ""));

    assertThat(wrong.errors()).extracting(FieldError::field).containsExactly("instances");
  }

  @Test
  void anEmptyFieldOfInstancesIsAKeyForAll() {
    assertThat(ApiKeys.Wanted.read("crm", List.of("ingest"), "", "").instances()).isEmpty();
    assertThat(ApiKeys.Wanted.read("crm", List.of("ingest"), " a, b ,", "").instances())
        .containsExactly("a", "b");
  }
}
