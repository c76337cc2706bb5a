package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The settings that functions are planned with ({@code afterMigrate__plans.sql}). */
class PlansTest {

  private static final String PLANS = "afterMigrate__plans.sql";

  /** The settings that differ between the profiles: nested loops, hash joins, merge joins. */
  private static final Map<String, String> PROFILES =
      Map.of("on,on,on", "batches", "on,off,off", "probes", "off,on,on", "hashes");

  private static final Map<String, String> NAMED =
      named(
          Map.of(
              "batches",
              """
              enqueue adopt line_up lock_entries heal find_lines claim claim_batch settle hold_requests
              gather write_leads reconcile_leads walk_pictures phones_changed believe_lids
              """,
              "probes",
              """
              find_leads lock_leads update_leads forget_pending hold_background overtake_hours hold_leases
              leased renew release after_settle announce_removed free_leads feed_refreshes take_lead_changes drop_photos drop_lead_phones
              forget_history forget_archive forget_dead_letters forget_receipts forget_unmatched_events
              forget_lids forget_unrecognised forget_orphans forget_syncs forget_siblings
              forget_lost_requests forget_deleted_leads forget_audit forget_events lead_cards latest_leads
              lead_facts instance_facts lead_inserted
              """,
              "hashes",
              "put_requests answer_siblings"));

