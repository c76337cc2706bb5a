package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;

import dev.profilepic.receiver.database.DatabaseProperties;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring MVC ends the turn of a call before it writes the answer. */
class EndOfTurnTest {

  private static final AtomicInteger ended = new AtomicInteger();

  /** An answer that knows how many turns had ended when it was written. */
  record Answer(String text) {
    public int getEnded() {
      return ended.get();
    }
  }

  /** Works for a caller. */
  @RestController
  static final class Syncs {
    @GetMapping("/syncs")
    Answer list(Caller caller) {
      assertThat(ended).as("while the controller works for " + caller.getName()).hasValue(0);
      return new Answer("syncs");
    }
  }

  @AfterEach
  void signOut() {
    SecurityContextHolder.clearContext();
  }

  @Test
  void anAnswerIsWrittenWithoutAPlace() throws Exception {
    var turns =
        new OperatorTurns(
            request -> false,
            new DatabaseProperties.Operators(1, 4),
            System::nanoTime,
            (end, nanos) -> ended.incrementAndGet());
    var caller = Callers.named("operator");
    SecurityContextHolder.getContext().setAuthentication(caller);

    MockMvcBuilders.standaloneSetup(new Syncs())
        .addInterceptors(turns)
        .setControllerAdvice(new EndOfTurn(turns))
        .build()
        .perform(get("/syncs").principal(caller))
        .andExpect(jsonPath("$.ended").value(1));
  }
}
