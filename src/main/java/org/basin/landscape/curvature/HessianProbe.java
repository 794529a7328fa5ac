package org.basin.landscape.curvature;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.landscape.ProbeKind;
import org.basin.linalg.DenseMatrix;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Lanczos;
import org.basin.linalg.SpectralDensity;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.train.GradientClipping;
import org.basin.train.Objective;

/**
 * Measures the Hessian of an objective at θ on all its examples, each figure with its error: its
 * ends by {@link Lanczos}, its distribution by stochastic Lanczos quadrature ({@link
 * SpectralDensity}), its trace by Hutch++ in the ends' Krylov space ({@link
 * org.basin.linalg.Trace#krylovAware}), and the same of its Gauss–Newton split; for small networks
 * from all its eigenvalues ({@link DenseMatrix}).
 *
 * <p>The measurement's table {@code density} holds the smoothed density of the eigenvalues (columns
 * {@code eigenvalue}, {@code density}, {@code standardError}), and {@code spectrum} all of them,
 * ascending, where they were computed (column {@code eigenvalue}).
 */
public final class HessianProbe {
  /** Name of the vectors of the largest eigenvalues, in their order. */
  public static final String LARGEST_EIGENVECTORS = "largestEigenvectors";

  /** Name of the vectors of the smallest eigenvalues, in their order. */
  public static final String SMALLEST_EIGENVECTORS = "smallestEigenvectors";

  // 256 MiB of float32: a Lanczos basis beyond is restarted more often, not grown.
  private static final long BASIS_FLOATS = 1L << 26;

  /** The probe by its name. */
  public static final ProbeKind<HessianOptions> KIND =
      new ProbeKind<>(
          "hessian",
          2,
          "spectrum, traces and the Gauss-Newton split of the second derivatives",
          HessianOptions.class,
          options ->
              (subject, random) -> {
                try (Objective objective = subject.objective()) {
                  return measure(
                      objective, subject.theta(), subject.spec().outputs(), options, random);
                }
              },
          HessianDefinitions.SCALARS);

  private HessianProbe() {}

  /**
   * Measures; the details are a {@link HessianMeasurement}.
   *
   * @param theta {@code [P]}, only read
   * @param classes number of outputs K
   * @param random decides every random vector; each quantity has its own stream
   * @throws org.basin.linalg.NonFiniteProductException when a product with H or G is not finite
   * @throws org.basin.InvalidInputException when memory would not suffice
   */
  public static Measurement measure(
      Objective objective,
      float[] theta,
      int classes,
      HessianOptions options,
      SplittableRandom random) {
    int size = objective.size();
    SplittableRandom spectrumStream = random.split();
    SplittableRandom splitStream = random.split();
    SymmetricOperator hessian = ObjectiveOperators.hessian(objective, theta);
    SymmetricOperator gaussNewton = ObjectiveOperators.gaussNewton(objective, theta);
    int top = Math.min(options.largest(), size);
    Lanczos.Options wanted = wanted(size, classes, options);
    HeapRoom.require(heapBytes(size, classes, options));
    HessianSpectrum spectrum;
    GaussNewtonSplit split;
    if (size <= options.denseUpTo()) {
      DenseMatrix all = DenseMatrix.of(hessian);
      DenseMatrix part = DenseMatrix.of(gaussNewton);
      spectrum = HessianSpectrum.of(hessian, all, wanted, spectrumStream);
      split = GaussNewtonSplit.of(part, all.minus(part), spectrum.rounding(), splitStream);
    } else {
      spectrum =
          HessianSpectrum.estimate(hessian, wanted, options, 2 * classes + 1, spectrumStream);
      split =
          GaussNewtonSplit.estimate(
              gaussNewton,
              ObjectiveOperators.residual(objective, theta),
              options.traceProducts(),
              BASIS_FLOATS,
              spectrum.rounding(),
              splitStream);
    }
    float[] gradient = new float[size];
    objective.gradient(theta, gradient);
    GradientShare share =
        new GradientShare(
            gradient,
            spectrum.ends().norm() * GradientClipping.norm(theta),
            spectrum.ends().largest());
    HessianMeasurement values = values(objective, classes, top, spectrum, split, share);
    return new Measurement(
        scalars(values), values, tables(spectrum), vectors(spectrum, top, options));
  }

