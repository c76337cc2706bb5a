package dev.profilepic.receiver.console;

import dev.profilepic.contract.EndpointKind;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.WebhookSecret;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Sample data for the pages: people with and without photos, and instances that do and do not work.
 */
final class World {

  private static final List<String> NAMES =
      List.of(
          "Ana Beatriz Moreira",
          "Bruno Carvalho",
          "Camila Nogueira",
          "Diego Santana",
          "Eduarda Pires",
          "Felipe Antunes",
          "Gabriela Teles",
          "Henrique Duarte",
          "Isabela Freitas",
          "João Pedro Lima",
          "Karina Azevedo",
          "Leonardo Braga",
          "Mariana Coelho",
          "Nelson Prado",
          "Olívia Rezende",
          "Paulo Tavares",
          "Queila Ramos",
          "Rafael Monteiro",
          "Sofia Barreto",
          "Tiago Vasconcelos",
          "Úrsula Farias",
          "Vitor Hugo Sales",
          "Wanda Queiroz",
          "Yasmin Cordeiro");

  private final JdbcClient jdbc;

  World(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Creates a lead in the CRM without a request for its photo. */
  String lead(@Nullable String name, @Nullable String phone, @Nullable String instance) {
    var id = UUID.randomUUID().toString();
    jdbc.sql("INSERT INTO public.leads (id, name, phone, instance_id) VALUES (?::uuid, ?, ?, ?)")
        .params(java.util.Arrays.asList(id, name, phone, instance))
        .update();
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(id)
        .update();
    return id;
  }

  /** Records the state of a lead's photo, and an entry in its history. */
  void picture(String lead, String phone, String instance, String state, String reason, int age) {
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, requested_at, checked_at, next_check_at, attempts, last_error)
            VALUES (:lead, :phone, :instance, :state, :reason, now() - :age * interval '1 minute' - interval '3 s',
              CASE WHEN :state <> 'PENDING' THEN now() - :age * interval '1 minute' END,
              CASE WHEN :state NOT IN ('PENDING', 'FAILED') THEN now() + interval '7 days' END,
              CASE :state WHEN 'FAILED' THEN 5 ELSE 0 END, CASE :state WHEN 'FAILED' THEN 'the bridge gave no answer within 20 s' END)
            """)
        .param("lead", lead)
        .param("phone", phone)
        .param("instance", instance)
        .param("state", state)
        .param("reason", reason)
        .param("age", age)
        .update();
    if (!state.equals("PENDING")) {
      history(lead, instance, reason, state, age);
    }
  }

  void history(String lead, String instance, String outcome, String state, int age) {
    jdbc.sql(
            """
            INSERT INTO profile_pic.picture_history (lead_id, at, outcome, state, instance_id, message_id)
            VALUES (?, now() - ? * interval '1 minute', ?, ?, ?, 1)
            """)
        .params(lead, age, outcome, state, instance)
        .update();
  }

  /** Stores a drawn face as the photo of a lead. */
  void face(String lead, int number) {
    var bytes = Portrait.of(number);
    var key = "test/" + lead;
    jdbc.sql(
            "INSERT INTO profile_pic.avatars (storage_key, content_type, bytes) VALUES (?, 'image/jpeg', ?)")
        .params(key, bytes)
        .update();
    jdbc.sql(
            """
            UPDATE profile_pic.pictures SET storage_key = ?, sha256 = encode(sha256(?), 'hex'), content_type = 'image/jpeg',
              bytes = length(?::bytea), width = 192, height = 192, fetched_at = checked_at
            WHERE lead_id = ?
            """)
        .params(key, bytes, bytes, lead)
        .update();
  }

  void instance(String id) {
    jdbc.sql("INSERT INTO profile_pic.instances (instance_id) VALUES (?) ON CONFLICT DO NOTHING")
        .param(id)
        .update();
  }

  long letter(String lead, String phone, String instance, String reason) {
    return jdbc.sql(
            """
            SELECT pgmq.send('profile_pic_dlq', jsonb_build_object('lead_id', ?::text, 'phone', ?::text, 'instance_id', ?::text, 'sync_type', 'webhook',
              'error', jsonb_build_object('reason', ?::text, 'detail', 'the bridge gave no answer within 20 s', 'attempts', 5)))
            """)
        .params(lead, phone, instance, reason)
        .query(Long.class)
        .single();
  }

  long endpoint(String url, @Nullable String instance) {
    var secret =
        new SourceCredentials(ReceiverTest.SOURCES_KEY)
            .seal(
                WebhookSecret.generate(),
                new SourceCredentials.Endpoint(EndpointKind.WEBHOOK, url));
    return jdbc.sql(
            """
            INSERT INTO profile_pic.webhook_endpoints (kind, url, events, instances, secret, description)
            VALUES ('webhook', ?, ARRAY['picture.stored', 'picture.changed'], CASE WHEN ?::text IS NOT NULL THEN ARRAY[?::text] END, ?, 'CRM')
            RETURNING id
            """)
        .params(java.util.Arrays.asList(url, instance, instance, secret))
        .query(Long.class)
        .single();
  }

  long delivery(long endpoint, String lead, String instance, String state) {
    return jdbc.sql(
            """
            WITH event AS (
              INSERT INTO profile_pic.webhook_events (type, instance_id, lead_id, data, spread) VALUES ('picture.stored', ?, ?, '{}', true) RETURNING id
            )
            INSERT INTO profile_pic.webhook_deliveries (endpoint_id, event_id, state, attempts, tried_at, status, detail)
            SELECT ?, e.id, ?, 3, now(), 503, 'answered 503' FROM event AS e RETURNING id
            """)
        .params(instance, lead, endpoint, state)
        .query(Long.class)
        .single();
  }

  long sync(String instance, String state, int total, int done) {
    jdbc.sql("UPDATE profile_pic.syncs SET state = 'DONE' WHERE instance_id = ?")
        .param(instance)
        .update();
    long id =
        jdbc.sql(
                """
                INSERT INTO profile_pic.syncs (instance_id, kind, state, total, batch_size, created_at, finished_at)
                VALUES (?, 'without_photo', ?, ?, 500, now() - interval '12 minutes', CASE WHEN ? IN ('DONE', 'CANCELLED') THEN now() END) RETURNING id
                """)
            .params(instance, state, total, state)
            .query(Long.class)
            .single();
    jdbc.sql(
            """
            INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n)
            VALUES (:id, 'STORED', :done * 7 / 10), (:id, 'NOT_SET', :done * 2 / 10), (:id, 'HIDDEN', :done - :done * 7 / 10 - :done * 2 / 10),
              (:id, 'waiting', :total - :done)
            """)
        .param("id", id)
        .param("done", done)
        .param("total", total)
        .update();
    return id;
  }

  /** Creates figures of the last day, with a load that rises and falls in waves. */
  void figures() {
    jdbc.sql("DELETE FROM profile_pic.minute_figures").update();
    jdbc.sql(
            """
            WITH minutes AS (
              SELECT date_trunc('minute', now()) - n * interval '1 minute' AS minute, 12 + 10 * sin(n / 9.0) + 6 * sin(n / 2.3) AS load
              FROM generate_series(0, 1440) AS n
            )
            INSERT INTO profile_pic.minute_figures (instance_id, minute, figure, value)
            SELECT i, minute, f, greatest(0, round((load * share)::numeric))
            FROM minutes
            CROSS JOIN (VALUES ('outcome.STORED', 1.0), ('outcome.UNCHANGED', 0.5), ('outcome.NOT_SET', 0.3), ('outcome.HIDDEN', 0.2),
              ('depth.paced', 1.6), ('depth.ready', 0.4), ('depth.leased', 0.3), ('depth.delayed', 0.1), ('depth.oldest', 0.25),
              ('seconds.2', 0.9), ('seconds.5', 0.6), ('seconds.10', 0.3), ('seconds.30', 0.1), ('event.evolution.queued', 1.2),
              ('event.evolution.duplicate', 0.8), ('event.waha.queued', 0.4), ('event.waha.ignored', 0.7)) AS s (f, share)
            CROSS JOIN unnest(ARRAY['', 'vendas']) AS i
            WHERE i = '' OR f LIKE 'outcome.%'
            """)
        .update();
    report();
  }

  /** Reports a running worker. */
  void report() {
    jdbc.sql(
            "INSERT INTO profile_pic.worker_reports (worker, seen_at) VALUES ('test', now()) ON CONFLICT (worker) DO UPDATE SET seen_at = now()")
        .update();
  }

  /**
   * Creates all sample data for viewing the pages. Returns the lead with the most detailed page.
   */
  String furnish() {
    figures();
    List.of("vendas", "suporte", "recife").forEach(this::instance);
    jdbc.sql(
            """
            UPDATE profile_pic.instances SET pace_per_minute = 60, quiet_from = '22:00', quiet_to = '07:00', quiet_zone = 'America/Sao_Paulo'
            WHERE instance_id = 'vendas'
            """)
        .update();
    jdbc.sql(
            "UPDATE profile_pic.instances SET quiet_from = NULL, quiet_to = NULL, quiet_zone = NULL WHERE instance_id = 'vendas' AND profile_pic.rests_until(instances) > now()")
        .update();
    var states = List.of("NOT_SET", "HIDDEN", "FAILED", "NOT_ON_WHATSAPP", "PENDING");
    var told = "";
    for (int i = NAMES.size() - 1; i >= 0; i--) {
      var phone = "55629" + (91_000_000 + i * 137_711);
      var instance = i % 5 == 4 ? "suporte" : "vendas";
      var lead = lead(NAMES.get(i), phone, instance);
      var state = i % 4 == 3 ? states.get(i / 4 % states.size()) : "STORED";
      if (state.equals("HIDDEN")) {
        history(lead, instance, "STORED", "STORED", 61_000);
        history(lead, instance, "NOT_SET", "NOT_SET", 20_000);
      }
      picture(
          lead,
          phone,
          instance,
          state,
          switch (state) {
            case "FAILED" -> "NO_ANSWER";
            case "PENDING" -> "QUEUED";
            default -> state;
          },
          3 + i * 11);
      if (state.equals("STORED")) {
        face(lead, i);
      } else if (state.equals("FAILED")) {
        letter(lead, phone, instance, "NO_ANSWER");
      } else if (state.equals("HIDDEN")) {
        told = lead;
      }
    }
    letter(told, "5562991000000", "vendas", "BAD_IMAGE");
    sync("vendas", "RUNNING", 4200, 1830);
    sync("suporte", "DONE", 960, 960);
    long endpoint = endpoint("https://crm.example.com/hooks/photos", null);
    delivery(endpoint, told, "vendas", "delivered");
    delivery(endpoint, told, "vendas", "failed");
    jdbc.sql(
            """
            INSERT INTO profile_pic.unrecognised_webhooks (kind, instance_id, seen, sample)
            VALUES ('auto', 'recife', 3, '{"event": "message.poll", "data": {"id": "…", "votes": ["…"]}}') ON CONFLICT DO NOTHING
            """)
        .update();
    jdbc.sql(
            """
            INSERT INTO profile_pic.instance_events (instance_id, at, state, before, reason)
            VALUES ('vendas', now() - interval '3 hours', 'down', 'open', 'INSTANCE_DOWN'), ('vendas', now() - interval '2 hours 50 minutes', 'open', 'down', NULL)
            """)
        .update();
    jdbc.sql(
            """
            INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances, last_used_at, expires_at)
            VALUES ('crm', sha256('a'), '{ingest}', NULL, now(), NULL), ('maria', sha256('b'), '{operate,read}', NULL, now() - interval '2 hours', now() + interval '90 days'),
              ('recife', sha256('c'), '{ingest,read}', '{recife}', NULL, NULL)
            ON CONFLICT DO NOTHING
            """)
        .update();
    jdbc.sql("SELECT profile_pic.change_instance('recife', '{\"paused\": true}', NULL, 'maria')")
        .query(Boolean.class)
        .single();
    jdbc.sql("SELECT profile_pic.change_instance('recife', '{\"paused\": false}', NULL, 'maria')")
        .query(Boolean.class)
        .single();
    return told;
  }
}
