package dev.profilepic.contract;

import java.lang.reflect.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
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
   * @param type the PostgreSQL name of the elements' type
   * @param value the row's value, in a form that the driver accepts for this type
   */
  public record Column<T>(String type, Function<T, @Nullable Object> value) {

    private Object[] valuesOf(List<T> rows) {
      var values = (Object[]) Array.newInstance(classOf(type), rows.size());
      for (int i = 0; i < values.length; i++) {
        values[i] = value.apply(rows.get(i));
      }
      return values;
    }

    /**
     * Returns the Java class of the elements. The driver sends an array in binary form if it knows
     * this class. The text form costs the driver and the database several times as much.
     */
    private static Class<?> classOf(String type) {
      return switch (type) {
        case "text" -> String.class;
        case "bigint" -> Long.class;
        case "integer" -> Integer.class;
        case "boolean" -> Boolean.class;
        case "bytea" -> byte[].class;
        default -> Object.class;
      };
    }
  }

  private final List<Column<T>> columns;

  /**
   * @param columns in the order of the function's parameters
   */
  public ArrayParameters(List<Column<T>> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Returns one question mark per array, separated by commas. */
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
      Object[] values = column.valuesOf(rows);
      call.setArray(index++, call.getConnection().createArrayOf(column.type(), values));
    }
    return index;
  }
}
