package org.basin.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.basin.landscape.ProbeKind;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Source;
import org.basin.store.CompletedReplica;

/** What the page draws of the probes: one part a probe, every statistic computed. */
final class LandscapePayload {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Sweep sweep;
  private final Catalog catalog;
  private final List<CompletedReplica> replicas;

  private LandscapePayload(Sweep sweep, Catalog catalog) {
    this.sweep = sweep;
    this.catalog = catalog;
    replicas =
        sweep.series().stream()
            .flatMap(series -> series.points().stream())
            .flatMap(point -> point.replicas().stream())
            .toList();
  }

  /** One part for each of {@code probes}. */
  static ArrayNode of(Sweep sweep, List<ProbeScalars> probes, Catalog catalog) {
    LandscapePayload payload = new LandscapePayload(sweep, catalog);
    ArrayNode parts = JSON.arrayNode();
    probes.forEach(probe -> parts.add(payload.probe(probe)));
    return parts;
  }

  private ObjectNode probe(ProbeScalars probe) {
    ObjectNode node = JSON.objectNode();
    node.put("key", probe.probe());
    node.put("name", Wording.words(probe.probe()));
    long measured = replicas.stream().filter(r -> r.probes().containsKey(probe.probe())).count();
    node.put("measured", measured).put("replicas", replicas.size());
    ArrayNode conditions = node.putArray("conditions");
    for (MeasurementConditions.Part part :
        MeasurementConditions.of(replicas, probe.probe()).parts()) {
      conditions.addArray().add(part.name()).add(part.words());
    }
    ArrayNode scalars = node.putArray("scalars");
    probe.curves().forEach((scalar, curves) -> scalars.add(scalar(probe.probe(), scalar, curves)));
    ProbeTables tables = new ProbeTables(sweep, probe.probe());
    node.set("theory", ProbeTheoryPayload.of(tables, catalog.probe(probe.probe())));
    node.set("spectra", SpectraPayload.of(tables));
    node.set("curves", BandedCurvesPayload.of(tables));
    node.set("planes", SurfacesPayload.of(tables));
    node.set("courses", CoursesPayload.of(tables));
    return node;
  }

  private ObjectNode scalar(String probe, String scalar, List<ScalarCurve> curves) {
    ObjectNode node = JSON.objectNode();
    node.put("key", scalar);
    node.put("name", Wording.words(scalar));
    ProbeKind<?> kind = catalog.probe(probe);
    String definition = kind == null ? null : kind.definitions().get(scalar);
    if (definition != null) {
      node.put("definition", definition);
    }
    ArrayNode series = node.putArray("series");
    for (int i = 0; i < curves.size(); i++) {
      ScalarCurve curve = curves.get(i);
      ObjectNode each = series.addObject();
      each.put("notConverged", curve.notConverged()).put("notFinite", curve.notFinite());
      slope(each, scalar, curve);
      ArrayNode points = each.putArray("points");
      for (int j = 0; j < curve.estimates().size(); j++) {
        Map<Long, Uncertain> seeds =
            ScalarCurve.bySeed(sweep.series().get(i).points().get(j), probe, scalar);
        points.add(point(curve.estimates().get(j), seeds));
      }
    }
    return node;
  }

  private void slope(ObjectNode node, String scalar, ScalarCurve curve) {
    LogLogSlope slope = curve.slope();
    if (slope.missing() != null) {
      if (sweep.axis().isNumeric()) {
        node.put("noSlope", slope.missing().reason());
      }
      return;
    }
    ObjectNode held = node.putObject("slope");
    held.put("points", slope.points());
    held.put("text", LandscapeFindings.trend(scalar, sweep.axis(), curve));
    held.set("value", JsonNumber.of(slope.slope()));
    held.set("low", JsonNumber.of(slope.low()));
    held.set("high", JsonNumber.of(slope.high()));
    held.set("logFactor", JsonNumber.of(slope.logFactor()));
    ScalarLaw law = curve.law();
    if (law != null) {
      node.putObject("law")
          .put("text", Wording.capital(law.verdict()) + ". " + law.law().source())
          .put("verdict", law.comparison().verdict().name().toLowerCase(Locale.ROOT))
          .put("value", law.law().exponent())
          .set("logFactor", JsonNumber.of(law.logFactor()));
    }
  }

  private static ObjectNode point(ScalarEstimate estimate, Map<Long, Uncertain> seeds) {
    ObjectNode node = JSON.objectNode();
    node.put("count", estimate.count());
    if (estimate.notConverged() > 0) {
      node.put("notConverged", estimate.notConverged());
    }
    if (estimate.notFinite() > 0) {
      node.put("notFinite", estimate.notFinite());
    }
    node.set("mean", JsonNumber.of(estimate.mean().value()));
    node.set("halfWidth", JsonNumber.of(estimate.halfWidth()));
    node.set("standardError", JsonNumber.of(estimate.mean().standardError()));
    Source dominant = estimate.dominant();
    if (dominant != null) {
      node.put("dominant", words(dominant));
      node.set("dominantShare", JsonNumber.of(estimate.dominantShare()));
    }
    ArrayNode list = node.putArray("seeds");
    seeds.forEach(
        (seed, value) ->
            list.addArray()
                .add(seed)
                .add(JsonNumber.of(value.value()))
                .add(JsonNumber.of(value.standardError()))
                .add(value.converged()));
    return node;
  }

  private static String words(Source source) {
    return switch (source) {
      case PROBES -> "random vectors";
      case RESIDUAL -> "eigenpair residuals";
      case QUADRATURE -> "quadrature";
      case ROUNDING -> "rounding";
      case SUBSAMPLE -> "choice of examples";
      case SEEDS -> "seeds";
    };
  }
}
