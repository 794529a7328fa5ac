package org.basin.landscape.trajectory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.train.OptimizerKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Full-batch training sharpens until its optimiser's step is barely stable, and hovers there (Cohen
 * et al. 2021, section 3 and appendix B; 2022, section 3).
 */
class EdgeOfStabilityTest {

  private static Measurement train(TrainingTasks tasks) throws InterruptedException {
    int every = tasks.epochs / 25;
    return Trained.byEngine(tasks.task()).measure(new TrajectoryOptions(every, false, 8));
  }

  @ParameterizedTest
  @CsvSource({
    "SGD, 0, 0.25, 100, 2000",
    "HEAVY_BALL, 0.5, 0.2, 500, 1500",
    "NESTEROV, 0.9, 0.1, 500, 1500",
    "ADAM, 0, 0.01, 300, 1000"
  })
  void sharpnessHoversAtTheThreshold(
      OptimizerKind optimizer, double momentum, double learningRate, int examples, int steps)
      throws InterruptedException {
    TrainingTasks tasks = new TrainingTasks();
    tasks.optimizer = optimizer;
    tasks.momentum = momentum;
    tasks.learningRate = learningRate;
    tasks.examples = examples;
    tasks.epochs = steps;
    Measurement measured = train(tasks);
    Uncertain late = measured.scalars().get("lateRatio");
    assertTrue(late.converged());
    assertEquals(1.03, late.value(), 0.1, late::toString);
    assertTrue(late.standardError() < 0.05, late::toString);
    double reached = measured.scalars().get("edgeReached").value();
    assertTrue(reached > 0 && reached < steps / 2.0, "reached at step " + reached);
    double[] ratio = measured.tables().getFirst().column("ratio");
    assertTrue(ratio[1] < 0.8, "far from the edge at first: " + ratio[1]);
    assertTrue(measured.scalars().get("progressiveSharpening").value() > 1.5);
  }

  @Test
  void aRateSoSmallThatItNeverMattersStaysBelow() throws InterruptedException {
    TrainingTasks tasks = new TrainingTasks();
    tasks.learningRate = 0.1;
    Measurement measured = train(tasks);
    assertFalse(measured.scalars().get("edgeReached").converged());
    assertTrue(Double.isNaN(measured.scalars().get("edgeReached").value()));
    assertTrue(measured.scalars().get("lateRatio").value() < 0.7);
    double[] ratio = measured.tables().getFirst().column("ratio");
    assertTrue(Arrays.stream(ratio).allMatch(each -> each < 0.7));
    // It sharpens all the same: what stops the others is the threshold.
    assertTrue(measured.scalars().get("progressiveSharpening").value() > 2);
  }
}
