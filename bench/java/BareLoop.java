import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/**
 * The upper limit of the worker: only its two HTTP calls per message, with its HTTP client, on as many virtual threads
 * as the worker runs messages at once. No queue, no database.
 *
 * <p>{@code java -cp 'LIBRARIES/*' BareLoop.java BRIDGE_URL CONCURRENCY WARM_UP COUNT}; prints messages per second,
 * and milliseconds of processor time per message.
 */
final class BareLoop {

  private BareLoop() {}

  public static void main(String[] args) throws Exception {
    int concurrency = Integer.parseInt(args[1]);
    var pool = PoolingHttpClientConnectionManagerBuilder.create().setMaxConnTotal(512).setMaxConnPerRoute(512).build();
    try (var http =
        HttpClients.custom().setConnectionManager(pool).disableAutomaticRetries().disableCookieManagement().build()) {
      run(http, args[0], concurrency, Integer.parseInt(args[2]));
      int count = Integer.parseInt(args[3]);
      long cpu = cpuNanos();
      double rate = run(http, args[0], concurrency, count);
      System.out.println("rate " + rate + " cpu " + (cpuNanos() - cpu) / 1e6 / count);
    }
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  private static double run(CloseableHttpClient http, String bridge, int concurrency, int count)
      throws InterruptedException {
    var next = new AtomicLong();
    var failed = new AtomicLong();
    var ended = new CountDownLatch(concurrency);
    long start = System.nanoTime();
    for (int i = 0; i < concurrency; i++) {
      Thread.startVirtualThread(() -> {
        for (long message = next.getAndIncrement(); message < count; message = next.getAndIncrement()) {
          try {
            fetch(http, bridge, 5_562_991_000_000L + message);
          } catch (IOException failure) {
            failed.incrementAndGet();
          }
        }
        ended.countDown();
      });
    }
    ended.await();
    if (failed.get() > 0) {
      throw new IllegalStateException(failed + " of " + count + " failed");
    }
    return count / ((System.nanoTime() - start) / 1e9);
  }

  private static void fetch(CloseableHttpClient http, String bridge, long phone) throws IOException {
    var lookup = new HttpGet(bridge + "/instances/bench/profile-picture?phone=" + phone + "&type=image");
    lookup.setHeader("Authorization", "Bearer local-bridge-token");
    var answer = http.execute(lookup, response -> EntityUtils.toString(response.getEntity()));
    int start = answer.indexOf("http://");
    var picture = http.execute(
        new HttpGet(answer.substring(start, answer.indexOf('"', start))),
        response -> EntityUtils.toByteArray(response.getEntity()));
    if (picture.length == 0) {
      throw new IOException("an empty picture");
    }
  }
}
