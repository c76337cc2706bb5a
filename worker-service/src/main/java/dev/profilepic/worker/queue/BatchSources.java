package dev.profilepic.worker.queue;

import java.util.Set;

/** Knows which instances' sources can be asked for many people at once. */
public interface BatchSources {

  Capable batches();

  /**
   * @param others whether all instances but these can
   * @param butFor the instances for which the opposite is true
   */
  record Capable(boolean others, Set<String> butFor) {

    public static final Capable NONE = new Capable(false, Set.of());

    public Capable {
      butFor = Set.copyOf(butFor);
    }

    /** As an SQL function takes it. */
    public String[] butForArray() {
      return butFor.toArray(String[]::new);
    }
  }
}
