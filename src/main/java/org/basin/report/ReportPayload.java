package org.basin.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.basin.store.ReplicaResult;
import org.basin.train.HistoryRow;
import org.basin.train.TrainingStatus;

/**
 * The data that a report's page draws: every statistic is computed here, none in the page. Numbers
 * are rounded to six significant digits; what is not finite is {@code null}.
 */
final class ReportPayload {
  /** Most and fewest rows that a learning curve keeps. */
  private static final int MOST_CURVE_ROWS = 200;

  private static final int FEWEST_CURVE_ROWS = 20;

  /**
   * Rows that the mean curves may have together before each is thinned further, and that those of
   * single seeds may have together: about 4 MB of page each.
   */
  private static final int ALL_CURVE_ROWS = 60_000;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final CompletedRun run;
  private final Catalog catalog;
  private final Sweep sweep;
  private final int curveRows;
  private final int seedCurvesPerPoint;

  private ReportPayload(CompletedRun run, Catalog catalog) {
    this.run = run;
    this.catalog = catalog;
    this.sweep = Sweep.of(run);
    this.curveRows = curveRows(sweep);
    this.seedCurvesPerPoint = seedCurvesPerPoint(sweep, curveRows);
  }

  /** The payload of a report on {@code run}. */
  static ObjectNode of(CompletedRun run) {
    return of(run, Catalog.ALL);
  }

  /** The payload where these are the probes and studies that there are. */
  static ObjectNode of(CompletedRun run, Catalog catalog) {
    return new ReportPayload(run, catalog).build();
  }

  private ObjectNode build() {
    boolean numeric = sweep.axis().isNumeric();
    List<Landmarks> landmarks =
        numeric
            ? sweep.series().stream().map(s -> Landmarks.of(s, sweep.axis())).toList()
            : List.of();
    ObjectNode payload = JSON.objectNode();
    payload.put("name", run.name());
    payload.put("description", run.description());
    payload.set("status", status());
    List<ProbeScalars> probes = ProbeScalars.of(sweep, catalog);
    GeneralizationPayload generalization = new GeneralizationPayload(run, sweep, probes);
    ObjectNode findings = findings(Findings.of(sweep, landmarks, probes));
    findings.withArray("sentences").addAll(strings(generalization.sentences()));
    payload.set("findings", findings);
    payload.set("generalization", generalization.build());
    payload.set("axis", axis());
    payload.set("varying", JSON.arrayNode().addAll(strings(run.varying())));
    ArrayNode series = payload.putArray("series");
    for (int i = 0; i < sweep.series().size(); i++) {
      ObjectNode node = series(sweep.series().get(i));
      if (numeric) {
        node.set("landmarks", landmarks(landmarks.get(i), sweep.series().get(i)));
      }
      series.add(node);
    }
    payload.set("landscape", LandscapePayload.of(sweep, probes, catalog));
    payload.set("studies", StudiesPayload.of(run.studies(), catalog));
    payload.put("seedCurvesPerPoint", seedCurvesPerPoint);
    payload.put("experiment", run.experimentYaml());
    ArrayNode provenance = payload.putArray("provenance");
    flatten("", run.provenance(), provenance);
    return payload;
  }

  private ObjectNode status() {
    int early = 0;
    int diverged = 0;
    double seconds = 0;
    for (CompletedReplica replica : run.replicas()) {
      early += replica.result().status().equals(TrainingStatus.EARLY_STOPPED.fileName()) ? 1 : 0;
      diverged += SweepPoint.isDiverged(replica) ? 1 : 0;
      seconds += Double.isFinite(replica.result().seconds()) ? replica.result().seconds() : 0;
    }
    ObjectNode status = JSON.objectNode();
    status.put("planned", run.planned());
    status.put("done", run.replicas().size());
    status.put("diverged", diverged);
    status.put("earlyStopped", early);
    status.put("points", sweep.series().stream().mapToInt(s -> s.points().size()).sum());
    status.put("trainingTime", Wording.duration(seconds));
    status.put("engine", distinct(ReplicaResult::engine));
    status.put("device", distinct(ReplicaResult::device));
    status.put("precision", distinct(ReplicaResult::precision));
    return status;
  }

  private String distinct(Function<ReplicaResult, String> property) {
    return String.join(
        ", ", new TreeSet<>(run.replicas().stream().map(r -> property.apply(r.result())).toList()));
  }

