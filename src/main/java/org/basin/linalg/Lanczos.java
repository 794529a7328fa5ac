package org.basin.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;

/**
 * The algebraically largest and smallest eigenpairs of an operator, by Lanczos' iteration (1950)
 * with full reorthogonalisation and thick restarts (Wu and Simon 2000).
 *
 * <pre>
 * H Q_m = Q_m T_m + β_m q_{m+1} e_mᵀ,   T_m y = θ y:   ‖H Q_m y − θ Q_m y‖ = β_m |y_m|
 * </pre>
 *
 * <p>One Krylov sequence sees a multiple eigenvalue once, and nothing that its first vector has no
 * part in. So when an invariant subspace is found the sequence goes on from a new random vector
 * orthogonal to it; and when all pairs that were asked for have converged, everything but them is
 * dropped, and a new sequence in their complement must find nothing that belongs among them. That
 * costs about as many products again.
 *
 * <p>The values and residuals of the result are computed from one more product each, not taken from
 * the recurrence.
 */
public final class Lanczos {
  // Up to here the whole matrix costs no more products than a Krylov space does.
  private static final int EXACT_SIZE = 200;
  private static final double FLOAT_EPSILON = Math.ulp(1f);
  // Residuals below this times ‖H‖ are the rounding of products; no iteration makes them smaller.
  private static final double ROUNDING = 16 * FLOAT_EPSILON;
  // Share of its distance from the wanted values that a Ritz value's residual may be.
  private static final double SETTLED = 0.1;

  private final Products products;
  private final Options options;
  private final SplittableRandom random;
  private final int size;
  private final int wanted;
  private final KrylovSequences basis; // of the one sequence
  private final double[][] projected; // T = Qᵀ H Q, whole: restarts leave an arrow in it
  private double[] dropped = {}; // couplings of the first basis vectors to a discarded direction
  private double nextNorm; // of the direction to expand next
  private double norm; // ‖H‖, from below
  private int steps;
  private int sequences;
  private boolean restarted;
  private KrylovSpace.Others others = KrylovSpace.Others.NONE;

  private Lanczos(
      Products products, KrylovSequences basis, Options options, SplittableRandom random) {
    this.products = products;
    this.basis = basis;
    this.options = options;
    this.random = random;
    size = products.size();
    wanted = options.largest + options.smallest;
    projected = new double[basis.capacity()][basis.capacity()];
  }

  /**
   * What is asked for.
   *
   * @param largest how many of the algebraically largest, at least 0
   * @param smallest how many of the algebraically smallest, at least 0, and 1 of both together
   * @param tolerance a pair has converged when ‖Hv − λv‖ ≤ tolerance · |λ|, or is down to the
   *     rounding of float32 products, 16 ε₃₂ ‖H‖
   * @param maximumSteps most products of the iteration, those of the search for multiplicities
   *     included; one more for each pair follows
   * @param basisSize most vectors kept, {@code 4 n} bytes each; a full basis is restarted with its
   *     best part
   */
  public record Options(
      int largest, int smallest, double tolerance, int maximumSteps, int basisSize) {
    private static final int SPARE = 8;

    public Options {
      if (largest < 0 || smallest < 0 || (long) largest + smallest < 1) {
        throw new InvalidInputException(
            largest
                + " largest and "
                + smallest
                + " smallest eigenvalues: at least 0 of each and 1 together");
      }
      if (!(tolerance > 0 && tolerance < 1)) {
        throw new InvalidInputException(
            "a tolerance of " + tolerance + ": above 0 and below 1 is allowed");
      }
      long least = (long) largest + smallest + SPARE;
      if (maximumSteps < least || basisSize < least) {
        throw new InvalidInputException(
            maximumSteps
                + " Lanczos steps with "
                + basisSize
                + " vectors kept: at least "
                + least
                + " for "
                + (largest + smallest)
                + " eigenvalues");
      }
    }

    /**
     * Tolerance 1e-4 (hessian-eigenthings 1.0); at most 400 steps or 20 for each pair; 160 vectors
     * or 3 for each pair.
     */
    public static Options of(int largest, int smallest) {
      int wanted = largest + smallest;
      return new Options(
          largest, smallest, 1e-4, Math.max(400, 20 * wanted), Math.max(160, 3 * wanted + SPARE));
    }

    /**
     * The same with a basis of no more numbers than these for vectors of length {@code n}, but
     * never of fewer vectors than three for each pair, which restarts need to get on.
     */
    public Options within(long floats, int n) {
      long least = 3L * (largest + smallest) + SPARE;
      int vectors = (int) Math.min(basisSize, Math.max(least, floats / n));
      return new Options(largest, smallest, tolerance, maximumSteps, vectors);
    }
  }

