package dev.profilepic.worker.doctor;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Checks the CRM's table, its columns, and the indexes that find leads. */
final class LeadsTableCheck implements Check {

  private static final Set<String> ID_TYPES =
      Set.of("uuid", "bigint", "integer", "smallint", "text", "character varying");
  private static final Set<String> TEXTS =
      Set.of("text", "character varying", "character", "citext");
  private static final Set<String> TIMES =
      Set.of("timestamp with time zone", "timestamp without time zone", "date");

  /** A column's type; for a domain, its base type. */
  private static final String TYPE_OF =
      """
      SELECT format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL)
      FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
      WHERE a.attrelid = ?::oid AND a.attname = ? AND a.attnum > 0 AND NOT a.attisdropped
      """;

  /**
   * The number of characters that a column takes, also when its type is a domain; 0 for no limit.
   */
  private static final String ROOM_OF =
      """
      SELECT greatest(a.atttypmod, t.typtypmod, 4) - 4
      FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
      WHERE a.attrelid = ?::oid AND a.attname = ? AND coalesce(nullif(t.typbasetype, 0), t.oid) IN ('varchar'::regtype, 'bpchar'::regtype)
      """;

  /** The length of a link after the base url, for an id of 36 characters. */
  private static final int LINK_LENGTH = 150;

  private static final int KEY_LENGTH = 80;

  private static final String IS_INDEXED =
      """
      SELECT EXISTS (SELECT FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = ?::oid AND a.attname = ? AND i.indisvalid AND i.indpred IS NULL)
      """;

  private static final String PHONES_ARE_INDEXED =
      "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('profile_pic.lead_phones_suffix') AND indisvalid)";

  @Override
  public String name() {
    return "leads";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var leads = setup.settings().leads();
    var database = setup.database();
    var table = leads.table().contains(".") ? leads.table() : "public." + leads.table();
    var found =
        database.first(
            "SELECT c.oid::text, c.relkind FROM pg_class AS c WHERE c.oid = to_regclass(?)", table);
    if (found.isEmpty()) {
      notes.problem(
          "the table of leads " + table + " does not exist",
          "Set PROFILE_PIC_LEADS_TABLE to the CRM's table, in quotes where its name has capitals.");
      return;
    }
    var oid = found.get().at(0);
    type(database, oid, leads.idColumn(), "identify a lead", ID_TYPES, notes);
    type(database, oid, leads.phoneColumn(), "hold a phone", Set.of(), notes);
    type(database, oid, leads.urlColumn(), "take a link", TEXTS, notes);
    type(database, oid, leads.storagePathColumn(), "take a key", TEXTS, notes);
    type(database, oid, leads.updatedAtColumn(), "take a time", TIMES, notes);
    int link = setup.settings().baseUrl().length() + LINK_LENGTH;
    room(database, oid, table, leads.urlColumn(), link, notes);
    room(database, oid, table, leads.storagePathColumn(), KEY_LENGTH, notes);
    boolean isTable = List.of("r", "p").contains(found.get().at(1));
    if (isTable && !database.isTrue(IS_INDEXED, oid, exact(leads.idColumn()))) {
      notes.problem(
          "no index begins with "
              + table
              + "."
              + leads.idColumn()
              + ": each look at a lead reads the whole table",
          "CREATE UNIQUE INDEX CONCURRENTLY ON " + table + " (" + leads.idColumn() + ");");
    }
    if (!database.isTrue(PHONES_ARE_INDEXED)) {
      notes.problem(
          "the index by which leads are found by phone is missing or invalid",
          "REINDEX INDEX profile_pic.lead_phones_suffix; or, where it is missing: CREATE INDEX"
              + " lead_phones_suffix ON profile_pic.lead_phones (suffix, lead_id) WHERE suffix IS NOT NULL;");
    }
    notes.okIfNothingElse(
        table
            + database.text(
                "SELECT CASE WHEN reltuples < 0 THEN '' ELSE format(', about %s leads', reltuples::bigint) END FROM pg_class WHERE oid = ?::oid",
                oid)
            + (database.isTrue("SELECT finished_at IS NULL FROM profile_pic.lead_phones_walk")
                ? "; the receiver walks over them now, not all are found by phone yet"
                : ""));
  }

  private static void type(
      Database database,
      String table,
      String column,
      String purpose,
      Set<String> types,
      Notes notes)
      throws SQLException {
    var type = database.text(TYPE_OF, table, exact(column));
    if (type.isEmpty()) {
      notes.problem(
          "the table of leads has no column " + column,
          "Run the migrations, or set profile-pic.leads.* to the CRM's names.");
    } else if (!types.isEmpty() && !types.contains(type)) {
      notes.problem(
          "the column " + column + " is of type " + type + ", which cannot " + purpose,
          "It must be one of: " + String.join(", ", types.stream().sorted().toList()) + ".");
    }
  }

  private static void room(
      Database database, String oid, String table, String column, int wanted, Notes notes)
      throws SQLException {
    var room = database.text(ROOM_OF, oid, exact(column));
    int most = room.isEmpty() ? 0 : Integer.parseInt(room);
    if (most > 0 && most < wanted) {
      notes.problem(
          "the column " + column + " takes " + most + " characters, and needs " + wanted,
          "ALTER TABLE " + table + " ALTER COLUMN " + column + " TYPE text;");
    }
  }

  private static String exact(String column) {
    return column.replace("\"", "");
  }
}
