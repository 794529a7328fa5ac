package org.basin.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.hipparchus.util.FastMath;

/**
 * Spectral densities: for every point the mean over seeds, on a grid of eigenvalues that is evenly
 * spaced in asinh(λ / c), fine around zero and coarse at the ends; each value is the mean between
 * the middles to its neighbours, so that no mass is lost.
 */
final class SpectraPayload {
  private static final int GRID = 400;

  /** Share of the largest |λ| below which the axis is linear. */
  private static final double LINEAR_SHARE = 1.0 / 300;

  private static final String EIGENVALUE = "eigenvalue";
  private static final String DENSITY = "density";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ProbeTables tables;
  private final String name;

  private SpectraPayload(ProbeTables tables, String name) {
    this.tables = tables;
    this.name = name;
  }

  /** The densities that a probe left; empty when there are none. */
  static ArrayNode of(ProbeTables tables) {
    ArrayNode spectra = JSON.arrayNode();
    for (String name : tables.names()) {
      if (tables.columns(name).containsAll(List.of(EIGENVALUE, DENSITY))) {
        spectra.add(new SpectraPayload(tables, name).spectrum());
      }
    }
    return spectra;
  }

  private ObjectNode spectrum() {
    List<List<List<Curve>>> densities = new ArrayList<>();
    double farthest = 0;
    for (SweepSeries series : tables.sweep().series()) {
      List<List<Curve>> points = new ArrayList<>();
      for (SweepPoint point : series.points()) {
        List<Curve> seeds = seeds(point);
        for (Curve seed : seeds) {
          farthest = Math.max(farthest, Arrays.stream(seed.x()).map(Math::abs).max().orElse(0));
        }
        points.add(seeds);
      }
      densities.add(points);
    }
    double linear = farthest * LINEAR_SHARE;
    ObjectNode node = JSON.objectNode();
    node.put("key", name);
    node.put("name", Wording.words(name));
    node.set("linear", JsonNumber.of(linear));
    ArrayNode series = node.putArray("series");
    for (List<List<Curve>> points : densities) {
      ArrayNode ridges = series.addArray();
      for (List<Curve> seeds : points) {
        ridges.add(ridge(seeds, linear));
      }
    }
    return node;
  }

  private List<Curve> seeds(SweepPoint point) {
    List<Curve> seeds = new ArrayList<>();
    for (CompletedReplica replica : point.replicas()) {
      Table table = tables.of(replica, name);
      if (table != null
          && table.columns().containsAll(List.of(EIGENVALUE, DENSITY))
          && table.rows().size() > 1) {
        seeds.add(ascending(ProbeTables.curve(table, EIGENVALUE, DENSITY)));
      }
    }
    return seeds;
  }

  private static Curve ascending(Curve curve) {
    int[] order =
        IntStream.range(0, curve.x().length)
            .filter(i -> Double.isFinite(curve.x()[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> curve.x()[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    boolean[] converged = new boolean[order.length];
    Arrays.fill(converged, true);
    return new Curve(
        Arrays.stream(order).mapToDouble(i -> curve.x()[i]).toArray(),
        Arrays.stream(order).mapToDouble(i -> curve.y()[i]).toArray(),
        converged);
  }

  /** An empty object where there is no seed. */
  private static ObjectNode ridge(List<Curve> seeds, double linear) {
    ObjectNode node = JSON.objectNode();
    if (seeds.isEmpty() || linear == 0) {
      return node;
    }
    double low = seeds.stream().mapToDouble(seed -> seed.x()[0]).min().orElseThrow();
    double high =
        seeds.stream().mapToDouble(seed -> seed.x()[seed.x().length - 1]).max().orElseThrow();
    double from = FastMath.asinh(low / linear);
    double to = FastMath.asinh(high / linear);
    double[] x = new double[GRID];
    double[] density = new double[GRID];
    for (int i = 0; i < GRID; i++) {
      x[i] = linear * Math.sinh(from + (to - from) * i / (GRID - 1));
    }
    for (int i = 0; i < GRID; i++) {
      double left = i == 0 ? low : (x[i - 1] + x[i]) / 2;
      double right = i == GRID - 1 ? high : (x[i] + x[i + 1]) / 2;
      double sum = 0;
      for (Curve seed : seeds) {
        sum += mean(seed, left, right);
      }
      density[i] = sum / seeds.size();
    }
    node.put("seeds", seeds.size());
    node.set("x", JsonNumber.array(x, JsonNumber.FOUR_DIGITS));
    node.set(DENSITY, JsonNumber.array(density, JsonNumber.FOUR_DIGITS));
    return node;
  }

  /**
   * Mean of the density over an interval: the grid is coarser than peaks far from zero are wide,
   * and a value at one place would miss them.
   */
  static double mean(Curve curve, double from, double to) {
    double mass = 0;
    double left = from;
    double atLeft = interpolate(curve, from);
    int next = Arrays.binarySearch(curve.x(), from);
    for (int i = next < 0 ? -next - 1 : next + 1; i <= curve.x().length; i++) {
      boolean inside = i < curve.x().length && curve.x()[i] < to;
      double right = inside ? curve.x()[i] : to;
      double atRight = interpolate(curve, right);
      mass += (right - left) * (atLeft + atRight) / 2;
      if (!inside) {
        break;
      }
      left = right;
      atLeft = atRight;
    }
    return mass / (to - from);
  }

  /** Linear between the grid's eigenvalues, 0 outside of them. */
  static double interpolate(Curve curve, double at) {
    double[] x = curve.x();
    // Rounding may put the ends of one grid a hair outside of the same ends.
    double slack = 1e-9 * (x[x.length - 1] - x[0]);
    if (at < x[0] - slack || at > x[x.length - 1] + slack) {
      return 0;
    }
    int right = Arrays.binarySearch(x, at);
    if (right >= 0) {
      return curve.y()[right];
    }
    right = Math.clamp(-right - 1, 1, x.length - 1);
    double share = Math.clamp((at - x[right - 1]) / (x[right] - x[right - 1]), 0, 1);
    return curve.y()[right - 1] + share * (curve.y()[right] - curve.y()[right - 1]);
  }
}
