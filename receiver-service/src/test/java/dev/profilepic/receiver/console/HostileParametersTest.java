package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Console;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Sends senseless values in each parameter and each path variable of each route. No response may
 * say that something broke (500) or that the database is away (503).
 */
class HostileParametersTest extends ConsoleTest {

  /** The values as written in a query or a form. */
  private static final List<String> HOSTILE =
      List.of(
          "",
          "x",
          "-1",
          "NaN",
          "9223372036854775807",
          "-9223372036854775808",
          "9223372036854775808",
          "%00",
          "%01",
          "%0D%0A",
          "%FF",
          "%C3%28",
          "%ED%A0%80",
          "%F0%9F%98%80",
          "%zz",
          "%",
          "%27",
          "%5C",
          "%7B0%7D",
          "%7Bx%7D",
          "%24%7B7*7%7D",
          "..%2F..",
          "a,b,%00",
          "true",
          "x".repeat(5_000));

  /** The values that are also sent in each parameter alone. */
  private static final List<String> WORST = List.of("x", "-1", "%00", "%zz", "9223372036854775808");

  private record Route(boolean get, String path, List<String> parameters) {}

  @Autowired private RequestMappingHandlerMapping requestMappingHandlerMapping;

  @TestFactory
  Stream<DynamicTest> everyRouteAnswersWhateverItIsSent() {
    var routes = routes();
    assertThat(routes).hasSizeGreaterThan(30);
    return routes.stream()
        .map(route ->
            DynamicTest.dynamicTest(
                (route.get() ? "get " : "post ") + route.path(), () -> check(route)));
  }

  private void check(Route route) {
    var console = Console.signIn(withKey(null), KEY);
    var wrong = new TreeSet<String>();
    for (var value : HOSTILE) {
      if (route.path().contains("{")) {
        // Tomcat rejects an encoded slash and invalid percent-encoding in a path.
        ask(
            console,
            route,
            route.path().replaceAll("\\{[^}]*}", value.replaceAll("[$\\\\]", "")),
            "",
            wrong);
      }
      if (WORST.contains(value)) {
        route
            .parameters()
            .forEach(parameter ->
                ask(
                    console,
                    route,
                    route.path().replaceAll("\\{[^}]*}", "7"),
                    parameter + "=" + value,
                    wrong));
      }
      ask(
          console,
          route,
          route.path().replaceAll("\\{[^}]*}", "7"),
          route.parameters().stream()
              .map(parameter -> parameter + "=" + value)
              .collect(Collectors.joining("&")),
          wrong);
    }
    ask(
        console,
        route,
        route.path().replaceAll("\\{[^}]*}", "7"),
        IntStream.range(0, 1_100).mapToObj(n -> "p" + n + "=1").collect(Collectors.joining("&")),
        wrong);
    assertThat(wrong).isEmpty();
  }

  private static void ask(
      Console console, Route route, String path, String fields, TreeSet<String> wrong) {
    var address = route.get() && !fields.isEmpty() ? path + "?" + fields : path;
    if (!isSent(address)) {
      return;
    }
    var answer = route.get() ? console.get(address) : console.post(path, fields);
    if (answer.status() >= 500 && answer.status() != 502) {
      wrong.add(
          "%d: %s %.80s"
              .formatted(
                  answer.status(), path.length() > 80 ? path.substring(0, 80) : path, fields));
    }
  }

  /**
   * Returns whether the HTTP client can send the address. The client rejects invalid
   * percent-encoding in an address, but not in a form.
   */
  private static boolean isSent(String address) {
    try {
      URI.create(address);
      return true;
    } catch (IllegalArgumentException broken) {
      return false;
    }
  }

  private List<Route> routes() {
    var routes = new ArrayList<Route>();
    requestMappingHandlerMapping
        .getHandlerMethods()
        .forEach((info, handler) -> {
          if (handler.getBeanType().getPackageName().endsWith(".console")
              && !handler.getMethod().getName().equals("signOut")) {
            routes.addAll(routes(info, handler));
          }
        });
    return routes;
  }

  private static List<Route> routes(RequestMappingInfo info, HandlerMethod handler) {
    var parameters = new ArrayList<>(List.of("done", "n"));
    for (MethodParameter parameter : handler.getMethodParameters()) {
      parameter.initParameterNameDiscovery(new DefaultParameterNameDiscoverer());
      var named = parameter.getParameterAnnotation(RequestParam.class);
      if (named != null) {
        parameters.add(
            named.name().isEmpty() ? String.valueOf(parameter.getParameterName()) : named.name());
      }
    }
    return info.getMethodsCondition().getMethods().stream()
        .flatMap(method ->
            info.getPatternValues().stream()
                .map(path -> new Route(method == RequestMethod.GET, path, parameters)))
        .toList();
  }
}
