package dev.profilepic.worker.doctor;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.SourceUrlPolicy;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.doctor.Database.Row;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;

/**
 * Asks for one picture through each WhatsApp number, as the worker would: from the number's own
 * source, at its pace, for a lead that it talks to.
 */
final class InstancesCheck implements Check {

  private static final int MOST = 50;

  /**
   * Two queries for a phone: the phone of the lead with the latest next check, else of any lead.
   */
  private static final List<String> PHONES =
      List.of(
          """
          SELECT p.phone FROM profile_pic.pictures AS p
          WHERE p.instance_id = ? AND p.next_check_at IS NOT NULL AND p.state <> 'ERASED' AND p.phone <> ''
          ORDER BY p.next_check_at DESC LIMIT 1
          """,
          "SELECT l.phone FROM profile_pic.leads_without_photo(?, true, NULL, 1) AS l");

  @Override
  public String name() {
    return "instances";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException, InterruptedException {
    var instances = instances(setup);
    if (instances.isEmpty()
        || setup.wasAway(Setup.WRITES)
        || !SourceCredentials.isUsable(setup.settings().text("profile-pic.sources.key"))) {
      return; // other checks report it; without the pace no instance is asked
    }
    try (var sources = Sources.of(setup)) {
      for (var instance : instances.subList(0, Math.min(MOST, instances.size()))) {
        askOrSayWhyNot(instance, setup, sources, notes);
      }
    } catch (RuntimeException unusable) {
      notes.problem(
          "the settings of the sources are wrong: " + reason(unusable),
          "Correct them; the worker does not start with them either (docs/sources.md).");
    }
    if (instances.size() > MOST) {
      notes.ok("of " + instances.size() + " the first " + MOST + " were asked");
    }
  }

  /** Asks one instance. One with a source that cannot be used does not hold up the others. */
  private static void askOrSayWhyNot(String instance, Setup setup, Sources sources, Notes notes)
      throws SQLException, InterruptedException {
    try {
      ask(instance, setup, sources, notes);
    } catch (RuntimeException unusable) {
      notes.problem(
          instance + " cannot be asked: its source cannot be used: " + reason(unusable),
          "Correct the source of " + instance + ": PATCH /instances/{id} (docs/sources.md).");
    }
  }

  private static @Nullable String reason(Throwable failure) {
    return NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
  }

  /** Returns the bridge's instances, and the instances that have their own source. */
  private static List<String> instances(Setup setup) throws SQLException {
    var ids = new TreeSet<String>();
    setup
        .bridge()
        .ifPresent(bridge ->
            bridge
                .path("instances")
                .forEach(instance -> ids.add(instance.path("id").asString(""))));
    setup
        .database()
        .rows("SELECT instance_id FROM profile_pic.instances WHERE source_kind IS NOT NULL")
        .forEach(row -> ids.add(row.at(0)));
    if (!setup.asksBridge() && !setup.settings().defaultInstance().isEmpty()) {
      ids.add(setup.settings().defaultInstance());
    }
    ids.remove("");
    return new ArrayList<>(ids);
  }

  private static void ask(String instance, Setup setup, Sources sources, Notes notes)
      throws SQLException, InterruptedException {
    var phone = phone(instance, setup);
    if (phone.isEmpty()) {
      notes.warning(
          instance + " was not asked: the CRM has no lead of it",
          "Run the doctor again when it has.");
      return;
    }
    var rest = rest(instance, setup);
    if (rest.isPresent()) {
      notes.warning(
          instance + " was not asked: it rests for " + rest.get().at(0) + " s more",
          rest.get().at(1).equals("INSTANCE_DOWN")
              ? "Connect the number: its circuit is open."
              : "Wait for the end of its pause or its quiet hours (GET /instances).");
      return;
    }
    judge(instance, isOfBridge(instance, setup), sources.ask(instance, phone.get()), notes);
  }

  /**
   * Returns how long the instance still rests, and why; empty when a token was taken for the
   * question.
   */
  private static Optional<Row> rest(String instance, Setup setup) throws SQLException {
    var waitMs =
        setup
            .database()
            .text("SELECT profile_pic.take_token(?, ?)", instance, setup.settings().pace());
    return waitMs.equals("0")
        ? Optional.empty()
        : setup
            .database()
            .first(
                "SELECT ceil(?::numeric / 1000), (SELECT i.pause_reason FROM profile_pic.instances AS i WHERE i.instance_id = ? AND i.paused_until > statement_timestamp())",
                waitMs,
                instance);
  }

  private static Optional<PhoneNumber> phone(String instance, Setup setup) throws SQLException {
    for (var sql : PHONES) {
      var phone =
          PhoneNumber.parse(setup.database().text(sql, instance), setup.settings().defaultRegion());
      if (phone.isPresent()) {
        return phone;
      }
    }
    return Optional.empty();
  }

  private static boolean isOfBridge(String instance, Setup setup) {
    return setup.bridge().stream()
        .flatMap(bridge -> bridge.path("instances").valueStream())
        .anyMatch(each -> instance.equals(each.path("id").asString("")));
  }

  private static void judge(String instance, boolean ofBridge, Lookup answer, Notes notes) {
    switch (answer) {
      case Lookup.Found _, Lookup.Picture _, Lookup.Unchanged _ ->
          notes.ok(instance + " found a photo");
      case Lookup.NotSet _ -> notes.ok(instance + " answered: no photo");
      case Lookup.Hidden _ -> notes.ok(instance + " answered: hidden");
      case Lookup.NotOnWhatsapp _ -> notes.ok(instance + " answered: not on WhatsApp");
      case Lookup.Unknown _ -> notes.ok(instance + " answered, as far as its gateway can tell");
      case Lookup.Throttled(var wait) ->
          notes.warning(
              instance + " was told to slow down for " + wait.toSeconds() + " s",
              "Lower its pace: PATCH /instances/" + instance + " {\"pace_per_minute\": ...}");
      case Lookup.NoAnswer _ ->
          notes.problem(
              instance + " got no answer from WhatsApp",
              "Look at the number's connection; if it lasts, pair it again.");
      case Lookup.InstanceDown(var why) ->
          notes.problem(
              instance + " cannot be asked: " + why,
              ofBridge
                  ? "Connect the number: scan its code on /instances/"
                      + instance
                      + "/qr of the bridge."
                  : remedyAtItsGateway(why));
      case Lookup.BridgeDown(var why) ->
          notes.problem(
              instance + " cannot be asked: " + why,
              "Start its gateway, or correct its url and credential (docs/sources.md).");
      case Lookup.Refused(var why) ->
          notes.problem(
              instance + " refused the question: " + why,
              "Is the gateway's version supported (docs/sources.md)?");
    }
  }

  /**
   * Returns the remedy. It names the property when a url was refused because its origin is not
   * exempt.
   */
  private static String remedyAtItsGateway(String why) {
    return why.contains(SourceUrlPolicy.TRUSTED_ORIGINS)
        ? "Put its origin into PROFILE_PIC_SOURCES_TRUSTED_ORIGINS of receiver and workers, and of"
            + " the doctor where it does not have their environment (docs/sources.md)."
        : "Connect the number at its gateway, and look at its source: GET /instances,"
            + " docs/sources.md.";
  }
}
