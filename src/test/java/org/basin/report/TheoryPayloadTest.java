package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.basin.landscape.ProbeKind;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Law;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.basin.store.ProbeResult;
import org.basin.store.StudyResult;
import org.basin.theory.StudyKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page says of predictions, with results that are planted. */
class TheoryPayloadTest {
  private static final Figure FIGURE =
      new Figure(
          "Times",
          "Look at the slope.",
          "times",
          new Axis("size", "size n", true),
          new Axis("", "time", true),
          List.of(
              new Trace("measured", Style.MEASURED, "time", "low", "high"),
              new Trace("theory", Style.PREDICTED, "law"),
              new Trace("bound", Style.BOUND, "nowhere")),
          "batchSize");

  private static final Table TIMES =
      new Table.Builder("times", "batchSize", "size", "time", "low", "high", "law")
          .row(1, 1, 10, 9, 11, 10)
          .row(1, 2, 21, 18, 23, 20)
          .row(4, 1, Double.NaN, Double.NaN, Double.NaN, 2.5)
          .row(4, 0, 3, 2, 4, 5)
          .row(4, 2, 6, -1, 7, 5)
          .build();

  private static final Comparison HOLDS = Comparison.of("slope", 1.01, 0.9, 1.1, 1, 0, 0.5, 0.95);
  private static final Comparison FAILS = Comparison.of("height", 3, 2.9, 3.1, 2.5, 0.1, 0.5, 0.95);
  private static final Comparison OPEN =
      Comparison.of("spread", 3, Double.NaN, Double.NaN, 2.5, 0, 0.5, 0.95);

  @TempDir private Path folder;

  /** Options of the planted kinds. */
  record None() {
    static final None DEFAULTS = new None();
  }

  @Test
  void curvesAreByGroupAndHoldWhatStandsOnTheAxes() {
    JsonNode heading = FigurePayload.heading(FIGURE);
    assertEquals("batch size", heading.path("group").asText());
    assertEquals("predicted", heading.at("/traces/1/style").asText());
    assertTrue(heading.at("/x/log").asBoolean());

    ArrayNode curves = FigurePayload.curves(FIGURE, TIMES);

    assertEquals(2, curves.size());
    assertEquals(1, curves.at("/0/value").asInt());
    assertEquals("[10,21]", curves.at("/0/traces/0/y").toString());
    assertEquals("[9,18]", curves.at("/0/traces/0/low").toString());
    assertEquals("[10,20]", curves.at("/0/traces/1/y").toString());
    assertTrue(curves.at("/0/traces/2").isNull(), "there is no such column");
    // Of batch size 4, one time is missing and one size has no logarithm.
    assertEquals("[2]", curves.at("/1/traces/0/x").toString());
    assertEquals("[-1]", curves.at("/1/traces/0/low").toString());
    assertEquals("[1,2]", curves.at("/1/traces/1/x").toString());
    assertFalse(curves.at("/1/traces/1").has("low"));
  }

  @Test
  void figureWithoutItsColumnsIsNone() {
    assertNull(
        FigurePayload.curves(FIGURE, new Table.Builder("times", "size", "time").row(1, 1).build()));
    assertNull(
        FigurePayload.curves(
            FIGURE, new Table.Builder("times", "batchSize", "size", "time").row(1, 0, 1).build()));
  }

  @Test
  void longTracesAreThinnedToTheirEnds() {
    Table.Builder table = new Table.Builder("times", "batchSize", "size", "time");
    for (int i = 1; i <= 1000; i++) {
      table.row(1, i, i);
    }
    JsonNode x = FigurePayload.curves(FIGURE, table.build()).at("/0/traces/0/x");
    assertEquals(200, x.size());
    assertEquals(1, x.path(0).asInt());
    assertEquals(1000, x.path(199).asInt());
  }

  @Test
  void aStudyHasItsClaimItsFiguresAndItsVerdicts() {
    JsonNode payload = ReportPayload.of(studies(HOLDS, FAILS, OPEN), catalog());
    JsonNode study = payload.at("/studies/0");
    assertEquals("Small (planted)", study.path("name").asText());
    assertEquals("A study claims.", study.path("claim").asText());
    assertEquals(1, study.path("figures").size(), "that without a table is left out");
    assertEquals("[10,21]", study.at("/figures/0/curves/0/traces/0/y").toString());
    assertEquals("disagrees", study.at("/comparisons/1/verdict").asText());
    assertEquals(2.9, study.at("/comparisons/1/low").asDouble());
    assertTrue(study.at("/comparisons/2/low").isNull());
    assertEquals(
        "[[\"runs\",\"500\"],[\"step sizes\",\"0.1, 0.2\"],[\"seed\",\"7\"],[\"version\",\"1\"],"
            + "[\"took\",\"1.5 s\"]]",
        study.path("conditions").toString());
    String sentence = "small: 1 of 3 predictions holds; “height” disagrees; “spread” is undecided.";
    assertEquals(sentence, study.path("summary").asText());
    assertTrue(sentences(payload).contains(sentence), sentences(payload).toString());
  }

