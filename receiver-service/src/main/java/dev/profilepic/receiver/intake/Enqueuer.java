package dev.profilepic.receiver.intake;

import dev.profilepic.contract.ArrayParameters;
import dev.profilepic.contract.ArrayParameters.Column;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.intake.Receipt.Status;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The receiver's SQL of the queue: requests in, receipts out, in one transaction. */
@Component
class Enqueuer {

  private final JdbcTemplate jdbc;
  private final DatabaseCalls database;

  /** The parallel arrays of {@code profile_pic.enqueue}, in the order of its parameters. */
  private final ArrayParameters<PhotoRequest> parameters;

  private final String enqueue;

  Enqueuer(JdbcTemplate jdbc, DatabaseCalls database, ErasureKey erasures) {
    this.jdbc = jdbc;
    this.database = database;
    this.parameters =
        new ArrayParameters<>(
            List.of(
                new Column<>("text", PhotoRequest::leadId),
                new Column<>("text", PhotoRequest::phone),
                new Column<>("text", PhotoRequest::profilePicUrl),
                new Column<>("text", PhotoRequest::instanceId),
                new Column<>("timestamptz", request -> request.timestamp().toString()),
                new Column<>("text", PhotoRequest::syncType),
                new Column<>("boolean", PhotoRequest::forceUpdate),
                new Column<>("boolean", PhotoRequest::sibling),
                new Column<>("text", PhotoRequest::traceparent),
                new Column<>("text", PhotoRequest::callerInstances),
                new Column<>(
                    "text", request -> erasures.digest(new PhoneNumber(request.phone())))));
    this.enqueue =
        "SELECT status, lead_id, message_id FROM profile_pic.enqueue(%s) ORDER BY ordinal"
            .formatted(parameters.placeholders());
  }

  /**
   * Puts requests into the queue. When this returns, they are durable.
   *
   * @return a receipt for each request, in their order
   * @throws org.springframework.dao.DataAccessException when it is unknown whether they were
   *     written
   */
  List<Receipt> enqueue(List<PhotoRequest> requests) {
    return Objects.requireNonNull(jdbc.execute(inBatch(requests)));
  }

  /**
   * Puts requests into the queue in the calling thread, for a limited time.
   *
   * @throws ProblemException 503 when the database does not answer in time
   */
  List<Receipt> enqueueInTime(List<PhotoRequest> requests) {
    return database.inThisThread(jdbc, inBatch(requests));
  }

  private ConnectionCallback<List<Receipt>> inBatch(List<PhotoRequest> requests) {
    return connection -> {
      try (var call = connection.prepareStatement(enqueue)) {
        parameters.set(call, requests);
        return receipts(call.executeQuery());
      }
    };
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
