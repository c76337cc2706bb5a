package dev.profilepic.receiver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.profilepic.embedded.ServiceArchitecture;
import dev.profilepic.embedded.ServiceArchitecture.DoNotIncludeGenerated;

@AnalyzeClasses(
    packages = "dev.profilepic.receiver",
    importOptions = {DoNotIncludeTests.class, DoNotIncludeGenerated.class})
class ArchitectureTest {

  @ArchTest static final ArchTests ofEachService = ArchTests.in(ServiceArchitecture.class);

  @ArchTest
  static final ArchRule whatAllShareKnowsNoFeature =
      noClasses()
          .that()
          .resideInAPackage("..receiver.http..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..receiver.intake..",
              "..receiver.leads..",
              "..receiver.avatars..",
              "..receiver.auth..");
}
