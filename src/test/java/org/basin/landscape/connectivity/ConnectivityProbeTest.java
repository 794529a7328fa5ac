package org.basin.landscape.connectivity;

import static org.basin.landscape.connectivity.Networks.column;
import static org.basin.landscape.connectivity.Networks.measure;
import static org.basin.landscape.connectivity.Networks.scalar;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.basin.InvalidSettingException;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.reference.ReferenceObjective;
import org.basin.landscape.connectivity.Networks.Swapped;
import org.basin.measurement.Figure;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossEvaluation;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConnectivityProbeTest {
  private static ConnectivityOptions options(int points, ConnectingCurves curves, int steps) {
    return new ConnectivityOptions(points, true, 2, curves, steps, 0.02, 16);
  }

  private static ConnectivityOptions lines(int points) {
    return options(points, ConnectingCurves.NONE, 1);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void twoCopiesHaveNoBarrier(boolean batchNorm) throws InterruptedException {
    MlpSpec spec = Networks.spec(4, List.of(6, 5), 3, Activation.RELU, batchNorm);
    ObjectiveOptions objective =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0.01, BatchNormPolicy.BATCH);
    ObjectiveCase c = Networks.random(spec, objective, 40, 3);
    NetworkState state = Networks.state(c);
    Measurement copies = measure(spec, objective, state, state, c.data(), c.data(), lines(5));
    NetworkState renumbered = Networks.permutation(spec, 4).of(spec, state);
    Measurement numbered =
        measure(spec, objective, state, renumbered, c.data(), c.data(), lines(5));
    for (String quantity : List.of("TrainLoss", "TrainError", "TestLoss", "TestError")) {
      String name = Character.toLowerCase(quantity.charAt(0)) + quantity.substring(1) + "Barrier";
      assertEquals(0, scalar(copies, name).value(), 1e-6);
      assertEquals(0, scalar(copies, "aligned" + quantity + "Barrier").value(), 1e-6);
      assertEquals(0, scalar(numbered, "aligned" + quantity + "Barrier").value(), 1e-6);
    }
    assertEquals(0, scalar(copies, "distance").value());
    assertEquals(0, scalar(numbered, "alignedDistance").value());
    assertTrue(scalar(numbered, "distance").value() > 1);
    double[] line = column(numbered, "linearTrainLoss");
    assertNotEquals(line[0], line[2], 0.01); // a loss that is elsewhere between them
  }

  /**
   * At t the swapped networks' first layers are (1 − 2t)(1, −1) and their second ones rows (1 − t,
   * t) and (t, 1 − t): the loss is known, and ½ in the middle, where the network is 0.
   */
  @Test
  void thePlantedPairHasTheBarrierThatItMust() throws InterruptedException {
    Measurement measured =
        measure(
            Swapped.SPEC,
            Swapped.MSE,
            Swapped.FIRST,
            Swapped.SECOND,
            Swapped.DATA,
            Swapped.DATA,
            options(41, ConnectingCurves.BOTH, 800));
    double[] t = column(measured, "alpha");
    double[] loss = column(measured, "linearTrainLoss");
    for (int i = 0; i < t.length; i++) {
      double gain = Math.abs(1 - 2 * t[i]);
      double right = gain * Math.max(t[i], 1 - t[i]);
      double wrong = gain * Math.min(t[i], 1 - t[i]);
      assertEquals(((1 - right) * (1 - right) + wrong * wrong) / 2, loss[i], 1e-6);
    }
    for (String definition : List.of("", "AboveMean", "AboveHigherEnd")) {
      assertEquals(0.5, scalar(measured, "trainLossBarrier" + definition).value(), 1e-6);
      assertEquals(0, scalar(measured, "alignedTrainLossBarrier" + definition).value(), 1e-6);
    }
    // A zero network says class 0 to both.
    assertEquals(0.5, scalar(measured, "testErrorBarrier").value());
    assertEquals(0, scalar(measured, "alignedTestErrorBarrier").value());
    assertEquals(Math.sqrt(12), scalar(measured, "distance").value(), 1e-6);
    assertEquals(0, scalar(measured, "alignedDistance").value());
    assertNotNull(measured.details());
    assertEquals(2, ((ConnectivityMeasurement) measured.details()).movedUnits());
    for (String curve : List.of("bezier", "polygon")) {
      // A unit changes sign on every path: where it is 0, one answer of two is lost.
      double barrier = scalar(measured, curve + "TrainLossBarrier").value();
      assertTrue(barrier >= 0.2499 && barrier < 0.49, curve + " " + barrier);
      assertTrue(scalar(measured, curve + "Length").value() > 1.01);
    }
  }

  /** The line's losses in double precision, batch normalisation's statistics each point's own. */
  @ParameterizedTest
  @CsvSource({"false, BATCH", "true, BATCH", "true, FROZEN"})
  void lossesAreThoseOfTheReference(boolean batchNorm, BatchNormPolicy policy)
      throws InterruptedException {
    MlpSpec spec = Networks.spec(4, List.of(6, 5), 3, Activation.TANH, batchNorm);
    ObjectiveOptions objective =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0.02, policy);
    ObjectiveCase c = Networks.random(spec, objective, 60, 3);
    ObjectiveCase d = Networks.random(spec, objective, 30, 5);
    NetworkState first = Networks.state(c);
    NetworkState second = Networks.state(d);
    Measurement measured = measure(spec, objective, first, second, c.data(), d.data(), lines(9));
    double[] losses = column(measured, "linearTrainLoss");
    double[] errors = column(measured, "linearTrainError");
    for (int i = 0; i < losses.length; i++) {
      NetworkState at = NetworkPath.line(first, second).at(i / 8.0);
      try (ReferenceObjective reference = new ReferenceObjective(spec, objective, c.data(), at)) {
        double expected = reference.loss(at.parameters());
        assertEquals(expected, losses[i], 1e-5 * expected);
        float[] outputs = reference.outputs(at.parameters());
        double error =
            LossEvaluation.of(LossFunction.CROSS_ENTROPY, outputs, c.data().labels(), 3, 0).error();
        assertEquals(error, errors[i], 1e-9);
      }
    }
  }

  /** The test set is judged with the statistics of the training examples, not with its own. */
  @Test
  void theTestLossDependsOnNoOtherTestExample() throws InterruptedException {
    MlpSpec spec = Networks.spec(4, List.of(6), 3, Activation.RELU, true);
    ObjectiveOptions objective =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.BATCH);
    ObjectiveCase c = Networks.random(spec, objective, 60, 3);
    NetworkState second = Networks.state(Networks.random(spec, objective, 1, 5));
    Examples test = Networks.random(spec, objective, 10, 7).data();
    double[] whole =
        column(
            measure(spec, objective, Networks.state(c), second, c.data(), test, lines(3)),
            "linearTestLoss");
    double[] sum = new double[3];
    for (int i = 0; i < 10; i++) {
      Examples one = test.select(new int[] {i});
      double[] losses =
          column(
              measure(spec, objective, Networks.state(c), second, c.data(), one, lines(3)),
              "linearTestLoss");
      Arrays.setAll(sum, k -> sum[k] + losses[k] / 10);
    }
    assertArrayEquals(whole, sum, 1e-5);
  }

  /** Constant statistics are those of the ends, in proportion; recalibrated ones are not. */
  @Test
  void staleStatisticsMakeAnotherBarrier() throws InterruptedException {
    MlpSpec spec = Networks.spec(4, List.of(6), 3, Activation.RELU, true);
    assertNotEquals(
        middle(spec, BatchNormPolicy.FROZEN), middle(spec, BatchNormPolicy.BATCH), 1e-2);
  }

  private static double middle(MlpSpec spec, BatchNormPolicy policy) throws InterruptedException {
    ObjectiveOptions objective = new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, policy);
    ObjectiveCase c = Networks.random(spec, objective, 60, 3);
    NetworkState second = Networks.state(Networks.random(spec, objective, 1, 5));
    Measurement measured =
        measure(spec, objective, Networks.state(c), second, c.data(), c.data(), lines(3));
    return column(measured, "linearTrainLoss")[1];
  }

  /** Training the bend lowers the mean loss along the curve, and changes with nothing but seeds. */
  @ParameterizedTest
  @CsvSource({"false, BATCH", "true, BATCH", "true, FROZEN"})
  void trainedCurvesLieLower(boolean batchNorm, BatchNormPolicy policy)
      throws InterruptedException {
    MlpSpec spec = Networks.spec(4, List.of(8), 3, Activation.TANH, batchNorm);
    ObjectiveOptions objective = new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, policy);
    ObjectiveCase c = Networks.random(spec, objective, 60, 3);
    NetworkState second = Networks.state(Networks.random(spec, objective, 1, 5));
    ConnectivityOptions options = options(11, ConnectingCurves.BOTH, 300);
    Measurement measured =
        measure(spec, objective, Networks.state(c), second, c.data(), c.data(), options);
    double line = Arrays.stream(column(measured, "linearTrainLoss")).sum();
    for (String curve : List.of("bezier", "polygon")) {
      double[] losses = column(measured, curve + "TrainLoss");
      assertTrue(Arrays.stream(losses).sum() < line - 0.5, curve);
      assertEquals(column(measured, "linearTrainLoss")[0], losses[0], 1e-9);
      assertEquals(column(measured, "linearTrainLoss")[10], losses[10], 1e-9);
      assertEquals(
          new ParameterLayout(spec).size(), measured.vectors().get(curve + "Bend")[0].length);
    }
    Measurement again =
        measure(spec, objective, Networks.state(c), second, c.data(), c.data(), options);
    assertEquals(measured.scalars(), again.scalars());
    // One curve is the same without the other.
    Measurement alone =
        measure(
            spec,
            objective,
            Networks.state(c),
            second,
            c.data(),
            c.data(),
            options(11, ConnectingCurves.POLYGON, 300));
    assertEquals(
        scalar(measured, "polygonTrainLossBarrier"), scalar(alone, "polygonTrainLossBarrier"));
    assertFalse(alone.scalars().containsKey("bezierTrainLossBarrier"));
    assertTrue(Double.isNaN(column(alone, "bezierTrainLoss")[5]));
  }

  /** The bend's gradient is that of the mean loss along the curve: by differences of the loss. */
  @Test
  void theBendsGradientIsItsShareOfTheNetworks() {
    MlpSpec spec = Networks.spec(3, List.of(4), 2, Activation.TANH, false);
    ObjectiveOptions objective =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN);
    ObjectiveCase c = Networks.random(spec, objective, 20, 3);
    NetworkState start = Networks.state(c);
    NetworkState end = Networks.state(Networks.random(spec, objective, 1, 5));
    try (Objective loss = Networks.ENGINE.objective(spec, objective, c.data(), start);
        ReferenceObjective reference = new ReferenceObjective(spec, objective, c.data(), start)) {
      for (PathShape shape : ConnectingCurves.BOTH.shapes()) {
        for (double t : new double[] {0.1, 0.5, 0.8}) {
          NetworkPath path = NetworkPath.straight(shape, start, end);
          float[] gradient = new float[path.bend().length];
          loss.gradient(path.at(t).parameters(), gradient);
          for (int i : new int[] {0, 7, gradient.length - 1}) {
            float[] above = path.bend().clone();
            float[] below = path.bend().clone();
            above[i] += 1e-2f;
            below[i] -= 1e-2f;
            double slope =
                (reference.loss(new NetworkPath(shape, start, above, end).at(t).parameters())
                        - reference.loss(
                            new NetworkPath(shape, start, below, end).at(t).parameters()))
                    / ((double) above[i] - below[i]);
            assertEquals(slope, shape.bend(t) * gradient[i], 1e-4);
          }
        }
      }
    }
  }

  @Test
  void figuresDrawColumnsThatThereAre() throws InterruptedException {
    Measurement measured =
        measure(
            Swapped.SPEC,
            Swapped.MSE,
            Swapped.FIRST,
            Swapped.SECOND,
            Swapped.DATA,
            Swapped.DATA,
            lines(3));
    Table path = measured.tables().getFirst();
    assertEquals(17, path.columns().size());
    for (Figure figure : ConnectivityProbe.KIND.figures()) {
      assertEquals(path.name(), figure.table());
      assertTrue(path.columns().contains(figure.x().column()));
      figure.traces().forEach(trace -> assertTrue(path.columns().contains(trace.column())));
    }
    assertEquals(
        IntStream.range(0, 3).mapToObj(i -> i / 2.0).toList(),
        Arrays.stream(path.column("alpha")).boxed().toList());
  }

  @Test
  void evenPointsAreRefused() {
    InvalidSettingException refused = assertThrows(InvalidSettingException.class, () -> lines(4));
    assertEquals("points", refused.key());
  }
}
