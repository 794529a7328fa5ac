package org.basin.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Several curves as a mean with its interval, at the abscissae that all of them have. An ordinate
 * that did not converge is in no mean and stands among {@code open}; where one that did converge is
 * not finite there is no mean.
 *
 * @param x abscissae, ascending
 * @param y mean and interval there
 * @param open {@code [x, y]} of the finite ordinates that did not converge
 */
record CurveBand(double[] x, List<Estimate> y, List<double[]> open) {

  /** Takes the curves together. */
  static CurveBand of(List<Curve> curves) {
    SequencedMap<Double, List<Double>> values = new LinkedHashMap<>();
    Map<Double, Integer> seen = new LinkedHashMap<>();
    List<double[]> open = new ArrayList<>();
    for (Curve curve : curves) {
      for (int i = 0; i < curve.x().length; i++) {
        List<Double> here = values.computeIfAbsent(curve.x()[i], _ -> new ArrayList<>());
        seen.merge(curve.x()[i], 1, Integer::sum);
        if (curve.converged()[i]) {
          here.add(curve.y()[i]);
        } else if (Double.isFinite(curve.y()[i])) {
          open.add(new double[] {curve.x()[i], curve.y()[i]});
        }
      }
    }
    double[] x =
        values.keySet().stream()
            .filter(at -> seen.getOrDefault(at, 0) == curves.size())
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    List<Estimate> y = new ArrayList<>();
    for (double at : x) {
      double[] here =
          values.getOrDefault(at, List.of()).stream().mapToDouble(Double::doubleValue).toArray();
      Estimate estimate = Estimate.of(here);
      y.add(estimate.count() == here.length ? estimate : Estimate.of());
    }
    return new CurveBand(x, List.copyOf(y), List.copyOf(open));
  }

  /** The mean as a curve. */
  Curve mean() {
    boolean[] converged = new boolean[x.length];
    for (int i = 0; i < x.length; i++) {
      converged[i] = y.get(i).count() > 0;
    }
    return new Curve(x, y.stream().mapToDouble(Estimate::mean).toArray(), converged);
  }
}
