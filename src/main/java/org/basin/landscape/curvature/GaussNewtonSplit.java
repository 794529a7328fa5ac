package org.basin.landscape.curvature;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.landscape.curvature.HessianMeasurement.Eigenvalue;
import org.basin.linalg.DenseMatrix;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Eigenpairs;
import org.basin.linalg.KrylovSpace;
import org.basin.linalg.Lanczos;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Trace;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * The parts of H = G + R.
 *
 * @param largest largest eigenvalue of G
 * @param trace tr G
 * @param residualLargest largest eigenvalue of R
 * @param residualSmallest smallest eigenvalue of R
 * @param residualTrace tr R
 */
record GaussNewtonSplit(
    Eigenvalue largest,
    Uncertain trace,
    Eigenvalue residualLargest,
    Eigenvalue residualSmallest,
    Uncertain residualTrace) {
  private static final Lanczos.Options TOP = Lanczos.Options.of(1, 0);

  /** Both ends of R: one value each, so no copy of any can be missing. */
  static final Lanczos.Options BOTH = Lanczos.Options.of(1, 1);

  /**
   * From products.
   *
   * @param basisFloats see {@link Lanczos.Options#within}
   * @param rounding what rounding moves tr H by
   */
  static GaussNewtonSplit estimate(
      SymmetricOperator gaussNewton,
      SymmetricOperator residual,
      int products,
      long basisFloats,
      double rounding,
      SplittableRandom random) {
    int size = gaussNewton.size();
    Uncertain trace;
    Eigenvalue largest;
    try (KrylovSpace of =
        Lanczos.space(gaussNewton, TOP.within(basisFloats, size), 0, random.split())) {
      trace = Trace.krylovAware(gaussNewton, of, products, random.split());
      largest = Eigenvalue.of(of.pairs().largest().getFirst());
    }
    try (KrylovSpace rest =
        Lanczos.space(residual, BOTH.within(basisFloats, size), 0, random.split())) {
      return new GaussNewtonSplit(
          largest,
          trace,
          cancelled(rest.pairs().largest().getFirst(), rounding),
          cancelled(rest.pairs().smallest().getFirst(), rounding),
          Trace.krylovAware(residual, rest, products, random.split())
              .with(Contribution.known(Source.ROUNDING, 2 * rounding)));
    }
  }

  /** From the whole matrices. */
  static GaussNewtonSplit of(
      DenseMatrix gaussNewton, DenseMatrix residual, double rounding, SplittableRandom random) {
    Eigenpairs top = Lanczos.eigenpairs(gaussNewton, TOP, random.split());
    Eigenpairs ends = Lanczos.eigenpairs(residual, BOTH, random.split());
    return new GaussNewtonSplit(
        Eigenvalue.of(top.largest().getFirst()),
        rounded(gaussNewton.trace(), rounding),
        cancelled(ends.largest().getFirst(), rounding),
        cancelled(ends.smallest().getFirst(), rounding),
        rounded(residual.trace(), 2 * rounding));
  }

  private static Uncertain rounded(double trace, double rounding) {
    return Uncertain.of(trace, List.of(Contribution.known(Source.ROUNDING, rounding)), true);
  }

  /** What cancels in H − G was rounded at the size of H and of G. */
  private static Eigenvalue cancelled(Eigenpair pair, double rounding) {
    Uncertain value = pair.uncertain().with(Contribution.known(Source.ROUNDING, 2 * rounding));
    return new Eigenvalue(value, pair.residual());
  }
}
