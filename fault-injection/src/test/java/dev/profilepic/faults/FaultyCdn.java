package dev.profilepic.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * Serves a picture for every id, each with different bytes: the stored bytes tell where they came
 * from. The CDN has a separate port, because a failed download counts as an attempt, and a bridge
 * that is down does not.
 */
final class FaultyCdn implements AutoCloseable {

  private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int SIDE = 96;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private volatile Consumer<String> afterServing = pictureId -> {};

  FaultyCdn() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(threads);
    server.createContext("/pictures/", this::serve);
    server.start();
  }

  String origin() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  String urlOf(String pictureId) {
    return origin() + "/pictures/" + pictureId;
  }

  /**
   * Sets a callback that gets a picture's id once the picture's last byte was handed to the
   * network.
   */
  void afterServing(Consumer<String> callback) {
    this.afterServing = callback;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    var pictureId = exchange.getRequestURI().getPath().replaceFirst("^/pictures/", "");
    try (exchange) {
      var picture = picture(pictureId);
      exchange.sendResponseHeaders(200, picture.length);
      exchange.getResponseBody().write(picture);
    }
    afterServing.accept(pictureId);
  }

  /**
   * Returns a PNG with whole chunks, the only property that the worker checks. The id stands in
   * place of the pixels.
   */
  private static byte[] picture(String pictureId) {
    var header = ByteBuffer.allocate(13).putInt(SIDE).putInt(SIDE).put(new byte[] {8, 2, 0, 0, 0});
    var id = pictureId.getBytes(StandardCharsets.US_ASCII);
    var file = ByteBuffer.allocate(8 + 25 + 12 + id.length + 12).putLong(PNG_SIGNATURE);
    putChunk(file, "IHDR", header.array());
    putChunk(file, "IDAT", id);
    putChunk(file, "IEND", new byte[0]);
    return file.array();
  }

  private static void putChunk(ByteBuffer file, String type, byte[] data) {
    var name = type.getBytes(StandardCharsets.US_ASCII);
    var checksum = new CRC32();
    checksum.update(name);
    checksum.update(data);
    file.putInt(data.length).put(name).put(data).putInt((int) checksum.getValue());
  }
}
