package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.InstanceCircuits;
import dev.profilepic.worker.queue.Complaints;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The source of each instance's pictures. The sources that the API set are read every few seconds.
 * Before the first read no source is asked, because it might be the wrong source.
 */
@Component
public class PictureSources {

  private static final Logger log = LoggerFactory.getLogger(PictureSources.class);

  private final Complaints complaints = new Complaints(log);

  /**
   * The instances whose sources can be asked for many people at once.
   *
   * @param others whether this is true of all instances but these
   * @param butFor the instances for which the opposite is true, as an SQL function takes them
   */
  public record Capable(boolean others, String... butFor) {

    public static final Capable NONE = new Capable(false);
  }

  private record Known(SourceTable.Row row, PictureSource source) {}

  private final SourceTable table;
  private final SourceFactory factory;
  private final InstanceCircuits circuits;
  private final Map<String, PictureSource> configured;
  private volatile Map<String, Known> set = Map.of();
  private volatile boolean read;

  PictureSources(
      SourceTable table,
      SourceFactory factory,
      InstanceCircuits circuits,
      SourceProperties properties) {
    this.table = table;
    this.factory = factory;
    this.circuits = circuits;
    this.configured = new HashMap<>();
    properties
        .instances()
        .forEach((id, source) -> configured.put(id, factory.configured(source, id)));
  }

  /** Returns the source that is asked for the pictures of an instance. */
  public PictureSource of(String instanceId) {
    var own = configured.get(instanceId);
    if (own != null) {
      return own;
    }
    if (!read && !readNow()) {
      return SourceFactory.down("the instances' sources are not read yet");
    }
    var known = set.get(instanceId);
    return known != null ? known.source() : factory.ofAllOthers(instanceId);
  }

  /** Returns the instances whose sources answer batches, as far as is known now. */
  public Capable batches() {
    if (!read && !readNow()) {
      return Capable.NONE;
    }
    var sources = new HashMap<String, PictureSource>();
    set.forEach((id, known) -> sources.put(id, known.source()));
    sources.putAll(configured);
    boolean others = factory.othersHaveBatches();
    return new Capable(
        others,
        sources.entrySet().stream()
            .filter(source -> source.getValue().hasBatches() != others)
            .map(Map.Entry::getKey)
            .toArray(String[]::new));
  }

  @Scheduled(fixedDelayString = "PT5S")
  void tick() {
    readNow();
  }

  /** Reads the sources. Returns whether they could be read. */
  private boolean readNow() {
    try {
      refresh();
      return true;
    } catch (RuntimeException failure) {
      complaints.about("the instances' sources were not read: {}", failure);
      return false;
    }
  }

  /**
   * Reads the sources that the API set; a source that did not change is kept. Failures of an old
   * source say nothing about a new one, so the instance's circuit closes.
   */
  void refresh() {
    var before = set;
    boolean first = !read;
    var now = new HashMap<String, Known>();
    table
        .read()
        .forEach((id, row) -> {
          var known = before.get(id);
          now.put(
              id,
              known != null && known.row().equals(row) ? known : new Known(row, factory.set(row)));
        });
    set = now;
    read = true;
    if (!first) {
      Stream.concat(before.keySet().stream(), now.keySet().stream())
          .distinct()
          .filter(id -> !Objects.equals(before.get(id), now.get(id)))
          .forEach(circuits::startAnew);
    }
  }
}
