package dev.profilepic.worker.deliveries;

import dev.profilepic.worker.exchanges.Deadline;
import java.io.IOException;

/** A kind of endpoint to which events are delivered. */
sealed interface Sink permits WebhookSink, ChatwootSink {

  /**
   * @throws IOException when the endpoint could not be reached or did not answer in time
   */
  Ending deliver(Delivery delivery, Deadline deadline) throws IOException;
}
