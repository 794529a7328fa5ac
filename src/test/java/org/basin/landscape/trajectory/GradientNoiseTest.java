package org.basin.landscape.trajectory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.data.Examples;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.junit.jupiter.api.Test;

/**
 * A linear model with mean squared error, whose per-example gradients are written down here: (2/K)
 * r_k x_j by the weight of input j and output k, (2/K) r_k by the bias, with r = f − y.
 */
class GradientNoiseTest {
  private static final int COUNT = 37;
  private static final int INPUTS = 4;

  private interface Check {
    void of(Subject subject, float[] gradient, double truth);
  }

  /** At the same parameters on other examples of one distribution, one data seed after another. */
  private static void onDraws(int draws, Check check) {
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1)) {
      for (int seed = 0; seed < draws; seed++) {
        TrainingTasks tasks = new TrainingTasks();
        tasks.inputs = INPUTS;
        tasks.hidden = List.of();
        tasks.examples = COUNT;
        tasks.dataSeed = seed;
        Subject subject = Trained.byEngine(tasks.task()).subject(engine, null);
        float[] gradient = new float[subject.theta().length];
        try (Objective objective = subject.objective()) {
          objective.gradient(subject.theta(), gradient);
        }
        double truth = trace(gradients(subject.examples(), subject.theta()));
        check.of(subject, gradient, truth);
      }
    }
  }

  private static double[][] gradients(Examples data, float[] theta) {
    double[][] gradients = new double[COUNT][2 * (INPUTS + 1)];
    for (int i = 0; i < COUNT; i++) {
      for (int k = 0; k < 2; k++) {
        double residual = theta[INPUTS * 2 + k] - (data.labels()[i] == k ? 1 : 0);
        for (int j = 0; j < INPUTS; j++) {
          residual += theta[j * 2 + k] * data.inputs()[i * INPUTS + j];
        }
        for (int j = 0; j < INPUTS; j++) {
          gradients[i][j * 2 + k] = residual * data.inputs()[i * INPUTS + j];
        }
        gradients[i][INPUTS * 2 + k] = residual;
      }
    }
    return gradients;
  }

  private static double trace(double[][] gradients) {
    double sum = 0;
    for (int c = 0; c < gradients[0].length; c++) {
      double mean = 0;
      for (double[] gradient : gradients) {
        mean += gradient[c] / COUNT;
      }
      for (double[] gradient : gradients) {
        sum += (gradient[c] - mean) * (gradient[c] - mean) / (COUNT - 1);
      }
    }
    return sum;
  }

  @Test
  void partsOfOneExampleLeaveNothingToChance() {
    onDraws(
        5,
        (subject, gradient, truth) -> {
          Uncertain trace =
              GradientNoise.trace(
                  subject, subject.state(), gradient, 1000, new SplittableRandom(1));
          assertEquals(truth, trace.value(), 1e-5 * truth);
        });
  }

  @Test
  void unbiasedOverThePartsDrawn() {
    onDraws(
        1,
        (subject, gradient, truth) -> {
          SplittableRandom random = new SplittableRandom(2);
          int draws = 400;
          double sum = 0;
          double squares = 0;
          for (int d = 0; d < draws; d++) {
            // Parts of 4 of the 37, one example left over.
            double trace =
                GradientNoise.trace(subject, subject.state(), gradient, 9, random.split()).value();
            sum += trace;
            squares += trace * trace;
          }
          double mean = sum / draws;
          double error = Math.sqrt((squares / draws - mean * mean) / draws);
          assertEquals(truth, mean, 4 * error);
          assertTrue(error < 0.02 * truth, "to be told from a bias");
        });
  }

  @Test
  void theErrorIsThatOverExamplesDrawn() {
    double[] moments = new double[3];
    SplittableRandom random = new SplittableRandom(3);
    int draws = 300;
    onDraws(
        draws,
        (subject, gradient, truth) -> {
          Uncertain trace =
              GradientNoise.trace(subject, subject.state(), gradient, 9, random.split());
          moments[0] += trace.value() / draws;
          moments[1] += trace.value() * trace.value() / draws;
          moments[2] += trace.standardError() * trace.standardError() / draws;
        });
    double spread = Math.sqrt(moments[1] - moments[0] * moments[0]);
    assertEquals(1, Math.sqrt(moments[2]) / spread, 0.25, "stated over true error");
  }
}
