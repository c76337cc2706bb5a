package dev.profilepic.worker.exchanges;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * One exchange, and whether its request was sent. Before that, only the way to the server can have
 * failed; afterwards the server may have taken the request.
 */
public final class Exchange {

  private static final String SENT = "dev.profilepic.sent";

  /** Notes in the exchange's context that the request is being sent. Comes after connecting. */
  static final ExecChainHandler NOTE_SENDING = Exchange::noteSending;

  private final HttpClientContext context = HttpClientContext.create();

  private static ClassicHttpResponse noteSending(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    scope.clientContext.setAttribute(SENT, true);
    return chain.proceed(request, scope);
  }

  /** Returns the context with which the client must execute the request. */
  public HttpClientContext context() {
    return context;
  }

  /**
   * Returns the exception for a failed exchange, as callers must see it. A server to which nothing
   * was sent cannot be reached, however long that took: a resolver may fail long after the
   * deadline.
   *
   * @param failure the client's exception
   * @param passed the exception for a request that was sent, when its time is up; otherwise the
   *     same as {@code failure}
   */
  public IOException failure(IOException failure, IOException passed) {
    if (context.getAttribute(SENT) != null) {
      return failure instanceof BodyBudget.NoMemoryException ? failure : passed;
    }
    if (failure instanceof UnknownHostException
        || failure instanceof ConnectException
        || failure instanceof ConnectTimeoutException) {
      return failure;
    }
    var unreachable = new ConnectTimeoutException("not reached");
    unreachable.initCause(failure);
    return unreachable;
  }
}
