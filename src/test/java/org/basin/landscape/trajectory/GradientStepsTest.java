package org.basin.landscape.trajectory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.Subject;
import org.basin.train.GradientClipping;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.junit.jupiter.api.Test;

/** A quadratic loss: L(θ − s g) = L − s ‖g‖² + ½ s² gᵀHg, and its gradient moves by s ‖Hg‖. */
class GradientStepsTest {
  private interface Check {
    void of(Objective objective, float[] theta, double loss, float[] gradient);
  }

  private static void onQuadratic(Check check) {
    TrainingTasks tasks = new TrainingTasks();
    tasks.hidden = List.of();
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1)) {
      Subject subject = Trained.byEngine(tasks.task()).subject(engine, null);
      try (Objective objective = subject.objective()) {
        float[] gradient = new float[objective.size()];
        double loss = objective.gradient(subject.theta(), gradient);
        check.of(objective, subject.theta(), loss, gradient);
      }
    }
  }

  @Test
  void whatAQuadraticSays() {
    onQuadratic(
        (objective, theta, loss, gradient) -> {
          float[] product = new float[gradient.length];
          objective.hessianVectors(theta, gradient, 1, product);
          double square = Math.pow(GradientClipping.norm(gradient), 2);
          double curved = 0;
          for (int i = 0; i < product.length; i++) {
            curved += (double) gradient[i] * product[i];
          }
          double moved = GradientClipping.norm(product);
          double eta = 2 * square / curved; // at which L does not change
          GradientSteps steps =
              GradientSteps.measure(objective, theta, loss, gradient, eta, curved / square);
          assertEquals(
              -eta / 2 * square + eta * eta / 8 * curved, steps.lossChangeMin(), 1e-5 * loss);
          assertEquals(
              -4 * eta * square + 8 * eta * eta * curved, steps.lossChangeMax(), 1e-5 * loss);
          assertEquals(eta / 4 * moved, steps.gradientChangeMin(), 1e-4 * eta * moved);
          assertEquals(4 * eta * moved, steps.gradientChangeMax(), 1e-4 * eta * moved);
          double smoothness = moved / Math.sqrt(square);
          assertTrue(steps.smoothness().converged());
          assertEquals(smoothness, steps.smoothness().value(), 1e-4 * smoothness);
        });
  }

  @Test
  void stepsThatRoundingSwallowsTellNothing() {
    onQuadratic(
        (objective, theta, loss, gradient) -> {
          GradientSteps steps = GradientSteps.measure(objective, theta, loss, gradient, 1e-9, 1);
          assertTrue(Double.isNaN(steps.smoothness().value()));
          assertFalse(steps.smoothness().converged());
        });
  }

  @Test
  void aRateOfZeroMakesNoStep() {
    onQuadratic(
        (objective, theta, loss, gradient) ->
            assertEquals(
                GradientSteps.NONE, GradientSteps.measure(objective, theta, loss, gradient, 0, 1)));
  }
}
