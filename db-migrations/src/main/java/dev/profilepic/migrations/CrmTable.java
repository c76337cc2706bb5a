package dev.profilepic.migrations;

import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * The two steps that lock the CRM's own table: its missing columns are added before the migrations,
 * its triggers after them. Both steps run outside a transaction, wait two seconds at a time for a
 * lock, and hold no lock between two tries. They lock nothing when there is nothing to change. A
 * step between them lets Flyway generate functions anew when the table's columns have changed.
 */
final class CrmTable implements Callback {

  private static final Map<Event, List<String>> STEPS =
      Map.of(
          Event.BEFORE_MIGRATE, List.of("/leads/columns.sql", "/leads/shape.sql"),
          Event.AFTER_MIGRATE, List.of("/leads/triggers.sql"));

  private final LeadsTable leads;

  CrmTable(LeadsTable leads) {
    this.leads = leads;
  }

  @Override
  public boolean supports(Event event, Context context) {
    return STEPS.containsKey(event);
  }

  @Override
  public boolean canHandleInTransaction(Event event, Context context) {
    return false;
  }

  @Override
  public void handle(Event event, Context context) {
    for (var script : STEPS.getOrDefault(event, List.of())) {
      Script.run(context, script, leads.placeholders(), "the CRM's table could not be prepared");
    }
  }

  @Override
  public String getCallbackName() {
    return "the CRM's table";
  }
}
