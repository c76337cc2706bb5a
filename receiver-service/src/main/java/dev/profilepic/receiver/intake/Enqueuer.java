package dev.profilepic.receiver.intake;

import dev.profilepic.contract.ArrayParameters;
import dev.profilepic.contract.ArrayParameters.Column;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.intake.Receipt.Status;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The queue's SQL: requests in, receipts out, in one transaction. */
@Component
class Enqueuer {

  private final JdbcTemplate jdbc;

  /** The parallel arrays of {@code profile_pic.enqueue}, in the order of its parameters. */
  private final ArrayParameters<Wish> requests;

  private final String enqueue;

  Enqueuer(JdbcTemplate jdbc, ErasureKey erasures) {
    this.jdbc = jdbc;
    this.requests =
        new ArrayParameters<>(
            List.of(
                new Column<>("text", Wish::leadId),
                new Column<>("text", Wish::phone),
                new Column<>("text", Wish::profilePicUrl),
                new Column<>("text", Wish::instanceId),
                new Column<>("timestamptz", wish -> wish.timestamp().toString()),
                new Column<>("text", Wish::syncType),
                new Column<>("boolean", Wish::forceUpdate),
                new Column<>("boolean", Wish::sibling),
                new Column<>("text", Wish::traceparent),
                new Column<>("text", Wish::callerInstances),
                new Column<>("text", wish -> erasures.digest(new PhoneNumber(wish.phone())))));
    this.enqueue =
        "SELECT status, lead_id, message_id FROM profile_pic.enqueue(%s) ORDER BY ordinal"
            .formatted(requests.placeholders());
  }

  /**
   * Puts requests into the queue. When this returns, they are durable.
   *
   * @return a receipt for each request, in their order
   * @throws org.springframework.dao.DataAccessException when nothing is known to be written
   */
  List<Receipt> enqueue(List<Wish> wishes) {
    var receipts =
        jdbc.execute(
            (ConnectionCallback<List<Receipt>>)
                connection -> {
                  try (var call = connection.prepareStatement(enqueue)) {
                    requests.set(call, wishes);
                    return receipts(call.executeQuery());
                  }
                });
    if (receipts == null) {
      throw new IllegalStateException("enqueue answered nothing");
    }
    return receipts;
  }

  private static List<Receipt> receipts(ResultSet rows) throws SQLException {
    var receipts = new ArrayList<Receipt>();
    while (rows.next()) {
      receipts.add(
          new Receipt(
              Status.valueOf(rows.getString("status").toUpperCase(Locale.ROOT)),
              rows.getString("lead_id"),
              rows.getObject("message_id", Long.class)));
    }
    return receipts;
  }
}
