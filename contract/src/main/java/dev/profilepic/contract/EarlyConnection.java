package dev.profilepic.contract;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Connects to the database while the other beans are still made, because a service is ready only
 * with a connection. Nothing waits for it: a service also starts without its database.
 */
public final class EarlyConnection implements BeanPostProcessor {

  private static final Log log = LogFactory.getLog(EarlyConnection.class);

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (bean instanceof DataSource source) {
      Thread.ofPlatform().daemon().name("early-connection").start(() -> connect(source));
    }
    return bean;
  }

  private static void connect(DataSource source) {
    try {
      source.getConnection().close();
    } catch (SQLException | RuntimeException unavailable) {
      log.debug("no connection to the database yet", unavailable);
    }
  }
}
