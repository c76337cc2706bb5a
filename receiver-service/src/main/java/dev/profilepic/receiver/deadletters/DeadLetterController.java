package dev.profilepic.receiver.deadletters;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The dead letters, for operators. */
@RestController
public class DeadLetterController {

  /**
   * The largest number of letters that one transaction replays; a caller repeats the call until
   * {@code replayed} is 0.
   */
  private static final int MOST_AT_ONCE = 1_000;

  /**
   * The answer to a replay.
   *
   * @param replayed letters that left the queue of dead letters
   * @param unreplayable letters that name no existing lead, and stay
   */
  public record Replayed(
      boolean success, int replayed, int queued, int duplicate, int erased, int unreplayable) {

    static Replayed of(Map<String, Integer> counts) {
      int queued = counts.getOrDefault("queued", 0);
      int duplicate = counts.getOrDefault("duplicate", 0);
      int erased = counts.getOrDefault("erased", 0);
      return new Replayed(
          true,
          queued + duplicate + erased,
          queued,
          duplicate,
          erased,
          counts.getOrDefault("unreplayable", 0));
    }
  }

  private final DeadLetters letters;

  DeadLetterController(DeadLetters letters) {
    this.letters = letters;
  }

  @GetMapping("/dead-letters")
  public Page<DeadLetters.Letter> list(
      @RequestParam(required = false) @Nullable String reason,
      @RequestParam(defaultValue = "" + Page.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller) {
    int most = Page.limit(limit);
    var listed = letters.list(caller, reason, before, most + 1);
    return listed.lookedTo() == null
        ? Page.of(listed.letters(), most, DeadLetters.Letter::id)
        : new Page<>(true, listed.letters(), listed.lookedTo());
  }

  /**
   * Replays letters. Exactly one of {@code ids}, {@code reason} and {@code all: true} selects them.
   */
  @PostMapping("/dead-letters/replay")
  public Replayed replay(@RequestBody(required = false) @Nullable JsonNode body, Caller caller) {
    var fields = Fields.of(body);
    var ids = ids(fields);
    @Nullable String reason = fields.optionalId("reason");
    var all = fields.optionalFlag("all");
    if ((ids == null ? 0 : 1) + (reason == null ? 0 : 1) + (all ? 1 : 0) != 1) {
      fields.reject("ids", "or reason or all: exactly one of them is needed");
    }
    fields.check();
    return Replayed.of(letters.replay(caller, ids, reason, MOST_AT_ONCE));
  }

  @DeleteMapping("/dead-letters/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void drop(@PathVariable long id, Caller caller) {
    if (!letters.drop(caller, id)) {
      throw new ProblemException(Problem.NOT_FOUND, "There is no dead letter of this id.");
    }
  }

  private static @Nullable List<Long> ids(Fields fields) {
    var list = fields.raw("ids");
    if (list.isMissingNode() || list.isNull()) {
      return null;
    }
    var ids = new ArrayList<Long>();
    if (list.isArray() && list.size() <= MOST_AT_ONCE) {
      list.forEach(id -> {
        if (id.isIntegralNumber() && id.canConvertToLong()) {
          ids.add(id.asLong());
        }
      });
    }
    if (ids.isEmpty() || ids.size() != list.size()) {
      fields.reject("ids", "must be a list of 1 to " + MOST_AT_ONCE + " whole numbers");
    }
    return ids;
  }
}
