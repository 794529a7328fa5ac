package org.basin.landscape.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.reference.ReferenceObjective;
import org.basin.landscape.curvature.HessianMeasurement.Eigenvalue;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The engine's curvature against closed forms and against exact Hessians in double precision. */
class HessianProbeTest {
  private static final double RELATIVE = 1e-4;

  private static ObjectiveCase network(
      List<Integer> hidden, Activation activation, ObjectiveOptions options, boolean batchNorm) {
    MlpSpec spec =
        new MlpSpec(
            8,
            hidden,
            4,
            activation,
            true,
            batchNorm,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    return ObjectiveCase.of(spec, options, 60, new SplittableRandom(11));
  }

  private static final HessianOptions PRODUCTS = new HessianOptions(6, 3, 33, 3, 60, 0, true);
  private static final HessianOptions MATRIX = new HessianOptions(6, 3, 33, 3, 60, 2000, true);

  private static Measurement measure(ObjectiveCase c, HessianOptions options, long seed) {
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("auto", 1);
        Objective objective = engine.objective(c.spec(), c.options(), c.data(), c.statistics())) {
      return HessianProbe.measure(
          objective, c.theta(), c.spec().outputs(), options, new SplittableRandom(seed));
    }
  }

  private static HessianMeasurement values(ObjectiveCase c, HessianOptions options) {
    return (HessianMeasurement) measure(c, options, 1).details();
  }