  private static Lanczos.Options wanted(int size, int classes, HessianOptions options) {
    int top = Math.min(options.largest(), size);
    // One more than is asked for: how far it is away says how well the subspace is known.
    int known = Math.min(Math.max(top, classes) + 1, size);
    return Lanczos.Options.of(known, Math.min(options.smallest(), size)).within(BASIS_FLOATS, size);
  }

  /** Bytes of the heap that a network of {@code size} parameters takes at most. */
  static long heapBytes(int size, int classes, HessianOptions options) {
    Lanczos.Options wanted = wanted(size, classes, options);
    return size <= options.denseUpTo()
        ? HeapRoom.ofMatrices(size, wanted)
        : HeapRoom.ofProducts(
            size, wanted, GaussNewtonSplit.BOTH.within(BASIS_FLOATS, size), options);
  }

  private static HessianMeasurement values(
      Objective objective,
      int classes,
      int top,
      HessianSpectrum spectrum,
      GaussNewtonSplit split,
      GradientShare share) {
    int size = objective.size();
    double floor = spectrum.noiseFloor();
    double least = spectrum.smallest().getFirst().eigenvalue().value();
    int values = spectrum.descending().size();
    return new HessianMeasurement(
        size,
        objective.examples(),
        classes,
        spectrum.exact(),
        spectrum.largest().subList(0, top),
        spectrum.smallest(),
        spectrum.checked(),
        floor,
        least < -floor,
        least < 0 ? -least / floor : 0,
        spectrum.trace(),
        spectrum.count(Double.NEGATIVE_INFINITY, -floor),
        spectrum.count(-floor, floor),
        spectrum.count(floor, Double.POSITIVE_INFINITY),
        Outliers.count(spectrum.descending(), floor, 2 * classes, values == size),
        split.largest(),
        split.trace(),
        split.residualLargest(),
        split.residualSmallest(),
        split.residualTrace(),
        share.norm(),
        share.within(top),
        share.within(Math.min(classes, size)));
  }

  private static SequencedMap<String, Uncertain> scalars(HessianMeasurement values) {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("largestEigenvalue", values.largest().getFirst().eigenvalue());
    scalars.put("smallestEigenvalue", values.smallest().getFirst().eigenvalue());
    scalars.put("noiseFloor", Uncertain.exact(values.noiseFloor()));
    scalars.put("trace", values.trace());
    scalars.put("negativeCount", values.negativeCount());
    scalars.put("nullCount", values.nullCount());
    scalars.put("positiveCount", values.positiveCount());
    scalars.put("negativeFraction", values.negativeCount().times(1.0 / values.parameters()));
    scalars.put("outliers", values.outliers());
    scalars.put("gaussNewtonLargestEigenvalue", values.gaussNewtonLargest().eigenvalue());
    scalars.put("gaussNewtonTrace", values.gaussNewtonTrace());
    scalars.put("residualLargestMagnitude", values.residualLargestMagnitude());
    scalars.put("residualTrace", values.residualTrace());
    scalars.put("gradientNorm", values.gradientNorm());
    scalars.put("gradientOverlap", values.gradientOverlap());
    scalars.put("gradientClassOverlap", values.gradientClassOverlap());
    return scalars;
  }

  private static List<Table> tables(HessianSpectrum spectrum) {
    List<Table> tables = new ArrayList<>();
    SpectralDensity.Curve curve = spectrum.density().curve();
    Table.Builder density = new Table.Builder("density", "eigenvalue", "density", "standardError");
    for (int i = 0; i < curve.points().length; i++) {
      Uncertain value = curve.values().get(i);
      density.row(curve.points()[i], value.value(), value.standardError());
    }
    tables.add(density.build());
    if (spectrum.exact()) {
      Table.Builder all = new Table.Builder("spectrum", "eigenvalue");
      for (double value : spectrum.eigenvalues()) {
        all.row(value);
      }
      tables.add(all.build());
    }
    return tables;
  }

  private static Map<String, float[][]> vectors(
      HessianSpectrum spectrum, int top, HessianOptions options) {
    if (!options.eigenvectors()) {
      return Map.of();
    }
    return Map.of(
        LARGEST_EIGENVECTORS, vectors(spectrum.ends().largest().subList(0, top)),
        SMALLEST_EIGENVECTORS, vectors(spectrum.ends().smallest()));
  }

  private static float[][] vectors(List<Eigenpair> pairs) {
    return pairs.stream().map(Eigenpair::vector).toArray(float[][]::new);
  }
}
