package dev.profilepic.migrations;

import java.util.Map;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * The two steps that lock the CRM's own table: its missing columns are added before the migrations,
 * its triggers after them. Both steps run outside a transaction, wait two seconds at a time for a
 * lock, and hold no lock between two tries. They lock nothing when there is nothing to change.
 */
final class CrmTable implements Callback {

  private static final Map<Event, String> STEPS =
      Map.of(
          Event.BEFORE_MIGRATE, "/leads/columns.sql",
          Event.AFTER_MIGRATE, "/leads/triggers.sql");

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
    Script.run(
        context,
        STEPS.getOrDefault(event, ""),
        leads.placeholders(),
        "the CRM's table could not be prepared");
  }

  @Override
  public String getCallbackName() {
    return "the CRM's table";
  }
}
