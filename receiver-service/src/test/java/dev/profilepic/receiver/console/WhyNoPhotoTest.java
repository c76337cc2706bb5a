package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.support.ResourceBundleMessageSource;

class WhyNoPhotoTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  /** A lead with only the facts that a test sets. */
  private record Lead(
      String state,
      @Nullable String reason,
      @Nullable String face,
      @Nullable Long messageId,
      @Nullable Instant dueAt,
      boolean leased,
      @Nullable Integer ahead,
      boolean paused,
      @Nullable Instant restsUntil,
      @Nullable String pauseReason,
      String breaker,
      @Nullable Instant backgroundFrom,
      boolean background) {

    static Lead of(String state, @Nullable String reason) {
      return new Lead(
          state, reason, null, null, null, false, null, false, null, null, "CLOSED", null, false);
    }

    Lead inLine(int ahead) {
      return new Lead(
          state,
          reason,
          face,
          7L,
          null,
          false,
          ahead,
          paused,
          restsUntil,
          pauseReason,
          breaker,
          backgroundFrom,
          background);
    }

    Lead resting(boolean paused, Instant until, @Nullable String why) {
      return new Lead(
          state,
          reason,
          face,
          messageId,
          dueAt,
          leased,
          ahead,
          paused,
          until,
          why,
          breaker,
          backgroundFrom,
          background);
    }

    Lead outsideHours(Instant from, boolean background) {
      return new Lead(
          state,
          reason,
          face,
          messageId,
          dueAt,
          leased,
          ahead,
          paused,
          restsUntil,
          pauseReason,
          breaker,
          from,
          background);
    }

    WhyNoPhoto why() {
      return WhyNoPhoto.of(facts(), true, NOW);
    }

    /** Returns the expected time as the database computes it, at a pace of 60 a minute. */
    private @Nullable Instant eta() {
      if (ahead == null || paused) {
        return null;
      }
      var from = background && backgroundFrom != null ? backgroundFrom : restsUntil;
      return (from == null ? NOW : from).plusSeconds(ahead);
    }

    LeadFacts facts() {
      return new LeadFacts(
          "a-lead",
          true,
          "Ana",
          "5562999212484",
          "demo",
          state,
          reason,
          face,
          null,
          null,
          null,
          0,
          null,
          null,
          null,
          NOW,
          null,
          messageId,
          dueAt,
          leased,
          ahead,
          null,
          null,
          paused,
          restsUntil,
          pauseReason,
          breaker,
          60,
          backgroundFrom,
          background,
          eta());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_SET, NOT_SET, why.not_set, why.do.not_set",
    "HIDDEN, HIDDEN, why.hidden, why.do.hidden",
    "NOT_ON_WHATSAPP, NOT_ON_WHATSAPP, why.not_on_whatsapp, why.do.not_on_whatsapp",
    "FAILED, NO_ANSWER, why.failed, why.do.failed",
    "UNKNOWN, UNKNOWN, why.unknown, why.do.unknown",
    "UNKNOWN,, why.never_asked, why.do.ask",
    "PENDING, ADOPTED, why.adopted, why.do.ask",
    "PENDING, QUEUED, why.pending_without_request, why.do.ask",
    "ERASED, ERASED, why.erased, why.do.allow",
  })
  void everyStateHasAnAnswerAndARemedy(
      String state, @Nullable String reason, String answer, String remedy) {
    var why = Lead.of(state, reason).why();

    assertThat(why.answer().key()).isEqualTo(answer);
    assertThat(why.remedies()).extracting(Text::key).containsExactly(remedy);
  }

  @Test
  void whatNobodyWaitsForWaitsForTheWorkingHoursAndOthersDoNot() {
    var opens = NOW.plus(Duration.ofHours(3));

    var held = Lead.of("NOT_SET", "NOT_SET").inLine(60).outsideHours(opens, true);
    assertThat(held.why().answer()).isEqualTo(Text.of("why.waits_hours", "demo", opens));
    assertThat(held.why().facts()).contains(Text.of("why.fact.hours", "demo", opens));
    assertThat(held.why().remedies()).extracting(Text::key).containsExactly("why.do.ask_now");
    assertThat(held.why().facts())
        .contains(Text.of("why.fact.eta", opens.plus(Duration.ofMinutes(1))));

    var live = Lead.of("NOT_SET", "NOT_SET").inLine(60).outsideHours(opens, false);
    assertThat(live.why().answer().key()).isEqualTo("why.waits");
    assertThat(live.why().facts()).extracting(Text::key).doesNotContain("why.fact.hours");
  }

  @Test
  void aLeadInLineIsToldItsPlaceAndWhenItIsLookedAt() {
    var why = Lead.of("PENDING", "QUEUED").inLine(90).why();

    assertThat(why.answer()).isEqualTo(Text.of("why.waits", NOW.plus(Duration.ofSeconds(90))));
    assertThat(why.facts()).contains(Text.of("why.fact.place", 90, "demo", 60));
  }

  @Test
  void theEstimateBeginsWhenTheNumberHasRested() {
    var until = NOW.plus(Duration.ofHours(2));
    var why = Lead.of("PENDING", "QUEUED").inLine(30).resting(false, until, "THROTTLED").why();

    assertThat(why.answer().key()).isEqualTo("why.waits_resting");
    assertThat(why.facts())
        .contains(
            Text.of("why.fact.throttled", "demo", until),
            Text.of("why.fact.eta", until.plus(Duration.ofSeconds(30))));
  }

  @Test
  void aPausedNumberIsToResume() {
    var forever = NOW.plus(Duration.ofDays(36_500));
    var why = Lead.of("PENDING", "QUEUED").inLine(0).resting(true, forever, "OPERATOR").why();

    assertThat(why.answer().key()).isEqualTo("why.waits_paused");
    assertThat(why.remedies()).containsExactly(Text.of("why.do.resume", "demo"));
    assertThat(why.facts()).extracting(Text::key).doesNotContain("why.fact.eta");
  }

  @Test
  void aDisconnectedNumberIsToConnect() {
    var why =
        Lead.of("PENDING", "QUEUED")
            .inLine(0)
            .resting(false, NOW.plusSeconds(30), "INSTANCE_DOWN")
            .why();

    assertThat(why.remedies()).containsExactly(Text.of("why.do.connect", "demo"));
  }

  @Test
  void aPhoneThatCannotBeReadIsTheReasonWhateverElseIs() {
    var why = WhyNoPhoto.of(Lead.of("FAILED", "INVALID_MESSAGE").facts(), false, NOW);

    assertThat(why.answer().key()).isEqualTo("why.no_phone");
  }

  @Test
  void everySentenceIsThereInBothLanguagesAndEscaped() {
    var messages = new ResourceBundleMessageSource();
    messages.setBasename("console/messages");
    messages.setDefaultEncoding("UTF-8");
    messages.setFallbackToSystemLocale(false);
    var all =
        Stream.of("NOT_SET", "HIDDEN", "FAILED", "UNKNOWN", "PENDING", "ERASED")
            .map(state -> Lead.of(state, state).inLine(3).resting(true, NOW, "<b>").why())
            .flatMap(why ->
                Stream.of(List.of(why.answer()), why.facts(), why.remedies()).flatMap(List::stream))
            .toList();

    for (var locale : List.of(Locale.ENGLISH, Locale.forLanguageTag("pt-BR"))) {
      var ui = new Ui(messages, locale);
      assertThat(all).isNotEmpty().allSatisfy(text -> assertThat(ui.html(text)).isNotBlank());
      assertThat(ui.html(Text.of("why.fact.paused", "<script>")))
          .contains("&lt;script&gt;")
          .doesNotContain("<script>");
    }
  }
}
