package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The cost of one lead does not grow with the size of its batch, regardless of the planner's
 * statistics. The cost is the number of rows that all plans touch.
 */
@ParameterizedClass
@EnumSource
abstract class BatchCosts {

  enum Statistics {
    RIGHT,
    /**
     * A vacuum found pages without any row: it ran while a large batch was being written, or after
     * the last message was done.
     */
    EMPTY
  }

  private final Statistics statistics;

  static final int SMALL = 20;

  /** The size of the groups that services make. */
  static final int LARGE = 256;

  static final String LATER = "now() + interval '1 day'";

  QueueFixture fixture;
  PlanRows counted;
  JdbcTemplate session;
  QueueSql queue;

  BatchCosts(Statistics statistics) {
    this.statistics = statistics;
  }

  @BeforeEach
  void migrate() {
    fixture = database();
    counted = new PlanRows(fixture.dataSource());
    session = new JdbcTemplate(counted);
    queue = new QueueSql(session);
  }

  QueueFixture database() {
    return new QueueFixture();
  }

  @AfterEach
  void drop() {
    fixture.close();
  }

  /**
   * Asserts that a lead costs the same in a small and in a large batch. Each size starts with empty
   * tables.
   */
  void assertCostsTheSame(ToDoubleFunction<Integer> costs) {
    double small = anew(SMALL, costs);
    double large = anew(LARGE, costs);

    assertThat(large).isLessThan(1.5 * small);
  }

  private double anew(int size, ToDoubleFunction<Integer> costs) {
    fixture.jdbc.execute(
        """
        TRUNCATE pgmq.q_profile_pic_queue, profile_pic.waiting, profile_pic.deliveries, profile_pic.requests,
          profile_pic.pictures, profile_pic.lead_writes, profile_pic.lead_changes, profile_pic.picture_history,
          profile_pic.lookup_siblings, profile_pic.refreshes, profile_pic.lids, profile_pic.avatars,
          profile_pic.thumbnails, profile_pic.lead_phones, public.leads
        """);
    return costs.applyAsDouble(size) / size;
  }

  void leads(int count) {
    fixture.jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '5562999212484', 'demo' FROM generate_series(1, ?)",
        count);
    analyze();
  }

  /** Adds leads whose photo was found to be missing. */
  void known(int count, String nextCheck) {
    leads(count);
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at, checked_at, next_check_at, instance_id)
        SELECT id::text, phone, 'NOT_SET', now() - interval '1 day', now(), %s, 'demo' FROM public.leads
        """
            .formatted(nextCheck));
    analyze();
  }

  void analyze() {
    fixture.jdbc.execute("ANALYZE");
    if (statistics == Statistics.EMPTY) {
      fixture.jdbc.update(
          """
          UPDATE pg_class SET reltuples = 0
          WHERE relkind IN ('r', 'i') AND relnamespace::regnamespace::text IN ('profile_pic', 'pgmq', 'public')
          """);
    }
  }

  void pending(int count) {
    known(count, "now()");
    enqueue("queued");
    analyze();
  }

  List<Delivery> claimed(int count) {
    pending(count);
    var deliveries = fixture.claim(count);
    assertThat(deliveries).hasSize(count);
    return deliveries;
  }

  static List<Settlement> stored(List<Delivery> deliveries) {
    return deliveries.stream()
        .map(delivery ->
            Results.stored(
                delivery, "a%062d".formatted(delivery.lease().messageId()), new byte[] {1}))
        .toList();
  }

  double settle(List<Settlement> settlements) {
    return counted.of(
        () -> assertThat(queue.settle(settlements, "test", false)).hasSize(settlements.size()));
  }

  /** Asks for all leads in one call, asserts the status of each answer, and returns the cost. */
  double enqueue(String status) {
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
