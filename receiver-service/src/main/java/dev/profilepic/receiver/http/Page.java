package dev.profilepic.receiver.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list that grows, newest first.
 *
 * @param next the value of {@code before} for the next page; absent on the last page. A page with
 *     fewer items than the limit may have a next page, where a search ended early
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
   * @param rows up to one more than the limit; the extra row shows that there is a next page
   * @param id the key of the order, descending
   */
  public static <T> Page<T> of(List<T> rows, int limit, ToLongFunction<T> id) {
    if (rows.size() <= limit) {
      return new Page<>(true, rows, null);
    }
    var items = rows.subList(0, limit);
    return new Page<>(true, items, id.applyAsLong(items.getLast()));
  }
}