  private ObjectNode findings(Findings findings) {
    ObjectNode node = JSON.objectNode();
    ArrayNode headlines = node.putArray("headlines");
    for (Findings.Headline headline : findings.headlines()) {
      headlines
          .addObject()
          .put("title", headline.title())
          .put("value", headline.value())
          .put("note", headline.note());
    }
    ArrayNode sentences = node.putArray("sentences").addAll(strings(findings.sentences()));
    run.studies().forEach(study -> sentences.add(TheoryFindings.study(study)));
    return node;
  }

  private ObjectNode axis() {
    ObjectNode axis = JSON.objectNode();
    axis.put("key", sweep.axis().key());
    axis.put("label", sweep.axis().label());
    axis.put("scale", sweep.axis().scale().name().toLowerCase(Locale.ROOT));
    axis.put("parametersVary", parametersRise());
    return axis;
  }

  /** Whether P rises along every series, so that it can stand on the axis instead. */
  private boolean parametersRise() {
    if (!sweep.axis().isNumeric()) {
      return false;
    }
    for (SweepSeries series : sweep.series()) {
      List<SweepPoint> points = series.points();
      for (int i = 1; i < points.size(); i++) {
        if (points.get(i).parameters() <= points.get(i - 1).parameters()) {
          return false;
        }
      }
    }
    return true;
  }

  private ObjectNode series(SweepSeries series) {
    ObjectNode node = JSON.objectNode();
    node.put("label", series.label());
    ObjectNode settings = node.putObject("settings");
    series.settings().forEach(settings::put);
    ArrayNode points = node.putArray("points");
    for (SweepPoint point : series.points()) {
      points.add(point(point));
    }
    return node;
  }

  private ObjectNode point(SweepPoint point) {
    ObjectNode node = JSON.objectNode();
    node.put("x", point.x());
    node.put("label", point.label());
    node.put("point", point.replicas().getFirst().result().point());
    ObjectNode varying = node.putObject("varying");
    point.varying().forEach(varying::put);
    node.put("parameters", point.parameters());
    node.put("trainExamples", point.trainExamples());
    node.put("done", point.replicas().size());
    node.put("diverged", point.replicas().size() - point.finished().size());
    node.put("zeroTrainError", point.reachingZeroTrainError());
    ObjectNode figures = node.putObject("figures");
    for (Metric metric : Metric.values()) {
      Estimate estimate = point.estimate(metric);
      if (estimate.count() > 0) {
        ObjectNode figure = figures.putObject(metric.key());
        figure.set("mean", JsonNumber.of(estimate.mean()));
        figure.set("halfWidth", JsonNumber.of(estimate.halfWidth()));
        figure.set("standardDeviation", JsonNumber.of(estimate.standardDeviation()));
        figure.put("count", estimate.count());
      }
    }
    ArrayNode seeds = node.putArray("seeds");
    for (CompletedReplica replica : point.replicas()) {
      seeds.add(seed(replica, seeds.size() < seedCurvesPerPoint));
    }
    List<List<HistoryRow>> histories =
        point.finished().stream().map(CompletedReplica::history).toList();
    if (!histories.isEmpty()) {
      node.set("curve", curve(LearningCurves.mean(histories)));
    }
    return node;
  }

  private ObjectNode seed(CompletedReplica replica, boolean withCurve) {
    ReplicaResult result = replica.result();
    ObjectNode node = JSON.objectNode();
    node.put("seed", result.seed());
    node.put("status", result.status());
    node.put("epochs", result.epochs());
    node.put("steps", result.steps());
    node.set("seconds", JsonNumber.of(result.seconds()));
    for (Metric metric : Metric.values()) {
      double value = metric.of(result);
      if (Double.isFinite(value)) {
        node.set(metric.key(), JsonNumber.of(value));
      }
    }
    if (withCurve) {
      node.set("curve", curve(replica.history()));
    }
    return node;
  }

  private ObjectNode curve(List<HistoryRow> rows) {
    List<HistoryRow> kept = EvenlySpread.of(rows, curveRows);
    ObjectNode node = JSON.objectNode();
    ArrayNode steps = node.putArray("step");
    ArrayNode epochs = node.putArray("epoch");
    for (HistoryRow row : kept) {
      steps.add(row.step());
      epochs.add(row.epoch());
    }
    column(node, "learningRate", kept, HistoryRow::learningRate);
    column(node, "trainLoss", kept, HistoryRow::trainLoss);
    column(node, "trainError", kept, HistoryRow::trainError);
    column(node, "validationLoss", kept, HistoryRow::validationLoss);
    column(node, "validationError", kept, HistoryRow::validationError);
    column(node, "testLoss", kept, HistoryRow::testLoss);
    column(node, "testError", kept, HistoryRow::testError);
    column(node, "gradientNorm", kept, HistoryRow::gradientNorm);
    return node;
  }

