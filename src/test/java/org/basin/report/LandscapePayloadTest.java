package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.basin.landscape.curvature.HessianProbe;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LandscapePayloadTest {
  @TempDir private Path folder;

  /** λ = w^-1/2 (1 + seed/100), of which one did not converge and one is no number. */
  @Test
  void figuresWithTheirSlopeAndWhatIsInNone() {
    JsonNode scalar =
        hessian(SyntheticRuns.doubleDescent(3), this::eigenvalue).path("scalars").path(0);

    assertEquals("largest eigenvalue", scalar.path("name").asText());
    JsonNode series = scalar.path("series").path(0);
    assertEquals(1, series.path("notConverged").asInt());
    assertEquals(1, series.path("notFinite").asInt());
    JsonNode first = series.path("points").path(0); // width 2: seed 0 did not converge
    assertEquals(2, first.path("count").asInt());
    assertEquals(1.015 / Math.sqrt(2), first.path("mean").asDouble(), 1e-5);
    assertFalse(first.path("seeds").path(0).path(3).asBoolean());
    assertEquals(77, first.path("seeds").path(0).path(1).asInt(), "it is there, to be marked");
    JsonNode second = series.path("points").path(1); // width 3: seed 1 is no number
    assertTrue(second.path("seeds").path(1).path(1).isNull());
    assertEquals(2, second.path("count").asInt());
    JsonNode third = series.path("points").path(2);
    assertEquals(3, third.path("count").asInt());
    assertEquals("seeds", third.path("dominant").asText());
    assertEquals(-0.5, series.path("slope").path("value").asDouble(), 0.005);
    assertTrue(
        series
            .path("slope")
            .path("text")
            .asText()
            .startsWith("largest eigenvalue falls with width: slope −0.50 (−0.5"));
  }

  @Test
  void scalarsComeWithTheirDefinitions() {
    assertEquals(
        HessianProbe.KIND.definitions().get("largestEigenvalue"),
        hessian(SyntheticRuns.doubleDescent(1), this::eigenvalue)
            .at("/scalars/0/definition")
            .asText());
    JsonNode old =
        hessian(
                SyntheticRuns.doubleDescent(1),
                replica -> {
                  SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
                  scalars.put("ofAnotherVersion", Uncertain.exact(1));
                  return new MeasuredProbes(folder).of(replica, "hessian", scalars);
                })
            .at("/scalars/0");
    assertEquals("ofAnotherVersion", old.path("key").asText());
    assertFalse(old.has("definition"));
  }

  @Test
  void headOfThePageSaysHowItGoes() {
    JsonNode payload =
        ReportPayload.of(SyntheticRuns.doubleDescent(3).withProbe(this::eigenvalue).build());
    List<String> sentences = new ArrayList<>();
    payload.path("findings").path("sentences").forEach(node -> sentences.add(node.asText()));

    assertTrue(
        sentences.stream().anyMatch(s -> s.startsWith("Largest eigenvalue falls with width")),
        sentences.toString());
    assertTrue(
        sentences.contains("Hessian probe: 1 value did not converge and is in no mean."),
        sentences.toString());
  }

  @Test
  void oneSeedHasNoBand() {
    JsonNode points =
        hessian(SyntheticRuns.doubleDescent(1), this::eigenvalue).at("/scalars/0/series/0/points");

    points.forEach(point -> assertTrue(point.path("halfWidth").isNull()));
  }

  @Test
  void categoriesHaveNoSlope() {
    JsonNode series =
        hessian(
                SyntheticRuns.over("model.activation", List.of("relu", "tanh", "gelu"), 2),
                this::eigenvalue)
            .at("/scalars/0/series/0");

    assertEquals(3, series.path("points").size());
    assertFalse(series.has("slope"));
    assertFalse(series.has("noSlope"));
  }

  @Test
  void conditionsArePartOfTheResult() {
    String conditions =
        hessian(SyntheticRuns.doubleDescent(1), this::eigenvalue).path("conditions").toString();

    for (String part :
        List.of(
            "plain, cross-entropy, label smoothing 0.1, no L2 penalty",
            "recalibrated",
            "mean over 4 disjoint random parts of 500 training examples",
            "\"cpu\"",
            "[\"probe version\",\"3\"]")) {
      assertTrue(conditions.contains(part), conditions);
    }
  }

  /** Two seeds with a density of 1 and of 3 everywhere on [-1, 4]. */
  @Test
  void spectraAreMeansOverSeeds() {
    JsonNode spectrum =
        hessian(
                SyntheticRuns.doubleDescent(2),
                replica ->
                    measured(
                        replica,
                        new Table.Builder("density", "eigenvalue", "density", "standardError")
                            .row(-1, 1 + 2 * seed(replica), 0.1)
                            .row(4, 1 + 2 * seed(replica), 0.1)
                            .build()))
            .at("/spectra/0");

    JsonNode ridge = spectrum.at("/series/0/3");
    assertEquals(2, ridge.path("seeds").asInt());
    assertEquals(-1, ridge.path("x").path(0).asDouble(), 1e-3);
    assertEquals(4, ridge.path("x").path(ridge.path("x").size() - 1).asDouble(), 1e-3);
    ridge.path("density").forEach(value -> assertEquals(2, value.asDouble()));
    assertEquals(4.0 / 300, spectrum.path("linear").asDouble(), 1e-4);
  }

  @Test
  void densityBetweenItsGridIsLinearAndNothingOutside() {
    Curve curve =
        new Curve(new double[] {0, 1, 3}, new double[] {1, 2, 6}, new boolean[] {true, true, true});

    assertEquals(1.5, SpectraPayload.interpolate(curve, 0.5));
    assertEquals(4, SpectraPayload.interpolate(curve, 2));
    assertEquals(6, SpectraPayload.interpolate(curve, 3));
    assertEquals(0, SpectraPayload.interpolate(curve, 3.1));
    assertEquals(0, SpectraPayload.interpolate(curve, -0.1));
  }

  /** A density of triangle peaks: its mean over an interval is the area of what lies in it. */
  @Test
  void meanDensityHasEveryPeakOfAnInterval() {
    double[] x = {0, 1, 1.1, 1.2, 3, 4};
    Curve peak = new Curve(x, new double[] {0, 0, 10, 0, 0, 2}, new boolean[x.length]);

    assertEquals(1.0 / 2, SpectraPayload.mean(peak, 0, 2), 1e-12);
    assertEquals(0.5 / 0.6, SpectraPayload.mean(peak, 1.1, 1.7), 1e-12);
    assertEquals(1.0 / 2, SpectraPayload.mean(peak, 3, 3.5), 1e-12);
    assertEquals(0, SpectraPayload.mean(peak, 1.5, 2), 1e-12);
  }

  @Test
  void planesKeepWhatIsNotFiniteAsNothingAndCarryThePath() {
    JsonNode plane =
        hessian(
                SyntheticRuns.onePoint(2),
                replica ->
                    measured(
                        replica,
                        new Table.Builder("plane-trajectory", "alpha", "beta", "loss")
                            .row(0, 0, 1.5)
                            .row(0, 1, Double.NaN)
                            .row(1, 0, Double.POSITIVE_INFINITY)
                            .row(1, 1, 2.5)
                            .build(),
                        path()))
            .at("/planes/0");

    JsonNode seed = plane.at("/series/0/0/1");
    assertEquals(1, seed.path("seed").asInt());
    assertEquals("[1.5,null,null,2.5]", seed.path("loss").toString());
    assertEquals("[[-2,1],[0,0]]", seed.path("path").toString());
  }

  /** Three directions in one replica: the band is over them; of two replicas, over the replicas. */
  @Test
  void linesHaveTheirBandOverDirectionsOrSeeds() {
    JsonNode over = hessian(SyntheticRuns.onePoint(1), this::lines).at("/curves/0/series/0/0/loss");
    assertEquals("directions", over.path("bandOver").asText());
    assertEquals(2, over.path("mean").path(0).asDouble());
    assertEquals(Estimate.of(1, 2, 3).halfWidth(), over.path("halfWidth").path(0).asDouble(), 1e-4);

    JsonNode family = hessian(SyntheticRuns.onePoint(2), this::lines).path("curves").path(0);
    assertEquals(3, family.path("draws").asInt());
    JsonNode seeds = family.at("/series/0/0/loss");
    assertEquals("seeds", seeds.path("bandOver").asText());
    assertEquals(2.5, seeds.path("mean").path(0).asDouble());
    assertEquals(Estimate.of(2, 3).halfWidth(), seeds.path("halfWidth").path(0).asDouble(), 1e-4);
  }

  @Test
  void overTheRadiusWhatDidNotConvergeIsOpen() {
    JsonNode curve =
        hessian(
                SyntheticRuns.onePoint(2),
                replica ->
                    measured(
                        replica,
                        new Table.Builder(
                                "worstCase", "radius", "value", "standardError", "converged")
                            .row(0.1, 1 + seed(replica), 0.1, 1)
                            .row(0.2, 9, 0.1, seed(replica))
                            .build()))
            .at("/curves/0/series/0/0/value");

    assertEquals("[0.1,0.2]", curve.path("x").toString());
    assertEquals("[1.5,9]", curve.path("mean").toString());
    assertTrue(curve.path("halfWidth").path(1).isNull(), "one seed is left there");
    assertEquals("[[0.2,9]]", curve.path("open").toString());
  }

  @Test
  void trajectoriesHaveGapsWhereTheSharpnessDidNotConverge() {
    JsonNode point =
        hessian(
                SyntheticRuns.onePoint(2),
                replica ->
                    measured(
                        replica,
                        new Table.Builder(
                                "trajectory",
                                "step",
                                "sharpness",
                                "sharpnessError",
                                "converged",
                                "threshold",
                                "loss")
                            .row(0, 4, 0.1, 1, 40, 2)
                            .row(10, 5, 0.1, 0, 40, 1)
                            .row(20, Double.NaN, Double.NaN, 0, 40, 0.5)
                            .build()))
            .at("/courses/0/series/0/0");

    assertEquals("[0,10,20]", point.at("/mean/step").toString());
    assertEquals("[4,null,null]", point.at("/mean/sharpness").toString());
    assertEquals("[[10,5],[10,5]]", point.at("/mean/open/sharpness").toString());
    assertEquals("[40,40,40]", point.at("/mean/threshold").toString());
    assertEquals("[2,1,0.5]", point.at("/mean/loss").toString());
    assertFalse(point.path("mean").has("sharpnessError"));
    assertEquals(2, point.path("seeds").size());
  }

  @Test
  void longCoursesAreThinnedAndSaySo() {
    Table.Builder table = new Table.Builder("course", "step", "learningRate", "trace");
    for (int step = 0; step < 1000; step++) {
      table.row(step, 0.1, step);
    }
    JsonNode course =
        hessian(SyntheticRuns.onePoint(1), replica -> measured(replica, table.build()))
            .at("/courses/0");

    assertEquals(200, course.path("rowsKept").asInt());
    JsonNode steps = course.at("/series/0/0/mean/step");
    assertEquals(200, steps.size());
    assertEquals(999, steps.path(199).asInt());
  }

  @Test
  void manyPlanesStayModest() {
    Table.Builder table = new Table.Builder("plane-random", "alpha", "beta", "loss", "error");
    for (int i = 0; i < 51; i++) {
      for (int j = 0; j < 51; j++) {
        table.row(i, j, Math.sqrt(i + 0.1 * j), 0.5);
      }
    }
    JsonNode plane =
        hessian(SyntheticRuns.threeSettings(1), replica -> measured(replica, table.build()))
            .at("/planes/0");

    assertEquals(1, plane.path("seedsKept").asInt());
    assertTrue(plane.path("sideKept").asInt() < 51);
    assertTrue(plane.toString().length() < 4_000_000);
  }

  @Test
  void damagedTableIsLeftOut() throws IOException {
    SyntheticRuns runs = SyntheticRuns.onePoint(2).withProbe(replica -> measured(replica, path()));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().limit(1).toList()) {
        Files.writeString(file, "step,alpha\n1,nonsense\n");
      }
    }
    JsonNode probe = ReportPayload.of(runs.build()).at("/landscape/0");

    assertEquals(1, probe.path("scalars").size());
    assertEquals(1, probe.at("/courses/0/series/0/0/seeds").size());
  }

  @Test
  void runWithoutProbesHasNoPart() {
    assertEquals(0, ReportPayload.of(SyntheticRuns.onePoint(2).build()).path("landscape").size());
  }

  private JsonNode hessian(SyntheticRuns runs, Function<CompletedReplica, ProbeResult> measured) {
    return ReportPayload.of(runs.withProbe(measured).build()).path("landscape").path(0);
  }

  private ProbeResult eigenvalue(CompletedReplica replica) {
    double seed = seed(replica);
    int width = replica.result().width();
    double value = (1 + seed / 100) / Math.sqrt(width);
    Uncertain eigenvalue = Uncertain.exact(value);
    if (width == 2 && seed == 0) {
      eigenvalue = Uncertain.of(77, List.of(), false);
    } else if (width == 3 && seed == 1) {
      eigenvalue = Uncertain.exact(Double.NaN);
    }
    return new MeasuredProbes(folder).of(replica, "hessian", scalars(eigenvalue));
  }

  private ProbeResult measured(CompletedReplica replica, Table... tables) {
    return new MeasuredProbes(folder).of(replica, "hessian", scalars(Uncertain.exact(1)), tables);
  }

  /** Losses 1, 2, 3 along three directions, with the seed added. */
  private ProbeResult lines(CompletedReplica replica) {
    Table[] tables = new Table[3];
    for (int i = 0; i < tables.length; i++) {
      tables[i] =
          new Table.Builder("line-random-" + (i + 1), "alpha", "loss")
              .row(-1, i + 1 + seed(replica))
              .row(1, i + 1 + seed(replica))
              .build();
    }
    return measured(replica, tables);
  }

  private static double seed(CompletedReplica replica) {
    return (double) replica.result().seed();
  }

  private static Table path() {
    return new Table.Builder("path", "step", "alpha", "beta", "outOfPlane", "loss", "planeLoss")
        .row(0, -2, 1, 0.5, 3, 3.1)
        .row(10, 0, 0, 0, 1, 1)
        .build();
  }

  private static SequencedMap<String, Uncertain> scalars(Uncertain eigenvalue) {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("largestEigenvalue", eigenvalue);
    return scalars;
  }
}
