package dev.profilepic.receiver.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;

/** Tests of a key for one instance against the data of other instances. */
abstract class BoundKeyTest extends ReceiverTest {

  static String boundTo = "";
  private static String secret = "";

  @BeforeEach
  void oneKey() {
    if (secret.isEmpty()) {
      boundTo = "own_" + UUID.randomUUID();
      secret = newKey("ingest,operate,read", boundTo);
    }
  }

  Http bound() {
    return withKey(secret);
  }

  /** Returns the key itself, to sign in at the console. */
  static String boundKey() {
    return secret;
  }

  static void assertSucceeded(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
  }
}
