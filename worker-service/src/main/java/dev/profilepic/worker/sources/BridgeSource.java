package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceKind;
import dev.profilepic.worker.bridge.BridgeClient;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.bridge.PictureIds;
import java.io.IOException;
import java.util.List;
import java.util.function.IntConsumer;

/** Our own bridge, which answers batches too. */
record BridgeSource(BridgeClient bridge) implements PictureSource {

  @Override
  public Lookup find(Question question, IntConsumer queries) throws InterruptedException {
    return bridge.find(
        question.instanceId(), question.phone().digits(), question.knownId(), queries);
  }

  @Override
  public boolean resolvesLids() {
    return true;
  }

  @Override
  public LidAnswer resolve(String instanceId, String lid) throws InterruptedException {
    try {
      return bridge.whose(instanceId, lid).map(LidAnswer::of).orElseGet(LidAnswer.Unknown::new);
    } catch (IOException away) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return new LidAnswer.Down("the bridge could not be asked: " + away.getMessage());
    }
  }

  @Override
  public boolean hasBatches() {
    return SourceKind.BRIDGE.hasBatches();
  }

  @Override
  public PictureIds findIds(List<Question> questions, IntConsumer queries)
      throws InterruptedException {
    return bridge.findIds(
        questions.getFirst().instanceId(),
        questions.stream()
            .map(each -> new BridgeClient.Person(each.phone().digits(), each.knownId()))
            .toList(),
        queries);
  }
}
