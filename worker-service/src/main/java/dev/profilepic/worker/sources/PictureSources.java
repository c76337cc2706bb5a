package dev.profilepic.worker.sources;

import dev.profilepic.worker.queue.Complaints;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The source of each instance's pictures. What the API set is read every few seconds; until it was
 * read for the first time nobody is asked, since it might be the wrong one.
 */
@Component
public class PictureSources {

  private static final Logger log = LoggerFactory.getLogger(PictureSources.class);

  private final Complaints complaints = new Complaints(log);

  private record Known(SourceTable.Row row, PictureSource source) {}

  private final SourceTable table;
  private final SourceFactory factory;
  private final Map<String, PictureSource> configured;
  private volatile Map<String, Known> set = Map.of();
  private volatile boolean read;

  PictureSources(SourceTable table, SourceFactory factory, SourceProperties properties) {
    this.table = table;
    this.factory = factory;
    this.configured = new HashMap<>();
    properties.instances().forEach((id, source) -> configured.put(id, factory.configured(source)));
  }

  /** Who is asked for the pictures of an instance. */
  public PictureSource of(String instanceId) {
    var own = configured.get(instanceId);
    if (own != null) {
      return own;
    }
    if (!read && !readNow()) {
      return SourceFactory.down("the instances' sources are not read yet");
    }
    var known = set.get(instanceId);
    return known != null ? known.source() : factory.ofAllOthers();
  }

  @Scheduled(fixedDelayString = "PT5S")
  void tick() {
    readNow();
  }

  /** Whether it could be read. */
  private boolean readNow() {
    try {
      refresh();
      return true;
    } catch (RuntimeException failure) {
      complaints.about("the instances' sources were not read: {}", failure);
      return false;
    }
  }

  /** Reads what the API set; a source that did not change is kept. */
  void refresh() {
    var before = set;
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
  }
}
