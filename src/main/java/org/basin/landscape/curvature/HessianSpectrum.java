package org.basin.landscape.curvature;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.basin.landscape.curvature.HessianMeasurement.Eigenvalue;
import org.basin.linalg.DenseMatrix;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Eigenpairs;
import org.basin.linalg.KrylovSpace;
import org.basin.linalg.Lanczos;
import org.basin.linalg.NoiseFloor;
import org.basin.linalg.SpectralDensity;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Trace;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * The spectrum of one Hessian H, from its products or from all of it.
 *
 * @param ends eigenpairs of both ends
 * @param largest their largest values, descending
 * @param smallest their smallest values, ascending
 * @param checked whether no copy of a multiple value is missing among the pairs
 * @param descending the largest values there are to be had, those of {@code ends} first
 * @param density how the values are distributed
 * @param trace tr H
 * @param noiseFloor ν
 * @param rounding what rounding moves a trace by
 * @param eigenvalues all of them, ascending; empty where they are not known
 */
public record HessianSpectrum(
    Eigenpairs ends,
    List<Eigenvalue> largest,
    List<Eigenvalue> smallest,
    boolean checked,
    List<Uncertain> descending,
    SpectralDensity density,
    Uncertain trace,
    double noiseFloor,
    double rounding,
    double[] eigenvalues) {
  private static final double EPSILON = Math.ulp(1f);

  /** Whether all eigenvalues are known. */
  public boolean exact() {
    return eigenvalues.length > 0;
  }

  /**
   * From products.
   *
   * @param wanted which pairs
   * @param values how many of the largest values to list, if so many can be had
   */
  public static HessianSpectrum estimate(
      SymmetricOperator hessian,
      Lanczos.Options wanted,
      HessianOptions options,
      int values,
      SplittableRandom random) {
    SplittableRandom endsStream = random.split();
    SplittableRandom traceStream = random.split();
    SplittableRandom densityStream = random.split();
    KrylovSpace space = Lanczos.space(hessian, wanted, options.densitySteps(), endsStream);
    Uncertain trace;
    try (space) { // what the density takes of it stays
      trace = Trace.krylovAware(hessian, space, options.traceProducts(), traceStream);
    }
    Eigenpairs ends = space.pairs();
    SpectralDensity.Options runs = density(options);
    SpectralDensity density =
        SpectralDensity.quadrature(hessian, space, runs, densityStream.split());
    // Every run of the density looks for what the pairs' own iteration missed, with as many steps.
    boolean checked = ends.multiplicitiesChecked();
    if (!checked && ends.converged()) {
      checked = options.densitySteps() >= space.steps() && density.confirms(ends);
      if (!checked) {
        ends = Lanczos.eigenpairs(hessian, wanted, endsStream);
        density = SpectralDensity.quadrature(hessian, ends.all(), runs, densityStream.split());
        checked = ends.multiplicitiesChecked() && (ends.exact() || density.confirms(ends));
      }
    }
    List<Uncertain> descending = new ArrayList<>();
    ends.largest().forEach(pair -> descending.add(pair.uncertain()));
    if (ends.converged() && values > descending.size()) {
      descending.addAll(density.largestUnknown(values - descending.size()));
    }
    return new HessianSpectrum(
        ends,
        ends.largest().stream().map(Eigenvalue::of).toList(),
        ends.smallest().stream().map(Eigenvalue::of).toList(),
        checked,
        List.copyOf(descending),
        density,
        trace,
        NoiseFloor.measure(hessian, ends.norm(), judged(ends)),
        rounding(ends.all().stream().mapToDouble(Eigenpair::value).toArray()),
        new double[0]);
  }

  private static SpectralDensity.Options density(HessianOptions options) {
    return new SpectralDensity.Options(options.densityRuns(), options.densitySteps());
  }

  /**
   * From the whole matrix.
   *
   * @param hessian what {@code matrix} was computed from
   */
  public static HessianSpectrum of(
      SymmetricOperator hessian,
      DenseMatrix matrix,
      Lanczos.Options wanted,
      SplittableRandom random) {
    double[] eigenvalues = matrix.eigenvalues();
    int size = eigenvalues.length;
    double norm = Math.max(Math.abs(eigenvalues[0]), Math.abs(eigenvalues[size - 1]));
    Contribution noise = Contribution.known(Source.ROUNDING, EPSILON * norm + matrix.asymmetry());
    List<Uncertain> descending =
        IntStream.range(0, size)
            .mapToObj(i -> Uncertain.of(eigenvalues[size - 1 - i], List.of(noise), true))
            .toList();
    Eigenpairs ends = Lanczos.eigenpairs(matrix, wanted, random);
    double rounding = rounding(eigenvalues);
    return new HessianSpectrum(
        ends,
        named(descending, ends.largest()),
        named(descending.reversed(), ends.smallest()),
        true,
        descending,
        SpectralDensity.ofEigenvalues(eigenvalues),
        Uncertain.of(matrix.trace(), List.of(Contribution.known(Source.ROUNDING, rounding)), true),
        NoiseFloor.measure(hessian, norm, judged(ends)) + matrix.asymmetry(),
        rounding,
        eigenvalues);
  }

  /** The values with the residuals of the pairs' vectors. */
  private static List<Eigenvalue> named(List<Uncertain> values, List<Eigenpair> pairs) {
    return IntStream.range(0, pairs.size())
        .mapToObj(i -> new Eigenvalue(values.get(i), pairs.get(i).residual()))
        .toList();
  }

  /** How many eigenvalues there are with low ≤ λ &lt; high. */
  public Uncertain count(double low, double high) {
    if (!exact()) {
      return density.count(low, high);
    }
    double moved = descending.getFirst().standardError();
    int count = 0;
    int doubtful = 0;
    for (double value : eigenvalues) {
      count += low <= value && value < high ? 1 : 0;
      doubtful += Math.min(Math.abs(value - low), Math.abs(value - high)) <= moved ? 1 : 0;
    }
    List<Contribution> sources =
        doubtful == 0 ? List.of() : List.of(Contribution.known(Source.ROUNDING, doubtful / 2.0));
    return Uncertain.of(count, sources, true);
  }

  /** The vectors whose products tell the noise: of the smallest values and of both ends. */
  private static float[][] judged(Eigenpairs ends) {
    return Stream.concat(ends.smallest().stream(), Stream.of(ends.largest().getFirst()))
        .map(Eigenpair::vector)
        .toArray(float[][]::new);
  }

  /**
   * Rounding moves a trace by up to ε₃₂ Σ |λ|: the rounded activations are the same in every
   * product, so its part in one eigenvalue does not make up for that in another.
   */
  private static double rounding(double[] values) {
    return EPSILON * Arrays.stream(values).map(Math::abs).sum();
  }
}