  /**
   * The eigenpairs; exact, from the whole matrix, for n ≤ 200 and where more than a third of them
   * is asked for.
   *
   * @throws InvalidInputException when more than n eigenvalues are asked for at one end
   * @throws NonFiniteProductException when a product is not finite
   */
  public static Eigenpairs eigenpairs(
      SymmetricOperator operator, Options options, SplittableRandom random) {
    Products products = products(operator, options);
    try (KrylovSequences basis = sequence(operator, options)) {
      return new Lanczos(products, basis, options, random).find(true, 0);
    }
  }

  /**
   * The same without the search for further copies, which halves the products, and with the basis
   * that they were found in. Enough for one eigenvalue of an end, which has no place for copies;
   * for more where other runs in the complement see the same, as {@link
   * SpectralDensity#confirms(Eigenpairs)}.
   *
   * @param leastSteps how many steps to go on for when all have converged before
   */
  public static KrylovSpace space(
      SymmetricOperator operator, Options options, int leastSteps, SplittableRandom random) {
    Products products = products(operator, options);
    KrylovSequences basis = sequence(operator, options);
    try {
      Lanczos lanczos = new Lanczos(products, basis, options, random);
      Eigenpairs pairs = lanczos.find(false, leastSteps);
      if (pairs.exact()) {
        basis.close();
        return lanczos.spaceOf(pairs);
      }
      double[] inner = new double[basis.dimension(0)];
      Arrays.setAll(inner, i -> lanczos.projected[i][i]);
      return new KrylovSpace(pairs, basis, inner, lanczos.steps, lanczos.others);
    } catch (RuntimeException | Error failure) {
      try (basis) {
        throw failure;
      }
    }
  }

  /** The space of the pairs themselves, where the whole matrix was taken. */
  private KrylovSpace spaceOf(Eigenpairs pairs) {
    Basis distinct = new Basis(size, wanted);
    double[] inner =
        pairs.all().stream()
            .filter(pair -> distinct.extend(pair.vector(), 0))
            .mapToDouble(Eigenpair::value)
            .toArray();
    KrylovSequences all = new HeapSequences(products, distinct.vectors(), 1, 0);
    return new KrylovSpace(pairs, all, inner, size, KrylovSpace.Others.NONE);
  }

  /** Bytes that a run holds at most, its result included. */
  public static long bytes(long n, Options options) {
    int wanted = options.largest + options.smallest;
    long batch = Math.min(wanted, Products.batch(n));
    long vectors = Math.min(n, options.basisSize) + wanted + 2 * batch + 1;
    return n * (Float.BYTES * vectors + 2 * Double.BYTES);
  }

  /** Bytes of the products of as many vectors as are multiplied at once. */
  public static long batchBytes(long n) {
    return n * Products.batch(n) * Float.BYTES;
  }

  private static Products products(SymmetricOperator operator, Options options) {
    Products products = new Products(operator);
    int n = products.size();
    if (options.largest > n || options.smallest > n) {
      throw new InvalidInputException(
          Math.max(options.largest, options.smallest)
              + " eigenvalues of a matrix of order "
              + n
              + ": 0 to "
              + n
              + " is allowed");
    }
    return products;
  }

  private static KrylovSequences sequence(SymmetricOperator operator, Options options) {
    int most = Math.min(options.basisSize, options.maximumSteps);
    return operator.sequences(new float[0][], 1, Math.min(operator.size(), most));
  }

  private Eigenpairs find(boolean search, int leastSteps) {
    boolean small = size <= EXACT_SIZE || 3L * wanted > size;
    return small ? exact() : iterate(search, leastSteps);
  }

  private Eigenpairs exact() {
    Decomposition all = DenseMatrix.of(products).decompose();
    norm = Math.max(Math.abs(all.values()[0]), Math.abs(all.values()[size - 1]));
    int[] indices = ends(size, options.largest, options.smallest);
    float[][] vectors = new float[wanted][size];
    for (int i = 0; i < wanted; i++) {
      double[] vector = all.vectors()[indices[i]];
      for (int j = 0; j < size; j++) {
        vectors[i][j] = (float) vector[j];
      }
    }
    return measure(vectors, indices, all.values(), new double[size], true, true);
  }

  /** Ritz pairs with their residuals as the recurrence tells them; ascending. */
  private record Ritz(double[] values, double[][] vectors, double[] residuals) {
    int count() {
      return values.length;
    }
  }