  @Test
  void whereAllHoldsNothingElseIsSaid() {
    assertEquals(
        List.of("small: 2 of 2 predictions hold."),
        sentences(ReportPayload.of(studies(HOLDS, HOLDS), catalog())));
  }

  @Test
  void aStudyThatIsNotKnownStillHasItsVerdicts() {
    JsonNode study =
        ReportPayload.of(studies(HOLDS), new Catalog(List.of(), List.of())).at("/studies/0");
    assertEquals("", study.path("claim").asText());
    assertEquals(0, study.path("figures").size());
    assertEquals(1, study.path("comparisons").size());
  }

  /** The planted probe fails at width 300, seed 1, and cannot tell at width 2. */
  @Test
  void comparisonsOfAProbeAreToldNetworkByNetwork() {
    JsonNode payload =
        ReportPayload.of(
            SyntheticRuns.doubleDescent(2).withProbe(this::measured).build(), catalog());
    JsonNode theory = payload.at("/landscape/0/theory");
    assertEquals("A probe claims.", theory.path("claim").asText());
    assertEquals("slope", theory.at("/comparisons/0/quantity").asText());
    JsonNode points = theory.at("/comparisons/0/series/0");
    assertEquals(19, points.size());
    assertEquals("[0,\"undecided\",\"there is no interval\"]", points.at("/0/0").toString());
    assertEquals("agrees", points.at("/18/0/1").asText());
    assertEquals("disagrees", points.at("/18/1/1").asText());
    String summary =
        "35 of 38 predictions hold; “slope” disagrees in 1 of 38 networks; "
            + "“slope” is undecided in 2 of 38 networks.";
    assertEquals(summary, theory.path("summary").asText());
    assertTrue(sentences(payload).contains("Planted probe: " + summary));
  }

  @Test
  void figuresOfAProbeAreThereForEveryNetwork() {
    JsonNode theory =
        ReportPayload.of(
                SyntheticRuns.doubleDescent(2).withProbe(this::measured).build(), catalog())
            .at("/landscape/0/theory");
    assertEquals(1, theory.path("figures").size());
    JsonNode seeds = theory.at("/replicas/0/18");
    assertEquals(2, seeds.size());
    assertEquals(1, seeds.at("/1/seed").asInt());
    assertEquals("[10,21]", seeds.at("/1/curves/0/0/traces/0/y").toString());
    assertFalse(theory.has("seedsKept"));
  }

  /** λ = w^-1/2 to a per cent, against laws of −1/2 and of −1. */
  @Test
  void fittedSlopesStandBesideTheory() throws IOException {
    JsonNode holds = law(SyntheticRuns.doubleDescent(3), new Law("trace", Map.of(), -0.5, "So."));
    assertEquals("agrees", holds.path("verdict").asText());
    assertEquals(
        "Theory says −0.50 as width grows; the interval at these widths holds it. So.",
        holds.path("text").asText());

    CompletedRun run = SyntheticRuns.doubleDescent(3).withProbe(this::measured).build();
    Law wrong = new Law("trace", Map.of(), -1, "Somebody (2020).");
    JsonNode payload = ReportPayload.of(run, catalog(wrong));
    JsonNode series = payload.at("/landscape/0/scalars/0/series/0");
    assertEquals("disagrees", series.at("/law/verdict").asText());
    // Both lines go through the middle of the points.
    double middle = 0;
    for (double[] row : SyntheticRuns.DOUBLE_DESCENT) {
      middle += Math.log(row[0]) / SyntheticRuns.DOUBLE_DESCENT.length;
    }
    double fitted =
        series.at("/slope/logFactor").asDouble() + series.at("/slope/value").asDouble() * middle;
    assertEquals(fitted, series.at("/law/logFactor").asDouble() - middle, 1e-4);
    assertTrue(
        sentences(payload).stream()
            .anyMatch(
                text ->
                    text.startsWith("Trace falls with width: slope −0.50")
                        && text.endsWith(
                            "; theory says −1.00 as width grows; the interval at these widths excludes it.")),
        sentences(payload).toString());
    assertEquals(
        1,
        sentences(payload).stream().filter(text -> text.startsWith("Trace")).count(),
        "the trend is told once");
  }

