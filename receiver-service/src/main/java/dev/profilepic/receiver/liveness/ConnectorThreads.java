package dev.profilepic.receiver.liveness;

import java.util.Comparator;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;

/** The threads without which one of Tomcat's connectors serves no request. */
final class ConnectorThreads {

  private static final List<String> KINDS = List.of("-Acceptor", "-Poller");

  private ConnectorThreads() {}

  /**
   * @throws IllegalStateException when no such threads exist: this version of Tomcat uses other
   *     names
   */
  static List<Thread> of(Connector connector) {
    var name = endpointOf(connector);
    var all = Thread.getAllStackTraces().keySet();
    return KINDS.stream()
        .map(kind ->
            all.stream()
                .filter(thread -> thread.getName().equals(name + kind))
                // After a restart the former thread may still be about to end.
                .max(Comparator.comparingLong(Thread::threadId))
                .orElseThrow(() -> new IllegalStateException("no thread is called " + name + kind)))
        .toList();
  }

  /** Returns {@code http-nio-8080}, or {@code http-nio-auto-1} for a port that the system chose. */
  private static String endpointOf(Connector connector) {
    var name = ((AbstractProtocol<?>) connector.getProtocolHandler()).getName().replace("\"", "");
    return connector.getPort() == 0
        ? name.substring(0, name.lastIndexOf("-" + connector.getLocalPort()))
        : name;
  }
}
