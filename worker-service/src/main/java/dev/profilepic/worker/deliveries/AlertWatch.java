package dev.profilepic.worker.deliveries;

import dev.profilepic.worker.bridge.BridgeAlerts;
import dev.profilepic.worker.queue.Complaints;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Reports alerts to webhook endpoints, for people who run no Prometheus. */
@Component
class AlertWatch {

  private final Complaints complaints = new Complaints(LoggerFactory.getLogger(AlertWatch.class));

  private final DeliverySql sql;
  private final BridgeAlerts bridge;
  private final DeliveryProperties properties;

  AlertWatch(DeliverySql sql, BridgeAlerts bridge, DeliveryProperties properties) {
    this.sql = sql;
    this.bridge = bridge;
    this.properties = properties;
  }

  @Scheduled(fixedDelayString = "PT30S", initialDelayString = "PT30S")
  void tick() {
    if (!properties.enabled()) {
      return;
    }
    try {
      sql.watchAlerts(bridge.current());
    } catch (RuntimeException failure) {
      complaints.about("nobody looked for alerts: {}", failure);
    }
  }
}
