package dev.profilepic.receiver.intake;

import dev.profilepic.receiver.intake.Receipt.Status;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The queue's SQL: wishes in, receipts out, in one transaction. */
@Component
class Enqueuer {

  private static final String ENQUEUE =
      "SELECT status, lead_id, message_id FROM profile_pic.enqueue(:wishes::jsonb) ORDER BY ordinal";

  private final JdbcClient jdbc;
  private final JsonMapper json;

  Enqueuer(JdbcClient jdbc, JsonMapper json) {
    this.jdbc = jdbc;
    this.json = json;
  }

  /**
   * Puts wishes into the queue. When this returns, they are durable.
   *
   * @return a receipt for each wish, in their order
   * @throws org.springframework.dao.DataAccessException when nothing is known to be written
   */
  List<Receipt> enqueue(List<Wish> wishes) {
    var array = json.createArrayNode();
    wishes.forEach(wish -> array.add(toJson(wish)));
    return jdbc.sql(ENQUEUE).param("wishes", array.toString()).query(Enqueuer::receipt).list();
  }

  private ObjectNode toJson(Wish wish) {
    return json.createObjectNode()
        .put("lead_id", wish.leadId())
        .put("phone", wish.phone())
        .put("profile_pic_url", wish.profilePicUrl())
        .put("instance_id", wish.instanceId())
        .put("timestamp", wish.timestamp().toString())
        .put("sync_type", wish.syncType())
        .put("force_update", wish.forceUpdate())
        .put("traceparent", wish.traceparent())
        .put("sibling", wish.sibling());
  }

  private static Receipt receipt(ResultSet row, int number) throws SQLException {
    return new Receipt(
        Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
        row.getString("lead_id"),
        row.getObject("message_id", Long.class));
  }
}
