package dev.profilepic.receiver.instances;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The WhatsApp numbers, for operators. */
@RestController
public class InstanceController {

  /**
   * @param next the value of {@code after} for the next page; absent on the last page
   */
  record All(
      boolean success,
      List<Instance> instances,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {}

  public record One(boolean success, @JsonUnwrapped Instance instance) {}

  private final Instances instances;
  private final SourceRules sources;

  InstanceController(Instances instances, SourceRules sources) {
    this.instances = instances;
    this.sources = sources;
  }

  @GetMapping("/instances")
  All list(
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = "" + Page.LONGEST) int limit,
      Caller caller) {
    if (!Fields.isPlain(after)) {
      throw new ProblemException(Problem.INVALID, "after must be the value of next.");
    }
    var found = instances.list(caller, after, Page.limit(limit) + 1);
    if (found.size() <= limit) {
      return new All(true, found, null);
    }
    var part = found.subList(0, limit);
    return new All(true, part, part.getLast().instanceId());
  }

  @PatchMapping("/instances/{id}")
  public One change(
      @PathVariable String id,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller) {
    caller.authoriseInstance(Fields.instanceInPath(id));
    if (!instances.apply(caller, id, InstanceChange.read(body, sources, caller.isBound()))) {
      throw new ProblemException(Problem.NOT_FOUND, "There is no instance of this id.");
    }
    return new One(true, instances.find(caller, id).orElseThrow());
  }
}
