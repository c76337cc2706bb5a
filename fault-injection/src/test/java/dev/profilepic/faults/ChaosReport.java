package dev.profilepic.faults;

import dev.profilepic.faults.Troublemaker.Strike;
import java.sql.Timestamp;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The ledger's final report: a row for each fault, and whether the books balance. */
final class ChaosReport {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String TABLES =
      """
      CREATE TABLE ledger.strikes (fault text, began timestamptz, ended timestamptz);
      CREATE TABLE ledger.due (phone text PRIMARY KEY, attempts bigint);
      CREATE TABLE ledger.requests AS
        SELECT e.lead_id,
               min(e.at) FILTER (WHERE e.kind = 'enqueued') AS began,
               max(e.at) FILTER (WHERE e.kind IN ('removed', 'lead')) AS ended,
               count(*) FILTER (WHERE e.kind = 'enqueued') AS enqueued,
               count(DISTINCT e.message_id) FILTER (WHERE e.kind = 'stored') AS done,
               count(*) FILTER (WHERE e.kind = 'stored') AS stored,
               count(*) FILTER (WHERE e.kind = 'lead') AS effects,
               count(*) FILTER (WHERE e.kind = 'dead') AS dead,
               coalesce(sum(e.detail::bigint) FILTER (WHERE e.kind = 'attempt'), 0) AS attempts,
               coalesce(max(q.waiting), 0) AS waiting,
               (bool_or(e.kind = 'stored') AND NOT bool_or(e.kind = 'lead') AND count(w.lead_id) = 0)::integer AS unwritten, 0::bigint AS due
        FROM ledger.entries AS e
        JOIN public.leads AS l ON l.id::text = e.lead_id AND l.instance_id <> 'flood'
        LEFT JOIN (
          SELECT message ->> 'lead_id' AS lead_id, count(*) AS waiting FROM pgmq.q_profile_pic_queue GROUP BY 1
        ) AS q ON q.lead_id = e.lead_id
        LEFT JOIN profile_pic.lead_writes AS w ON w.lead_id = e.lead_id
        GROUP BY e.lead_id;
      """;

  private static final String ROWS =
      """
      WITH touched AS (
        SELECT DISTINCT s.fault, r.*, r.enqueued - r.done - r.dead - r.waiting AS missing
        FROM ledger.strikes AS s
        JOIN ledger.requests AS r ON r.began <= s.ended AND coalesce(r.ended, 'infinity') >= s.began
      )
      SELECT s.fault, s.times, count(t.lead_id) AS requests, coalesce(sum(t.effects), 0) AS effects,
             coalesce(sum(greatest(t.missing, 0) + t.unwritten), 0) AS lost,
             coalesce(sum(greatest(-t.missing, 0) + greatest(t.stored - t.done, 0) + greatest(t.effects - t.enqueued, 0)), 0) AS doubled,
             coalesce(sum(greatest(t.attempts - t.due, 0)), 0) AS attempts
      FROM (SELECT fault, count(*) AS times FROM ledger.strikes GROUP BY fault) AS s
      LEFT JOIN touched AS t USING (fault)
      GROUP BY s.fault, s.times ORDER BY s.fault
      """;

  private final JdbcTemplate jdbc;

  ChaosReport(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param times the number of strikes
   * @param requests the requests that were under way during a strike
   */
  record Row(
      String fault,
      long times,
      long requests,
      long effects,
      long lost,
      long doubled,
      long attempts) {

    boolean balances() {
      return lost == 0 && doubled == 0 && attempts == 0;
    }
  }

  /** Takes stock after all activity has ended. */
  List<Row> rows(Collection<Strike> strikes, Map<String, Long> attemptsDue) {
    for (var table : TABLES.split(";\n")) {
      jdbc.execute(table);
    }
    jdbc.batchUpdate(
        "INSERT INTO ledger.strikes VALUES (?, ?, ?)",
        strikes,
        500,
        (insert, strike) -> {
          insert.setString(1, strike.fault());
          insert.setTimestamp(2, Timestamp.from(strike.began()));
          insert.setTimestamp(3, Timestamp.from(strike.ended()));
        });
    jdbc.update(
        """
        UPDATE ledger.requests AS r SET due = d.value::bigint
        FROM jsonb_each_text(?::jsonb) AS d JOIN public.leads AS l ON l.phone = d.key
        WHERE r.lead_id = l.id::text
        """,
        JSON.writeValueAsString(attemptsDue));
    return jdbc.query(
        ROWS,
        (row, number) ->
            new Row(
                row.getString("fault"),
                row.getLong("times"),
                row.getLong("requests"),
                row.getLong("effects"),
                row.getLong("lost"),
                row.getLong("doubled"),
                row.getLong("attempts")));
  }

  /** Counts the accepted requests that are missing from the ledger. Each is a broken promise. */
  long acceptedButUnknown(Collection<Long> accepted) {
    return number(
        """
        SELECT count(*) FROM jsonb_array_elements_text(?::jsonb) AS a (id)
        WHERE NOT EXISTS (SELECT FROM ledger.entries AS e WHERE e.message_id = a.id::bigint AND e.kind = 'enqueued')
        """,
        JSON.writeValueAsString(accepted));
  }

  /** Counts the dead letters of requests that should have succeeded. */
  long wronglyDead(Set<String> mayDie) {
    return number(
        """
        SELECT count(*) FROM ledger.entries AS e JOIN public.leads AS l ON l.id::text = e.lead_id
        WHERE e.kind = 'dead' AND NOT e.lead_id = ANY (SELECT jsonb_array_elements_text(?::jsonb))
        """,
        JSON.writeValueAsString(mayDie));
  }

  /** Counts the dead letters that name no existing lead. */
  long unparseableDead() {
    return number(
        """
        SELECT count(*) FROM ledger.entries AS e
        WHERE e.kind = 'dead' AND NOT EXISTS (SELECT FROM public.leads AS l WHERE l.id::text = e.lead_id)
        """);
  }

  private long number(String sql, Object... arguments) {
    var number = jdbc.queryForObject(sql, Long.class, arguments);
    return number == null ? 0 : number;
  }
}
