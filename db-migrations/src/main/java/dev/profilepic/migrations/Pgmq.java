package dev.profilepic.migrations;

import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * The parts of PGMQ that we use, and the steps that provide PGMQ: before all migrations, and before
 * the first migration where PGMQ came without its extension.
 */
public final class Pgmq implements Callback {

  /**
   * The functions that we call, written for {@code to_regprocedure}: the same in 1.5.1 and in
   * 1.11.1.
   */
  public static final List<String> FUNCTIONS =
      List.of(
          "pgmq.create(text)",
          "pgmq.send(text,jsonb)",
          "pgmq.send_batch(text,jsonb[],jsonb[],integer)",
          "pgmq.archive(text,bigint[])");

  /** The columns that we read and write. */
  public static final List<String> COLUMNS =
      List.of(
          "pgmq.q_profile_pic_queue.msg_id",
          "pgmq.q_profile_pic_queue.read_ct",
          "pgmq.q_profile_pic_queue.enqueued_at",
          "pgmq.q_profile_pic_queue.vt",
          "pgmq.q_profile_pic_queue.message",
          "pgmq.q_profile_pic_queue.headers",
          "pgmq.q_profile_pic_dlq.msg_id",
          "pgmq.q_profile_pic_dlq.message",
          "pgmq.q_profile_pic_dlq.headers",
          "pgmq.a_profile_pic_queue.msg_id",
          "pgmq.a_profile_pic_queue.archived_at",
          "pgmq.a_profile_pic_queue.message");

  /**
   * Selects the missing names; its parameters are {@link #FUNCTIONS} and {@link #COLUMNS} as
   * arrays.
   */
  public static final String MISSING =
      """
      SELECT f.name FROM unnest(?::text[]) AS f (name) WHERE to_regprocedure(f.name) IS NULL
      UNION ALL
      SELECT c.name FROM unnest(?::text[]) AS c (name) WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = to_regclass(split_part(c.name, '.', 1) || '.' || split_part(c.name, '.', 2))
          AND a.attname = split_part(c.name, '.', 3) AND a.attnum > 0 AND NOT a.attisdropped)
      """;

  private static final String SEPARATOR = ";";

  @Override
  public boolean supports(Event event, Context context) {
    return event == Event.BEFORE_MIGRATE || event == Event.BEFORE_EACH_MIGRATE && isFirst(context);
  }

  @Override
  public boolean canHandleInTransaction(Event event, Context context) {
    return event == Event.BEFORE_EACH_MIGRATE;
  }

  @Override
  public void handle(Event event, Context context) {
    if (event == Event.BEFORE_MIGRATE) {
      Script.run(context, "/queue/pgmq.sql", placeholders(), "PGMQ cannot be used");
    } else {
      Script.run(context, "/queue/pgmq_alone.sql", Map.of(), "PGMQ cannot be used");
    }
  }

  @Override
  public String getCallbackName() {
    return "PGMQ";
  }

  /** Returns the placeholders of the scripts, with their values. */
  static Map<String, String> placeholders() {
    return Map.of(
        "pgmq_functions", String.join(SEPARATOR, FUNCTIONS),
        "pgmq_columns", String.join(SEPARATOR, COLUMNS));
  }

  private static boolean isFirst(Context context) {
    var migration = context.getMigrationInfo();
    return migration != null
        && migration.getVersion() != null
        && migration.getVersion().getVersion().equals("1");
  }
}
