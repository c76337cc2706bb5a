package dev.profilepic.s3;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An S3 server on its own port, with one bucket in a temporary directory. The bucket stays while
 * the server is stopped. The server checks signatures as AWS does.
 */
public final class S3Server implements AutoCloseable {

  public static final String BUCKET = "photos";
  public static final String ACCESS_KEY = "test-access-key";
  public static final String SECRET_KEY = "test-secret-key";

  private static final int START_SECONDS = 60;

  private final Path directory;
  private final int port;
  private @Nullable Process process;

  private S3Server(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  public static S3Server started() {
    var server = prepared();
    try {
      server.start();
      return server;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Returns a server that is not started yet but has its endpoint. The server ends with the JVM.
   */
  public static S3Server prepared() {
    try {
      var directory = Files.createTempDirectory("profile-pic-s3");
      Files.createDirectories(directory.resolve("data").resolve(BUCKET));
      var server = new S3Server(directory, freePort());
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      return server;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Returns the settings of a service that keeps its photos here, {@code name=value}. */
  public String[] settings() {
    return new String[] {
      "profile-pic.store.type=s3",
      "profile-pic.store.s3.endpoint=" + endpoint(),
      "profile-pic.store.s3.bucket=" + BUCKET,
      "profile-pic.store.s3.access-key=" + ACCESS_KEY,
      "profile-pic.store.s3.secret-key=" + SECRET_KEY,
      "profile-pic.store.s3.timeout=2s",
    };
  }

  /** Returns the keys of all objects, in order. */
  public Stream<String> keys() {
    var bucket = directory.resolve("data").resolve(BUCKET);
    var keys = new TreeSet<String>();
    try {
      Files.walkFileTree(
          bucket,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              keys.add(bucket.relativize(file).toString());
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure)
                throws IOException {
              // The server removed it, or its folder, while we looked.
              if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw failure;
            }
          });
      return keys.stream();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Starts or restarts the server, with the objects in the bucket. Does nothing while the server
   * runs.
   */
  public void start() throws IOException {
    if (process != null && process.isAlive()) {
      return;
    }
    var settings = directory.resolve("s3proxy.conf");
    Files.writeString(
        settings,
        """
        s3proxy.endpoint=http://127.0.0.1:%d
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.filesystem.basedir=%s
        """
            .formatted(port, ACCESS_KEY, SECRET_KEY, directory.resolve("data")));
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx192m",
                "-cp",
                classPath(),
                "org.gaul.s3proxy.Main",
                "--properties",
                settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("s3proxy.log").toFile())
            .start();
    awaitPort(process);
  }

  /** Stops the server; the objects in the bucket stay. */
  public void stop() {
    if (process != null) {
      process.destroyForcibly();
      try {
        process.waitFor(START_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    stop();
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void awaitPort(Process started) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (System.nanoTime() < deadline && started.isAlive()) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
        return;
      } catch (IOException notYet) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
    throw new IOException(
        "s3proxy does not answer: " + Files.readString(directory.resolve("s3proxy.log")));
  }

  private static String classPath() throws IOException {
    try (var in = S3Server.class.getResourceAsStream("/s3proxy.classpath")) {
      if (in == null) {
        throw new IOException("embedded-s3 was not built by Maven: s3proxy.classpath is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
