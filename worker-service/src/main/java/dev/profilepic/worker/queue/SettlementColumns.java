package dev.profilepic.worker.queue;

import dev.profilepic.contract.ArrayParameters;
import dev.profilepic.contract.ArrayParameters.Column;
import dev.profilepic.worker.queue.Settlement.Photo;
import dev.profilepic.worker.queue.Settlement.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parallel arrays of {@code profile_pic.settle}, in the order of its parameters. */
final class SettlementColumns {

  static final ArrayParameters<Settlement> SETTLEMENTS =
      new ArrayParameters<>(
          List.of(
              new Column<>("bigint", s -> s.lease().messageId()),
              new Column<>("integer", s -> s.lease().readCount()),
              new Column<>("text", s -> action(s.disposition())),
              new Column<>("bigint", s -> delay(s.disposition()).toMillis()),
              new Column<>("text", Settlement::outcome),
              new Column<>("text", Settlement::detail),
              new Column<>("integer", Settlement::attempts),
              ofDeferral("timestamptz", deferral -> text(deferral.downSince())),
              new Column<>(
                  "text", s -> s.delivery().lead() == null ? null : s.delivery().lead().id()),
              ofResult("text", Result::phone),
              ofResult("text", Result::jid),
              new Column<>("text", s -> s.delivery().instanceId()),
              new Column<>("timestamptz", SettlementColumns::requestedAt),
              ofResult("text", Result::sourceUrl),
              ofResult("text", Result::sourceId),
              ofPhoto("text", Photo::sha256),
              ofPhoto("text", Photo::contentType),
              ofPhoto("integer", Photo::width),
              ofPhoto("integer", Photo::height),
              ofPhoto("integer", Photo::size),
              ofPhoto("text", Photo::storageKey),
              ofResult("text", Result::leadUrl),
              new Column<>("bigint", SettlementColumns::nextCheck),
              ofDeferral("bigint", deferral -> millis(deferral.pause())),
              new Column<>("boolean", s -> needsLookup(s.disposition())),
              new Column<>("integer", Settlement::extraQueries),
              ofResult("text", Result::comparedWith),
              new Column<>(
                  "boolean", s -> s.delivery().lead() != null && s.delivery().lead().rowDiffers()),
              ofPhoto("bytea", Photo::bytes),
              new Column<>("timestamptz", s -> text(s.delivery().claimedAt()))));

  /**
   * Returns the LIDs that lookups named, the function's last parameter; null when no lookup named a
   * LID.
   */
  static @Nullable String @Nullable [] lids(List<Settlement> settlements) {
    var lids =
        settlements.stream()
            .map(s -> s.result() == null ? null : s.result().lid())
            .toArray(String[]::new);
    return Arrays.stream(lids).allMatch(Objects::isNull) ? null : lids;
  }

  private SettlementColumns() {}

  private static Column<Settlement> ofDeferral(
      String type, Function<Disposition.Defer, @Nullable Object> value) {
    return new Column<>(
        type,
        s -> s.disposition() instanceof Disposition.Defer deferral ? value.apply(deferral) : null);
  }

  private static Column<Settlement> ofResult(
      String type, Function<Result, @Nullable Object> value) {
    return new Column<>(type, s -> s.result() == null ? null : value.apply(s.result()));
  }

  private static Column<Settlement> ofPhoto(String type, Function<Photo, @Nullable Object> value) {
    return ofResult(type, result -> result.photo() == null ? null : value.apply(result.photo()));
  }

  private static String action(Disposition disposition) {
    return switch (disposition) {
      case Disposition.Complete _ -> "complete";
      case Disposition.Dead _ -> "dead";
      case Disposition.Retry _ -> "retry";
      case Disposition.Defer _, Disposition.GiveBack() -> "defer";
    };
  }

  private static Duration delay(Disposition disposition) {
    return switch (disposition) {
      case Disposition.Retry(var delay, _) -> delay;
      case Disposition.Defer(var delay, _, _, _) -> delay;
      case Disposition.Complete _, Disposition.Dead _, Disposition.GiveBack() -> Duration.ZERO;
    };
  }

  private static boolean needsLookup(Disposition disposition) {
    return switch (disposition) {
      case Disposition.Retry(_, boolean lookupNext) -> lookupNext;
      case Disposition.Defer(_, _, _, boolean lookupNext) -> lookupNext;
      case Disposition.Complete _, Disposition.Dead _, Disposition.GiveBack() -> false;
    };
  }

  private static @Nullable Object nextCheck(Settlement settlement) {
    return settlement.disposition() instanceof Disposition.Complete(var nextCheck)
        ? millis(nextCheck)
        : null;
  }

  /**
   * Returns the time of the request. A message that could not be read counts as requested when it
   * was enqueued.
   */
  private static @Nullable Object requestedAt(Settlement settlement) {
    return text(
        settlement.result() == null
            ? settlement.delivery().enqueuedAt()
            : settlement.result().requestedAt());
  }

  private static @Nullable Object millis(@Nullable Duration duration) {
    return duration == null ? null : duration.toMillis();
  }

  private static @Nullable Object text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
