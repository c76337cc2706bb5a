import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The bridge and the CDN of the benchmarks in one process: answers every lookup with "found" and serves 3 KB pictures,
 * which differ for each phone. It has one thread and allocates almost nothing, so that it uses little of the processors
 * that it shares with the measured systems.
 *
 * <p>{@code java InstantBridge.java PORT DELAY_MS}; the delay applies only to lookups, not to pictures.
 */
final class InstantBridge {

  private static final int PICTURE_BYTES = 3072;
  private static final byte[] HEADER = {
    (byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xC0, 0, 11, 8, 0, 96, 0, 96, 1, 1, 0x11, 0,
    (byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 0, 63, 0
  };
  private static final Pattern BODY_LENGTH = Pattern.compile("\\r\\ncontent-length: *([0-9]+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern PHONE = Pattern.compile("\"phone\":\"([0-9]+)\"");

  private final Selector selector = Selector.open();
  private final ArrayDeque<Delayed> delayed = new ArrayDeque<>();
  private final byte[] picture = picture();
  private final int port;
  private final long delayNanos;

  private record Delayed(long due, Exchange exchange, byte[] answer) {}

  /** The state of one connection: the request so far, and the rest of the answer that did not fit. */
  private static final class Exchange {
    final SocketChannel channel;
    final SelectionKey key;
    final ByteBuffer in = ByteBuffer.allocate(8192);
    ByteBuffer out = ByteBuffer.allocate(0);

    Exchange(SocketChannel channel, SelectionKey key) {
      this.channel = channel;
      this.key = key;
    }

    void answer(byte[] bytes) throws IOException {
      out = ByteBuffer.wrap(bytes);
      flush();
    }

    void flush() throws IOException {
      channel.write(out);
      key.interestOps(out.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    }
  }

  private InstantBridge(int port, int delayMillis) throws IOException {
    this.port = port;
    this.delayNanos = delayMillis * 1_000_000L;
  }

  public static void main(String[] args) throws IOException {
    new InstantBridge(Integer.parseInt(args[0]), Integer.parseInt(args[1])).serve();
  }

  private void serve() throws IOException {
    var server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    System.out.println("bridge is ready");
    while (true) {
      selector.select(timeoutMillis());
      var ready = selector.selectedKeys().iterator();
      while (ready.hasNext()) {
        var key = ready.next();
        ready.remove();
        try {
          handle(key, server);
        } catch (IOException gone) {
          key.channel().close();
        }
      }
      answerDelayed();
    }
  }

  private void handle(SelectionKey key, ServerSocketChannel server) throws IOException {
    if (key.isAcceptable()) {
      var channel = server.accept();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      var accepted = channel.register(selector, SelectionKey.OP_READ);
      accepted.attach(new Exchange(channel, accepted));
    } else if (key.isWritable()) {
      ((Exchange) key.attachment()).flush();
    } else {
      read((Exchange) key.attachment());
    }
  }

  private void read(Exchange exchange) throws IOException {
    if (exchange.channel.read(exchange.in) < 0) {
      exchange.channel.close();
      return;
    }
    var text = new String(exchange.in.array(), 0, exchange.in.position(), StandardCharsets.ISO_8859_1);
    int endOfHead = text.indexOf("\r\n\r\n") + 4;
    if (endOfHead < 4 || text.length() < endOfHead + bodyLength(text)) {
      return;
    }
    exchange.in.clear();
    var head = text.substring(0, endOfHead);
    if (head.startsWith("POST ")) {
      exchange.answer(batchAnswer(text.substring(endOfHead)));
      return;
    }
    if (head.startsWith("GET /pictures/")) {
      exchange.answer(pictureAnswer(digitsAfter(head, "/pictures/")));
    } else if (delayNanos == 0) {
      exchange.answer(lookupAnswer(digitsAfter(head, "phone=")));
    } else {
      delayed.add(
          new Delayed(System.nanoTime() + delayNanos, exchange, lookupAnswer(digitsAfter(head, "phone="))));
    }
  }

  private void answerDelayed() throws IOException {
    for (var next = delayed.peek(); next != null && next.due <= System.nanoTime(); next = delayed.peek()) {
      delayed.remove();
      next.exchange.answer(next.answer);
    }
  }

  private long timeoutMillis() {
    var next = delayed.peek();
    return next == null ? 0 : Math.max(1, (next.due - System.nanoTime()) / 1_000_000);
  }

  private static String digitsAfter(String head, String marker) {
    int start = head.indexOf(marker) + marker.length();
    int end = start;
    while (Character.isDigit(head.charAt(end))) {
      end++;
    }
    return head.substring(start, end);
  }

  private static int bodyLength(String request) {
    var length = BODY_LENGTH.matcher(request);
    return request.startsWith("POST ") && length.find() ? Integer.parseInt(length.group(1)) : 0;
  }

  /** Returns the picture ids of many people at once: the same ids as in the lookup of each person. */
  private static byte[] batchAnswer(String body) {
    return json(
        PHONE
            .matcher(body)
            .results()
            .map(phone -> phone.group(1))
            .map(phone -> "{\"exists\":\"yes\",\"picture\":\"id\",\"picture_id\":\"%s\",\"jid\":\"%s@s.whatsapp.net\"}".formatted(phone, phone))
            .collect(Collectors.joining(",", "{\"contacts\":[", "]}")));
  }

  private static byte[] json(String body) {
    return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] lookupAnswer(String phone) {
    var body =
        "{\"status\":\"found\",\"url\":\"http://127.0.0.1:%d/pictures/%s.jpg?oe=7FFFFFFF\",\"picture_id\":\"%s\",\"jid\":\"%s@s.whatsapp.net\"}"
            .formatted(port, phone, phone, phone);
    return json(body);
  }

  private byte[] pictureAnswer(String phone) {
    var head =
        ("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: " + PICTURE_BYTES + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    var answer = Arrays.copyOf(head, head.length + PICTURE_BYTES);
    System.arraycopy(picture, 0, answer, head.length, PICTURE_BYTES);
    // The phone goes into the scan, which the product keeps: every phone has different bytes, and so another photo.
    var name = phone.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(name, 0, answer, head.length + HEADER.length, name.length);
    return answer;
  }

  /** Returns bytes with the segments of a JPEG: a frame of 96 x 96, a scan of noise, an end (ITU T.81, B.2). */
  private static byte[] picture() {
    var bytes = new byte[PICTURE_BYTES];
    var random = new java.util.Random(42);
    for (int i = 0; i < bytes.length; i++) {
      // Never 0xFF, which would begin a marker.
      bytes[i] = (byte) random.nextInt(255);
    }
    System.arraycopy(HEADER, 0, bytes, 0, HEADER.length);
    bytes[PICTURE_BYTES - 2] = (byte) 0xFF;
    bytes[PICTURE_BYTES - 1] = (byte) 0xD9;
    return bytes;
  }
}