  /** Columns of H, or of G, in double precision. */
  private static double[][] dense(ObjectiveCase c, boolean gaussNewton) {
    try (ReferenceObjective oracle =
        new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics())) {
      int size = oracle.size();
      double[] theta = new double[size];
      Arrays.setAll(theta, i -> c.theta()[i]);
      double[][] columns = new double[size][];
      for (int i = 0; i < size; i++) {
        double[] unit = new double[size];
        unit[i] = 1;
        columns[i] =
            gaussNewton ? oracle.gaussNewtonVector(theta, unit) : oracle.hessianVector(theta, unit);
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < i; j++) {
          columns[i][j] = columns[j][i]; // alike but for their last digits
        }
      }
      return columns;
    }
  }

  /** Descending. */
  private static double[] eigenvalues(double[][] matrix) {
    return new EigenDecompositionSymmetric(new Array2DRowRealMatrix(matrix, false))
        .getEigenvalues();
  }

  private static double trace(double[][] matrix) {
    double sum = 0;
    for (int i = 0; i < matrix.length; i++) {
      sum += matrix[i][i];
    }
    return sum;
  }

  private static void assertCovers(String what, double truth, Uncertain measured) {
    double allowed = 4 * measured.standardError();
    assertTrue(
        Math.abs(measured.value() - truth) <= allowed,
        () -> "%s: %s, in truth %g".formatted(what, measured, truth));
  }

  /** What is to be found, in double precision; spectra descending. */
  private record Truth(
      ObjectiveCase c,
      double[][] hessian,
      double traceOfGaussNewton,
      EigenDecompositionSymmetric decomposition,
      double topOfGaussNewton,
      double[] residualSpectrum) {
    static Truth of(ObjectiveCase c) {
      double[][] hessian = dense(c, false);
      double[][] gaussNewton = dense(c, true);
      return new Truth(
          c,
          hessian,
          trace(gaussNewton),
          new EigenDecompositionSymmetric(new Array2DRowRealMatrix(hessian, false)),
          eigenvalues(gaussNewton)[0],
          eigenvalues(minus(hessian, gaussNewton)));
    }
  }

  private static void assertAgrees(Truth truths, HessianMeasurement measured) {
    double[][] hessian = truths.hessian();
    double[] spectrum = truths.decomposition().getEigenvalues();
    int size = spectrum.length;
    double scale = RELATIVE * 1e-2 * spectrum[0];
    for (int i = 0; i < 6; i++) {
      Eigenvalue found = measured.largest().get(i);
      assertTrue(found.eigenvalue().converged(), found::toString);
      double value = found.eigenvalue().value();
      assertEquals(spectrum[i], value, RELATIVE * Math.abs(spectrum[i]) + scale);
    }
    for (int i = 0; i < 3; i++) {
      double truth = spectrum[size - 1 - i];
      double value = measured.smallest().get(i).eigenvalue().value();
      assertEquals(truth, value, RELATIVE * Math.abs(truth) + scale);
    }
    assertCovers("tr H", trace(hessian), measured.trace());
    assertCovers("tr G", truths.traceOfGaussNewton(), measured.gaussNewtonTrace());
    assertCovers("tr R", trace(hessian) - truths.traceOfGaussNewton(), measured.residualTrace());
    double top = truths.topOfGaussNewton();
    assertEquals(top, measured.gaussNewtonLargest().eigenvalue().value(), RELATIVE * top);
    double[] rest = truths.residualSpectrum();
    assertEquals(rest[0], measured.residualLargest().eigenvalue().value(), RELATIVE * rest[0]);
    double lowest = rest[size - 1];
    assertEquals(
        lowest, measured.residualSmallest().eigenvalue().value(), RELATIVE * Math.abs(lowest));
    assertCounts(spectrum, measured);
    assertGradient(truths, measured);
  }

  private static double[][] minus(double[][] left, double[][] right) {
    double[][] difference = new double[left.length][left.length];
    for (int i = 0; i < left.length; i++) {
      for (int j = 0; j < left.length; j++) {
        difference[i][j] = left[i][j] - right[i][j];
      }
    }
    return difference;
  }

  private static void assertCounts(double[] spectrum, HessianMeasurement measured) {
    double floor = measured.noiseFloor();
    assertTrue(floor > 0 && floor < 1e-5 * spectrum[0], () -> "noise floor " + floor);
    double negative = Arrays.stream(spectrum).filter(value -> value < -floor).count();
    double positive = Arrays.stream(spectrum).filter(value -> value >= floor).count();
    double none = spectrum.length - negative - positive;
    if (measured.exact()) {
      assertEquals(negative, measured.negativeCount().value());
      assertEquals(none, measured.nullCount().value());
      assertEquals(positive, measured.positiveCount().value());
    } else {
      assertCovers("negative", negative, measured.negativeCount());
      assertCovers("null", none, measured.nullCount());
      assertCovers("positive", positive, measured.positiveCount());
    }
    int gap = 1;
    for (int i = 1; i <= 8; i++) { // twice the classes
      if (spectrum[i - 1] / spectrum[i] > spectrum[gap - 1] / spectrum[gap]) {
        gap = i;
      }
    }
    assertEquals(gap, measured.outliers().value());
  }

  private static void assertGradient(Truth truths, HessianMeasurement measured) {
    ObjectiveCase c = truths.c();
    EigenDecompositionSymmetric exact = truths.decomposition();
    double[] theta = new double[truths.hessian().length];
    Arrays.setAll(theta, i -> c.theta()[i]);
    try (ReferenceObjective oracle =
        new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics())) {
      double[] gradient = oracle.gradient(theta);
      double squares = 0;
      for (double value : gradient) {
        squares += value * value;
      }
      assertCovers("gradient norm", Math.sqrt(squares), measured.gradientNorm());
      double[] parts = new double[6];
      for (int i = 0; i < 6; i++) {
        double part = 0;
        for (int j = 0; j < gradient.length; j++) {
          part += gradient[j] * exact.getEigenvector(i).getEntry(j);
        }
        parts[i] = part * part;
      }
      double six = Arrays.stream(parts).sum();
      double four = six - parts[4] - parts[5];
      assertCovers("overlap", six / squares, measured.gradientOverlap());
      assertTrue(measured.gradientOverlap().standardError() < 0.01, "the overlap is known well");
      assertCovers("overlap of K", four / squares, measured.gradientClassOverlap());
      assertTrue(measured.gradientClassOverlap().standardError() < 0.01, "known well too");
    }
  }

  @ParameterizedTest
  @EnumSource(BatchNormPolicy.class)
  void aNetworkWithEveryTermOfItsObjective(BatchNormPolicy policy) {
    // 8-12-10-4 with batch normalisation, smoothing and penalty: 326 parameters, past the size up
    // to which the whole matrix is taken.
    ObjectiveCase c =
        network(
            List.of(12, 10),
            Activation.TANH,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0.01, policy),
            true);
    Truth truths = Truth.of(c);
    for (HessianOptions options : List.of(PRODUCTS, MATRIX)) {
      HessianMeasurement measured = values(c, options);
      assertEquals(options.equals(MATRIX), measured.exact());
      assertTrue(measured.multiplicitiesChecked());
      assertEquals(326, measured.parameters());
      assertEquals(60, measured.examples());
      assertEquals(4, measured.classes());
      assertAgrees(truths, measured);
      assertTrue(measured.negativeCurvature(), "random parameters are no minimum");
      assertTrue(measured.negativeSignificance() > 100);
    }
  }

  @Test
  void theWholeSpectrumAndItsDensity() {
    ObjectiveCase c =
        network(
            List.of(12, 10),
            Activation.TANH,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN),
            false);
    double[] truth = eigenvalues(dense(c, false)); // descending
    int size = truth.length;
    Measurement exact = measure(c, MATRIX, 1);
    double[] found = table(exact, "spectrum").column("eigenvalue");
    assertEquals(size, found.length);
    double stated =
        ((HessianMeasurement) exact.details()).largest().getFirst().eigenvalue().standardError();
    assertTrue(stated < 1e-5 * truth[0], () -> "rounding " + stated);
    for (int i = 0; i < size; i++) {
      assertEquals(truth[size - 1 - i], found[i], 4 * stated);
    }
    Table density = table(exact, "density");
    HessianOptions eightRuns = new HessianOptions(6, 3, 33, 8, 60, 0, false);
    Table estimated = table(measure(c, eightRuns, 1), "density");
    for (Table each : List.of(density, estimated)) {
      double[] points = each.column("eigenvalue");
      double area = Arrays.stream(each.column("density")).sum() * (points[1] - points[0]);
      assertEquals(1, area, 1e-3);
    }
    assertEquals(0, Arrays.stream(density.column("standardError")).max().orElseThrow());
    assertCoversCurve(truth, estimated);
  }

  private static void assertCoversCurve(double[] spectrum, Table curve) {
    double[] points = curve.column("eigenvalue");
    double[] values = curve.column("density");
    double[] errors = curve.column("standardError");
    double sigma = Math.sqrt(1e-5) * (spectrum[0] - spectrum[spectrum.length - 1]);
    int covered = 0;
    int seen = 0;
    for (int i = 0; i < points.length; i++) {
      double at = points[i];
      double truth =
          Arrays.stream(spectrum)
              .map(value -> Math.exp(-0.5 * Math.pow((at - value) / sigma, 2)))
              .sum();
      truth /= spectrum.length * sigma * Math.sqrt(2 * Math.PI);
      if (truth > 1e-3) {
        seen++;
        // Eight runs: Student's t of seven degrees of freedom.
        covered += Math.abs(truth - values[i]) <= 2.36 * errors[i] ? 1 : 0;
      }
    }
    double coverage = covered / (double) seen;
    assertTrue(coverage >= 0.85, () -> "covered " + coverage);
  }

  private static Table table(Measurement measured, String name) {
    return measured.tables().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void eigenvectorsAreHandedOnWhereAskedFor() {
    ObjectiveCase c =
        network(
            List.of(12, 10),
            Activation.TANH,
            new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN),
            false);
    double[][] hessian = dense(c, false);
    for (HessianOptions options : List.of(PRODUCTS, MATRIX)) {
      Measurement measured = measure(c, options, 1);
      HessianMeasurement values = (HessianMeasurement) measured.details();
      assertVectors(hessian, values.largest(), measured.vectors().get("largestEigenvectors"));
      assertVectors(hessian, values.smallest(), measured.vectors().get("smallestEigenvectors"));
    }
    assertTrue(measure(c, HessianOptions.DEFAULTS, 1).vectors().isEmpty());
    assertEquals(1, measure(c, PRODUCTS, 1).tables().size());
  }

  private static void assertVectors(
      double[][] hessian, List<Eigenvalue> values, float[][] vectors) {
    assertEquals(values.size(), vectors.length);
    for (int k = 0; k < vectors.length; k++) {
      double squares = 0;
      for (int i = 0; i < hessian.length; i++) {
        double rest = -values.get(k).eigenvalue().value() * vectors[k][i];
        for (int j = 0; j < hessian.length; j++) {
          rest += hessian[i][j] * vectors[k][j];
        }
        squares += rest * rest;
      }
      double noise = 1e-5 * values.getFirst().eigenvalue().value();
      assertEquals(values.get(k).residual(), Math.sqrt(squares), Math.abs(noise));
    }
  }

  /**
   * Linear regression with an intercept: (1/K) ‖Wx̃ − y‖² has H = (2/K) X̃ᵀX̃ / n ⊗ I_K, every
   * eigenvalue K times.
   */
  @Test
  void linearRegressionHasEveryEigenvalueOnceForEachOutput() {
    ObjectiveCase c =
        network(
            List.of(),
            Activation.IDENTITY,
            new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN),
            false);
    int count = c.data().count();
    double[][] gram = new double[9][9];
    for (int e = 0; e < count; e++) {
      for (int a = 0; a < 9; a++) {
        for (int b = 0; b < 9; b++) {
          double xa = a < 8 ? c.data().inputs()[e * 8 + a] : 1;
          double xb = b < 8 ? c.data().inputs()[e * 8 + b] : 1;
          gram[a][b] += 2.0 / 4 * xa * xb / count;
        }
      }
    }
    double[] distinct = eigenvalues(gram);
    for (HessianOptions options : List.of(PRODUCTS, MATRIX)) {
      HessianMeasurement measured = values(c, options);
      for (int i = 0; i < 6; i++) {
        double value = measured.largest().get(i).eigenvalue().value();
        assertEquals(distinct[i / 4], value, RELATIVE * distinct[i / 4]);
      }
      assertTrue(measured.multiplicitiesChecked());
      assertCovers("tr H", 4 * trace(gram), measured.trace());
      assertEquals(36, measured.positiveCount().value(), 1e-9);
      assertEquals(0, measured.negativeCount().value(), 1e-9);
      assertFalse(measured.negativeCurvature());
      assertEquals(0, measured.negativeSignificance());
    }
  }

  @Test
  void scalarsAreTheFiguresOfTheDetails() {
    ObjectiveCase c =
        network(
            List.of(6),
            Activation.RELU,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN),
            false);
    Measurement measured = measure(c, PRODUCTS, 1);
    HessianMeasurement values = (HessianMeasurement) measured.details();
    assertEquals(
        List.of(
            "largestEigenvalue",
            "smallestEigenvalue",
            "noiseFloor",
            "trace",
            "negativeCount",
            "nullCount",
            "positiveCount",
            "negativeFraction",
            "outliers",
            "gaussNewtonLargestEigenvalue",
            "gaussNewtonTrace",
            "residualLargestMagnitude",
            "residualTrace",
            "gradientNorm",
            "gradientOverlap",
            "gradientClassOverlap"),
        List.copyOf(measured.scalars().keySet()));
    assertEquals(values.trace(), measured.scalars().get("trace"));
    double magnitude =
        Math.max(
            values.residualLargest().eigenvalue().value(),
            -values.residualSmallest().eigenvalue().value());
    assertEquals(magnitude, measured.scalars().get("residualLargestMagnitude").value());
    double fraction = measured.scalars().get("negativeFraction").value();
    assertEquals(values.negativeCount().value() / values.parameters(), fraction, 1e-12);
  }

  @Test
  void whatWouldNotFitIsRefusedBeforeAnythingIsTaken() {
    long heap = Runtime.getRuntime().maxMemory();
    int size = (int) Math.min(Integer.MAX_VALUE, heap / 100);
    Objective huge =
        new Objective() {
          @Override
          public int size() {
            return size;
          }

          @Override
          public int examples() {
            return 1;
          }

          @Override
          public double loss(float[] theta) {
            throw new AssertionError("nothing is to be computed");
          }

          @Override
          public double gradient(float[] theta, float[] gradient) {
            throw new AssertionError("nothing is to be computed");
          }

          @Override
          public void hessianVectors(float[] theta, float[] vectors, int count, float[] products) {
            throw new AssertionError("nothing is to be computed");
          }

          @Override
          public void gaussNewtonVectors(
              float[] theta, float[] vectors, int count, float[] products) {
            throw new AssertionError("nothing is to be computed");
          }

          @Override
          public float[] outputs(float[] theta) {
            throw new AssertionError("nothing is to be computed");
          }

          @Override
          public void close() {}
        };
    String message =
        assertThrows(
                InvalidInputException.class,
                () ->
                    HessianProbe.measure(
                        huge, new float[1], 10, HessianOptions.DEFAULTS, new SplittableRandom(1)))
            .getMessage();
    assertTrue(
        message.matches("the curvature needs [\\d,]+ bytes of memory, available: [\\d,]+; .*"),
        message);
  }

  /**
   * Softmax regression: H = (1/n) Σ_i (diag p_i − p_i p_iᵀ) ⊗ x̃_i x̃_iᵀ with x̃ = (x, 1), written
   * down here. It is convex, and its nullspace (a shift of all logits) is no negative curvature.
   */
  @Test
  void softmaxRegression() {
    ObjectiveCase c =
        network(
            List.of(),
            Activation.IDENTITY,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN),
            false);
    double[] spectrum = eigenvalues(softmaxRegressionHessian(c));
    double trace = Arrays.stream(spectrum).sum();
    HessianMeasurement estimated = values(c, PRODUCTS);
    assertCovers("tr H", trace, estimated.trace());
    assertCovers("tr G", trace, estimated.gaussNewtonTrace());
    HessianMeasurement measured = values(c, MATRIX);
    for (int i = 0; i < 6; i++) {
      assertEquals(
          spectrum[i], measured.largest().get(i).eigenvalue().value(), RELATIVE * spectrum[i]);
    }
    assertEquals(trace, measured.trace().value(), 1e-6 * trace);
    assertEquals(trace, measured.gaussNewtonTrace().value(), 1e-6 * trace);
    assertCovers("no residual", 0, measured.residualTrace());
    assertTrue(measured.residualTrace().standardError() < 1e-5 * trace);
    assertFalse(measured.negativeCurvature());
    double smallest = measured.smallest().getFirst().eigenvalue().value();
    assertTrue(Math.abs(smallest) <= measured.noiseFloor(), "a null direction is in the null band");
  }

  private static double[][] softmaxRegressionHessian(ObjectiveCase c) {
    int features = 8;
    int classes = 4;
    int count = c.data().count();
    double[][] hessian = new double[36][36];
    for (int e = 0; e < count; e++) {
      double[] x = new double[features + 1];
      for (int j = 0; j < features; j++) {
        x[j] = c.data().inputs()[e * features + j];
      }
      x[features] = 1; // the biases follow the weights in θ
      double[] p = new double[classes];
      for (int k = 0; k < classes; k++) {
        for (int j = 0; j <= features; j++) {
          p[k] += x[j] * c.theta()[j * classes + k];
        }
        p[k] = Math.exp(p[k]);
      }
      double sum = Arrays.stream(p).sum();
      for (int a = 0; a < 36; a++) {
        for (int b = 0; b < 36; b++) {
          double pa = p[a % classes] / sum;
          double pb = p[b % classes] / sum;
          double s = (a % classes == b % classes ? pa : 0) - pa * pb;
          hessian[a][b] += s * x[a / classes] * x[b / classes] / count;
        }
      }
    }
    return hessian;
  }

  @Test
  void aSeedDecidesEveryNumber() {
    ObjectiveCase c =
        network(
            List.of(12, 10),
            Activation.RELU,
            new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN),
            false);
    Measurement five = measure(c, PRODUCTS, 5);
    assertEquals(five.scalars(), measure(c, PRODUCTS, 5).scalars());
    assertNotEquals(five.scalars().get("trace"), measure(c, PRODUCTS, 6).scalars().get("trace"));
  }

  @Test
  void aNetworkOfFewerParametersThanEigenvaluesAskedFor() {
    MlpSpec spec =
        new MlpSpec(
            1,
            List.of(),
            2,
            Activation.IDENTITY,
            true,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    ObjectiveCase c =
        ObjectiveCase.of(
            spec,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN),
            20,
            new SplittableRandom(1));
    HessianMeasurement measured = values(c, MATRIX);
    assertEquals(4, measured.largest().size());
    assertEquals(3, measured.smallest().size());
    assertEquals(1, measured.gradientOverlap().value(), 1e-6);
  }
}
