package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** A page that breaks while it is written. */
class BrokenPageTest extends ReceiverTest {

  private static final String PATH = "/console/broken/{id}";

  @Autowired private RequestMappingHandlerMapping requestMappingHandlerMapping;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final RequestMappingInfo route =
      RequestMappingInfo.paths(PATH).methods(RequestMethod.GET).build();

  /** Shows a template that breaks half way. */
  public static final class Broken {

    public String page() {
      return "console/broken";
    }
  }

  @BeforeEach
  void openTheBrokenPage() throws NoSuchMethodException {
    requestMappingHandlerMapping.registerMapping(
        route, new Broken(), Broken.class.getMethod("page"));
    log.start();
    root().addAppender(log);
  }

  @AfterEach
  void closeIt() {
    root().detachAppender(log);
    requestMappingHandlerMapping.unregisterMapping(route);
  }

  @Test
  void theBrowserGetsTheConsolesPageForErrorsAndTheLogOneLine() {
    var answer = Console.signIn(withKey(null), KEY).get("/console/broken/lead-7");

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.header("content-type")).startsWith("text/html");
    assertThat(answer.text())
        .contains("Something went wrong", "The log says more.", "</html>")
        .contains("bootstrap");
    assertThat(log.list)
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getThrowableProxy()).isNull();
          assertThat(event.getFormattedMessage())
              .contains(PATH, "nothingOfThisName")
              .doesNotContain("lead-7");
        });
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }
}
