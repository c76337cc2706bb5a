package dev.profilepic.worker.store;

import dev.profilepic.store.StoreProperties;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.util.unit.DataSize;

/** Gauges of the contents of the stores, and a warning when a store holds more than the budget. */
@Component
class StoreMetrics {

  private static final Logger log = LoggerFactory.getLogger(StoreMetrics.class);
  private static final List<String> STORES = List.of("postgres", "s3");

  private final StoreSql sql;
  private final double budget;
  private volatile List<StoreSql.Size> sizes = List.of();
  private volatile boolean warned;

  StoreMetrics(StoreSql sql, StoreProperties properties, MeterRegistry meters) {
    this.sql = sql;
    var warnAbove = properties.warnAbove();
    this.budget = warnAbove == null ? Double.POSITIVE_INFINITY : warnAbove.toBytes();
    for (var store : STORES) {
      gauge(
          meters, store, "profilepic.store.photos", "Photos that are kept", StoreSql.Size::photos);
      gauge(
          meters,
          store,
          "profilepic.store.bytes",
          "What they take: on the database's disk, or in the bucket",
          StoreSql.Size::bytes);
    }
    gauge(
        meters,
        "s3",
        "profilepic.store.removals",
        "Objects that are still to be removed from the bucket",
        StoreSql.Size::removals);
    Gauge.builder("profilepic.store.budget.bytes", () -> budget)
        .description("profile-pic.store.warn-above; infinite where it is not set")
        .register(meters);
  }

  @Scheduled(fixedDelayString = "PT5M")
  void measure() {
    try {
      sizes = sql.sizes();
    } catch (DataAccessException | TransactionException failure) {
      log.warn("what the photos take is unknown: {}", failure.getMessage());
      return;
    }
    long most = sizes.stream().mapToLong(StoreSql.Size::bytes).max().orElse(0);
    boolean over = most > budget;
    if (over && !warned) {
      log.warn(
          "photos take {} MB, more than profile-pic.store.warn-above",
          DataSize.ofBytes(most).toMegabytes());
    }
    warned = over;
  }

  private void gauge(
      MeterRegistry meters,
      String store,
      String name,
      String description,
      ToLongFunction<StoreSql.Size> value) {
    Gauge.builder(name, () -> of(store, value))
        .tag("store", store)
        .description(description)
        .register(meters);
  }

  private double of(String store, ToLongFunction<StoreSql.Size> value) {
    return sizes.stream()
        .filter(size -> size.store().equals(store))
        .mapToDouble(value::applyAsLong)
        .findFirst()
        .orElse(Double.NaN);
  }
}
