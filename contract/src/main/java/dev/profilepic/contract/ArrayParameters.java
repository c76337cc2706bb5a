package dev.profilepic.contract;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Parallel arrays for a database function that takes many rows at once: one array per column, each
 * as long as the list of rows.
 *
 * @param <T> a row
 */
public final class ArrayParameters<T> {

  /**
   * @param type PostgreSQL's name of the elements' type
   * @param value the row's value, in a form that the driver accepts for this type
   */
  public record Column<T>(String type, Function<T, @Nullable Object> value) {}

  private final List<Column<T>> columns;

  /**
   * @param columns in the order of the function's parameters
   */
  public ArrayParameters(List<Column<T>> columns) {
    this.columns = List.copyOf(columns);
  }

  /** One question mark per array, separated by commas. */
  public String placeholders() {
    return String.join(", ", Collections.nCopies(columns.size(), "?"));
  }

  /**
   * Sets the arrays from the first parameter on.
   *
   * @return the index of the next parameter
   */
  public int set(PreparedStatement call, List<T> rows) throws SQLException {
    int index = 1;
    for (var column : columns) {
      Object[] values = rows.stream().map(column.value()).toArray();
      if (column.type().equals("bytea")) {
        // The driver reads an array of byte arrays only with its type.
        values = Arrays.copyOf(values, values.length, byte[][].class);
      }
      call.setArray(index++, call.getConnection().createArrayOf(column.type(), values));
    }
    return index;
  }
}
