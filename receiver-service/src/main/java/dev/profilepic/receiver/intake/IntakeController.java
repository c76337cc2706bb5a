package dev.profilepic.receiver.intake;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.PictureUrlPolicy;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Trace;
import dev.profilepic.receiver.phones.Phones;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Events that name their lead. */
@RestController
class IntakeController {

  private final Intake intake;
  private final Phones phones;
  private final PictureUrlPolicy urls;
  private final InstantSource clock;

  IntakeController(Intake intake, Phones phones, PictureUrls urls, InstantSource clock) {
    this.intake = intake;
    this.phones = phones;
    this.urls = urls.policy();
    this.clock = clock;
  }

  @PostMapping("/profile-pics")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Accepted profilePic(
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller,
      HttpServletRequest request) {
    var fields = Fields.of(body);
    var leadId = fields.requiredId("lead_id");
    var phone = fields.requiredPhone("phone", phones);
    var url = fields.optionalUrl("profile_pic_url", urls);
    var instance = fields.optionalInstance("instance_id");
    var force = fields.optionalFlag("force_update");
    fields.check();
    var now = clock.instant();
    return intake.accept(
        new Wish(
            leadId,
            phone.map(PhoneNumber::digits).orElseThrow(),
            PictureUrls.alive(url, now),
            caller.speakingFor(instance),
            now,
            "webhook",
            force,
            Trace.parentOf(request),
            false,
            caller.boundTo()),
        "profile-pics");
  }

  /** The same wish from an operator, its instance in the path. */
  @PostMapping("/instance/{instance}/process-profile-pic")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Accepted process(
      @PathVariable String instance,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller,
      HttpServletRequest request) {
    var fields = Fields.of(body);
    var leadId = fields.requiredId("lead_id");
    var phone = fields.requiredPhone("phone", phones);
    var force = fields.optionalFlag("force_update");
    fields.check();
    return intake.accept(
        new Wish(
            leadId,
            phone.map(PhoneNumber::digits).orElseThrow(),
            null,
            caller.speakingFor(Fields.instanceInPath(instance)),
            clock.instant(),
            "manual",
            force,
            Trace.parentOf(request),
            false,
            caller.boundTo()),
        "process-profile-pic");
  }
}
