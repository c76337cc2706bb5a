package dev.profilepic.worker.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.FakeBridge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faults planted into a set-up that is otherwise healthy. The doctor names each fault with its
 * remedy, and names no other fault.
 */
class PlantedFaultsTest extends ExaminationTest {

  PlantedFaultsTest() throws IOException {}

  /** Does the damage. */
  @FunctionalInterface
  interface Damage {
    void to(SetUp setup);
  }

  /**
   * A fault.
   *
   * @param check the check that must find the fault
   * @param found a part of the finding's text
   * @param remedy a part of the remedy's text
   */
  record Fault(String check, String found, String remedy, Damage damage) {
    @Override
    public String toString() {
      return check + ": " + found;
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultIsNamedWithItsRemedy(Fault fault) throws InterruptedException {
    fault.damage().to(setup);
    var said = setup.examine("--quiet");

    assertThat(said.problems()).as(said.text()).containsExactly(fault.check());
    assertThat(said.text()).contains(fault.found(), fault.remedy());
    assertThat(said.status()).isEqualTo(1);
  }

  static Stream<Fault> faults() {
    return Stream.of(
        variable(
            "settings", "ERASURE_KEY is not set", "openssl rand", "PROFILE_PIC_ERASURE_KEY", ""),
        variable(
            "settings",
            "PROFILE_PIC_AVATARS_SIGNING_SECRET is the secret of local mode",
            "a secret of your own",
            "PROFILE_PIC_AVATARS_SIGNING_SECRET",
            "local-avatar-signing-secret"),
        variable(
            "settings",
            "PROFILE_PIC_BOOTSTRAP_KEY has less than 24",
            "openssl rand",
            "PROFILE_PIC_BOOTSTRAP_KEY",
            "too-short"),
        variable(
            "settings", "no key", "32 bytes in base64", "PROFILE_PIC_SOURCES_KEY", "not a key"),
        sql(
            "database",
            "read-only",
            "enlarge the disk",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$"),
        variable(
            "pooler",
            "none of direct, session and transaction",
            "direct for nothing",
            "PROFILE_PIC_DATABASE_CONNECTION",
            "statement"),
        variable(
            "connections",
            "the server allows",
            "Raise max_connections",
            "PROFILE_PIC_RECEIVER_CONNECTIONS",
            "1000"),
        sql(
            "queue",
            "PGMQ 1.4.4 is too old",
            "ALTER EXTENSION pgmq UPDATE",
            "UPDATE pg_extension SET extversion = '1.4.4' WHERE extname = 'pgmq'"),
        sql(
            "queue",
            "profile_pic_dlq is unlogged",
            "SET LOGGED",
            "ALTER TABLE pgmq.q_profile_pic_dlq SET UNLOGGED"),
        sql(
            "migrations",
            "migrations did not run",
            "Run the migrations",
            "DELETE FROM profile_pic.flyway_schema_history WHERE description = '25 refreshes'"),
        variable(
            "migrations",
            "other names of the CRM's table",
            "Run the migrations",
            "PROFILE_PIC_LEADS_NAME_COLUMN",
            "nickname"),
        sql(
            "leads",
            "no column profile_pic_storage_path",
            "Run the migrations",
            "ALTER TABLE public.leads DROP COLUMN profile_pic_storage_path"),
        sql(
            "leads",
            "no index begins with public.leads.id",
            "CREATE UNIQUE INDEX CONCURRENTLY ON public.leads (id)",
            "ALTER TABLE public.leads DROP CONSTRAINT leads_pkey"),
        sql(
            "leads",
            "updated_at is of type text",
            "timestamp with time zone",
            "ALTER TABLE public.leads ALTER COLUMN updated_at TYPE text"),
        sql(
            "leads",
            "profile_pic_url takes 100 characters",
            "ALTER COLUMN profile_pic_url TYPE text",
            "ALTER TABLE public.leads ALTER COLUMN profile_pic_url TYPE varchar(100)"),
        sql(
            "leads",
            "found by phone is missing",
            "CREATE INDEX lead_phones_suffix",
            "DROP INDEX profile_pic.lead_phones_suffix"),
        sql(
            "triggers",
            "profile_pic_lead_changed is missing",
            "Run the migrations",
            "DROP TRIGGER profile_pic_lead_changed ON public.leads"),
        sql(
            "triggers",
            "profile_pic_lead_inserted is disabled",
            "ENABLE TRIGGER profile_pic_lead_inserted",
            "ALTER TABLE public.leads DISABLE TRIGGER profile_pic_lead_inserted"),
        sql(
            "roles",
            "profile_pic_worker may not log in",
            "ALTER ROLE profile_pic_worker LOGIN",
            "ALTER ROLE profile_pic_worker NOLOGIN"),
        sql(
            "roles",
            "\"profile_pic_receiver\" may not call match_leads",
            "Run the migrations",
            "DO $$ BEGIN EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM profile_pic_receiver', (SELECT oid::regprocedure FROM pg_proc WHERE proname = 'match_leads')); END $$"),
        sql(
            "row security",
            "hides rows of leads from profile_pic_owner",
            "ALTER ROLE profile_pic_owner BYPASSRLS",
            "ALTER ROLE profile_pic_owner NOBYPASSRLS; ALTER TABLE public.leads ENABLE ROW LEVEL SECURITY"),
        sql(
            "row security",
            "none of the leads that we know is to be seen",
            "PROFILE_PIC_LEADS_TABLE",
            "INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) VALUES ('gone', '5562999212484', now())"),
        sql(
            "api keys",
            "no API key is valid",
            "bin/api-key create",
            "UPDATE profile_pic.api_keys SET expires_at = now() - interval '1 hour'"),
        sql(
            "api keys",
            "is that of local mode",
            "bin/api-key revoke easy",
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES ('easy', sha256('local-dev-key'), '{ingest}')"),
        sql(
            "dead rows",
            "autovacuum is off for pgmq.q_profile_pic_queue",
            "RESET (autovacuum_enabled)",
            "ALTER TABLE pgmq.q_profile_pic_queue SET (autovacuum_enabled = false)"),
        sql(
            "backlog",
            "1 rows of the CRM could not be written for 10 minutes and more; one was refused: 23514",
            "lead_writes_waiting",
            "INSERT INTO profile_pic.lead_writes (lead_id, since, error) VALUES ('1', now() - interval '1 hour', '23514 no links')"),
        sql(
            "backlog",
            "waits for 20 minutes",
            "Is a worker running",
            "UPDATE pgmq.q_profile_pic_queue SET vt = now() - interval '20 minutes'"),
        sql(
            "backlog",
            "still known to the bridge",
            "PROFILE_PIC_BRIDGE_URL",
            "INSERT INTO profile_pic.bridge_erasures (person, attempts, error, created_at) VALUES ('x', 9, 'it answered 503', now() - interval '1 day')"),
        new Fault("receiver", "does not answer", "Start it", setup -> setup.receiver.close()),
        new Fault(
            "worker",
            "not ready",
            "Its log says why",
            setup ->
                setup.worker.answers(
                    "/actuator/", FakeBridge.json(503, "{\"status\":\"OUT_OF_SERVICE\"}"))),
        new Fault(
            "webhooks",
            "refuses what is signed",
            "BRIDGE_WEBHOOK_SECRET",
            setup -> setup.receiver.signedWith("another-webhook-secret")),
        new Fault(
            "webhooks",
            "takes what a stranger signed",
            "in its place",
            setup ->
                setup.receiver.answers(
                    "/webhooks/", FakeBridge.json(202, "{\"status\":\"ignored\"}"))),
        new Fault(
            "webhooks",
            "answers a webhook with 405",
            "pass POST /webhooks/",
            setup -> setup.receiver.answers("/webhooks/", FakeBridge.json(405, "{}"))),
        new Fault(
            "photo links",
            "leads nowhere but on the receiver's machine",
            "PROFILE_PIC_AVATARS_BASE_URL",
            setup -> setup.variables.put("PROFILE_PIC_AVATARS_BASE_URL", setup.receiver.url())),
        new Fault(
            "photo links",
            "to a login (302)",
            "without a login",
            setup ->
                setup.receiver.answers(
                    "/avatars/",
                    exchange -> {
                      exchange.getResponseHeaders().set("Location", "/login");
                      exchange.sendResponseHeaders(302, -1);
                    })),
        new Fault(
            "photo links",
            "answers a forged link with 200, text/html",
            "pass GET /avatars/",
            setup ->
                setup.receiver.answers(
                    "/avatars/",
                    FakeBridge.bytes(200, "text/html", "<html>".getBytes(StandardCharsets.UTF_8)))),
        new Fault(
            "bridge", "cannot be reached", "PROFILE_PIC_BRIDGE_URL", setup -> setup.bridge.close()),
        new Fault(
            "bridge",
            "refuses our token",
            "PROFILE_PIC_BRIDGE_TOKEN",
            setup -> setup.bridge.overview(FakeBridge.json(401, "{}"))),
        new Fault(
            "bridge",
            "has no WhatsApp number",
            "BRIDGE_INSTANCES",
            setup -> setup.bridge.overview(FakeBridge.json(200, "{\"instances\":[]}"))),
        new Fault(
            "bridge",
            "lookups may take 40 s",
            "PROFILE_PIC_BRIDGE_TIMEOUT",
            setup ->
                setup.bridge.overview(
                    FakeBridge.json(
                        200, "{\"instances\":[{\"id\":\"demo\"}],\"longest_lookup_ms\":40000}"))),
        new Fault(
            "instances",
            "demo cannot be asked: the instance is not connected",
            "scan its code",
            setup ->
                setup.bridge.allOtherLookups(
                    FakeBridge.json(503, "{\"status\":\"disconnected\"}"))),
        new Fault(
            "instances",
            "demo got no answer",
            "pair it again",
            setup ->
                setup.bridge.allOtherLookups(FakeBridge.json(504, "{\"status\":\"no_answer\"}"))),
        sql(
            "instances",
            "evo cannot be asked",
            "PROFILE_PIC_SOURCES_TRUSTED_ORIGINS of receiver and workers, and of the doctor",
            "INSERT INTO profile_pic.instances (instance_id, source_kind, source_url) VALUES ('evo', 'evolution', 'http://10.0.0.1'); INSERT INTO public.leads (id, phone, instance_id) VALUES (gen_random_uuid(), '5562999212485', 'evo')"),
        new Fault(
            "clocks",
            "s behind this machine's",
            "time server",
            setup -> setup.clockIsAhead = Duration.ofMinutes(10)));
  }

  private static Fault sql(String check, String found, String remedy, String sql) {
    return new Fault(check, found, remedy, setup -> setup.jdbc.execute(sql));
  }

  private static Fault variable(
      String check, String found, String remedy, String name, String value) {
    return new Fault(check, found, remedy, setup -> setup.variables.put(name, value));
  }
}
