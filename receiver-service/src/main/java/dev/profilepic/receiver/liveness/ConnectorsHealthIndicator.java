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
 * Down when a thread is dead that takes connections (Tomcat's acceptor) or hears what comes on them
 * (its poller): an error such as lack of memory ends them for good, while the management port,
 * which has threads of its own, still answers. Part of liveness, so whoever supervises the process
 * starts another.
 */
@Component
class ConnectorsHealthIndicator implements HealthIndicator {

  /** The threads of each server's last start: one that starts again has new ones. */
  private final Map<TomcatWebServer, List<Thread>> threads = new ConcurrentHashMap<>();

  @EventListener
  void onStarted(WebServerInitializedEvent started) {
    if (started.getWebServer() instanceof TomcatWebServer server) {
      watch(server);
    }
  }

  /**
   * @param server one that runs
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
