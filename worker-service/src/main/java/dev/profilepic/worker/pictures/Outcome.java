package dev.profilepic.worker.pictures;

import dev.profilepic.worker.download.Download;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one attempt (design section 5). The codes go into the database, metrics and dead
 * letters.
 */
public sealed interface Outcome {

  /** The code by which everyone else knows the outcome. */
  String code();

  /** Why, in words; null when the code says it all. Never contains a phone or a url. */
  default @Nullable String detail() {
    return null;
  }

  /**
   * @param source where the picture came from
   */
  record Stored(Download.Picture picture, Source source) implements Outcome {
    @Override
    public String code() {
      return "STORED";
    }
  }

  record Unchanged(Source source) implements Outcome {
    @Override
    public String code() {
      return "UNCHANGED";
    }
  }

  record NotSet(@Nullable String jid) implements Outcome {
    @Override
    public String code() {
      return "NOT_SET";
    }
  }

  record Hidden(@Nullable String jid) implements Outcome {
    @Override
    public String code() {
      return "HIDDEN";
    }
  }

  record NotOnWhatsapp() implements Outcome {
    @Override
    public String code() {
      return "NOT_ON_WHATSAPP";
    }
  }

  /**
   * @param retryAfter how long the whole instance must rest
   */
  record Throttled(Duration retryAfter) implements Outcome {
    @Override
    public String code() {
      return "THROTTLED";
    }
  }

  /**
   * The lookup's slot is not now: not an outcome for anybody to see, only a reason to come back.
   *
   * @param delay until the slot
   */
  record SlotAhead(Duration delay) implements Outcome {
    @Override
    public String code() {
      return "PACED";
    }
  }

  record InstanceDown(String why) implements Outcome {
    @Override
    public String code() {
      return "INSTANCE_DOWN";
    }

    @Override
    public String detail() {
      return why;
    }
  }

  record BridgeDown(String why) implements Outcome {
    @Override
    public String code() {
      return "BRIDGE_DOWN";
    }

    @Override
    public String detail() {
      return why;
    }
  }

  record NoAnswer() implements Outcome {
    @Override
    public String code() {
      return "NO_ANSWER";
    }
  }

  record DownloadFailed(String why) implements Outcome {
    @Override
    public String code() {
      return "DOWNLOAD_FAILED";
    }

    @Override
    public String detail() {
      return why;
    }
  }

  /** The link died, and the one that was resolved in its place died too. */
  record UrlExpired(String why) implements Outcome {
    @Override
    public String code() {
      return "URL_EXPIRED";
    }

    @Override
    public String detail() {
      return why;
    }
  }

  record InvalidMessage(String why) implements Outcome {
    @Override
    public String code() {
      return "INVALID_MESSAGE";
    }

    @Override
    public String detail() {
      return why;
    }
  }

  record LeadGone() implements Outcome {
    @Override
    public String code() {
      return "LEAD_GONE";
    }
  }

  record UnsafeUrl(String why) implements Outcome {
    @Override
    public String code() {
      return "UNSAFE_URL";
    }

    @Override
    public String detail() {
      return why;
    }
  }

  record BadImage(String why) implements Outcome {
    @Override
    public String code() {
      return "BAD_IMAGE";
    }

    @Override
    public String detail() {
      return why;
    }
  }

  record Erased() implements Outcome {
    @Override
    public String code() {
      return "ERASED";
    }
  }

  /**
   * The message was delivered again and again and never came to an end: it probably kills the
   * process.
   *
   * @param deliveries how often
   */
  record TooManyDeliveries(int deliveries) implements Outcome {
    @Override
    public String code() {
      return "TOO_MANY_DELIVERIES";
    }

    @Override
    public String detail() {
      return deliveries + " deliveries without a result";
    }
  }

  /**
   * @param url WhatsApp's link
   * @param pictureId WhatsApp's id of the picture; null when the event brought the link
   * @param jid canonical id of the contact; null when nobody was asked
   */
  record Source(String url, @Nullable String pictureId, @Nullable String jid) {}
}