  private Eigenpairs iterate(boolean search, int leastSteps) {
    int first = 0; // steps until all had converged for the first time
    double[] found = null; // the wanted values when the search for further copies began
    int patience = (int) Math.ceil(2 * Math.log(size));
    int check = Math.max(2 * wanted, patience);
    int sequence = 0; // steps since the last random vector
    turnToRandomDirection();
    for (int step = 1; ; step++) {
      expand();
      steps = step;
      sequence++;
      boolean whole = basis.dimension(0) == size;
      boolean full = basis.dimension(0) == basis.capacity();
      boolean last = whole || step == options.maximumSteps;
      boolean invariant = nextNorm <= ROUNDING / 2 * norm;
      boolean due = sequence >= check || step == leastSteps;
      if (!(last || invariant || full || due)) {
        continue;
      }
      check = sequence + Math.max(4, sequence / 5);
      Ritz ritz = ritz();
      if (last) {
        return result(ritz, whole);
      }
      if (ritz.count() >= wanted && hasConverged(ritz)) {
        if (!search && (step >= leastSteps || invariant)) {
          return result(ritz, false);
        }
        boolean searching = found != null;
        boolean settled = invariant || sequence >= first || (sequence >= patience && apart(ritz));
        boolean changed = found == null || differs(found, wantedValues(ritz));
        if (searching && settled && !changed) {
          return result(ritz, true);
        }
        if (search && (!searching || settled)) {
          first = searching ? first : step;
          found = wantedValues(ritz);
          keep(ritz, ends(ritz.count(), options.largest, options.smallest));
          dropped = residualsOf(ritz);
          turnToRandomDirection();
          sequence = 0;
          check = patience;
          continue;
        }
      }
      if (full) {
        restart(ritz);
      }
      if (invariant) {
        turnToRandomDirection();
        sequence = 0;
        check = patience;
      }
    }
  }

  /** A random vector orthogonal to the basis is expanded next. */
  private void turnToRandomDirection() {
    sequences++;
    nextNorm = basis.turn(0, RandomVectors.gaussian(size, random));
  }

  /** Takes the next vector into the basis and its product into the projected matrix. */
  private void expand() {
    KrylovSequences.Step step = basis.expand(0).getFirst();
    products.include(1);
    norm = Math.max(norm, step.productNorm());
    nextNorm = step.restNorm();
    double[] column = step.coefficients();
    int last = column.length - 1;
    for (int i = 0; i <= last; i++) {
      projected[i][last] = column[i];
      projected[last][i] = column[i];
    }
  }

  /** The eigenpairs of the projected matrix (Rayleigh and Ritz). */
  private Ritz ritz() {
    int m = basis.dimension(0);
    double[][] matrix = new double[m][];
    for (int i = 0; i < m; i++) {
      matrix[i] = Arrays.copyOf(projected[i], m);
    }
    Decomposition pairs =
        Decomposition.of(new EigenDecompositionSymmetric(new Array2DRowRealMatrix(matrix, false)));
    double[] residuals = new double[m];
    for (int i = 0; i < m; i++) {
      double[] y = pairs.vectors()[i];
      double lost = 0;
      for (int j = 0; j < dropped.length; j++) {
        lost += dropped[j] * y[j];
      }
      residuals[i] = Math.hypot(lost, nextNorm * y[m - 1]);
    }
    norm = Math.max(norm, Math.max(Math.abs(pairs.values()[0]), Math.abs(pairs.values()[m - 1])));
    return new Ritz(pairs.values(), pairs.vectors(), residuals);
  }

  private boolean hasConverged(Ritz ritz) {
    for (int i : ends(ritz.count(), options.largest, options.smallest)) {
      // Half, so that a residual that is computed afterwards is within the whole of it as well.
      if (ritz.residuals[i] > allowed(ritz.values[i]) / 2) {
        return false;
      }
    }
    return true;
  }

  private double allowed(double value) {
    return Math.max(options.tolerance * Math.abs(value), ROUNDING * norm);
  }

  /**
   * Whether the best Ritz pair that is not wanted is known not to belong among the wanted. Ritz
   * values are off by no more than their residuals, but one that has not settled yet may be far
   * from the end of the spectrum: so residuals must be well below the distance.
   */
  private boolean apart(Ritz ritz) {
    int count = ritz.count();
    if (count <= wanted) {
      return false;
    }
    int above = count - 1 - options.largest;
    int below = options.smallest;
    boolean top =
        options.largest == 0
            || ritz.residuals[above]
                <= Math.max(
                    allowed(ritz.values[above]),
                    SETTLED * (ritz.values[above + 1] - ritz.values[above]));
    boolean bottom =
        options.smallest == 0
            || ritz.residuals[below]
                <= Math.max(
                    allowed(ritz.values[below]),
                    SETTLED * (ritz.values[below] - ritz.values[below - 1]));
    return top && bottom;
  }

