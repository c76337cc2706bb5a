package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/**
 * What one lead costs does not grow with the batch that it comes in, whatever the planner believes.
 */
@ParameterizedClass
@EnumSource
class BatchWorkTest {

  enum Statistics {
    RIGHT,
    /**
     * A vacuum found pages and no row in them: it came while a large batch was being written, or
     * after the last message was done.
     */
    EMPTY
  }

  private final Statistics statistics;

  private static final int SMALL = 20;

  /** As large as the groups that services make. */
  private static final int LARGE = 256;

  private static final String LATER = "now() + interval '1 day'";

  private QueueFixture fixture;
  private PlanRows counted;
  private JdbcTemplate session;
  private QueueSql queue;

  BatchWorkTest(Statistics statistics) {
    this.statistics = statistics;
  }

  @BeforeEach
  void migrate() {
    fixture = new QueueFixture();
    counted = new PlanRows(fixture.dataSource());
    session = new JdbcTemplate(counted);
    queue = new QueueSql(session);
  }

  @AfterEach
  void drop() {
    fixture.close();
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
    var leads = new LeadWriteSql(session, new DataSourceTransactionManager(counted));
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

  /** Starts anew for each size; the costs are per lead. */
  private void assertCostsTheSame(ToDoubleFunction<Integer> costs) {
    double small = costs.applyAsDouble(SMALL) / SMALL;
    fixture.jdbc.execute(
        """
        TRUNCATE pgmq.q_profile_pic_queue, profile_pic.waiting, profile_pic.deliveries, profile_pic.requests,
          profile_pic.pictures, profile_pic.lead_writes, profile_pic.lead_changes, public.leads
        """);
    double large = costs.applyAsDouble(LARGE) / LARGE;

    assertThat(large).isLessThan(1.5 * small);
  }

  private void leads(int count) {
    fixture.jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '5562999212484', 'demo' FROM generate_series(1, ?)",
        count);
    analyze();
  }

  /** Leads whose photo was found to be missing. */
  private void known(int count, String nextCheck) {
    leads(count);
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at, checked_at, next_check_at, instance_id)
        SELECT id::text, phone, 'NOT_SET', now() - interval '1 day', now(), %s, 'demo' FROM public.leads
        """
            .formatted(nextCheck));
    analyze();
  }

  private void analyze() {
    fixture.jdbc.execute("ANALYZE");
    if (statistics == Statistics.EMPTY) {
      fixture.jdbc.update(
          """
          UPDATE pg_class SET reltuples = 0
          WHERE relkind IN ('r', 'i') AND relnamespace::regnamespace::text IN ('profile_pic', 'pgmq', 'public')
          """);
    }
  }

  private void pending(int count) {
    known(count, "now()");
    enqueue("queued");
    analyze();
  }

  private List<Delivery> claimed(int count) {
    pending(count);
    var deliveries = fixture.claim(count);
    assertThat(deliveries).hasSize(count);
    return deliveries;
  }

  private static List<Settlement> stored(List<Delivery> deliveries) {
    return deliveries.stream()
        .map(delivery ->
            Results.stored(
                delivery, "a%062d".formatted(delivery.lease().messageId()), new byte[] {1}))
        .toList();
  }

  private double settle(List<Settlement> settlements) {
    return counted.of(
        () -> assertThat(queue.settle(settlements, "test", false)).hasSize(settlements.size()));
  }

  /** Asks for all leads in one call, each of which is answered so. */
  private double enqueue(String status) {
    return counted.of(() ->
        assertThat(
                session.queryForList(
                    """
                    SELECT status FROM profile_pic.enqueue((
                      SELECT jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone, 'instance_id', 'demo')) FROM public.leads))
                    """,
                    String.class))
            .allMatch(status::equals));
  }
}
