package dev.profilepic.worker.exchanges;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Ends exchanges that last too long, from connecting to the last byte. A socket's own timeout
 * bounds each read only: a server that sends a header, or a byte, every few seconds would hold its
 * caller for any time.
 */
@Component
public class ExchangeDeadlines implements DisposableBean {

  private final ScheduledThreadPoolExecutor watch =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("exchange-deadlines").factory());

  public ExchangeDeadlines() {
    // Nearly all watches are cancelled long before they are due.
    watch.setRemoveOnCancelPolicy(true);
  }

  /** The watch over one exchange; closed when the exchange is over. */
  public static final class Watch implements AutoCloseable {

    private final Future<?> abort;
    private volatile boolean passed;

    private Watch(ScheduledExecutorService watch, HttpUriRequestBase request, Duration longest) {
      this.abort =
          watch.schedule(
              () -> {
                passed = true;
                request.abort();
              },
              longest.toMillis(),
              TimeUnit.MILLISECONDS);
    }

    /** Returns whether the exchange was ended because its time was up. */
    public boolean hasPassed() {
      return passed;
    }

    @Override
    public void close() {
      abort.cancel(false);
    }
  }

  /**
   * Watches a request that is about to be sent. When its time is up, its connection is dropped and
   * the caller that waits for it gets an {@link java.io.IOException}.
   */
  public Watch of(HttpUriRequestBase request, Duration longest) {
    return new Watch(watch, request, longest);
  }

  @Override
  public void destroy() {
    watch.shutdownNow();
  }
}