  private double[] wantedValues(Ritz ritz) {
    return pick(ritz.values, ends(ritz.count(), options.largest, options.smallest));
  }

  private double[] residualsOf(Ritz ritz) {
    return pick(ritz.residuals, ends(ritz.count(), options.largest, options.smallest));
  }

  private static double[] pick(double[] from, int[] indices) {
    return Arrays.stream(indices).mapToDouble(i -> from[i]).toArray();
  }

  private boolean differs(double[] before, double[] after) {
    for (int i = 0; i < before.length; i++) {
      if (Math.abs(after[i] - before[i]) > allowed(before[i])) {
        return true;
      }
    }
    return false;
  }

  /** Makes room: keeps the wanted Ritz vectors and a third of the others, from both ends. */
  private void restart(Ritz ritz) {
    restarted = true;
    int others = (ritz.count() - wanted) / 3;
    int[] kept =
        ends(ritz.count(), options.largest + others / 2, options.smallest + others - others / 2);
    double[] lost = new double[kept.length];
    for (int i = 0; i < kept.length; i++) {
      for (int j = 0; j < dropped.length; j++) {
        lost[i] += dropped[j] * ritz.vectors[kept[i]][j];
      }
    }
    keep(ritz, kept);
    dropped = lost;
  }

  /** Makes these Ritz vectors the basis; the projected matrix is then diagonal. */
  private void keep(Ritz ritz, int[] kept) {
    basis.restart(0, weights(ritz, kept));
    for (int i = 0; i < kept.length; i++) {
      Arrays.fill(projected[i], 0, kept.length, 0);
      projected[i][i] = ritz.values[kept[i]];
    }
  }

  private static double[][] weights(Ritz ritz, int[] indices) {
    return Arrays.stream(indices).mapToObj(i -> ritz.vectors[i]).toArray(double[][]::new);
  }

  private Eigenpairs result(Ritz ritz, boolean checked) {
    int[] indices = ends(ritz.count(), options.largest, options.smallest);
    if (sequences == 1 && !restarted && hasConverged(ritz)) {
      others = KrylovSpace.Others.of(ritz.values, ritz.vectors, ritz.residuals, indices);
    }
    float[][] vectors = basis.combinations(0, weights(ritz, indices));
    return measure(vectors, indices, ritz.values, ritz.residuals, false, checked);
  }

  /** Indices into ascending values: the largest, descending, then the smallest, ascending. */
  private static int[] ends(int count, int largest, int smallest) {
    return IntStream.concat(
            IntStream.range(0, largest).map(i -> count - 1 - i), IntStream.range(0, smallest))
        .toArray();
  }

  /** The result, its values and residuals from one more product for each vector. */
  private Eigenpairs measure(
      float[][] vectors,
      int[] indices,
      double[] values,
      double[] residuals,
      boolean exact,
      boolean checked) {
    List<Eigenpair> pairs = new ArrayList<>();
    products.forEach(
        vectors,
        (index, product, offset) -> {
          float[] v = vectors[index];
          double inner = 0;
          double square = 0;
          for (int i = 0; i < size; i++) {
            inner += (double) v[i] * product[offset + i];
            square += (double) v[i] * v[i];
          }
          double value = inner / square;
          double squares = 0;
          for (int i = 0; i < size; i++) {
            double rest = product[offset + i] - value * v[i];
            squares += rest * rest;
          }
          double residual = Math.sqrt(squares / square);
          double gap = gap(indices[index], values, residuals);
          double error = gap > residual ? residual * residual / gap : residual;
          pairs.add(
              new Eigenpair(
                  value, v, residual, error, FLOAT_EPSILON * norm, residual <= allowed(value)));
        });
    // Values of a cluster may have changed places by their rounding.
    Comparator<Eigenpair> ascending = Comparator.comparingDouble(Eigenpair::value);
    return new Eigenpairs(
        pairs.subList(0, options.largest).stream().sorted(ascending.reversed()).toList(),
        pairs.subList(options.largest, wanted).stream().sorted(ascending).toList(),
        norm,
        products.count(),
        exact,
        checked);
  }

  private static double gap(int index, double[] values, double[] residuals) {
    double gap = Double.POSITIVE_INFINITY;
    for (int i = 0; i < values.length; i++) {
      if (i != index) {
        gap = Math.min(gap, Math.abs(values[i] - values[index]) - residuals[i]);
      }
    }
    return gap;
  }
}
