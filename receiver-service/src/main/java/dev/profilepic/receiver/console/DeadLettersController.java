package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.deadletters.DeadLetterController;
import dev.profilepic.receiver.deadletters.DeadLetters.Letter;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import tools.jackson.databind.json.JsonMapper;

/** Shows, replays and drops dead letters: a single letter, a selection, or all that match. */
@Controller
class DeadLettersController {

  private static final int PAGE = 50;
  private static final int LIST = 200;

  /** The largest number of letters that one call drops; the page shows how many are left. */
  private static final int MOST_DROPPED = 1_000;

  /** A reason and its number of letters, among the newest ten thousand. */
  record Reason(String reason, long letters, long looked) {}

  private final DeadLetterController operations;
  private final JdbcClient jdbc;
  private final JsonMapper json;

  DeadLettersController(
      DeadLetterController operations, OperatorDatabase database, JsonMapper json) {
    this.operations = operations;
    this.jdbc = database.jdbc();
    this.json = json;
  }

  @GetMapping("/console/dead-letters")
  String list(
      @RequestParam(defaultValue = "") String reason,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller,
      Model model) {
    var page = operations.list(Forms.orNull(reason), PAGE, before, caller);
    model.addAttribute("reason", reason);
    model.addAttribute("letters", page.items());
    model.addAttribute("next", page.next());
    model.addAttribute("reasons", reasons(caller));
    return "console/dead-letters";
  }

  /**
   * Shows the content of a letter. It includes personal data, so only users who may act see it, and
   * only on request.
   */
  @GetMapping("/console/dead-letters/{id}/payload")
  String payload(@PathVariable long id, Caller caller, Model model) {
    var payload =
        jdbc.sql("SELECT profile_pic.dead_letter_payload(?::text[], ?)")
            .param(caller.reach())
            .param(id)
            .query((row, number) -> Optional.ofNullable(row.getString(1)))
            .single();
    model.addAttribute("payload", payload.orElseThrow(DeadLettersController::unknown));
    return "console/dead-letters :: payload";
  }

  @PostMapping("/console/dead-letters/replay")
  String replay(
      @RequestParam(name = "id", required = false) @Nullable List<Long> ids,
      @RequestParam(defaultValue = "") String reason,
      @RequestParam(defaultValue = "selected") String which,
      Caller caller) {
    var body = json.createObjectNode();
    if (!which.equals("all")) {
      selected(ids).forEach(body.putArray("ids")::add);
    } else if (reason.isBlank()) {
      body.put("all", true);
    } else {
      body.put("reason", reason.strip());
    }
    var replayed = operations.replay(body, caller);
    return back(reason, "letters_replayed", replayed.replayed(), replayed.unreplayable());
  }

  /**
   * Drops letters. A dropped letter cannot be brought back, so dropping all needs a separate
   * confirmation.
   */
  @PostMapping("/console/dead-letters/drop")
  String drop(
      @RequestParam(name = "id", required = false) @Nullable List<Long> ids,
      @RequestParam(defaultValue = "") String reason,
      @RequestParam(defaultValue = "selected") String which,
      @RequestParam(defaultValue = "false") boolean confirmed,
      Caller caller) {
    if (!which.equals("all")) {
      return back(reason, "letters_dropped", dropped(selected(ids), caller));
    }
    if (!confirmed) {
      throw new ProblemException(
          Problem.INVALID, "Confirm that all of them are to be dropped. Nothing was dropped.");
    }
    int dropped = 0;
    @Nullable Long before = Long.MAX_VALUE;
    for (int pages = 0; before != null && pages < MOST_DROPPED / LIST; pages++) {
      var page = operations.list(Forms.orNull(reason), LIST, before, caller);
      dropped += dropped(page.items().stream().map(Letter::id).toList(), caller);
      before = page.next();
    }
    return back(reason, "letters_dropped", dropped);
  }

  private int dropped(List<Long> ids, Caller caller) {
    int dropped = 0;
    for (long id : ids) {
      try {
        operations.drop(id, caller);
        dropped++;
      } catch (ProblemException gone) {
        // Another user dropped or replayed the letter meanwhile.
        if (gone.problem() != Problem.NOT_FOUND) {
          throw gone;
        }
      }
    }
    return dropped;
  }

  private List<Reason> reasons(Caller caller) {
    return jdbc.sql(
            "SELECT reason, letters, looked FROM profile_pic.dead_letter_reasons(?::text[])")
        .param(caller.reach())
        .query(Reason.class)
        .list();
  }

  private static List<Long> selected(@Nullable List<Long> ids) {
    if (ids == null || ids.isEmpty()) {
      throw new ProblemException(Problem.INVALID, "Select some of the letters first.");
    }
    return ids;
  }

  private static String back(String reason, String done, int... numbers) {
    var to = new StringBuilder("redirect:/console/dead-letters?done=").append(done);
    for (int number : numbers) {
      to.append("&n=").append(number);
    }
    return reason.isBlank() ? to.toString() : to + "&reason=" + Forms.encoded(reason);
  }

  private static ProblemException unknown() {
    return new ProblemException(Problem.NOT_FOUND, "There is no dead letter of this id.");
  }
}
