package dev.profilepic.receiver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HEAD is a GET without the body: it needs the same rights. */
class HeadTest extends ReceiverTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"/instances", "/syncs", "/bulk-sync-status", "/webhooks/unrecognised", "/audit"})
  void headNeedsTheScopeOfGet(String path) {
    for (var scopes : new String[] {"read", "ingest", "read,operate"}) {
      var caller = withKey(newKey(scopes));

      var head = caller.send("HEAD", path, null);

      assertThat(head.status()).as(scopes).isEqualTo(caller.get(path).status());
      assertThat(head.bytes()).isEmpty();
    }
    assertThat(withKey(null).send("HEAD", path, null).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/openapi.yaml", "/docs/index.html", "/console/sign-in"})
  void whatIsOpenIsOpenForHead(String path) {
    assertThat(withKey(null).send("HEAD", path, null).status()).isEqualTo(200);
  }
}
