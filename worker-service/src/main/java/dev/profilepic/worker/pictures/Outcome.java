package dev.profilepic.worker.pictures;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.download.Download;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one attempt. Each variant has its own kind of consequence. The database, metrics,
 * logs and dead letters name the outcome by its code.
 */
public sealed interface Outcome {

  /** Returns the codes of all outcomes. */
  static List<String> codes() {
    return Stream.concat(
            Stream.of("STORED", "UNCHANGED", "THROTTLED"),
            Stream.<Enum<?>[]>of(
                    Answer.values(),
                    Down.Who.values(),
                    Failure.values(),
                    Reason.values(),
                    Moot.values(),
                    Paced.values())
                .flatMap(Stream::of)
                .map(Enum::name))
        .toList();
  }

  /** Returns the code that names the outcome outside this package. */
  default String code() {
    return switch (this) {
      case Stored _ -> "STORED";
      case Unchanged _ -> "UNCHANGED";
      case Answered(var answer, _) -> answer.name();
      case Throttled _ -> "THROTTLED";
      case Down(var who, _) -> who.name();
      case Failed(var failure, _) -> failure.name();
      case Hopeless(var reason, _) -> reason.name();
      case Moot moot -> moot.name();
      case Paced paced -> paced.name();
      case Late late -> late.name();
    };
  }

  /**
   * Returns the reason in words; null when the code says it all. Never contains a phone or a url.
   */
  default @Nullable String detail() {
    return switch (this) {
      case Down(_, var why) -> why;
      case Failed(_, var why) -> why;
      case Hopeless(_, var why) -> why;
      case Stored _, Unchanged _, Answered _, Throttled _, Moot _, Paced _, Late _ -> null;
    };
  }

  /**
   * A new photo.
   *
   * @param source the source of the picture
   */
  record Stored(Download.Picture picture, Source source) implements Outcome {}

  /** The photo is the one that we have. */
  record Unchanged(Source source) implements Outcome {}

  /**
   * An answer that ends the request without a photo.
   *
   * @param contact null when no source named it
   */
  record Answered(Answer answer, @Nullable Contact contact) implements Outcome {}

  /** Answers without a photo. */
  enum Answer {
    /** There is no photo. */
    NOT_SET,
    /** Privacy, or WhatsApp guarding against scrapers. */
    HIDDEN,
    /** Like HIDDEN, but asked without a privacy token, and looked at again sooner. */
    HIDDEN_WITHOUT_TOKEN,
    /** The number has no account. */
    NOT_ON_WHATSAPP,
    /** The gateway cannot tell "none" from "failed". */
    UNKNOWN,
    /**
     * A batch could not say whether the photo that we have is still there. The photo stays until a
     * lookup says more.
     */
    KEPT
  }

  /**
   * WhatsApp asked us to slow down.
   *
   * @param retryAfter how long the whole instance must rest
   */
  record Throttled(Duration retryAfter) implements Outcome {}

  /** A party that the attempt needs is down. */
  record Down(Who who, String why) implements Outcome {
    /** The party that is down. */
    enum Who {
      INSTANCE_DOWN,
      BRIDGE_DOWN,
      /** Photos are kept in a bucket, which is away or full. */
      STORE_DOWN
    }
  }

  /** The attempt failed, and counts. */
  record Failed(Failure failure, @Nullable String why) implements Outcome {}

  /** Failures that may pass. */
  enum Failure {
    NO_ANSWER,
    DOWNLOAD_FAILED,
    /** The link expired, and the fresh link that replaced it expired too. */
    URL_EXPIRED
  }

  /** The message will never work. */
  record Hopeless(Reason reason, String why) implements Outcome {}

  /** Reasons why a message will never work. */
  enum Reason {
    INVALID_MESSAGE,
    UNSAFE_URL,
    BAD_IMAGE,
    /**
     * The message was delivered again and again without a result: it probably kills the process.
     */
    TOO_MANY_DELIVERIES
  }

  /** Nothing is left to do. */
  enum Moot implements Outcome {
    LEAD_GONE,
    ERASED
  }

  /** A lookup is needed after all and has no token. The message waits in its line. */
  enum Paced implements Outcome {
    PACED
  }

  /** The lookup did not begin in time for its token: the lease is given back. */
  enum Late implements Outcome {
    LATE
  }

  /**
   * @param url the source's link; null when the source said only that we have the picture
   * @param pictureId WhatsApp's id of the picture; null when the event brought the link
   * @param contact null when no source was asked, or no source named it
   */
  record Source(@Nullable String url, @Nullable String pictureId, @Nullable Contact contact) {}
}
