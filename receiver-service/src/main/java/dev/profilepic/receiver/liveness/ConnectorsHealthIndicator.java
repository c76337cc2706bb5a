package dev.profilepic.receiver.liveness;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Down when one of two threads is dead: the thread that accepts connections (Tomcat's acceptor) or
 * the thread that sees data on them (its poller). An error such as lack of memory ends such a
 * thread for good. The management port still answers then, because it has its own threads. This
 * check is part of liveness, so the supervisor of the process starts another process.
 */
@Component
class ConnectorsHealthIndicator implements HealthIndicator {

  /** The threads since each server's last start. A restarted server has new threads. */
  private final Map<TomcatWebServer, List<Thread>> threads = new ConcurrentHashMap<>();

  @EventListener
  void onStarted(WebServerInitializedEvent started) {
    if (started.getWebServer() instanceof TomcatWebServer server) {
      watch(server);
    }
  }

  /**
   * @param server a running server
   */
  void watch(TomcatWebServer server) {
    threads.put(
        server,
        Stream.of(server.getTomcat().getService().findConnectors())
            .flatMap(connector -> ConnectorThreads.of(connector).stream())
            .toList());
  }

  @Override
  public Health health() {
    var dead =
        threads.values().stream()
            .flatMap(List::stream)
            .filter(thread -> !thread.isAlive())
            .map(Thread::getName)
            .toList();
    return dead.isEmpty() ? Health.up().build() : Health.down().withDetail("dead", dead).build();
  }
}