  @Test
  void aWideIntervalDecidesNothing() {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    JsonNode series =
        ReportPayload.of(
                SyntheticRuns.doubleDescent(1)
                    .withProbe(
                        replica -> {
                          int width = replica.result().width();
                          scalars.put(
                              "trace",
                              Uncertain.exact(
                                  width > 4 ? Double.NaN : width == 3 ? 1.0 : 2.0 + width));
                          return new MeasuredProbes(folder)
                              .of(replica, "planted", new LinkedHashMap<>(scalars));
                        })
                    .build(),
                catalog(new Law("trace", Map.of(), 0, "So.")))
            .at("/landscape/0/scalars/0/series/0");
    assertEquals("undecided", series.at("/law/verdict").asText());
    assertEquals(
        "Theory says 0.00 as width grows; the interval at these widths is too wide to say. So.",
        series.at("/law/text").asText());
  }

  @Test
  void aLawIsAboutNetworksWithItsSettingsOnly() {
    Law law = new Law("trace", Map.of("training.labelSmoothing", "0.10"), -0.5, "So.");
    JsonNode scalar =
        ReportPayload.of(
                SyntheticRuns.twoSettings(3).withProbe(this::measured).build(), catalog(law))
            .at("/landscape/0/scalars/0");
    assertFalse(scalar.at("/series/0").has("law"));
    assertTrue(scalar.at("/series/1").has("law"));
    assertTrue(law(SyntheticRuns.doubleDescent(3), law).isMissingNode());
    Law other = new Law("trace", Map.of(), -0.5, "So.");
    assertTrue(
        law(SyntheticRuns.over("data.n", List.of("100", "200", "400"), 2), other).isMissingNode(),
        "the axis is not width");
  }

  @Test
  void manySeriesAreCounted() {
    JsonNode payload =
        ReportPayload.of(
            SyntheticRuns.threeSettings(3).withProbe(this::measured).build(),
            catalog(new Law("trace", Map.of(), -0.5, "So.")));
    assertTrue(
        sentences(payload)
            .contains(
                "The interval of the slope of trace holds theory's in 9 of 9 comparisons and excludes"
                    + " it in 0 (planted probe)."),
        sentences(payload).toString());
  }

  /** Kept under target to be looked at. */
  @Test
  void pagesTeach() throws IOException {
    Catalog catalog = catalog(new Law("trace", Map.of(), -0.4, "Somebody (2020) says so."));
    for (boolean two : new boolean[] {false, true}) {
      SyntheticRuns runs = two ? SyntheticRuns.twoSettings(2) : SyntheticRuns.doubleDescent(2);
      StringWriter page = new StringWriter();
      HtmlReport.write(runs.withProbe(this::measured).build(), catalog, page);
      assertTrue(page.toString().contains("Somebody (2020) says so."));
      Files.createDirectories(Path.of("target", "report-samples"));
      Files.writeString(
          Path.of("target", "report-samples", two ? "laws-two.html" : "laws.html"),
          page.toString());
    }
  }

  private JsonNode law(SyntheticRuns runs, Law law) {
    return ReportPayload.of(runs.withProbe(this::measured).build(), catalog(law))
        .at("/landscape/0/scalars/0/series/0/law");
  }

  private ProbeResult measured(CompletedReplica replica) {
    int width = replica.result().width();
    long seed = replica.result().seed();
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("trace", Uncertain.exact((1 + (seed - 1) / 100.0) / Math.sqrt(width)));
    Comparison comparison =
        width == 2
            ? new Comparison(
                "slope", 1, Double.NaN, Double.NaN, 1, 0, OPEN.verdict(), OPEN.reason())
            : width == 300 && seed == 1
                ? new Comparison("slope", 3, 2, 4, 1, 0, Verdict.DISAGREES, "far off")
                : HOLDS;
    return new MeasuredProbes(folder).of(replica, "planted", scalars, List.of(comparison), TIMES);
  }

  private CompletedRun studies(Comparison... comparisons) {
    StudyResult study =
        new MeasuredProbes(folder).study("small", "planted", List.of(comparisons), TIMES);
    return SyntheticRuns.withoutReplicas().withStudy(study).build();
  }

  private static Catalog catalog(Law... laws) {
    Figure missing = new Figure("", "", "missing", FIGURE.x(), FIGURE.y(), FIGURE.traces(), null);
    return new Catalog(
        List.of(
            new ProbeKind<>(
                "planted",
                1,
                "",
                None.class,
                _ -> {
                  throw new AssertionError("nothing is measured here");
                },
                "A probe claims.",
                List.of(FIGURE, missing),
                List.of(laws),
                new LinkedHashMap<>())),
        List.of(
            new StudyKind<>(
                "planted",
                1,
                "A study claims.",
                None.DEFAULTS,
                (_, _) -> Measurement.of(new LinkedHashMap<>()),
                List.of(missing, FIGURE))));
  }

  private static List<String> sentences(JsonNode payload) {
    List<String> sentences = new ArrayList<>();
    payload.at("/findings/sentences").forEach(node -> sentences.add(node.asText()));
    return sentences;
  }
}
