package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;

@ExtendWith(OutputCaptureExtension.class)
class LogFieldsTest {

  @Test
  void everyResultIsOneJsonLineWithLeadInstanceMessageAttemptAndTrace(CapturedOutput output) {
    try (var database = TestDatabase.migrated();
        var bridge = new FakeBridge();
        var _ = RunningWorker.start(database, bridge, "logging.structured.format.console=ecs")) {
      var lead = UUID.randomUUID().toString();
      var jdbc = new JdbcTemplate(database.sessions());
      jdbc.update(
          "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, '5562999212484', 'demo')",
          lead);

      jdbc.queryForList(
          "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484'), '{\"traceparent\": \"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"}'::jsonb)",
          lead);

      await().until(() -> output.getOut().contains("\"message\":\"NOT_SET\""));
      var line =
          output
              .getOut()
              .lines()
              .filter(each -> each.contains("\"message\":\"NOT_SET\""))
              .findFirst()
              .orElseThrow();
      assertThat(line)
          .startsWith("{")
          .contains(
              "\"lead\":\"" + lead + "\"",
              "\"instance\":\"demo\"",
              "\"message_id\":\"1\"",
              "\"attempt\":\"1\"",
              "4bf92f3577b34da6a3ce929d0e0e4736");
      assertThat(output.getAll())
          .doesNotContain("failed to append")
          .doesNotContain("5562999212484");
    }
  }
}
