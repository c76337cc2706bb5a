package dev.profilepic.receiver.tenants;

import dev.profilepic.contract.EndpointKind;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.WebhookSecret;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * One item of each kind that belongs to an instance.
 *
 * @param instance the owner of all items; for a lead without an owner, an instance that the CRM
 *     does not name
 * @param lead a lead with a dead letter, a photo and a history
 * @param phone the lead's phone, which no other lead has
 */
record Tenant(String instance, String lead, String phone, long letter, long sync, long endpoint) {

  /** The way in which an instance owns a lead. */
  enum Owned {
    BY_THE_CRM,
    ON_RECORD,
    BY_NOBODY
  }

  /** Returns a tenant without any existing item. */
  static Tenant missing() {
    long number = ThreadLocalRandom.current().nextLong(1L << 60, Long.MAX_VALUE - 1);
    return new Tenant(
        "missing_" + number,
        UUID.randomUUID().toString(),
        newPhone(),
        number,
        number + 1,
        number + 2);
  }

  static Tenant create(JdbcClient jdbc, String instance, Owned owned) {
    var lead = UUID.randomUUID().toString();
    var phone = newPhone();
    jdbc.sql("INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, ?, ?)")
        .param(lead)
        .param(phone)
        .param(owned == Owned.BY_THE_CRM ? instance : null)
        .update();
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(lead)
        .update();
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, storage_key, sha256, requested_at)
            VALUES (?, ?, ?, 'STORED', 'k/' || ?, repeat('ab', 32), now() - interval '1 hour')
            """)
        .param(lead)
        .param(phone)
        .param(owned == Owned.ON_RECORD ? instance : null)
        .param(lead)
        .update();
    jdbc.sql(
            "INSERT INTO profile_pic.picture_history (lead_id, outcome, state, message_id) VALUES (?, 'STORED', 'STORED', 1)")
        .param(lead)
        .update();
    jdbc.sql("INSERT INTO profile_pic.instances (instance_id) VALUES (?) ON CONFLICT DO NOTHING")
        .param(instance)
        .update();
    jdbc.sql(
            """
            INSERT INTO profile_pic.unrecognised_webhooks (kind, instance_id, seen, sample) VALUES ('auto', ?, 1, '{}')
            ON CONFLICT DO NOTHING
            """)
        .param(instance)
        .update();
    return new Tenant(
        instance,
        lead,
        phone,
        letter(jdbc, lead, phone, instance),
        sync(jdbc, instance),
        endpoint(jdbc, instance));
  }

  /** Creates a dead letter for the lead, which may name any instance. */
  static long letter(JdbcClient jdbc, String lead, String phone, @Nullable String instance) {
    return jdbc.sql(
            """
            SELECT pgmq.send('profile_pic_dlq', jsonb_build_object('lead_id', ?::text, 'phone', ?::text, 'instance_id', ?::text,
              'force_update', true, 'error', jsonb_build_object('reason', 'NO_ANSWER')))
            """)
        .param(lead)
        .param(phone)
        .param(instance)
        .query(Long.class)
        .single();
  }

  private static long sync(JdbcClient jdbc, String instance) {
    jdbc.sql("UPDATE profile_pic.syncs SET state = 'DONE' WHERE instance_id = ?")
        .param(instance)
        .update();
    return jdbc.sql(
            "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES (?, 'list', 0, 1) RETURNING id")
        .param(instance)
        .query(Long.class)
        .single();
  }

  private static long endpoint(JdbcClient jdbc, String instance) {
    var url = "https://example.com/hooks/" + instance;
    var secret =
        new SourceCredentials(ReceiverTest.SOURCES_KEY)
            .seal(
                WebhookSecret.generate(),
                new SourceCredentials.Endpoint(EndpointKind.WEBHOOK, url));
    return jdbc.sql(
            """
            INSERT INTO profile_pic.webhook_endpoints (kind, url, events, instances, secret)
            VALUES ('webhook', ?, ARRAY['lead.failed'], ARRAY[?], ?) RETURNING id
            """)
        .params(url, instance, secret)
        .query(Long.class)
        .single();
  }

  private static String newPhone() {
    return "5562" + ThreadLocalRandom.current().nextInt(60_000_000, 90_000_000);
  }

  /** Returns all data of the tenant that a call could change. */
  String traces(JdbcClient jdbc) {
    return jdbc.sql(
            """
            SELECT concat_ws(' | ',
              (SELECT row_to_json(p) FROM profile_pic.pictures AS p WHERE lead_id = :lead),
              (SELECT json_agg(h.id) FROM profile_pic.picture_history AS h WHERE lead_id = :lead),
              (SELECT json_agg(r) FROM profile_pic.requests AS r WHERE lead_id = :lead),
              (SELECT json_agg(q.message) FROM pgmq.q_profile_pic_queue AS q WHERE message ->> 'lead_id' = :lead),
              (SELECT json_agg(d.msg_id) FROM pgmq.q_profile_pic_dlq AS d WHERE message ->> 'lead_id' = :lead),
              (SELECT json_agg(s ORDER BY s.id) FROM profile_pic.syncs AS s WHERE instance_id = :instance),
              (SELECT json_agg(e) FROM profile_pic.webhook_endpoints AS e WHERE :instance = ANY (e.instances)),
              (SELECT row_to_json(i) FROM profile_pic.instances AS i WHERE instance_id = :instance))
            """)
        .param("lead", lead)
        .param("instance", instance)
        .query(String.class)
        .single();
  }

  /** Removes the tenant's ids, and the path and time of the request, from a response. */
  String anonymous(String text) {
    return text.replaceAll("\"(instance|timestamp)\":\"[^\"]*\"", "")
        .replace(lead, "LEAD")
        .replace(phone, "PHONE")
        .replace(instance, "INSTANCE");
  }
}
