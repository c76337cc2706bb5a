package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresServerTest {

  @Test
  void aCommitIsOnTheDiskBeforeItIsAnswered(@TempDir Path directory) throws Exception {
    try (var server = EmbeddedPostgresServer.start(directory, 0);
        var connection = DriverManager.getConnection(server.jdbcUrl("postgres"));
        var asked = connection.createStatement();
        var answer =
            asked.executeQuery(
                "SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes')")) {
      answer.next();

      assertThat(answer.getString(1)).isEqualTo("on");
      assertThat(answer.getString(2)).isEqualTo("on");
      assertThat(answer.getString(3)).isEqualTo("on");
    }
  }
}
