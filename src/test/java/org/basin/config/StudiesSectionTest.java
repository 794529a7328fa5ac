package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.basin.theory.ChainEscapeOptions;
import org.basin.theory.StationaryPointsOptions;
import org.basin.theory.StudyCatalog;
import org.basin.theory.StudyKind;
import org.basin.theory.StudyRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudiesSectionTest {
  private final ExperimentFolder files;

  StudiesSectionTest(@TempDir Path folder) {
    files = new ExperimentFolder(folder);
  }

  private StudyRequest only(String... lines) {
    List<StudyRequest> studies = files.read(lines).studies();
    assertEquals(1, studies.size());
    return studies.getFirst();
  }

  @Test
  void nothingIsStudiedUnlessSaid() {
    for (String form : List.of("", "studies:", "studies: []", "studies: {}")) {
      Experiment experiment = files.read("name: x", form);
      assertEquals(List.of(), experiment.studies());
      assertTrue(experiment.trains());
    }
  }

  @Test
  void aNameMeansTheDefaults() {
    for (String form :
        List.of(
            "studies: [chain-escape]",
            "studies: {chain-escape: {}}",
            "studies: {chain-escape: }",
            "studies: [chain-escape: {kind: chain-escape, seed: 1}]")) {
      StudyRequest request = only("name: x", form);
      assertEquals("chain-escape", request.label());
      assertEquals("chain-escape", request.kind().name());
      assertEquals(ChainEscapeOptions.DEFAULTS, request.options());
      assertEquals(1, request.seed());
    }
  }

  @Test
  void aLabelNamesAStudyOfAKind() {
    for (String form :
        List.of(
            "studies: [chain-escape, a.b_c: {kind: stationary-points, sigma: 2, seed: -7}]",
            "studies: {chain-escape: , a.b_c: {seed: -7, sigma: 2, kind: stationary-points}}")) {
      List<StudyRequest> studies = files.read("name: x", form).studies();
      assertEquals(
          List.of("chain-escape", "a.b_c"), studies.stream().map(StudyRequest::label).toList());
      StudyRequest request = studies.getLast();
      assertEquals("stationary-points", request.kind().name());
      assertEquals(2, ((StationaryPointsOptions) request.options()).sigma());
      assertEquals(-7, request.seed());
    }
  }

  @Test
  void studiesAloneTrainNothing() {
    String studies = "studies: [chain-escape]";
    assertFalse(files.read("name: x", "engine: cpu", "workers: 2", studies).trains());
    assertFalse(files.read("name: x", studies, "data:", "sweep:").trains());
    for (String network :
        List.of(
            "data: {n: 100}",
            "model: {width: 8}",
            "training: {epochs: 1}",
            "seeds: 1",
            "sweep: {grid: {model.width: [4, 8]}}",
            "probes: [hessian]")) {
      assertTrue(files.read("name: x", studies, network).trains(), network);
    }
    Path file = files.write("x.yaml", "name: x", studies);
    assertTrue(Experiment.read(file, List.of("model.width=8")).trains());
    assertFalse(Experiment.read(file, List.of("studies.chain-escape.runs=10")).trains());
  }

  @Test
  void overridesReachIntoTheSection() {
    Path file =
        files.write(
            "x.yaml",
            "name: x",
            "studies:",
            "  - chain-escape",
            "  - wells.1: {kind: stationary-points, function: cosine-wells, sigma: 3}");
    List<StudyRequest> studies =
        Experiment.read(file, List.of("studies.wells.1.sigma=2", "studies.chain-escape.runs=11"))
            .studies();
    StationaryPointsOptions wells = (StationaryPointsOptions) studies.getLast().options();
    assertEquals(2, wells.sigma());
    assertEquals(StationaryPointsOptions.Problem.COSINE_WELLS, wells.function());
    assertEquals(11, ((ChainEscapeOptions) studies.getFirst().options()).runs());
    assertEquals(List.of(), Experiment.read(file, List.of("studies=[]")).studies());
    Path bare = files.write("y.yaml", "name: y");
    assertEquals(
        "monkey-escape",
        Experiment.read(bare, List.of("studies.monkey-escape.runs=20"))
            .studies()
            .getFirst()
            .label());
  }

  @Test
  void theSectionReplacesThatOfTheFileBelow() {
    files.write("base.yaml", "name: base", "studies: {chain-escape: {runs: 20}, monkey-escape: }");
    assertEquals(
        "origin-escape", only("name: x", "extends: base.yaml", "studies: [origin-escape]").label());
    assertEquals(2, files.read("name: x", "extends: base.yaml").studies().size());
  }

  @Test
  void theStoredCopyReadsBackTheSame() {
    for (String form :
        List.of(
            "studies: [saddle-escape, {wells: {kind: stationary-points, steps: [1, 2, 3, 4, 5, 6]}}]",
            "studies: {saddle-escape: {runs: 500}, wells: {kind: monkey-escape, seed: 3}}")) {
      Experiment experiment = files.read("name: x", form);
      Path copy = files.write("copy.yaml", experiment.toYaml());
      Experiment again = Experiment.read(copy, List.of());
      assertEquals(experiment.studies(), again.studies());
      assertFalse(again.trains());
    }
  }

  @Test
  void studiesAreNoPartOfAReplicasIdentity() {
    assertEquals(
        CanonicalForm.hash(files.read("name: x").resolve(List.of())),
        CanonicalForm.hash(files.read("name: x", "studies: [chain-escape]").resolve(List.of())));
  }

  /** Else {@code kind} and {@code seed} would mean two things. */
  @Test
  void noStudyHasAnOptionThatEveryStudyHas() {
    for (StudyKind<?> kind : StudyCatalog.STUDIES) {
      List<String> names = NamedOptions.names(kind.options());
      assertFalse(names.contains("kind") || names.contains("seed"), kind.name());
    }
  }

  @Test
  void whatCannotBeUsedIsNamedWithItsPlace() {
    assertRefused(
        "x.yaml:2: there is no study 'sadle-escape', did you mean saddle-escape?; allowed: ",
        "studies: [sadle-escape]");
    assertRefused(
        "x.yaml:4: there is no study 'wall'; allowed: saddle-escape, ",
        "studies:",
        "  wells:",
        "    kind: wall");
    assertRefused(
        "x.yaml:2: studies.wells.kind is a list, allowed: saddle-escape, ",
        "studies: {wells: {kind: [a]}}");
    assertRefused(
        "x.yaml:3: studies.wells.sgima is not an option of the study; did you mean sigma?",
        "studies:",
        "  - wells: {kind: stationary-points, sgima: 3}");
    assertRefused(
        "x.yaml:2: studies.chain-escape.zzz is not an option of the study; allowed: kind, seed,"
            + " saddles, ",
        "studies: [chain-escape: {zzz: 3}]");
    assertRefused(
        "x.yaml:2: studies.chain-escape.saddles is 3, allowed: a whole number from 8 to 1000",
        "studies: [chain-escape: {saddles: 3}]");
    assertRefused(
        "x.yaml:2: studies.saddle-escape.stepSize is 2.0, allowed: up to 1/curvature, 1.0",
        "studies: [saddle-escape: {stepSize: 2}]");
    assertRefused(
        "x.yaml:2: studies.chain-escape.seed is 'one', allowed: ",
        "studies: [chain-escape: {seed: one}]");
    assertRefused(
        "x.yaml:2: studies.wells.function is bowl, allowed: quadratic, algebraic-decay, cosine",
        "studies: [wells: {kind: stationary-points, function: bowl}]");
    assertRefused(
        "x.yaml:2: studies has the label '../up', allowed: up to 100 letters, digits, -, _ and .,",
        "studies: {../up: {kind: chain-escape}}");
    assertRefused(
        "x.yaml:2: studies has chain-escape twice", "studies: [chain-escape, chain-escape: {}]");
    assertRefused("x.yaml:2: studies is 'wells', allowed: a list of studies: ", "studies: wells");
    assertRefused(
        "x.yaml:2: studies has a list, allowed: a study's name, or name", "studies: [[a]]");
    assertRefused(
        "x.yaml:2: studies.chain-escape is 3, allowed: a group of options",
        "studies: {chain-escape: 3}");
    assertRefused("x.yaml:2: studys is not a setting; did you mean studies?", "studys: []");
  }

  private void assertRefused(String message, String... lines) {
    String[] all = new String[lines.length + 1];
    all[0] = "name: x";
    System.arraycopy(lines, 0, all, 1, lines.length);
    String refusal = files.refusal(() -> files.read(all));
    assertTrue(refusal.startsWith(message), refusal);
  }
}
