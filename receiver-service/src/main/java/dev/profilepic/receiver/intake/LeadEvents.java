package dev.profilepic.receiver.intake;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.contract.PictureUrlPolicy;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.Trace;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Reads the events that name their lead. */
@Component
class LeadEvents {

  /** The metrics' source for events of {@code POST /profile-pics}. */
  static final String SOURCE = "profile-pics";

  private final Phones phones;
  private final PictureUrlPolicy urls;
  private final InstantSource clock;

  LeadEvents(Phones phones, PictureUrlPolicy urls, InstantSource clock) {
    this.phones = phones;
    this.urls = urls;
    this.clock = clock;
  }

  /**
   * Reads the body of {@code POST /profile-pics}.
   *
   * @throws ProblemException 400 naming every wrong field, 403 when the instance is not the
   *     caller's
   */
  PhotoRequest read(@Nullable JsonNode body, Caller caller, HttpServletRequest request) {
    var fields = Fields.of(body);
    var leadId = fields.requiredId("lead_id");
    var phone = fields.requiredPhone("phone", phones);
    var url = fields.optionalUrl("profile_pic_url", urls);
    var instance = fields.optionalInstance("instance_id");
    var force = fields.optionalFlag("force_update");
    fields.check();
    var now = clock.instant();
    return new PhotoRequest(
        leadId,
        phone.map(PhoneNumber::digits).orElseThrow(),
        PictureUrlPolicy.alive(url, now),
        caller.authoriseInstance(instance),
        now,
        "webhook",
        force,
        Trace.parentOf(request),
        false,
        caller.boundTo());
  }

  /**
   * Reads an operator's request for one lead. The instance stands in the path.
   *
   * @throws ProblemException as {@link #read}
   */
  PhotoRequest readManual(
      String instance, @Nullable JsonNode body, Caller caller, HttpServletRequest request) {
    var fields = Fields.of(body);
    var leadId = fields.requiredId("lead_id");
    var phone = fields.requiredPhone("phone", phones);
    var force = fields.optionalFlag("force_update");
    fields.check();
    return new PhotoRequest(
        leadId,
        phone.map(PhoneNumber::digits).orElseThrow(),
        null,
        caller.authoriseInstance(Fields.instanceInPath(instance)),
        clock.instant(),
        "manual",
        force,
        Trace.parentOf(request),
        false,
        caller.boundTo());
  }
}
