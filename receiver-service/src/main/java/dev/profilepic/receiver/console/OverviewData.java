package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The present condition of the whole system. */
@Component
class OverviewData {

  /**
   * The number of messages in the queue.
   *
   * @param ready may start now. Like all other fields except {@code paced}, it is null where the
   *     value is not known for the caller's instances alone
   * @param paced waits for its instance's turn
   * @param delayed comes back later
   * @param leased is being worked
   * @param dead dead letters
   * @param oldestReadySeconds how long the oldest of the ready messages has waited
   */
  record Queue(
      @Nullable Long ready,
      long paced,
      @Nullable Long delayed,
      @Nullable Long leased,
      @Nullable Long dead,
      double oldestReadySeconds) {

    /** The limit of a count. */
    private static final long MOST = 100_000;

    public long waiting() {
      return (ready == null ? 0 : ready) + paced;
    }

    public boolean isMore() {
      return waiting() >= MOST;
    }
  }

  private final JdbcClient jdbc;

  OverviewData(OperatorDatabase database) {
    this.jdbc = database.jdbc();
  }

  Queue queue(Caller caller) {
    return jdbc.sql("SELECT * FROM profile_pic.queue_state(?::text[])")
        .param(caller.reach())
        .query(OverviewData::queue)
        .single();
  }

  /** Returns the troubles, the worst first. */
  List<Trouble> troubles(Caller caller) {
    return jdbc.sql("SELECT * FROM profile_pic.list_troubles(?::text[])")
        .param(caller.reach())
        .query((row, number) ->
            new Trouble(
                row.getString("name"),
                row.getString("instance_id"),
                Times.orNull(row, "since"),
                Times.orNull(row, "until"),
                row.getString("reason")))
        .list();
  }

  private static Queue queue(ResultSet row, int number) throws SQLException {
    return new Queue(
        row.getObject("ready", Long.class),
        row.getLong("paced"),
        row.getObject("delayed", Long.class),
        row.getObject("leased", Long.class),
        row.getObject("dead", Long.class),
        row.getDouble("oldest_ready_seconds"));
  }
}
