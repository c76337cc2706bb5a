package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Checks the triggers that report new leads and changed phones. */
final class TriggersCheck implements Check {

  private static final String TRIGGERS =
      """
      SELECT o.name, t.tgenabled
      FROM unnest(ARRAY['profile_pic_lead_inserted', 'profile_pic_lead_changed', 'profile_pic_lead_deleted', 'profile_pic_lead_truncated']) AS o (name)
      JOIN pg_class AS c ON c.oid = to_regclass(?) AND c.relkind IN ('r', 'p')
      LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = o.name
      """;

  @Override
  public String name() {
    return "triggers";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var leads = setup.settings().leads();
    if (!leads.trigger()) {
      notes.ok("switched off (profile-pic.leads.trigger): new leads are found by the walk");
      return;
    }
    var table = leads.table().contains(".") ? leads.table() : "public." + leads.table();
    for (var trigger : setup.database().rows(TRIGGERS, table)) {
      if (trigger.at(1).isEmpty()) {
        notes.problem(
            "the trigger " + trigger.at(0) + " is missing on " + table, "Run the migrations.");
      } else if (!trigger.at(1).matches("[OA]")) {
        notes.problem(
            "the trigger " + trigger.at(0) + " is disabled on " + table,
            "ALTER TABLE " + table + " ENABLE TRIGGER " + trigger.at(0) + ";");
      }
    }
    notes.okIfNothingElse("all four are there and enabled");
  }
}
