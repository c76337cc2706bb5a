package dev.profilepic.receiver.leads;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** One lead's photo, for whoever operates the CRM. */
@RestController
class LeadController {

  private final LeadPictures pictures;

  LeadController(LeadPictures pictures) {
    this.pictures = pictures;
  }

  @GetMapping("/leads/{id}/profile-pic")
  LeadPicture picture(@PathVariable String id) {
    return pictures
        .find(id)
        .orElseThrow(
            () -> new ProblemException(Problem.UNKNOWN_LEAD, "The CRM has no lead of this id."));
  }
}
