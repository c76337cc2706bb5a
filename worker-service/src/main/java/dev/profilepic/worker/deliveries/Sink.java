package dev.profilepic.worker.deliveries;

import dev.profilepic.worker.exchanges.Deadline;
import java.io.IOException;

/** Something that events are delivered to. */
sealed interface Sink permits WebhookSink, ChatwootSink {

  /**
   * @throws IOException when it could not be reached or did not answer in time
   */
  Ending deliver(Delivery delivery, Deadline deadline) throws IOException;
}
