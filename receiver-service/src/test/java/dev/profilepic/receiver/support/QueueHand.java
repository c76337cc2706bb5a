package dev.profilepic.receiver.support;

import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Works the real queue by hand, with the SQL that a worker runs, one message at a time. */
public final class QueueHand {

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
    // A stored photo needs a row for its bytes.
    var key =
        more.getOrDefault("storage_key", outcome.equals("STORED") ? "avatars/" + leadId : null);
    if (key != null) {
      jdbc.sql(
              "INSERT INTO profile_pic.avatars (storage_key, content_type, bytes) VALUES (?, 'image/jpeg', '') ON CONFLICT DO NOTHING")
          .param(key)
          .update();
    }
    jdbc.sql("DELETE FROM profile_pic.waiting WHERE msg_id = ?")
        .param(message.get("msg_id"))
        .update();
    jdbc.sql(
            """
            SELECT msg_id FROM profile_pic.settle(ARRAY[:msg_id::bigint], ARRAY[:read_ct::integer], ARRAY[:action], ARRAY[0]::bigint[],
              ARRAY[:outcome], ARRAY[NULL::text], ARRAY[0], ARRAY[NULL::timestamptz], ARRAY[:lead_id::text], ARRAY[:phone::text],
              ARRAY[NULL::text], ARRAY[:instance_id::text], ARRAY[:requested_at::timestamptz], ARRAY[:source_url::text],
              ARRAY[NULL::text], ARRAY[:sha256::text], ARRAY[:content_type::text], ARRAY[NULL::integer], ARRAY[NULL::integer],
              ARRAY[NULL::integer], ARRAY[:storage_key::text], ARRAY[:lead_url::text], ARRAY[:next_check_ms::bigint],
              ARRAY[NULL::bigint], ARRAY[false], ARRAY[0], ARRAY[:known_sha256::text], ARRAY[false], ARRAY[NULL::bytea], ARRAY[now()], 'test', false)
            """)
        .param("msg_id", message.get("msg_id"))
        .param("read_ct", message.get("read_ct"))
        .param("action", outcome.equals("NO_ANSWER") ? "dead" : "complete")
        .param("outcome", outcome)
        .param("lead_id", leadId)
        .param("phone", message.get("phone"))
        .param("instance_id", message.get("instance_id"))
        .param("requested_at", requestedAt(leadId))
        .param("source_url", more.get("source_url"))
        .param("sha256", more.get("sha256"))
        .param("content_type", key == null ? null : "image/jpeg")
        .param("storage_key", key)
        .param("known_sha256", more.get("known_sha256"))
        .param("lead_url", more.get("lead_url"))
        .param("next_check_ms", more.getOrDefault("next_check_ms", 604_800_000))
        .query(Long.class)
        .list();
    jdbc.sql("SELECT lead_id FROM profile_pic.write_leads(ARRAY[?])")
        .param(leadId)
        .query(String.class)
        .list();
  }

  /** Settles the oldest message of each lead. */
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
