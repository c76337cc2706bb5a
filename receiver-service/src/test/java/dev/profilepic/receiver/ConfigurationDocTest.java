package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.ConfigurationDoc;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/configuration.md lists all properties of this service, with the defaults of the code. */
class ConfigurationDocTest {

  @Test
  void thePageTheCodeAndTheContainersAgree() throws Exception {
    var doc =
        new ConfigurationDoc(
            "receiver",
            "dev.profilepic.receiver",
            "dev.profilepic.store",
            "dev.profilepic.contract");

    assertThat(doc.contradictions()).isEmpty();
  }

  @Test
  void theTableIsWhatTheMigratorSays() throws Exception {
    var migrator = new ConfigurationDoc("migrator", "dev.profilepic.migrations");
    var values = new TreeMap<String, String>();
    migrator.documented().forEach((name, said) -> values.put(name, said.value()));

    assertThat(values).containsExactlyInAnyOrderEntriesOf(migrator.defaults());
  }
}
