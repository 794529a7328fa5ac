package org.basin.landscape.curvature;

import java.util.List;
import org.basin.linalg.Uncertain;

/** How many eigenvalues stand above the bulk of a spectrum. */
final class Outliers {
  private Outliers() {}

  /**
   * The i from 1 to {@code most} for which λ_i / max(λ_{i+1}, ν) is largest; 0 where no value is
   * above ν.
   *
   * @param descending the largest values
   * @param noiseFloor ν, above 0 unless all values are 0
   * @param complete whether {@code descending} are all the values that there are
   */
  static Uncertain count(
      List<Uncertain> descending, double noiseFloor, int most, boolean complete) {
    int above = 0;
    while (above < descending.size() && descending.get(above).value() > noiseFloor) {
      above++;
    }
    int candidates = Math.min(most, complete ? above : Math.min(above, descending.size() - 1));
    int found = 0;
    double largest = 0;
    for (int i = 1; i <= candidates; i++) {
      double ratio = ratio(descending, i, noiseFloor, 0);
      if (ratio > largest) {
        largest = ratio;
        found = i;
      }
    }
    boolean seen = complete || candidates == most || above < descending.size();
    boolean converged = seen && (found == 0 || isApart(descending, found, candidates, noiseFloor));
    return Uncertain.of(found, List.of(), converged);
  }

  /** Whether the gap is the largest also where errors make it least and every other gap most. */
  private static boolean isApart(
      List<Uncertain> values, int found, int candidates, double noiseFloor) {
    double least = ratio(values, found, noiseFloor, -1);
    for (int i = 1; i <= candidates; i++) {
      if (i != found && ratio(values, i, noiseFloor, 1) >= least) {
        return false;
      }
    }
    return true;
  }

  /** λ_i / max(λ_{i+1}, ν), one standard error smaller or larger. */
  private static double ratio(List<Uncertain> values, int i, double noiseFloor, int errors) {
    Uncertain upper = values.get(i - 1);
    double lower = noiseFloor;
    if (i < values.size()) {
      Uncertain next = values.get(i);
      lower = Math.max(noiseFloor, next.value() - errors * next.standardError());
    }
    return (upper.value() + errors * upper.standardError()) / lower;
  }
}
