package org.basin;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The walls between the rooms. */
class WallsTest {
  private static final JavaClasses BASIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.basin");

  private static void check(ArchRule rule) {
    // Some rooms are not built yet; the walls stand already.
    rule.allowEmptyShould(true).check(BASIN);
  }

  @Test
  void noCycles() {
    check(slices().matching("org.basin.(*)..").should().beFreeOfCycles());
  }

  @Test
  void whatTrainingIsReachesNoEngine() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                "org.basin.config..",
                "org.basin.plan..",
                "org.basin.model..",
                "org.basin.data..",
                "org.basin.train..",
                "org.basin.linalg..",
                "org.basin.landscape..",
                "org.basin.theory..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.basin.engine.."));
  }

  @Test
  void reportAndExportReachNoEngine() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("org.basin.report..", "org.basin.export..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.basin.engine.."));
  }

  @Test
  void onlyTheRegistryNamesEngines() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("org.basin.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.basin.engine.*.."));
  }

  @Test
  void noEngineReachesAnother() {
    check(slices().matching("org.basin.engine.(*)..").should().notDependOnEachOther());
  }

  @Test
  void dl4jStandsOnlyInItsEngine() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("org.basin.engine.dl4j..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j..", "org.deeplearning4j.."));
  }

  @Test
  void foreignFunctionsStandOnlyInOurEngines() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("org.basin.engine.cpu..", "org.basin.engine.cuda..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.foreign.."));
  }

  @Test
  void enginesKnowNoFilesNoYamlNoCommandLine() {
    check(
        noClasses()
            .that()
            .resideInAPackage("org.basin.engine..")
            .and()
            .doNotHaveFullyQualifiedName("org.basin.engine.cuda.KernelCache") // a cache is files
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.nio.file..",
                "org.snakeyaml..",
                "picocli..",
                "org.basin.config..",
                "org.basin.store..",
                "org.basin.execute..",
                "org.basin.report.."));
  }

  @Test
  void landscapeReachesNoStoreAndNoReport() {
    check(
        noClasses()
            .that()
            .resideInAPackage("org.basin.landscape..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.basin.store..", "org.basin.report.."));
  }

  @Test
  void linalgReachesNoOtherRoom() {
    check(
        noClasses()
            .that()
            .resideInAPackage("org.basin.linalg..")
            .should()
            .dependOnClassesThat(
                com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage(
                        "org.basin..")
                    .and(
                        com.tngtech.archunit.base.DescribedPredicate.not(
                            com.tngtech.archunit.core.domain.JavaClass.Predicates
                                .resideInAnyPackage("org.basin", "org.basin.linalg..")))));
  }

  @Test
  void onlyTheCommandLinePrints() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("org.basin.cli..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err"));
  }

  @Test
  void nothingReachesTheCommandLine() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("org.basin.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.basin.cli.."));
  }
}
