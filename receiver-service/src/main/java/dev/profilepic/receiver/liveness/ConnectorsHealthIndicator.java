package dev.profilepic.receiver.liveness;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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

  private final List<Thread> threads = new CopyOnWriteArrayList<>();

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
    for (var connector : server.getTomcat().getService().findConnectors()) {
      threads.addAll(ConnectorThreads.of(connector));
    }
  }

  @Override
  public Health health() {
    var dead = threads.stream().filter(thread -> !thread.isAlive()).map(Thread::getName).toList();
    return dead.isEmpty() ? Health.up().build() : Health.down().withDetail("dead", dead).build();
  }
}
