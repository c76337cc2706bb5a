package dev.profilepic.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads secrets from files, as Docker Swarm, Kubernetes and systemd provide them. Where {@code
 * NAME_FILE} is set, {@code NAME} is the content of that file without the line's end.
 */
public final class SecretFiles {

  private static final String SUFFIX = "_FILE";

  /**
   * Only our own variables: variables of other programs may end with the same word and mean
   * something else.
   */
  private static final Pattern OURS =
      Pattern.compile("PROFILE_PIC_[A-Z0-9_]+|(RECEIVER|WORKER)_DATABASE_PASSWORD");

  /** More bytes than any secret has, so that a path to a wrong file is noticed. */
  private static final long LARGEST = 64 * 1024;

  /** Thrown for a file that cannot be read, or a variable that is set both ways. */
  public static final class UnreadableException extends IllegalStateException {

    private final String remedy;

    UnreadableException(String problem, String remedy) {
      super(problem);
      this.remedy = remedy;
    }

    public String remedy() {
      return remedy;
    }
  }

  private SecretFiles() {}

  /**
   * Reads the files.
   *
   * @param environment environment variables
   * @return the content of the files, by the variables' names without {@code _FILE}
   * @throws UnreadableException names the variable and the file, and no secret
   */
  public static Map<String, String> read(Map<String, String> environment) {
    var read = new TreeMap<String, String>();
    environment.forEach((variable, file) -> {
      if (variable.endsWith(SUFFIX) && !file.isBlank()) {
        var name = variable.substring(0, variable.length() - SUFFIX.length());
        if (OURS.matcher(name).matches()) {
          if (!environment.getOrDefault(name, "").isBlank()) {
            throw new UnreadableException(
                "both " + name + " and " + variable + " are set", "Remove one of them.");
          }
          read.put(name, contents(variable, file.strip()));
        }
      }
    });
    return read;
  }

  /** Returns the environment variables, together with the values that come from files. */
  public static Map<String, String> over(Map<String, String> environment) {
    var all = new TreeMap<>(environment);
    all.putAll(read(environment));
    return all;
  }

  private static String contents(String variable, String file) {
    try {
      var path = Path.of(file);
      if (Files.size(path) > LARGEST) {
        throw wrong(variable, file, "is larger than 64 KiB");
      }
      var text = Files.readString(path).strip();
      if (text.isEmpty()) {
        throw wrong(variable, file, "is empty");
      }
      return text;
    } catch (IOException | InvalidPathException unreadable) {
      throw wrong(variable, file, "cannot be read: " + unreadable.getClass().getSimpleName());
    }
  }

  private static UnreadableException wrong(String variable, String file, String problem) {
    return new UnreadableException(
        variable + " names " + file + ", which " + problem,
        "Let it name a file that holds the secret alone and that this user may read.");
  }
}
