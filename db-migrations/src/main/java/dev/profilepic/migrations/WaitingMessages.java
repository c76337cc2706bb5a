package dev.profilepic.migrations;

import java.util.Map;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Moves the waiting messages of a release that still used slots, in batches. Otherwise V30 would
 * move them all in one transaction. Without such messages, this costs one query of the catalog.
 */
final class WaitingMessages implements Callback {

  @Override
  public boolean supports(Event event, Context context) {
    return event == Event.BEFORE_MIGRATE;
  }

  @Override
  public boolean canHandleInTransaction(Event event, Context context) {
    return false;
  }

  @Override
  public void handle(Event event, Context context) {
    Script.run(
        context, "/queue/carry_over.sql", Map.of(), "waiting messages could not be carried over");
  }

  @Override
  public String getCallbackName() {
    return "waiting messages";
  }
}
