package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.MessageSource;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.transaction.TransactionException;
import org.springframework.ui.Model;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.ModelAndView;

/** The model that all pages share, and the error page that replaces a failed page. */
@Order(Ordered.HIGHEST_PRECEDENCE)
@ControllerAdvice(basePackageClasses = ConsoleAdvice.class)
class ConsoleAdvice {

  private static final Logger log = LoggerFactory.getLogger(ConsoleAdvice.class);

  private final MessageSource messages;
  private final boolean local;

  ConsoleAdvice(MessageSource messages, Environment environment) {
    this.messages = messages;
    this.local = environment.acceptsProfiles(Profiles.of("local"));
  }

  @ModelAttribute
  void common(Model model, HttpServletRequest request, Locale locale) {
    addCommon(model.asMap(), request, locale);
  }

  private void addCommon(
      java.util.Map<String, Object> model, HttpServletRequest request, Locale locale) {
    if (SecurityContextHolder.getContext().getAuthentication() instanceof Caller caller) {
      model.put("viewer", Viewer.of(caller));
    }
    model.put("ui", new Ui(messages, locale));
    model.put("local", local);
    model.put("section", section(request.getRequestURI()));
    // The token is loaded now, because its cookie must be set before the page is written.
    if (request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken csrf) {
      model.put("csrfHeaders", "{\"" + csrf.getHeaderName() + "\": \"" + csrf.getToken() + "\"}");
    }
    var done = request.getParameter("done");
    if (done != null && new Ui(messages, locale).knows("done", done)) {
      var numbers = request.getParameterValues("n");
      model.put("done", Text.of("done." + done, numbers == null ? new String[] {"–"} : numbers));
    }
  }

  private static String section(String path) {
    var parts = Arrays.asList(path.split("/", 4));
    return parts.size() > 2 ? parts.get(2) : "overview";
  }

  @ExceptionHandler
  ModelAndView onProblem(ProblemException problem, HttpServletRequest request, Locale locale) {
    return page(problem, request, locale);
  }

  /** Passes the exception on to Security's own filters, which answer it. */
  @ExceptionHandler
  void onAccessDenied(AccessDeniedException denied) {
    throw denied;
  }

  /** Answers a parameter of a wrong type, for example text in place of a number. */
  @ExceptionHandler
  ModelAndView onWrongType(
      MethodArgumentTypeMismatchException wrong, HttpServletRequest request, Locale locale) {
    return page(
        ProblemException.invalid(List.of(new FieldError(wrong.getName(), "cannot be this"))),
        request,
        locale);
  }

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  ModelAndView onDatabase(RuntimeException failure, HttpServletRequest request, Locale locale) {
    if (failure instanceof DataIntegrityViolationException
        || failure instanceof InvalidDataAccessResourceUsageException) {
      // The database answered. It refused our statement, so the fault is ours.
      return onAnythingElse(failure, request, locale);
    }
    log.warn("a page could not be read from the database: {}", failure.getMessage());
    return page(
        failure instanceof QueryTimeoutException
            ? new ProblemException(Problem.BUSY, "It took too long. Ask again later.")
            : ProblemException.unavailable(),
        request,
        locale);
  }

  @ExceptionHandler
  ModelAndView onAnythingElse(Exception failure, HttpServletRequest request, Locale locale) {
    if (failure instanceof ErrorResponse refused && refused.getStatusCode().is4xxClientError()) {
      return page(
          refused.getStatusCode().value() == 404
              ? new ProblemException(Problem.NOT_FOUND, "There is nothing at this path.")
              : new ProblemException(Problem.INVALID, "A field of the form is not valid."),
          request,
          locale);
    }
    log.error("a page failed unexpectedly", failure);
    return page(new ProblemException(Problem.INTERNAL, "The log says more."), request, locale);
  }

  /** Shows the problem as a page, or as a notice where only a part of a page was requested. */
  ModelAndView page(ProblemException problem, HttpServletRequest request, Locale locale) {
    boolean part = request.getHeader("HX-Request") != null;
    var page = new ModelAndView(part ? "console/problem :: notice" : "console/problem");
    page.setStatus(problem.problem().status());
    addCommon(page.getModel(), request, locale);
    page.addObject("problem", problem.problem().name());
    page.addObject("detail", detail(problem));
    page.addObject("errors", problem.errors());
    return page;
  }

  private static @Nullable String detail(ProblemException problem) {
    // The API's field names alone do not tell a user of the form what to correct.
    return List.of(Problem.UNAVAILABLE).contains(problem.problem()) ? null : problem.getMessage();
  }
}
