package dev.profilepic.receiver.console;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.database.Times;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.web.util.HtmlUtils;

/** Formats values for pages, in the reader's language. */
final class Ui {

  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final MessageSource messages;
  private final Locale locale;

  Ui(MessageSource messages, Locale locale) {
    this.messages = messages;
    this.locale = locale;
  }

  /** Returns the word for a code, such as a state; the code itself where there is no word. */
  public String word(String kind, @Nullable String code) {
    if (code == null) {
      return "–";
    }
    return String.valueOf(messages.getMessage(kind + "." + code, null, code, locale));
  }

  /** Returns the words for codes, as a list in one line. */
  public String words(String kind, List<String> codes) {
    return codes.stream().map(code -> word(kind, code)).collect(Collectors.joining(", "));
  }

  /** Returns whether there is a word for a code. */
  public boolean knows(String kind, @Nullable String code) {
    return code != null && messages.getMessage(kind + "." + code, null, null, locale) != null;
  }

  /**
   * Returns a sentence as HTML. Its arguments are escaped, and its times are elements that the
   * browser formats.
   */
  public String html(Text text) {
    var arguments =
        text.arguments().stream().map(argument -> html(argument)).toArray(String[]::new);
    return messages.getMessage(text.key(), arguments, locale);
  }

  private String html(@Nullable Object argument) {
    return switch (argument) {
      case null -> "–";
      case Instant time -> time(time);
      case Number number -> number(number.longValue());
      case Duration duration -> duration(duration);
      case WhyNoPhoto.Word word -> HtmlUtils.htmlEscape(word(word.kind(), word.code()));
      default -> HtmlUtils.htmlEscape(argument.toString());
    };
  }

  /** Returns a time as an element, which the browser shows in its own time zone. */
  public String time(@Nullable Instant time) {
    return isNone(time) ? "–" : "<time datetime=\"" + time + "\">" + utc(time) + "</time>";
  }

  public String utc(@Nullable Instant time) {
    return isNone(time) ? "–" : UTC.format(time);
  }

  /** Returns whether there is nothing to show. A year of more than four digits stops the format. */
  private static boolean isNone(@Nullable Instant time) {
    return time == null || !Times.isShowable(time);
  }

  public String number(long number) {
    return NumberFormat.getIntegerInstance(locale).format(number);
  }

  public String seconds(double seconds) {
    return duration(Duration.ofMillis(Math.round(seconds * 1000)));
  }

  /**
   * Returns for example {@code 45 s}, {@code 12 min}, {@code 3 h} or {@code 5 d}: exact enough for
   * a glance.
   */
  public String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 120) {
      return number(Math.max(0, seconds)) + " s";
    }
    if (seconds < 2 * 3600) {
      return number(seconds / 60) + " min";
    }
    return seconds < 2 * 86_400 ? number(seconds / 3600) + " h" : number(seconds / 86_400) + " d";
  }

  /** Returns a masked phone. A reader who knows the number can still recognise it. */
  public String masked(@Nullable String phone) {
    return phone == null ? "–" : PhoneNumber.mask(phone.replaceAll("[^0-9]", ""));
  }

  /** Returns two letters in place of a missing photo. */
  public String initials(@Nullable String name) {
    if (name == null || name.isBlank()) {
      return "?";
    }
    var words = name.strip().split("\\s+", -1);
    var first = words[0].substring(0, words[0].offsetByCodePoints(0, 1));
    var last = words[words.length - 1];
    return (words.length == 1 ? first : first + last.substring(0, last.offsetByCodePoints(0, 1)))
        .toUpperCase(locale);
  }
}
