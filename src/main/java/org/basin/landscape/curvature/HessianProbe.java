package org.basin.landscape.curvature;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.basin.landscape.Measurement;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.curvature.HessianMeasurement.Eigenvalue;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Eigenpairs;
import org.basin.linalg.Lanczos;
import org.basin.linalg.NoiseFloor;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Trace;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.train.Objective;

/**
 * Measures the Hessian of an objective at θ on all its examples: its ends by {@link Lanczos}, its
 * traces by Hutch++ ({@link Trace}), each with its error.
 */
public final class HessianProbe {
  private static final double EPSILON = Math.ulp(1f);

  /** The probe by its name. */
  public static final ProbeKind<HessianOptions> KIND =
      new ProbeKind<>(
          "hessian",
          1,
          "eigenvalues, traces and the Gauss-Newton split of the second derivatives",
          HessianOptions.class,
          options ->
              (subject, random) -> {
                try (Objective objective = subject.objective()) {
                  return measurement(measure(objective, subject.theta(), options, random));
                }
              });

  private HessianProbe() {}

  private static Measurement measurement(HessianMeasurement values) {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("largestEigenvalue", values.largest().getFirst().eigenvalue());
    scalars.put("smallestEigenvalue", values.smallest().getFirst().eigenvalue());
    scalars.put("trace", values.trace());
    scalars.put("gaussNewtonLargestEigenvalue", values.gaussNewtonLargest().eigenvalue());
    scalars.put("gaussNewtonTrace", values.gaussNewtonTrace());
    scalars.put("residualTrace", values.residualTrace());
    scalars.put("gradientNorm", values.gradientNorm());
    scalars.put("gradientOverlap", values.gradientOverlap());
    return new Measurement(scalars, values, List.of(), Map.of());
  }

  /**
   * Measures.
   *
   * @param theta {@code [P]}, only read
   * @param random decides every random vector; each quantity has its own stream
   * @throws org.basin.linalg.NonFiniteProductException when a product with H or G is not finite
   */
  public static HessianMeasurement measure(
      Objective objective, float[] theta, HessianOptions options, SplittableRandom random) {
    SplittableRandom spectrumStream = random.split();
    SplittableRandom traceStream = random.split();
    SplittableRandom gaussNewtonStream = random.split();
    SplittableRandom gaussNewtonTraceStream = random.split();
    SplittableRandom residualStream = random.split();
    SymmetricOperator hessian = ObjectiveOperators.hessian(objective, theta);
    SymmetricOperator gaussNewton = ObjectiveOperators.gaussNewton(objective, theta);
    int size = objective.size();
    int top = Math.min(options.largest(), size);
    // One more than is asked for: how far it is away says how well the subspace is known.
    Eigenpairs ends =
        Lanczos.eigenpairs(
            hessian,
            Lanczos.Options.of(Math.min(top + 1, size), Math.min(options.smallest(), size)),
            spectrumStream);
    Eigenpair gaussNewtonTop =
        Lanczos.eigenpairs(gaussNewton, Lanczos.Options.of(1, 0), gaussNewtonStream)
            .largest()
            .getFirst();
    double floor = NoiseFloor.measure(hessian, ends.norm(), judged(ends));
    int products = options.traceProducts();
    // Rounding in a product moves a trace by about ε ‖H‖_F, of which the ends hold most.
    double rounding =
        EPSILON
            * Math.sqrt(ends.all().stream().mapToDouble(pair -> pair.value() * pair.value()).sum());
    float[] gradient = new float[size];
    objective.gradient(theta, gradient);
    Uncertain norm = gradientNorm(gradient, ends.norm() * norm(theta));
    return new HessianMeasurement(
        size,
        objective.examples(),
        ends.largest().stream().limit(top).map(Eigenvalue::of).toList(),
        ends.smallest().stream().map(Eigenvalue::of).toList(),
        ends.multiplicitiesChecked(),
        floor,
        ends.smallest().getFirst().value() < -floor,
        rounded(Trace.hutchPlusPlus(hessian, products, traceStream), rounding),
        Eigenvalue.of(gaussNewtonTop),
        rounded(Trace.hutchPlusPlus(gaussNewton, products, gaussNewtonTraceStream), rounding),
        // What cancels in H − G was rounded at the size of H and of G.
        Trace.hutchPlusPlus(ObjectiveOperators.residual(objective, theta), products, residualStream)
            .with(Contribution.known(Source.ROUNDING, 2 * rounding)),
        norm,
        gradientOverlap(gradient, norm, ends.largest(), top));
  }

  /** The vectors whose products tell the noise: of the smallest values and of both ends. */
  private static float[][] judged(Eigenpairs ends) {
    return Stream.concat(ends.smallest().stream(), Stream.of(ends.largest().getFirst()))
        .map(Eigenpair::vector)
        .toArray(float[][]::new);
  }

  /** A trace that is exact but for the products' rounding says so. */
  private static Uncertain rounded(Uncertain trace, double rounding) {
    boolean stated = trace.sources().stream().anyMatch(part -> part.source() == Source.ROUNDING);
    return stated ? trace : trace.with(Contribution.known(Source.ROUNDING, rounding));
  }

  /**
   * ‖g‖. Rounding in the passes acts as a relative change of the parameters by ε₃₂, which moves g
   * by up to ε₃₂ ‖H‖ ‖θ‖.
   *
   * @param moved ‖H‖ ‖θ‖
   */
  private static Uncertain gradientNorm(float[] gradient, double moved) {
    double norm = norm(gradient);
    return Uncertain.of(
        norm, List.of(Contribution.known(Source.ROUNDING, EPSILON * (norm + moved))), true);
  }

  /**
   * ‖Qᵀg‖² / ‖g‖². The vectors' residuals turn the subspace by an angle Θ with sin Θ ≤ ‖HQ − QΛ‖_F
   * / (λ_k − λ_{k+1}) (Davis and Kahan 1970), and the share by no more than sin Θ.
   *
   * @param pairs the largest, one more than {@code top} unless there are no more
   */
  private static Uncertain gradientOverlap(
      float[] gradient, Uncertain norm, List<Eigenpair> pairs, int top) {
    if (norm.value() == 0) {
      return Uncertain.exact(0);
    }
    double within = 0;
    double squares = 0;
    boolean converged = true;
    for (Eigenpair pair : pairs.subList(0, top)) {
      double part = 0;
      for (int i = 0; i < gradient.length; i++) {
        part += (double) gradient[i] * pair.vector()[i];
      }
      within += part * part;
      squares += pair.residual() * pair.residual();
      converged &= pair.converged();
    }
    double turned = 0;
    if (top < pairs.size()) {
      double gap = pairs.get(top - 1).value() - pairs.get(top).value() - pairs.get(top).residual();
      turned = gap > 0 ? Math.min(1, Math.sqrt(squares) / gap) : 1;
      converged &= turned < 1;
    }
    double rounding = Math.min(1, 2 * norm.standardError() / norm.value());
    return Uncertain.of(
        within / (norm.value() * norm.value()),
        List.of(
            Contribution.known(Source.RESIDUAL, turned),
            Contribution.known(Source.ROUNDING, rounding)),
        converged);
  }

  private static double norm(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }
}
