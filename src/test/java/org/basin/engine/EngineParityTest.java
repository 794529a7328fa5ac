package org.basin.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.basin.data.Examples;
import org.basin.engine.EngineParity.Deviation;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;

/** A parity check is worth what it finds: engines that are wrong in one thing. */
class EngineParityTest {

  /** The CPU engine, but for products with the Hessian that are the Gauss-Newton part alone. */
  private static final class WithoutResidual implements ObjectiveEngine {
    private final ObjectiveEngine right = EngineRegistry.standard().openObjectives("cpu", 1);

    @Override
    public EngineDescription description() {
      return right.description();
    }

    @Override
    public Objective objective(
        MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
      Objective whole = right.objective(spec, options, data, statistics);
      return new Objective() {
        @Override
        public int size() {
          return whole.size();
        }

        @Override
        public int examples() {
          return whole.examples();
        }

        @Override
        public double loss(float[] theta) {
          return whole.loss(theta);
        }

        @Override
        public double gradient(float[] theta, float[] gradient) {
          return whole.gradient(theta, gradient);
        }

        @Override
        public void hessianVectors(float[] theta, float[] vectors, int count, float[] products) {
          whole.gaussNewtonVectors(theta, vectors, count, products);
        }

        @Override
        public void gaussNewtonVectors(
            float[] theta, float[] vectors, int count, float[] products) {
          whole.gaussNewtonVectors(theta, vectors, count, products);
        }

        @Override
        public float[] outputs(float[] theta) {
          return whole.outputs(theta);
        }

        @Override
        public void close() {
          whole.close();
        }
      };
    }

    @Override
    public void close() {
      right.close();
    }
  }

  @Test
  void whatIsWrongIsFoundAndWhatIsRightHolds() {
    try (ObjectiveEngine engine = new WithoutResidual()) {
      List<Deviation> deviations = EngineParity.ofObjectives(engine);
      for (Deviation deviation : deviations) {
        boolean wrong = deviation.quantity().equals("Hessian-vector product");
        assertTrue(deviation.holds() != wrong, deviation.toString());
      }
    }
  }

  @Test
  void notANumberDoesNotHold() {
    assertFalse(new Deviation("loss", Double.NaN, 1, 1).holds());
  }
}
