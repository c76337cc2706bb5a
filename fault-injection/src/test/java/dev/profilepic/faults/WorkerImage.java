package dev.profilepic.faults;

import dev.profilepic.worker.WorkerApplication;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * The worker, prepared for frequent starts: its classes as jars and an ahead-of-time cache (JEP
 * 483), which halve the cost of a start. The image is made once per build, under {@code
 * target/faults/}.
 */
final class WorkerImage {

  static final Path DIRECTORY = Path.of("target", "faults");

  private static final String MAIN = WorkerApplication.class.getName();

  private WorkerImage() {}

  /** Returns the command line up to the program's own arguments. */
  static List<String> command() {
    return Prepared.COMMAND;
  }

  private static List<String> prepare() {
    try {
      Files.createDirectories(DIRECTORY);
      var classPath = new ArrayList<String>();
      long fingerprint = 7;
      for (var entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        var path = Path.of(entry);
        // The worker must find the same classes as in production, and the cache takes only jars.
        if (Files.isDirectory(path) && !path.endsWith("test-classes")) {
          fingerprint = 31 * fingerprint + newestChange(path);
          classPath.add(jar(path, Integer.toHexString(entry.hashCode())).toString());
        } else if (entry.endsWith(".jar")) {
          fingerprint = 31 * fingerprint + Files.getLastModifiedTime(path).toMillis();
          classPath.add(entry);
        }
      }
      return withCache(String.join(File.pathSeparator, classPath), fingerprint);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<String> withCache(String classPath, long fingerprint) throws IOException {
    var cache = DIRECTORY.resolve("worker-" + Long.toHexString(fingerprint) + ".aot");
    if (Files.notExists(cache)) {
      try (var training =
          WorkerProcess.launch(
              "training",
              java(classPath, "-XX:AOTCacheOutput=" + cache),
              List.of(
                  "--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/nowhere",
                  "--profile-pic.bridge.token=token",
                  "--profile-pic.avatars.base-url=http://127.0.0.1:8080",
                  "--profile-pic.avatars.signing-secret=signs-nothing-that-anybody-sees",
                  "--profile-pic.erasure.key=forgets-nobody-that-exists"))) {
        Await.until("the training worker is up", training::isLive);
        // The worker writes the cache when it exits.
        training.terminate();
        Await.until("the cache is written", () -> !training.isAlive());
      }
    }
    return java(classPath, "-XX:AOTCache=" + cache);
  }

  private static List<String> java(String classPath, String cache) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        cache,
        // The workers live briefly: compile little, stay small.
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-XX:+ExitOnOutOfMemoryError",
        "-cp",
        classPath,
        MAIN);
  }

  private static Path jar(Path classes, String id) throws IOException {
    var jar = DIRECTORY.resolve("classes-" + id + ".jar");
    if (Files.exists(jar) && Files.getLastModifiedTime(jar).toMillis() > newestChange(classes)) {
      return jar;
    }
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var files = Files.walk(classes)) {
      for (var file : files.filter(file -> !file.equals(classes)).sorted().toList()) {
        var name = classes.relativize(file).toString().replace(File.separatorChar, '/');
        // Directories are entries too: without their entries Spring finds no components.
        out.putNextEntry(new JarEntry(Files.isDirectory(file) ? name + "/" : name));
        if (Files.isRegularFile(file)) {
          Files.copy(file, out);
        }
      }
    }
    return jar;
  }

  private static long newestChange(Path directory) throws IOException {
    long newest = 0;
    try (var files = Files.walk(directory)) {
      for (var file : files.toList()) {
        newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
      }
    }
    return newest;
  }

  private static final class Prepared {
    private static final List<String> COMMAND = prepare();
  }
}
