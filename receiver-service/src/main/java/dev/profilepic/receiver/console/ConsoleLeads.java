package dev.profilepic.receiver.console;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Texts;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.matching.LeadMatcher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds leads for a list, as far as a caller may see them. Every query is bounded. */
@Component
class ConsoleLeads {

  static final int PAGE = 50;
  private static final int LOOKED_AT_ONCE = 10_000;
  private static final String NAMES_WITHIN = "2 seconds";
  private static final int FEWEST_DIGITS = 8;

  /**
   * A page of a list.
   *
   * @param next the value to send for the next page; null on the last page
   * @param looked how many leads were read to find the page; 0 when the number is not shown
   * @param note a remark for the reader about how the leads were found; null for none
   */
  record Part(List<LeadCard> leads, @Nullable String next, int looked, @Nullable String note) {}

  private record Ids(List<String> ids, @Nullable String next, int looked) {}

  private final JdbcClient jdbc;
  private final LeadMatcher matcher;
  private final Phones phones;
  private final Faces faces;
  private final Cursors cursors;

  ConsoleLeads(
      OperatorDatabase database, LeadMatcher matcher, Phones phones, Faces faces, Cursors cursors) {
    this.jdbc = database.jdbc();
    this.matcher = matcher;
    this.phones = phones;
    this.faces = faces;
    this.cursors = cursors;
  }

  /**
   * Returns the leads whose photo changed last.
   *
   * @param after the {@code next} of the part before; null for the beginning
   */
  Part latest(Caller caller, @Nullable String state, @Nullable String after, int most) {
    var found =
        jdbc.sql("SELECT ids, next FROM profile_pic.latest_leads(?::text[], ?::text, ?, ?)")
            .param(caller.reach())
            .param(state)
            .param(number(cursors.read(caller, after)))
            .param(most)
            .query((row, number) -> new Ids(Texts.of(row, "ids"), row.getString("next"), 0))
            .single();
    return new Part(cards(caller, found.ids()), cursors.show(caller, found.next()), 0, null);
  }

  /**
   * Returns the leads with this state, reason and instance; null stands for any. Reads a limited
   * number of leads, so it may find fewer leads than asked for although there are more.
   *
   * @param after the {@code next} of the part before; null for the beginning
   */
  Part filtered(
      Caller caller,
      @Nullable String state,
      @Nullable String reason,
      @Nullable String instance,
      @Nullable String after,
      int most) {
    var found =
        jdbc.sql(
                "SELECT ids, next, looked FROM profile_pic.walk_pictures(?::text[], ?::text, ?::text, ?::text, ?::text, ?, ?)")
            .param(caller.reach())
            .param(state)
            .param(reason)
            .param(instance)
            .param(cursors.read(caller, after))
            .param(most)
            .param(LOOKED_AT_ONCE)
            .query((row, number) ->
                new Ids(Texts.of(row, "ids"), row.getString("next"), row.getInt("looked")))
            .single();
    // A bound caller must not learn how many leads the others have.
    return new Part(
        cards(caller, found.ids()),
        cursors.show(caller, found.next()),
        caller.isBound() ? 0 : found.looked(),
        null);
  }

  /**
   * Finds leads by an id, a phone in any notation, or a part of a name; the text itself decides
   * which.
   */
  Part search(Caller caller, String text) {
    var byId = cards(caller, List.of(text));
    if (!byId.isEmpty()) {
      return new Part(byId, null, 0, null);
    }
    if (text.chars().noneMatch(Character::isLetter)) {
      return byPhone(caller, text);
    }
    var found =
        jdbc.sql(
                "SELECT ids, CASE WHEN stopped THEN '' END AS next FROM profile_pic.leads_called(?::text[], ?, ?, ?::interval)")
            .param(caller.reach())
            .param(text)
            .param(PAGE)
            .param(NAMES_WITHIN)
            .query((row, number) -> new Ids(Texts.of(row, "ids"), row.getString("next"), 0))
            .single();
    return new Part(
        cards(caller, found.ids()), null, 0, found.next() == null ? null : "leads.note.stopped");
  }

  private Part byPhone(Caller caller, String text) {
    var phone = phones.parse(text);
    if (phone.isEmpty()) {
      long digits = text.chars().filter(Character::isDigit).count();
      return new Part(
          List.of(), null, 0, digits < FEWEST_DIGITS ? "leads.note.digits" : "leads.note.phone");
    }
    var same =
        matcher.candidates(Set.of(phone.get()), caller.reach()).with(phone.get(), null).stream()
            .map(LeadMatcher.Lead::leadId)
            .toList();
    return new Part(cards(caller, same), null, 0, null);
  }

  /** Returns whether the CRM's phone is a readable phone number. */
  boolean reads(@Nullable String phone) {
    return phone != null && phones.parse(phone).map(PhoneNumber::digits).isPresent();
  }

  /** Returns all facts about one lead; empty when the caller sees no such lead. */
  Optional<LeadFacts> facts(Caller caller, String leadId) {
    return jdbc.sql("SELECT * FROM profile_pic.lead_facts(?::text[], ?)")
        .param(caller.reach())
        .param(leadId)
        .query((row, number) -> facts(row))
        .optional();
  }

  private static long number(@Nullable String before) {
    try {
      return before == null ? Long.MAX_VALUE : Long.parseLong(before);
    } catch (NumberFormatException notOne) {
      return Long.MAX_VALUE;
    }
  }

  private List<LeadCard> cards(Caller caller, List<String> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    return jdbc.sql("SELECT * FROM profile_pic.lead_cards(?::text[], ?::text[])")
        .param(caller.reach())
        .param(ids.toArray(String[]::new))
        .query((row, number) ->
            new LeadCard(
                row.getString("lead_id"),
                row.getString("name"),
                row.getString("phone"),
                row.getString("instance_id"),
                row.getString("state"),
                row.getString("reason"),
                face(row),
                Times.orNull(row, "checked_at"),
                Times.orNull(row, "next_check_at"),
                row.getBoolean("queued")))
        .list();
  }

  private LeadFacts facts(ResultSet row) throws SQLException {
    return new LeadFacts(
        row.getString("lead_id"),
        row.getBoolean("in_crm"),
        row.getString("name"),
        row.getString("phone"),
        row.getString("instance_id"),
        row.getString("state"),
        row.getString("reason"),
        face(row),
        Times.orNull(row, "fetched_at"),
        Times.orNull(row, "checked_at"),
        Times.orNull(row, "next_check_at"),
        row.getInt("attempts"),
        row.getString("last_error"),
        Times.orNull(row, "erased_at"),
        row.getString("lead_note"),
        Times.orNull(row, "requested_at"),
        Times.orNull(row, "served_at"),
        row.getObject("message_id", Long.class),
        Times.orNull(row, "due_at"),
        row.getBoolean("leased"),
        row.getObject("ahead", Integer.class),
        row.getString("write_error"),
        Times.orNull(row, "write_since"),
        row.getBoolean("paused"),
        Times.orNull(row, "rests_until"),
        row.getString("pause_reason"),
        row.getString("breaker"),
        row.getInt("pace"),
        Times.orNull(row, "background_from"),
        row.getBoolean("background"),
        Times.orNull(row, "eta"));
  }

  private @Nullable String face(ResultSet row) throws SQLException {
    return faces.of(
        row.getString("lead_id"),
        row.getBoolean("has_photo"),
        row.getInt("link_generation"),
        row.getString("sha256"));
  }
}
