package dev.profilepic.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.ConfigurationDoc;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * docs/configuration.md says of every property of this service what the code says, and of no other.
 */
class ConfigurationDocTest {

  private final ConfigurationDoc doc =
      new ConfigurationDoc(
          "worker", "dev.profilepic.worker", "dev.profilepic.store", "dev.profilepic.contract");

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
}
