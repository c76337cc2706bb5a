package dev.profilepic.worker.queue;

import dev.profilepic.worker.queue.Settlement.Photo;
import dev.profilepic.worker.queue.Settlement.Result;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parallel arrays of {@code profile_pic.settle}, in the order of its parameters. */
final class SettlementColumns {

  private record Column(String type, Function<Settlement, @Nullable Object> value) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("bigint", s -> s.lease().messageId()),
          new Column("integer", s -> s.lease().readCount()),
          new Column("text", s -> action(s.disposition())),
          new Column("bigint", s -> delay(s.disposition()).toMillis()),
          new Column("text", Settlement::outcome),
          new Column("text", Settlement::detail),
          new Column("integer", Settlement::attempts),
          new Column("timestamptz", s -> text(s.downSince())),
          new Column("text", s -> s.delivery().lead() == null ? null : s.delivery().lead().id()),
          ofResult("text", Result::phone),
          ofResult("text", Result::jid),
          new Column("text", s -> s.delivery().instanceId()),
          new Column("timestamptz", SettlementColumns::requestedAt),
          ofResult("text", Result::sourceUrl),
          ofResult("text", Result::sourceId),
          ofPhoto("text", Photo::sha256),
          ofPhoto("text", Photo::contentType),
          ofPhoto("integer", Photo::width),
          ofPhoto("integer", Photo::height),
          ofPhoto("integer", photo -> photo.bytes().length),
          ofPhoto("text", Photo::storageKey),
          ofResult("text", Result::leadUrl),
          ofResult("bigint", result -> millis(result.nextCheck())),
          new Column("bigint", s -> millis(s.pause())),
          new Column("boolean", Settlement::lookupNext),
          new Column("integer", Settlement::extraQueries),
          ofResult("text", Result::comparedWith),
          new Column(
              "boolean", s -> s.delivery().lead() != null && s.delivery().lead().rowDiffers()),
          ofPhoto("bytea", Photo::bytes),
          new Column("timestamptz", s -> text(s.delivery().claimedAt())));

  private SettlementColumns() {}

  /** One question mark per array. */
  static String parameters() {
    return "?, ".repeat(COLUMNS.size());
  }

  /**
   * Sets the arrays from the first parameter on.
   *
   * @return the index of the next parameter
   */
  static int set(PreparedStatement call, List<Settlement> settlements) throws SQLException {
    int index = 1;
    for (var column : COLUMNS) {
      Object[] values = settlements.stream().map(column.value()).toArray();
      if (column.type().equals("bytea")) {
        // The driver reads an array of byte arrays by its type only.
        values = Arrays.copyOf(values, values.length, byte[][].class);
      }
      call.setArray(index++, call.getConnection().createArrayOf(column.type(), values));
    }
    return index;
  }

  private static Column ofResult(String type, Function<Result, @Nullable Object> value) {
    return new Column(type, s -> s.result() == null ? null : value.apply(s.result()));
  }

  private static Column ofPhoto(String type, Function<Photo, @Nullable Object> value) {
    return ofResult(type, result -> result.photo() == null ? null : value.apply(result.photo()));
  }

  private static String action(Disposition disposition) {
    return switch (disposition) {
      case Disposition.Complete() -> "complete";
      case Disposition.Dead() -> "dead";
      case Disposition.Retry _ -> "retry";
      case Disposition.Defer _, Disposition.GiveBack() -> "defer";
    };
  }

  private static Duration delay(Disposition disposition) {
    return switch (disposition) {
      case Disposition.Retry(var delay) -> delay;
      case Disposition.Defer(var delay) -> delay;
      case Disposition.Complete(), Disposition.Dead(), Disposition.GiveBack() -> Duration.ZERO;
    };
  }

  /** A message that could not be read counts as of the moment when it was sent. */
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
