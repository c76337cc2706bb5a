package dev.profilepic.receiver.intake;

import dev.profilepic.receiver.auth.Caller;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Events that name their lead. {@link EventFilter} answers most of them before they get here. */
@RestController
class IntakeController {

  private static final String OF_OPERATORS = "process-profile-pic";

  private final Intake intake;
  private final LeadEvents events;

  IntakeController(Intake intake, LeadEvents events) {
    this.intake = intake;
    this.events = events;
    intake.expect(LeadEvents.SOURCE);
    intake.expect(OF_OPERATORS);
  }

  @PostMapping(EventFilter.PATH)
  @ResponseStatus(HttpStatus.ACCEPTED)
  Accepted profilePic(
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller,
      HttpServletRequest request) {
    return intake.accept(events.read(body, caller, request), LeadEvents.SOURCE);
  }

  /** Takes the same request from an operator, with the instance in the path. */
  @PostMapping("/instance/{instance}/process-profile-pic")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Accepted process(
      @PathVariable String instance,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller,
      HttpServletRequest request) {
    return intake.accept(events.readManual(instance, body, caller, request), OF_OPERATORS);
  }
}