  /** Functions without an entry that only run inside of these profiles. */
  private static final Map<String, String> INSIDE =
      named(
          Map.of(
              "batches",
              """
              judge_requests overtake_batch half_head lease_messages line_after judge_results judge_photos
              write_results end_requests serve_joined end_messages
              """,
              "probes",
              "forget_missing forget_leads",
              "hashes",
              "move_joined"));

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    crm.execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text)");
    crm.migrate();
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void eachFunctionThatIsNamedHasItsProfileAndNoOtherHasOne() throws SQLException {
    assertThat(profiles()).isEqualTo(NAMED);
    assertThat(
            crm.column(
                """
                SELECT DISTINCT p.proname FROM pg_proc AS p CROSS JOIN unnest(p.proconfig) AS c
                WHERE p.pronamespace = 'profile_pic'::regnamespace AND split_part(c, '=', 1) IN (
                  'plan_cache_mode', 'jit', 'enable_seqscan', 'enable_bitmapscan', 'enable_nestloop', 'enable_hashjoin', 'enable_mergejoin')
                """))
        .containsExactlyInAnyOrderElementsOf(NAMED.keySet());
    assertThat(namesIn(read(PLANS))).containsExactlyInAnyOrderElementsOf(NAMED.keySet());
  }

  @Test
  void aFunctionWithoutAnEntryIsCalledByThoseOfOneProfileOnly() throws SQLException {
    var callers = callers();
    var profiles = profiles();
    var called =
        crm.column(
            """
            SELECT DISTINCT p.proname FROM pg_proc AS p
            WHERE p.pronamespace = 'profile_pic'::regnamespace
              AND (has_function_privilege('profile_pic_receiver', p.oid, 'EXECUTE') OR has_function_privilege('profile_pic_worker', p.oid, 'EXECUTE'))
            """);

    assertThat(called).doesNotContainAnyElementsOf(INSIDE.keySet());
    INSIDE.forEach((function, profile) ->
        assertThat(profilesAround(function, callers, profiles)).as(function).containsOnly(profile));
  }

  /** A joined table may be read whole, or searched with all keys for each row of the batch. */
  @Test
  void aBatchProbesTablesAndJoinsNone() throws SQLException {
    var inBatches = new TreeMap<>(NAMED);
    inBatches.putAll(INSIDE);
    inBatches.values().removeIf("probes"::equals);

    assertThat(
            crm.column(
                """
                SELECT concat_ws(': ', p.proname, joined[1]) FROM pg_proc AS p
                CROSS JOIN regexp_matches(p.prosrc, 'JOIN (?:profile_pic|pgmq)\\.\\w+ AS[^\\n]*', 'g') AS joined
                WHERE p.pronamespace = 'profile_pic'::regnamespace AND p.proname IN ('%s')
                """
                    .formatted(String.join("', '", inBatches.keySet()))))
        .isEmpty();
  }

  @Test
  void noOtherFilePinsAPlan() throws SQLException {
    var scripts =
        crm.column(
            "SELECT script FROM profile_pic.flyway_schema_history WHERE version IS NULL AND script LIKE 'R\\_\\_%'");

    assertThat(scripts)
        .isNotEmpty()
        .allSatisfy(script -> assertThat(read(script)).doesNotContain("force_generic_plan"));
  }

  @Test
  void aFunctionThatWasReplacedByHandGetsItsProfileBack() throws SQLException {
    var before = settings("lock_entries") + settings("put_requests") + settings("renew");
    for (var function : List.of("lock_entries", "put_requests", "renew")) {
      crm.execute(
          """
          DO $$ BEGIN
            EXECUTE regexp_replace(pg_get_functiondef('profile_pic.%s'::regproc), '\\n SET [^\\n]*', '', 'g');
          END $$
          """
              .formatted(function));
      assertThat(settings(function)).isEqualTo("null");
    }

    crm.migrate();

    assertThat(settings("lock_entries") + settings("put_requests") + settings("renew"))
        .isEqualTo(before);
  }

  @Test
  void aFunctionThatIsNamedNoLongerLosesItsProfileAndNothingElse() throws SQLException {
    var before = settings("judge_requests");
    crm.execute(
        """
        DO $$ BEGIN
          EXECUTE format('ALTER FUNCTION %s SET jit = off SET enable_seqscan = off', 'profile_pic.judge_requests'::regproc::regprocedure);
        END $$
        """);

    crm.migrate();

    assertThat(settings("judge_requests"))
        .isEqualTo(before)
        .isEqualTo("{\"search_path=pg_catalog, pg_temp\"}");
  }

  @Test
  void whatHasItsProfileIsNotWrittenAgain() throws SQLException {
    var rows =
        """
        SELECT concat_ws(' ', p.proname, p.xmin) FROM pg_proc AS p
        WHERE p.pronamespace = 'profile_pic'::regnamespace
          AND 'plan_cache_mode=force_generic_plan' = ANY (p.proconfig) ORDER BY 1
        """;
    var before = crm.column(rows);

    crm.execute(read(PLANS));

    assertThat(crm.column(rows)).isEqualTo(before).hasSizeGreaterThan(10);
  }

  /** Returns the functions that have a complete profile, each with the profile's name. */
  private Map<String, String> profiles() throws SQLException {
    return crm
        .column(
            """
            SELECT DISTINCT format('%s %s', p.proname, s.joins)
            FROM pg_proc AS p CROSS JOIN LATERAL (
              SELECT string_agg(split_part(c, '=', 2), ',' ORDER BY array_position(ARRAY['enable_nestloop', 'enable_hashjoin', 'enable_mergejoin'], split_part(c, '=', 1))) AS joins
              FROM unnest(p.proconfig) AS c WHERE split_part(c, '=', 1) IN ('enable_nestloop', 'enable_hashjoin', 'enable_mergejoin')) AS s
            WHERE p.pronamespace = 'profile_pic'::regnamespace
              AND p.proconfig @> ARRAY['plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'enable_bitmapscan=off', 'jit=off']
            """)
        .stream()
        .map(line -> line.split(" "))
        .collect(
            Collectors.toMap(line -> line[0], line -> PROFILES.getOrDefault(line[1], line[1])));
  }

  /** Returns the callers of each function in the project's schema, by the name of the function. */
  private Map<String, List<String>> callers() throws SQLException {
    return crm
        .column(
            """
            WITH ours AS (
              SELECT p.proname, pg_get_functiondef(p.oid) AS text FROM pg_proc AS p WHERE p.pronamespace = 'profile_pic'::regnamespace
            )
            SELECT DISTINCT format('%s %s', f.proname, c.proname) FROM ours AS f
            JOIN ours AS c ON position('profile_pic.' || f.proname || '(' IN c.text) > 0 AND c.proname <> f.proname
            """)
        .stream()
        .map(line -> line.split(" "))
        .collect(
            Collectors.groupingBy(
                line -> line[0], Collectors.mapping(line -> line[1], Collectors.toList())));
  }

  /**
   * Returns the profiles that a function may run in. "none" stands for a chain of callers without a
   * profile.
   */
  private static List<String> profilesAround(
      String function, Map<String, List<String>> callers, Map<String, String> profiles) {
    var own = profiles.get(function);
    if (own != null) {
      return List.of(own);
    }
    var around = callers.getOrDefault(function, List.of());
    return around.isEmpty()
        ? List.of("none")
        : around.stream()
            .flatMap(caller -> profilesAround(caller, callers, profiles).stream())
            .distinct()
            .toList();
  }

  private String settings(String function) throws SQLException {
    return crm.column(
            "SELECT array_agg(c ORDER BY c) FROM pg_proc AS p CROSS JOIN unnest(p.proconfig) AS c WHERE p.oid = 'profile_pic.%s'::regproc"
                .formatted(function))
        .getFirst();
  }

  private static List<String> namesIn(String plans) {
    var lists =
        Pattern.compile("in_\\w+ constant text\\[\\] := ARRAY\\[([^\\]]*)\\]").matcher(plans);
    return lists
        .results()
        .flatMap(list -> Pattern.compile("'(\\w+)'").matcher(list.group(1)).results())
        .map(name -> name.group(1))
        .toList();
  }

  private static Map<String, String> named(Map<String, String> byProfile) {
    var profiles = new HashMap<String, String>();
    byProfile.forEach((profile, names) ->
        Stream.of(names.strip().split("\\s+")).forEach(name -> profiles.put(name, profile)));
    return new TreeMap<>(profiles);
  }

  private static String read(String script) {
    try (var in = PlansTest.class.getResourceAsStream("/db/migration/" + script)) {
      assertThat(in).as(script).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
