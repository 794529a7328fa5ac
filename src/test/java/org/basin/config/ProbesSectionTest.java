package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.basin.landscape.MeasuredObjective;
import org.basin.landscape.NormalizationStatistics;
import org.basin.landscape.ProbeConditions;
import org.basin.landscape.ProbeRequest;
import org.basin.landscape.curvature.HessianOptions;
import org.basin.train.BatchNormPolicy;
import org.basin.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbesSectionTest {
  private final ExperimentFolder files;

  ProbesSectionTest(@TempDir Path folder) {
    files = new ExperimentFolder(folder);
  }

  private ProbeRequest only(String... lines) {
    List<ProbeRequest> probes = files.read(lines).probes();
    assertEquals(1, probes.size());
    return probes.getFirst();
  }

  @Test
  void nothingIsMeasuredUnlessSaid() {
    assertEquals(List.of(), files.read("name: x").probes());
    assertEquals(List.of(), files.read("name: x", "probes: []").probes());
  }

  @Test
  void aNameMeansTheDefaults() {
    for (String form :
        List.of("probes: [hessian]", "probes: {hessian: {}}", "probes: {hessian: }")) {
      ProbeRequest request = only("name: x", form);
      assertEquals("hessian", request.kind().name());
      assertEquals(HessianOptions.DEFAULTS, request.options());
      assertEquals(ProbeConditions.DEFAULTS, request.conditions());
    }
  }

  @Test
  void optionsOfTheProbeAndOfEveryProbeStandSideBySide() {
    for (String form :
        List.of(
            "probes: [hessian: {largest: 20, objective: plain, batchNorm: batch, examples: 10}]",
            "probes: {hessian: {largest: 20, objective: plain, batchNorm: batch, examples: 10}}")) {
      ProbeRequest request = only("name: x", form);
      assertEquals(20, ((HessianOptions) request.options()).largest());
      assertEquals(MeasuredObjective.PLAIN, request.conditions().objective());
      assertEquals(NormalizationStatistics.BATCH, request.conditions().batchNorm());
      assertEquals(10, request.conditions().examples());
    }
  }

  /** Statistics of one network mean nothing to another. */
  @Test
  void betweenNetworksStatisticsAreRecalibratedUnlessStated() {
    ProbeRequest request = only("name: x", "probes: [connectivity]");
    assertEquals(NormalizationStatistics.RECALIBRATED, request.conditions().batchNorm());
    assertEquals(BatchNormPolicy.BATCH, request.objective(TrainingOptions.DEFAULTS).batchNorm());
    request = only("name: x", "probes: [connectivity: {batchNorm: frozen}]");
    assertEquals(NormalizationStatistics.FROZEN, request.conditions().batchNorm());
    assertEquals(BatchNormPolicy.FROZEN, request.objective(TrainingOptions.DEFAULTS).batchNorm());
    request = only("name: x", "probes: [hessian: {batchNorm: recalibrated}]");
    assertEquals(BatchNormPolicy.FROZEN, request.objective(TrainingOptions.DEFAULTS).batchNorm());
  }

  @Test
  void overridesReachIntoTheSection() {
    Path file = files.write("x.yaml", "name: x", "probes: [hessian: {largest: 20, seed: 3}]");
    ProbeRequest request =
        Experiment.read(file, List.of("probes.hessian.largest=5")).probes().getFirst();
    assertEquals(5, ((HessianOptions) request.options()).largest());
    assertEquals(3, request.conditions().seed());
    assertEquals(List.of(), Experiment.read(file, List.of("probes=[]")).probes());
    Path bare = files.write("y.yaml", "name: y");
    assertEquals(1, Experiment.read(bare, List.of("probes.hessian.smallest=1")).probes().size());
  }

  @Test
  void oneProbeStartsFromWhatTheExperimentStates() {
    Experiment experiment = files.read("name: x", "probes: [hessian: {largest: 20}]");
    ProbeRequest request = experiment.probe("hessian", List.of("smallest=2"));
    assertEquals(20, ((HessianOptions) request.options()).largest());
    assertEquals(2, ((HessianOptions) request.options()).smallest());
  }

  @Test
  void theStoredCopyReadsBackTheSame() {
    Experiment experiment =
        files.read("name: x", "probes:", "  - hessian: {largest: 20, objective: plain}");
    Path copy = files.write("copy.yaml", experiment.toYaml());
    assertEquals(experiment.probes(), Experiment.read(copy, List.of()).probes());
  }

  @Test
  void probesAreNoPartOfAReplicasIdentity() {
    assertEquals(
        CanonicalForm.hash(files.read("name: x").resolve(List.of())),
        CanonicalForm.hash(files.read("name: x", "probes: [hessian]").resolve(List.of())));
  }

  @Test
  void whatCannotBeUsedIsNamedWithItsPlace() {
    assertRefused(
        "x.yaml:2: there is no probe 'hesian', did you mean hessian?; allowed: ",
        "probes: [hesian]");
    assertRefused(
        "x.yaml:3: probes.hessian.largst is not an option of the probe; did you mean largest?",
        "probes:",
        "  - hessian: {largst: 3}");
    assertRefused(
        "x.yaml:2: probes.hessian.largest is 0, allowed: a whole number from 1 to 1000",
        "probes: [hessian: {largest: 0}]");
    assertRefused(
        "x.yaml:2: probes.hessian.objective is plane, allowed: trained, plain",
        "probes: [hessian: {objective: plane}]");
    assertRefused(
        "x.yaml:2: probes.hessian.everySteps is 0, allowed: a whole number from 1 to",
        "probes: [hessian: {everySteps: 0}]");
    assertRefused(
        "x.yaml:2: probes.trajectory.everySteps is 5, but the probe looks at the training itself;"
            + " allowed: null, and every for how often it looks",
        "probes: [trajectory: {everySteps: 5}]");
    assertRefused(
        "x.yaml:2: probes.connectivity.everySteps is 5, but two networks are compared after their"
            + " training; allowed: null",
        "probes: [connectivity: {everySteps: 5}]");
    assertRefused("x.yaml:2: probes has hessian twice", "probes: [hessian, hessian: {seed: 2}]");
    assertRefused("x.yaml:2: probes is 'hessian', allowed: a list of probes: ", "probes: hessian");
    assertRefused("x.yaml:2: probes has a list, allowed: a probe's name, or name", "probes: [[a]]");
    assertRefused(
        "x.yaml:2: probes.hessian is 3, allowed: a group of options", "probes: {hessian: 3}");
  }

  private void assertRefused(String message, String... lines) {
    String[] all = new String[lines.length + 1];
    all[0] = "name: x";
    System.arraycopy(lines, 0, all, 1, lines.length);
    String refusal = files.refusal(() -> files.read(all));
    assertTrue(refusal.startsWith(message), refusal);
  }
}
