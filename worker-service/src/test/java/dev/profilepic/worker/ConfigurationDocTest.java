package dev.profilepic.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.ConfigurationDoc;
import org.junit.jupiter.api.Test;

/** docs/configuration.md lists all properties of this service, with the defaults of the code. */
class ConfigurationDocTest {

  @Test
  void thePageTheCodeAndTheContainersAgree() throws Exception {
    var doc =
        new ConfigurationDoc(
            "worker", "dev.profilepic.worker", "dev.profilepic.store", "dev.profilepic.contract");

    assertThat(doc.contradictions()).isEmpty();
  }
}
