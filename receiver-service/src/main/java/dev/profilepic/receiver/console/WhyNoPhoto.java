package dev.profilepic.receiver.console;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to "Why no photo?" in plain words: the facts about a lead in order, and the possible
 * remedies. Only the facts decide, so this class can be read beside the table of outcomes.
 *
 * @param answer in one sentence
 * @param facts in the order in which they happened
 * @param remedies what the user can do; empty when there is nothing to do
 */
record WhyNoPhoto(Text answer, List<Text> facts, List<Text> remedies) {

  /** Up to this limit the number of messages ahead is exact. */
  static final int MOST_AHEAD = 10_000;

  /**
   * @param phoneReads whether the CRM's phone is a readable phone number
   */
  static WhyNoPhoto of(LeadFacts lead, boolean phoneReads, Instant now) {
    var facts = new ArrayList<Text>();
    var remedies = new ArrayList<Text>();
    if (lead.isErased()) {
      if (lead.erasedAt() != null) {
        facts.add(Text.of("why.fact.erased", lead.erasedAt()));
      }
      return new WhyNoPhoto(
          Text.of("why.erased"), List.copyOf(facts), List.of(Text.of("why.do.allow")));
    }
    tellRequest(lead, facts);
    tellNewest(lead, facts);
    tellQueue(lead, facts, remedies);
    tellRow(lead, facts, remedies);
    if (!lead.inCrm()) {
      return new WhyNoPhoto(
          Text.of("why.not_in_crm"), List.copyOf(facts), List.of(Text.of("why.do.nothing_gone")));
    }
    if (lead.face() == null && !phoneReads) {
      return new WhyNoPhoto(
          Text.of("why.no_phone"), List.copyOf(facts), List.of(Text.of("why.do.phone")));
    }
    return new WhyNoPhoto(
        answer(lead, now), List.copyOf(facts), List.copyOf(withRemedies(lead, remedies)));
  }

  private static Text answer(LeadFacts lead, Instant now) {
    if (lead.face() != null) {
      return Text.of("OWN_PHOTO".equals(lead.leadNote()) ? "why.own_photo" : "why.has_photo");
    }
    if (lead.leased()) {
      return Text.of("why.leased");
    }
    if (lead.messageId() != null) {
      if (lead.restsUntil() != null) {
        return Text.of(lead.paused() ? "why.waits_paused" : "why.waits_resting", lead.instanceId());
      }
      if (lead.isHeld()) {
        return Text.of("why.waits_hours", lead.instanceId(), lead.backgroundFrom());
      }
      return lead.dueAt() == null
          ? Text.of("why.waits", lead.eta() == null ? now : lead.eta())
          : Text.of("why.waits_retry", lead.dueAt());
    }
    return switch (lead.state()) {
      case "NOT_SET", "HIDDEN", "NOT_ON_WHATSAPP", "FAILED" ->
          Text.of("why." + lead.state().toLowerCase(java.util.Locale.ROOT));
      case "UNKNOWN" -> Text.of(lead.reason() == null ? "why.never_asked" : "why.unknown");
      default ->
          Text.of("ADOPTED".equals(lead.reason()) ? "why.adopted" : "why.pending_without_request");
    };
  }

  private static void tellRequest(LeadFacts lead, List<Text> facts) {
    var asked = lead.requestedAt();
    if (asked != null && asked.isAfter(Instant.EPOCH)) {
      facts.add(Text.of("why.fact.requested", asked));
    }
  }

  private static void tellNewest(LeadFacts lead, List<Text> facts) {
    var checked = lead.checkedAt();
    if (checked != null && lead.instanceId() != null) {
      facts.add(
          Text.of(
              "why.fact.looked", checked, lead.instanceId(), new Word("reason", lead.reason())));
    } else if (checked != null) {
      facts.add(Text.of("why.fact.looked_by_nobody", checked, new Word("reason", lead.reason())));
    }
    if (lead.attempts() > 0) {
      facts.add(Text.of("why.fact.attempts", lead.attempts(), shortened(lead.lastError())));
    }
    if (lead.face() != null && lead.fetchedAt() != null) {
      facts.add(Text.of("why.fact.fetched", lead.fetchedAt()));
    }
  }

