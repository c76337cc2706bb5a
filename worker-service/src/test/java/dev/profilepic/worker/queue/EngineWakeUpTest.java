package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

/** Events that make an engine look for messages. */
class EngineWakeUpTest extends EngineTest {

  @Test
  void aNotificationWakesAWorkerThatWouldNotPollForLong() {
    start(new TestQueueProperties().pollInterval(NEVER).listen().build(), immediately());
    await().until(() -> listeners() == 1);

    fixture.enqueue(fixture.lead());

    await().until(() -> fixture.queued() == 0);
  }

  @Test
  void aListenerThatWasCutOffListensAgain() {
    start(new TestQueueProperties().pollInterval(NEVER).listen().build(), immediately());
    await().until(() -> listeners() == 1);

    fixture.jdbc.queryForList(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener'");
    await().until(() -> listeners() == 1);
    fixture.enqueue(fixture.lead());

    await().until(() -> fixture.queued() == 0);
  }

  @Test
  void pollingAloneWorksWhereNobodyMayListen() {
    start(new TestQueueProperties().build(), immediately());

    fixture.enqueue(fixture.lead());

    await().until(() -> fixture.queued() == 0);
    assertThat(listeners()).isZero();
  }

  @Test
  void aMessageThatWaitsForItsTimeIsTakenWhenItComes() {
    start(new TestQueueProperties().pollInterval(NEVER).build(), immediately());
    fixture.jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484'), 1)",
        fixture.lead());
    // The engine learns of the message at its next look. From then on it sleeps exactly until the
    // message is due.
    var current = requireEngine();
    current.wake();

    await().until(() -> fixture.queued() == 0);
  }
}
