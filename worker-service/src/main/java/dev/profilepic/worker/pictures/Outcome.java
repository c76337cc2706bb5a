package dev.profilepic.worker.pictures;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.download.Download;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one attempt. Each variant has its own kind of consequence. The code names the
 * outcome for everyone else: the database, metrics, logs and dead letters.
 */
public sealed interface Outcome {

  /** The codes of all outcomes. */
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

  /** The code by which everyone else knows the outcome. */
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

  /** Why, in words; null when the code says it all. Never contains a phone or a url. */
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
   * @param source where the picture came from
   */
  record Stored(Download.Picture picture, Source source) implements Outcome {}

  /** The photo that we have. */
  record Unchanged(Source source) implements Outcome {}

  /**
   * An answer that ends the request without a photo.
   *
   * @param contact null when nobody told
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
   * WhatsApp says slow down.
   *
   * @param retryAfter how long the whole instance must rest
   */
  record Throttled(Duration retryAfter) implements Outcome {}

  /** Nobody could be asked. */
  record Down(Who who, String why) implements Outcome {
    /** Who is down. */
    enum Who {
      INSTANCE_DOWN,
      BRIDGE_DOWN,
      /** Photos are kept in a bucket, which is away or full. */
      STORE_DOWN
    }
  }

  /** Failed this time; the attempt counts. */
  record Failed(Failure failure, @Nullable String why) implements Outcome {}

  /** Failures that may pass. */
  enum Failure {
    NO_ANSWER,
    DOWNLOAD_FAILED,
    /** The link died, and the one that was resolved in its place died too. */
    URL_EXPIRED
  }

  /** The message will never work. */
  record Hopeless(Reason reason, String why) implements Outcome {}

  /** Reasons why a message will never work. */
  enum Reason {
    INVALID_MESSAGE,
    UNSAFE_URL,
    BAD_IMAGE,
    /** It was delivered again and again and never came to an end: it probably kills the process. */
    TOO_MANY_DELIVERIES
  }

  /** Nothing is left to be done. */
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
   * @param contact null when no source was asked, or none named it
   */
  record Source(@Nullable String url, @Nullable String pictureId, @Nullable Contact contact) {}
}