  private static void tellQueue(LeadFacts lead, List<Text> facts, List<Text> remedies) {
    if (lead.messageId() != null && lead.ahead() != null) {
      facts.add(
          Text.of(
              lead.ahead() >= MOST_AHEAD ? "why.fact.far_ahead" : "why.fact.place",
              lead.ahead(),
              lead.instanceId(),
              lead.pace()));
      if (lead.eta() != null) {
        facts.add(Text.of("why.fact.eta", lead.eta()));
      }
    }
    if (lead.isHeld()) {
      facts.add(Text.of("why.fact.hours", lead.instanceId(), lead.backgroundFrom()));
      remedies.add(Text.of("why.do.ask_now"));
    } else if (lead.messageId() != null && !lead.leased() && lead.dueAt() != null) {
      facts.add(Text.of("why.fact.comes_back", lead.dueAt()));
    }
    if (lead.messageId() != null && lead.restsUntil() != null) {
      tellRest(lead, facts, remedies);
    }
    if (lead.messageId() == null && lead.nextCheckAt() != null) {
      facts.add(Text.of("why.fact.next", lead.nextCheckAt()));
      if (lead.backgroundFrom() != null && lead.backgroundFrom().isAfter(lead.nextCheckAt())) {
        facts.add(Text.of("why.fact.hours", lead.instanceId(), lead.backgroundFrom()));
      }
    }
  }

  private static void tellRest(LeadFacts lead, List<Text> facts, List<Text> remedies) {
    var instance = lead.instanceId();
    if (lead.paused()) {
      facts.add(Text.of("why.fact.paused", instance));
      remedies.add(Text.of("why.do.resume", instance));
    } else if ("INSTANCE_DOWN".equals(lead.pauseReason()) || !lead.breaker().equals("CLOSED")) {
      facts.add(Text.of("why.fact.down", instance, lead.restsUntil()));
      remedies.add(Text.of("why.do.connect", instance));
    } else if (lead.pauseReason() != null) {
      facts.add(Text.of("why.fact.throttled", instance, lead.restsUntil()));
      remedies.add(Text.of("why.do.wait"));
    } else {
      facts.add(Text.of("why.fact.quiet", instance, lead.restsUntil()));
      remedies.add(Text.of("why.do.wait"));
    }
  }

  private static void tellRow(LeadFacts lead, List<Text> facts, List<Text> remedies) {
    if (lead.writeError() != null) {
      facts.add(Text.of("why.fact.refused", lead.writeSince(), shortened(lead.writeError())));
      remedies.add(Text.of("why.do.row"));
    } else if (lead.writeSince() != null) {
      facts.add(Text.of("why.fact.unwritten", lead.writeSince()));
    }
    if (lead.leadNote() != null) {
      facts.add(Text.of("why.note." + lead.leadNote()));
    }
  }

  private static List<Text> withRemedies(LeadFacts lead, List<Text> remedies) {
    if (lead.face() == null && lead.messageId() == null) {
      remedies.add(
          Text.of(
              switch (lead.state()) {
                case "NOT_SET" -> "why.do.not_set";
                case "HIDDEN" -> "why.do.hidden";
                case "NOT_ON_WHATSAPP" -> "why.do.not_on_whatsapp";
                case "FAILED" -> "why.do.failed";
                case "UNKNOWN" -> lead.reason() == null ? "why.do.ask" : "why.do.unknown";
                default -> "why.do.ask";
              }));
    }
    return remedies;
  }

  private static @Nullable String shortened(@Nullable String text) {
    return text == null || text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }

  /**
   * A code, for which the page shows a word.
   *
   * @param kind of the code
   */
  record Word(String kind, @Nullable String code) {}
}
