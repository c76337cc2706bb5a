package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.DatabaseConnection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** The cost per lead of the queue's own steps. */
class BatchWorkTest extends BatchCosts {

  BatchWorkTest(Statistics statistics) {
    super(statistics);
  }

  @Test
  void aFreshDuplicate() {
    assertCostsTheSame(size -> {
      known(size, LATER);
      return enqueue("duplicate");
    });
  }

  @Test
  void aPendingDuplicate() {
    assertCostsTheSame(size -> {
      known(size, "now()");
      enqueue("queued");
      return enqueue("duplicate");
    });
  }

  @Test
  void aNewRequest() {
    assertCostsTheSame(size -> {
      known(size, "now()");
      return enqueue("queued");
    });
  }

  @Test
  void aLeadThatNobodyAskedForBefore() {
    assertCostsTheSame(size -> {
      leads(size);
      return enqueue("queued");
    });
  }

  @Test
  void aClaim() {
    assertCostsTheSame(size -> {
      pending(size);
      var pick = new WaitingLines.Pick("demo", null, size);
      return counted.of(() ->
          assertThat(
                  queue
                      .claim(
                          List.of(pick),
                          size,
                          QueueFixture.LEASE,
                          null,
                          QueueFixture.FAST_PACE,
                          () -> true)
                      .deliveries())
              .hasSize(size));
    });
  }

  @Test
  void aStoredPhoto() {
    assertCostsTheSame(size -> settle(stored(claimed(size))));
  }

  @Test
  void anAttemptThatComesBack() {
    assertCostsTheSame(size ->
        settle(
            claimed(size).stream()
                .map(delivery -> Results.retry(delivery, Duration.ofMinutes(1)))
                .toList()));
  }

  @Test
  void aLeadsRow() {
    var leads =
        new LeadWriteSql(
            session,
            new DataSourceTransactionManager(counted),
            new DatabaseProperties(DatabaseConnection.DIRECT));
    assertCostsTheSame(size -> {
      var deliveries = claimed(size);
      queue.settle(stored(deliveries), "test", false);
      var ids = fixture.jdbc.queryForList("SELECT id::text FROM public.leads", String.class);
      return counted.of(
          () -> assertThat(leads.write(ids).values()).hasSize(size).allMatch("written"::equals));
    });
  }

  @Test
  void whatTheTriggersNoted() {
    assertCostsTheSame(size -> {
      known(size, LATER);
      fixture.jdbc.update(
          "INSERT INTO profile_pic.lead_changes (lead_id, deleted) SELECT id::text, false FROM public.leads");
      return counted.of(() -> session.queryForList("SELECT profile_pic.take_lead_changes(1000)"));
    });
  }

  @Test
  void aStepThroughTheLines() {
    assertCostsTheSame(size -> {
      pending(size);
      return counted.of(() -> session.queryForList("SELECT profile_pic.heal(0, 1000)"));
    });
  }

  @Test
  void messagesThatBecomeDue() {
    assertCostsTheSame(size -> {
      var deliveries = claimed(size);
      queue.settle(
          deliveries.stream().map(delivery -> Results.retry(delivery, Duration.ofDays(1))).toList(),
          "test",
          false);
      fixture.jdbc.update("UPDATE pgmq.q_profile_pic_queue SET vt = now()");
      analyze();
      return counted.of(() -> session.queryForList("SELECT profile_pic.adopt(60, 1000)"));
    });
  }

  @Test
  void leasesThatAreProlonged() {
    assertCostsTheSame(size -> {
      var leases = claimed(size).stream().map(Delivery::lease).toList();
      analyze();
      return counted.of(() -> assertThat(queue.renew(leases, QueueFixture.LEASE)).hasSize(size));
    });
  }

  @Test
  void leasesThatAreGivenBack() {
    assertCostsTheSame(size -> {
      var leases = claimed(size).stream().map(Delivery::lease).toList();
      analyze();
      return counted.of(() -> queue.release(leases));
    });
  }

  @Test
  void leadsThatAreWalked() {
    assertCostsTheSame(size -> {
      known(size, LATER);
      return counted.of(
          () -> session.queryForList("SELECT profile_pic.reconcile_leads(NULL, 1000)"));
    });
  }
}
