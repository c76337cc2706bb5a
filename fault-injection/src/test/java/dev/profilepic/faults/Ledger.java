package dev.profilepic.faults;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An append-only book of every event in the life of a request. Triggers write the book in the
 * transactions that cause the events. The ledger knows tables and columns, but not how claim and
 * settle work, so it shows their mistakes.
 */
final class Ledger {

  private static final String TABLE =
      """
      CREATE SCHEMA ledger;
      CREATE TABLE ledger.entries (
        id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at         timestamptz NOT NULL DEFAULT clock_timestamp(),
        kind       text NOT NULL,
        message_id bigint,
        lead_id    text,
        detail     text
      );
      CREATE INDEX ON ledger.entries (message_id);
      CREATE INDEX ON ledger.entries (lead_id);
      CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        RAISE EXCEPTION 'the ledger is append-only';
      END $$;
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.entries
        FOR EACH ROW EXECUTE FUNCTION ledger.refuse();
      """;

  private static final String QUEUE =
      """
      CREATE FUNCTION ledger.note_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        IF TG_OP = 'INSERT' THEN
          INSERT INTO ledger.entries (kind, message_id, lead_id)
          VALUES ('enqueued', NEW.msg_id, NEW.message ->> 'lead_id');
        ELSIF TG_OP = 'DELETE' THEN
          INSERT INTO ledger.entries (kind, message_id, lead_id)
          VALUES ('removed', OLD.msg_id, OLD.message ->> 'lead_id');
        ELSE
          IF NEW.read_ct > OLD.read_ct THEN
            INSERT INTO ledger.entries (kind, message_id, lead_id)
            VALUES ('leased', NEW.msg_id, NEW.message ->> 'lead_id');
          END IF;
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER ledger AFTER INSERT OR UPDATE OR DELETE ON pgmq.q_profile_pic_queue
        FOR EACH ROW EXECUTE FUNCTION ledger.note_queue();

      CREATE FUNCTION ledger.note_attempts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      DECLARE
        before integer := 0;
      BEGIN
        IF TG_OP = 'UPDATE' THEN
          before := OLD.attempts;
        END IF;
        IF NEW.attempts > before THEN
          INSERT INTO ledger.entries (kind, message_id, lead_id, detail)
          SELECT 'attempt', NEW.msg_id, q.message ->> 'lead_id', NEW.attempts - before
          FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = NEW.msg_id;
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER ledger AFTER INSERT OR UPDATE ON profile_pic.deliveries
        FOR EACH ROW EXECUTE FUNCTION ledger.note_attempts();
      """;

  private static final String EFFECTS =
      """
      CREATE FUNCTION ledger.note_lead() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        INSERT INTO ledger.entries (kind, lead_id, detail)
        VALUES ('lead', NEW.id::text, NEW.profile_pic_url);
        RETURN NULL;
      END $$;
      CREATE TRIGGER ledger AFTER UPDATE OF profile_pic_url ON public.leads
        FOR EACH ROW EXECUTE FUNCTION ledger.note_lead();

      CREATE FUNCTION ledger.note_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        INSERT INTO ledger.entries (kind, message_id, lead_id, detail)
        VALUES (CASE NEW.outcome WHEN 'STORED' THEN 'stored' ELSE 'noted' END,
                NEW.message_id, NEW.lead_id, coalesce(NEW.source_id, NEW.outcome));
        RETURN NULL;
      END $$;
      CREATE TRIGGER ledger AFTER INSERT ON profile_pic.picture_history
        FOR EACH ROW EXECUTE FUNCTION ledger.note_history();

      CREATE FUNCTION ledger.note_dead() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        INSERT INTO ledger.entries (kind, lead_id, detail)
        VALUES ('dead', NEW.message ->> 'lead_id', NEW.message -> 'error' ->> 'reason');
        RETURN NULL;
      END $$;
      CREATE TRIGGER ledger AFTER INSERT ON pgmq.q_profile_pic_dlq
        FOR EACH ROW EXECUTE FUNCTION ledger.note_dead();
      """;

