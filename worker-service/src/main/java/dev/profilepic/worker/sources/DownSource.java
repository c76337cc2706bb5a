package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.InstanceCircuits;
import dev.profilepic.worker.bridge.Lookup;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A source that only says why its instance cannot be asked.
 *
 * @param instances the circuits, in which the instance's circuit opens because of the answer; null
 *     when no circuit is to open
 */
record DownSource(String why, @Nullable InstanceCircuits instances) implements PictureSource {

  @Override
  public Lookup find(Question question, IntConsumer queries) throws InterruptedException {
    var down = new Lookup.InstanceDown(why);
    return instances == null ? down : instances.guard(question.instanceId(), () -> down);
  }

  @Override
  public boolean resolvesLids() {
    return true;
  }

  @Override
  public LidAnswer resolve(String instanceId, String lid) {
    return new LidAnswer.Down(why);
  }
}
