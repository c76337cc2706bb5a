package dev.profilepic.receiver.support;

import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Works the real queue by hand: the SQL that a worker runs, one message at a time. */
public final class QueueHand {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JdbcClient jdbc;

  public QueueHand(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Leases the oldest message of a lead and settles it. */
  public void settle(String leadId, String outcome) {
    settle(leadId, outcome, Map.of());
  }

  public void settle(String leadId, String outcome, Map<String, Object> more) {
    var message =
        jdbc.sql(
                """
                UPDATE pgmq.q_profile_pic_queue SET read_ct = read_ct + 1, vt = now() + interval '1 minute'
                WHERE msg_id = (SELECT min(msg_id) FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?)
                RETURNING msg_id, read_ct, message ->> 'phone' AS phone, message ->> 'instance_id' AS instance_id
                """)
            .param(leadId)
            .query()
            .singleRow();
    var row = JSON.createObjectNode();
    row.put("msg_id", (Long) message.get("msg_id"));
    row.put("read_ct", (Integer) message.get("read_ct"));
    row.put("action", outcome.equals("NO_ANSWER") ? "dead" : "complete");
    row.put("outcome", outcome);
    row.put("lead_id", leadId);
    row.put("phone", (String) message.get("phone"));
    row.put("instance_id", (String) message.get("instance_id"));
    row.put("attempts", 0);
    row.put("next_check_ms", 604_800_000);
    row.put("requested_at", requestedAt(leadId));
    more.forEach((name, value) -> row.set(name, JSON.valueToTree(value)));
    jdbc.sql("SELECT profile_pic.settle(?::jsonb, '{}'::bytea[])")
        .param(JSON.createArrayNode().add(row).toString())
        .query(Long.class)
        .list();
  }

  /** Settles whatever waits for these leads. */
  public void settleAll(List<String> leadIds, String outcome) {
    leadIds.forEach(lead -> settle(lead, outcome));
  }

  private String requestedAt(String leadId) {
    return jdbc.sql(
            """
            SELECT coalesce((SELECT to_json(requested_at) #>> '{}' FROM profile_pic.pictures WHERE lead_id = ?), now()::text)
            """)
        .param(leadId)
        .query(String.class)
        .single();
  }
}
