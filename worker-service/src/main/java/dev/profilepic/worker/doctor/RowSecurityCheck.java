package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Checks whether row level security hides rows from our functions. */
final class RowSecurityCheck implements Check {

  private static final String HIDDEN =
      """
      SELECT c.oid::regclass::text, r.rolname
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_roles AS r ON r.rolname IN ('profile_pic_owner', 'profile_pic_crm') AND NOT r.rolbypassrls AND NOT r.rolsuper
      WHERE c.relrowsecurity AND c.relkind IN ('r', 'p')
        AND (c.oid = to_regclass(?) OR r.rolname = 'profile_pic_owner' AND (n.nspname = 'profile_pic' AND c.relname <> 'flyway_schema_history'
          OR n.nspname = 'pgmq' AND c.relname IN ('q_profile_pic_queue', 'q_profile_pic_dlq', 'a_profile_pic_queue', 'a_profile_pic_dlq')))
        AND NOT EXISTS (
          SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*' AND pg_get_expr(p.polqual, p.polrelid) = 'true'
            AND p.polroles && ARRAY[0::oid, r.oid])
      ORDER BY 1, 2
      """;

  @Override
  public String name() {
    return "row security";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var leads = setup.settings().leads();
    var table = leads.table().contains(".") ? leads.table() : "public." + leads.table();
    for (var hidden : setup.database().rows(HIDDEN, table)) {
      notes.problem(
          "row level security hides rows of " + hidden.at(0) + " from " + hidden.at(1),
          ("ALTER ROLE %2$s BYPASSRLS; then run the migrations again. Or else: CREATE POLICY %2$s ON"
                  + " %1$s TO %2$s USING (true) WITH CHECK (true);")
              .formatted(hidden.at(0), hidden.at(1)));
    }
    if (notes.findings().isEmpty()
        && !setup.database().isTrue("SELECT profile_pic.leads_are_visible()")) {
      notes.problem(
          "none of the leads that we know is to be seen in " + table,
          "Is it the right table (PROFILE_PIC_LEADS_TABLE)? If it was restored empty, fill it, or"
              + " TRUNCATE it to say that the leads are gone.");
    }
    notes.okIfNothingElse("no rows are hidden");
  }
}
