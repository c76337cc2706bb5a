package dev.profilepic.contract;

import dev.profilepic.contract.SecretFiles.UnreadableException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports the problem with a file at start-up, without a stack trace. */
public final class SecretFilesFailureAnalyzer extends AbstractFailureAnalyzer<UnreadableException> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, UnreadableException cause) {
    return new FailureAnalysis(cause.getMessage(), cause.remedy(), failure);
  }
}
