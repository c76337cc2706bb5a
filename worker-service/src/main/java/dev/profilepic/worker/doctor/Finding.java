package dev.profilepic.worker.doctor;

/**
 * What a check found.
 *
 * @param check its name
 * @param what the finding, in one line
 * @param remedy what to do, in one line; empty where nothing is to be done
 */
record Finding(Level level, String check, String what, String remedy) {

  enum Level {
    OK,
    WARNING,
    PROBLEM
  }

  Finding {
    what = line(what);
    remedy = line(remedy);
  }

  private static String line(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
