package dev.profilepic.migrations;

import java.util.Map;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Carries over what waits in the queue of a release that put messages to slots, in batches, before
 * V30 would do it in one transaction. It costs one look at the catalog where nothing is to be done.
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
