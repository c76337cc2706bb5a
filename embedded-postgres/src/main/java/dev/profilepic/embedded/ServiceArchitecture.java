package dev.profilepic.embedded;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;

/**
 * The rules for the classes of every service. The tests of a service add the rules for it alone.
 */
public final class ServiceArchitecture {

  /** Leaves out the classes that the build generates from bean definitions. */
  public static final class DoNotIncludeGenerated implements ImportOption {

    @Override
    public boolean includes(Location location) {
      return !location.contains("__") && !location.contains("$$");
    }
  }

  /** A condition, and also a profile, would be read when a service is built, not when it starts. */
  private static final String CONDITION = "org.springframework.context.annotation.Conditional";

  @ArchTest
  static final ArchRule noSettingDecidesAboutAClassOfBeans =
      noClasses().should().beMetaAnnotatedWith(CONDITION);

  @ArchTest
  static final ArchRule noSettingDecidesAboutABean =
      noMethods().should().beMetaAnnotatedWith(CONDITION);

  @ArchTest
  static final ArchRule timeComesFromTheClock =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(OffsetDateTime.class, "now")
          .orShould()
          .callMethod(ZonedDateTime.class, "now")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .because("a test must be able to set the clock");

  @ArchTest
  static final ArchRule packagesFormNoCycles =
      slices().matching("dev.profilepic.*.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyWhatOthersCallIsPublic =
      classes()
          .that()
          .areTopLevelClasses()
          .and()
          .haveModifier(JavaModifier.PUBLIC)
          .should(beUsedInAnotherPackage());

  private ServiceArchitecture() {}

  private static ArchCondition<JavaClass> beUsedInAnotherPackage() {
    return new ArchCondition<>("be used in another package, or begin a program") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean isProgram = type.tryGetMethod("main", String[].class).isPresent();
        boolean isUsed = isProgram || isUsedElsewhere(type) || isHandedOut(type);
        events.add(
            new SimpleConditionEvent(
                type, isUsed, type.getName() + " is used in its own package alone"));
      }
    };
  }

  /** Returns whether another package uses the type, or a type that is declared inside it. */
  private static boolean isUsedElsewhere(JavaClass type) {
    return type.getPackage().getClasses().stream()
        .filter(one -> one.equals(type) || one.getName().startsWith(type.getName() + "$"))
        .flatMap(one -> one.getDirectDependenciesToSelf().stream())
        .anyMatch(use -> !use.getOriginClass().getPackageName().equals(type.getPackageName()));
  }

  /**
   * Returns whether a public method returns the type: templates and {@code var} use it without its
   * name.
   */
  private static boolean isHandedOut(JavaClass type) {
    return type.getPackage().getClasses().stream()
        .filter(other -> other.getModifiers().contains(JavaModifier.PUBLIC))
        .flatMap(other -> other.getMethods().stream())
        .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
        .anyMatch(method -> method.getReturnType().getAllInvolvedRawTypes().contains(type));
  }
}
