package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.ConfigurationDoc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * docs/configuration.md says of every property of this service what the code says, and of no other.
 */
class ConfigurationDocTest {

  private final ConfigurationDoc doc =
      new ConfigurationDoc(
          "receiver", "dev.profilepic.receiver", "dev.profilepic.store", "dev.profilepic.contract");

  @Test
  void theTableIsWhatTheCodeSays() throws Exception {
    assertThat(doc.documented()).containsExactlyInAnyOrderEntriesOf(doc.actual());
  }

  @Test
  void everyPropertyIsDescribedInTheCode() throws Exception {
    assertThat(doc.undescribed()).isEmpty();
  }

  @Test
  void everyShorterNameIsInTheTable() throws Exception {
    var text = Files.readString(Path.of("../docs/configuration.md"));

    assertThat(doc.shorterNames())
        .isNotEmpty()
        .allSatisfy(name -> assertThat(text).contains("`" + name + "`"));
  }

  @Test
  void containersGetOnlyWhatIsRead() throws Exception {
    assertThat(doc.ignored("docker-compose.yml")).isEmpty();
    assertThat(doc.ignored("deploy/stack.yml")).isEmpty();
  }

  @Test
  void theTableIsWhatTheMigratorSays() throws Exception {
    var migrator = new ConfigurationDoc("migrator", "dev.profilepic.migrations");
    var values = new TreeMap<String, String>();
    migrator.documented().forEach((name, said) -> values.put(name, said.value()));

    assertThat(values).containsExactlyInAnyOrderEntriesOf(migrator.defaults());
  }
}
