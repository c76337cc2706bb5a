package dev.profilepic.worker.pictures;

import dev.profilepic.worker.pictures.Outcome.Down.Who;
import dev.profilepic.worker.pictures.TaskReader.Reading;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.MessageHandler;
import dev.profilepic.worker.queue.Settlement;
import dev.profilepic.worker.store.PhotoKeeper;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/** Makes one attempt at one message: reads it, fetches the picture, and decides the consequence. */
@Component
class PictureHandler implements MessageHandler {

  private final TaskReader reader;
  private final PictureFetch fetch;
  private final PictureBatch batch;
  private final PhotoKeeper keeper;
  private final SettlementMapper settlements;
  private final OutcomeMetrics metrics;

  PictureHandler(
      TaskReader reader,
      PictureFetch fetch,
      PictureBatch batch,
      PhotoKeeper keeper,
      SettlementMapper settlements,
      OutcomeMetrics metrics) {
    this.reader = reader;
    this.fetch = fetch;
    this.batch = batch;
    this.keeper = keeper;
    this.settlements = settlements;
    this.metrics = metrics;
  }

  @Override
  public Settlement handle(Delivery delivery) throws InterruptedException {
    return switch (reader.read(delivery)) {
      case Reading.Nobodys(var outcome) -> settlements.of(delivery, outcome);
      case LookupTask task -> handle(task);
    };
  }

  private Settlement handle(LookupTask task) throws InterruptedException {
    if (task.delivery().downSince() != null && keeper.isAway()) {
      var away = new Outcome.Down(Who.STORE_DOWN, "the bucket did not answer a moment ago");
      return settlements.of(task, away, 0);
    }
    var queries = new AtomicInteger();
    var outcome = kept(fetch.attempt(task, queries::addAndGet));
    // The token was for one query.
    return settlements.of(task, outcome, Math.max(0, queries.get() - 1));
  }

  /** Puts a new photo into its store, before the settle refers to it. */
  private Outcome kept(Outcome outcome) throws InterruptedException {
    if (!(outcome instanceof Outcome.Stored(var picture, _))) {
      return outcome;
    }
    return keeper
        .keep(settlements.key(picture), picture.header().format().contentType(), picture.bytes())
        .<Outcome>map(why -> new Outcome.Down(Who.STORE_DOWN, why))
        .orElse(outcome);
  }

  @Override
  public List<Settlement> handleTogether(List<Delivery> deliveries) throws InterruptedException {
    return batch.ask(deliveries);
  }

  @Override
  public void settled(Delivery delivery, Settlement settlement) {
    metrics.settled(delivery, settlement);
  }
}
