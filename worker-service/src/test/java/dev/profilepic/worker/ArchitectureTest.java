package dev.profilepic.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.profilepic.embedded.ServiceArchitecture;
import dev.profilepic.embedded.ServiceArchitecture.DoNotIncludeGenerated;

@AnalyzeClasses(
    packages = "dev.profilepic.worker",
    importOptions = {ImportOption.DoNotIncludeTests.class, DoNotIncludeGenerated.class})
class ArchitectureTest {

  @ArchTest static final ArchTests ofEachService = ArchTests.in(ServiceArchitecture.class);

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
  static final ArchRule whatFetchesPicturesSpeaksNoSql =
      noClasses()
          .that()
          .resideInAnyPackage("..pictures..", "..bridge..", "..download..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework.jdbc..", "java.sql..");

  @ArchTest
  static final ArchRule statementsArePrivate =
      classes().that().haveSimpleNameEndingWith("Sql").should().bePackagePrivate();
}