  /**
   * Every request is for a separate lead, and every answer of the bridge is a picture. A separate
   * transaction writes the CRM's row after the settle. Until then the lead is among the leads to be
   * written.
   */
  private static final String BALANCE =
      """
      WITH per_message AS (
        SELECT message_id,
               count(*) FILTER (WHERE kind = 'enqueued') AS enqueued,
               count(*) FILTER (WHERE kind = 'removed') AS removed,
               count(*) FILTER (WHERE kind = 'stored') AS stored,
               min(lead_id) AS lead_id
        FROM ledger.entries WHERE message_id IS NOT NULL GROUP BY message_id
      ), per_lead AS (
        SELECT lead_id,
               count(*) FILTER (WHERE kind = 'enqueued') AS enqueued,
               count(*) FILTER (WHERE kind = 'lead') AS changed,
               count(*) FILTER (WHERE kind = 'dead') AS dead
        FROM ledger.entries WHERE lead_id IS NOT NULL GROUP BY lead_id
      )
      SELECT (SELECT count(*) FROM per_message WHERE enqueued > 0) AS enqueued,
             (SELECT count(*) FROM per_message WHERE stored > 0) AS done,
             (SELECT count(*) FROM ledger.entries WHERE kind = 'dead') AS dead,
             (SELECT count(*) FROM pgmq.q_profile_pic_queue) AS waiting,
             (SELECT count(*) FROM profile_pic.lead_writes) AS writes,
             (SELECT count(*) FROM ledger.entries WHERE kind = 'lead') AS effects,
             (SELECT count(DISTINCT s.lead_id) FROM ledger.entries AS s
              WHERE s.kind = 'stored' AND NOT EXISTS (SELECT FROM profile_pic.lead_writes AS w WHERE w.lead_id = s.lead_id)
                AND NOT EXISTS (SELECT FROM ledger.entries AS l WHERE l.lead_id = s.lead_id AND l.kind = 'lead')) AS unwritten,
             (SELECT coalesce(sum(stored - 1), 0) FROM per_message WHERE stored > 1)
               + (SELECT coalesce(sum(changed - enqueued), 0) FROM per_lead WHERE changed > enqueued) AS doubled,
             (SELECT coalesce(sum(detail::integer), 0) FROM ledger.entries WHERE kind = 'attempt') AS attempts
      """;

  /**
   * The totals of the book.
   *
   * @param enqueued requests that entered the queue
   * @param done requests whose picture was stored
   * @param dead dead letters
   * @param waiting messages still in the queue
   * @param writes leads whose row in the CRM is still to be written
   * @param effects how often a lead's url was set
   * @param unwritten leads with a stored picture whose row was never written and never will be
   * @param doubled effects beyond one per request
   * @param attempts failures that were counted
   */
  record Balance(
      long enqueued,
      long done,
      long dead,
      long waiting,
      long writes,
      long effects,
      long unwritten,
      long doubled,
      long attempts) {

    /**
     * Returns the number of lost requests: neither done nor dead nor waiting, or done and never
     * shown. The number is negative when a request is in two places.
     */
    long lost() {
      return enqueued - done - dead - waiting + unwritten;
    }

    boolean isSettled() {
      return waiting == 0 && writes == 0;
    }
  }

  private final JdbcTemplate jdbc;

  private Ledger(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Opens the book in a database that has been migrated and has seen no request yet. */
  static Ledger open(JdbcTemplate jdbc) {
    List.of(TABLE, QUEUE, EFFECTS).forEach(jdbc::execute);
    return new Ledger(jdbc);
  }

  Balance balance() {
    return jdbc.queryForObject(
        BALANCE,
        (row, number) ->
            new Balance(
                row.getLong("enqueued"),
                row.getLong("done"),
                row.getLong("dead"),
                row.getLong("waiting"),
                row.getLong("writes"),
                row.getLong("effects"),
                row.getLong("unwritten"),
                row.getLong("doubled"),
                row.getLong("attempts")));
  }

  /** Counts the entries of one kind for a lead. */
  long count(String kind, String leadId) {
    return number(
        "SELECT count(*) FROM ledger.entries WHERE kind = ? AND lead_id = ?", kind, leadId);
  }

  long count(String kind) {
    return number("SELECT count(*) FROM ledger.entries WHERE kind = ?", kind);
  }

  /** Returns the highest number of entries of one kind for a single message. */
  long mostOfOne(String kind) {
    return number(
        """
        SELECT coalesce(max(n), 0)
        FROM (SELECT count(*) AS n FROM ledger.entries WHERE kind = ? GROUP BY message_id) AS per_message
        """,
        kind);
  }

  /** Returns the details of all entries of one kind, in order. */
  List<String> details(String kind) {
    return jdbc.queryForList(
        "SELECT detail FROM ledger.entries WHERE kind = ? ORDER BY id", String.class, kind);
  }

  private long number(String sql, Object... arguments) {
    var number = jdbc.queryForObject(sql, Long.class, arguments);
    return number == null ? 0 : number;
  }
}
