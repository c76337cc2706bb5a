package dev.profilepic.receiver.instances;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.intake.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The WhatsApp numbers, for operators. */
@RestController
class InstanceController {

  record All(boolean success, List<Instance> instances) {}

  record One(boolean success, @JsonUnwrapped Instance instance) {}

  private final Instances instances;

  InstanceController(Instances instances) {
    this.instances = instances;
  }

  @GetMapping("/instances")
  All list() {
    return new All(true, instances.list());
  }

  @PatchMapping("/instances/{id}")
  One change(
      @PathVariable String id,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller) {
    caller.speakingFor(id);
    if (!Fields.isPlain(id) || id.length() > 200) {
      throw new ProblemException(Problem.INVALID, "This cannot be an instance's id.");
    }
    instances.apply(id, InstanceChange.read(body));
    return new One(true, instances.find(id).orElseThrow());
  }
}
