package dev.profilepic.receiver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;

@AnalyzeClasses(packages = "dev.profilepic.receiver", importOptions = DoNotIncludeTests.class)
class BoundariesTest {

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
          .callMethod(System.class, "currentTimeMillis")
          .because("a test must be able to set the clock");

  @ArchTest
  static final ArchRule featuresFormNoCycles =
      slices().matching("dev.profilepic.receiver.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule whatAllShareKnowsNoFeature =
      noClasses()
          .that()
          .resideInAnyPackage("..receiver.http..", "..receiver.phones..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..receiver.intake..",
              "..receiver.leads..",
              "..receiver.avatars..",
              "..receiver.auth..");
}
