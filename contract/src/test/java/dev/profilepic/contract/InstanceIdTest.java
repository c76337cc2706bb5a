package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceIdTest {

  @ParameterizedTest
  @ValueSource(strings = {"sales", "a", "-", "...", ".a", "a.", "0.1", "A_b-c.d"})
  void shortIdsOfSafeCharactersAreValid(String id) {
    assertThat(InstanceId.isValid(id)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a b", "a/b", "\u00e9"})
  void anIdThatAUrlCannotCarryIsNot(String id) {
    assertThat(InstanceId.isValid(id)).isFalse();
  }
}
