package dev.profilepic.worker.doctor;

/**
 * The result of a check.
 *
 * @param check the check's name
 * @param what the finding, in one line
 * @param remedy the remedy, in one line; empty when nothing has to be done
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
