package dev.profilepic.receiver.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list that grows, newest first.
 *
 * @param next what to send as {@code before} for the part behind; absent in the last one
 */
public record Page<T>(
    boolean success,
    List<T> items,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long next) {

  public static final int DEFAULT_LIMIT = 50;
  public static final int LONGEST = 200;

  /**
   * @param limit as the caller wrote it
   * @throws ProblemException when it is not from 1 to 200
   */
  public static int limit(int limit) {
    if (limit < 1 || limit > LONGEST) {
      throw ProblemException.invalid(
          List.of(new FieldError("limit", "must be a whole number from 1 to " + LONGEST)));
    }
    return limit;
  }

  /**
   * @param rows up to one more than the limit, which tells whether there is a next part
   * @param id the key that the rows are ordered by, descending
   */
  public static <T> Page<T> of(List<T> rows, int limit, ToLongFunction<T> id) {
    if (rows.size() <= limit) {
      return new Page<>(true, rows, null);
    }
    var items = rows.subList(0, limit);
    return new Page<>(true, items, id.applyAsLong(items.getLast()));
  }
}