  /** A column that holds no number is left out. */
  private static void column(
      ObjectNode node, String name, List<HistoryRow> rows, ToDoubleFunction<HistoryRow> figure) {
    ArrayNode values = JSON.arrayNode();
    boolean any = false;
    for (HistoryRow row : rows) {
      double value = figure.applyAsDouble(row);
      any |= Double.isFinite(value);
      values.add(JsonNumber.of(value));
    }
    if (any) {
      node.set(name, values);
    }
  }

  private ObjectNode landmarks(Landmarks landmarks, SweepSeries series) {
    ObjectNode node = JSON.objectNode();
    SweepPoint first = series.points().getFirst();
    boolean sameExamples =
        series.points().stream().allMatch(p -> p.trainExamples() == first.trainExamples());
    if (sameExamples) {
      node.put("trainExamples", first.trainExamples());
      node.put("classes", first.classes());
    }
    node.set("equalsExamples", crossing(landmarks.equalsExamples()));
    node.set("equalsExamplesTimesClasses", crossing(landmarks.equalsExamplesTimesClasses()));
    ObjectNode interpolation = crossing(landmarks.interpolation());
    interpolation.set("parameters", JsonNumber.of(landmarks.interpolationParameters()));
    ArrayNode seeds = interpolation.putArray("seeds");
    landmarks.seedThresholds().forEach(at -> seeds.add(JsonNumber.of(at)));
    if (!landmarks.seedThresholds().isEmpty()) {
      interpolation.put("range", Findings.seedRangeText(sweep.axis(), landmarks));
    }
    interpolation.put("ofSeeds", landmarks.seeds());
    node.set("interpolation", interpolation);
    if (landmarks.errorPeak() != null) {
      node.put("errorPeak", landmarks.errorPeak().at());
    }
    if (landmarks.lossPeak() != null) {
      node.put("lossPeak", landmarks.lossPeak().at());
    }
    if (landmarks.lowestTestError() >= 0) {
      node.put("lowestTestError", landmarks.lowestTestError());
    }
    return node;
  }

  private ObjectNode crossing(Crossing crossing) {
    ObjectNode node = JSON.objectNode();
    node.put("place", crossing.place().name().toLowerCase(Locale.ROOT));
    if (crossing.isInside()) {
      node.set("at", JsonNumber.of(crossing.at()));
      node.put("text", Wording.position(sweep.axis(), crossing.at()));
    }
    return node;
  }

  /** Nested JSON as rows of a dotted path and a text. */
  private static void flatten(String path, JsonNode node, ArrayNode rows) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                      entry.getValue(),
                      rows));
    } else if (node.isArray() && containsContainer(node)) {
      for (int i = 0; i < node.size(); i++) {
        flatten(path + "[" + i + "]", node.get(i), rows);
      }
    } else if (node.isArray()) {
      List<String> parts = new ArrayList<>();
      node.forEach(element -> parts.add(element.asText()));
      rows.addArray().add(path).add(String.join(" ", parts));
    } else {
      rows.addArray().add(path).add(node.asText());
    }
  }

  private static boolean containsContainer(JsonNode array) {
    for (JsonNode element : array) {
      if (element.isContainerNode()) {
        return true;
      }
    }
    return false;
  }

  private static int curveRows(Sweep sweep) {
    int points = sweep.series().stream().mapToInt(series -> series.points().size()).sum();
    return Math.clamp(ALL_CURVE_ROWS / Math.max(1, points), FEWEST_CURVE_ROWS, MOST_CURVE_ROWS);
  }

  private static int seedCurvesPerPoint(Sweep sweep, int curveRows) {
    int points = 0;
    int longest = 1;
    int most = 0;
    for (SweepSeries series : sweep.series()) {
      for (SweepPoint point : series.points()) {
        points++;
        most = Math.max(most, point.replicas().size());
        for (CompletedReplica replica : point.replicas()) {
          longest = Math.max(longest, Math.min(curveRows, replica.history().size()));
        }
      }
    }
    return Math.min(most, ALL_CURVE_ROWS / Math.max(1, points * longest));
  }

  private static List<JsonNode> strings(List<String> texts) {
    return texts.stream().<JsonNode>map(JSON::textNode).toList();
  }
}
