package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EarlyConnectionTest {

  private final EarlyConnection early = new EarlyConnection();

  @Test
  void aConnectionIsOpenedAndGivenBackBesideTheStart() throws InterruptedException {
    var closed = new CountDownLatch(1);
    var connection =
        proxy(
            Connection.class,
            method -> {
              if (method.equals("close")) {
                closed.countDown();
              }
              return null;
            });

    assertThat(early.postProcessAfterInitialization(sourceOf(() -> connection), "pool"))
        .isInstanceOf(DataSource.class);

    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aDatabaseThatIsAwayDoesNotStopTheStart() throws InterruptedException {
    var asked = new CountDownLatch(1);
    var away =
        sourceOf(() -> {
          asked.countDown();
          throw new SQLException("away");
        });

    assertThat(early.postProcessAfterInitialization(away, "pool")).isSameAs(away);

    assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void otherBeansAreLeftAlone() {
    assertThat(early.postProcessAfterInitialization("a bean", "bean")).isEqualTo("a bean");
  }

  private interface Connecting {
    Connection connect() throws SQLException;
  }

  private interface Answer {
    @Nullable Object to(String method) throws Throwable;
  }

  private static DataSource sourceOf(Connecting connecting) {
    return proxy(DataSource.class, method -> connecting.connect());
  }

  private static <T> T proxy(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              return switch (method.getName()) {
                case "equals" -> self == arguments[0];
                case "hashCode" -> System.identityHashCode(self);
                case "toString" -> type.getSimpleName();
                default -> answer.to(method.getName());
              };
            }));
  }
}
