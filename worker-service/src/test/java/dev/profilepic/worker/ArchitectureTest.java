package dev.profilepic.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;

@AnalyzeClasses(
    packages = "dev.profilepic.worker",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule theQueueKnowsNothingOfPictures =
      noClasses()
          .that()
          .resideInAPackage("..queue..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..pictures..", "..bridge..", "..download..");

  @ArchTest
  static final ArchRule bridgeAndDownloadKnowNothingOfPictures =
      noClasses()
          .that()
          .resideInAnyPackage("..bridge..", "..download..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..pictures..");

  @ArchTest
  static final ArchRule packagesFormNoCircles =
      slices().matching("dev.profilepic.worker.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule timeIsInjected =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(OffsetDateTime.class, "now")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC");

  @ArchTest
  static final ArchRule whatFetchesPicturesSpeaksNoSql =
      noClasses()
          .that()
          .resideInAnyPackage("..pictures..", "..bridge..", "..download..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework.jdbc..", "java.sql..");

  @ArchTest
  static final ArchRule onlyWhatOthersCallIsPublic =
      classes().that().haveSimpleNameEndingWith("Sql").should().bePackagePrivate();
}
