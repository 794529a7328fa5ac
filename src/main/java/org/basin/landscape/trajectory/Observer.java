package org.basin.landscape.trajectory;

import java.util.SplittableRandom;
import org.basin.landscape.Subject;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Lanczos;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Uncertain;
import org.basin.model.NetworkState;
import org.basin.train.BatchNormPolicy;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.GradientClipping;
import org.basin.train.Objective;
import org.basin.train.TrainingSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the networks of one training.
 *
 * <p>Batch normalisation's running statistics, where they are constants of the objective, are those
 * of the moment.
 */
final class Observer {
  // The bound on λ's error is r²/gap: a residual of 1 % of λ is far less of an error.
  private static final Lanczos.Options LARGEST = new Lanczos.Options(1, 0, 1e-2, 200, 100);

  private final Subject subject;
  private final int noiseBatches;
  private final SplittableRandom random;
  private final ParameterRates rates;
  private final double initialNorm;

  Observer(Subject subject, int noiseBatches, SplittableRandom random) {
    this.subject = subject;
    this.noiseBatches = noiseBatches;
    this.random = random;
    boolean adaptive = subject.training().optimizer().name().adaptive();
    rates = ParameterRates.of(subject.spec(), adaptive);
    initialNorm = GradientClipping.norm(subject.initial());
  }

  /**
   * Looks.
   *
   * @throws org.basin.linalg.NonFiniteProductException when a product with H is not finite
   */
  Look at(TrainingSnapshot snapshot) {
    final SplittableRandom sharpnessStream = random.split();
    final SplittableRandom preconditionedStream = random.split();
    final SplittableRandom noiseStream = random.split();
    NetworkState state = snapshot.state();
    float[] theta = state.parameters();
    double distance = GradientSteps.distance(theta, subject.initial());
    try (Objective objective =
        subject.engine().objective(subject.spec(), subject.options(), subject.examples(), state)) {
      float[] gradient = new float[theta.length];
      double loss = objective.gradient(theta, gradient);
      double norm = GradientClipping.norm(gradient);
      Uncertain sharpness = largest(StepCurvature.plain(objective, theta), sharpnessStream);
      Uncertain noise = noise(state, gradient, noiseStream);
      double clipping = clipping(theta, gradient, noise.value());
      LinearizedStep step =
          LinearizedStep.of(
              subject.training().optimizer(), rates, snapshot, subject.options().l2(), clipping);
      return new Look(
          snapshot.step(),
          snapshot.learningRate(),
          loss,
          sharpness,
          preconditioned(objective, theta, step, sharpness, preconditionedStream),
          step == null ? Double.NaN : step.threshold(),
          clipping,
          norm,
          norm > 0 ? noise.times(1 / (norm * norm)) : Look.UNKNOWN,
          distance,
          distance / initialNorm,
          GradientSteps.measure(
              objective, theta, loss, gradient, snapshot.learningRate(), sharpness.value()));
    }
  }

  private static Uncertain largest(SymmetricOperator operator, SplittableRandom stream) {
    Eigenpair pair = Lanczos.eigenpairs(operator, LARGEST, stream).largest().getFirst();
    return pair.uncertain();
  }

  private static Uncertain preconditioned(
      Objective objective,
      float[] theta,
      @Nullable LinearizedStep step,
      Uncertain sharpness,
      SplittableRandom stream) {
    if (step == null) {
      return Look.UNKNOWN;
    }
    if (step.scale() == null && step.shift() == null) {
      return sharpness;
    }
    return largest(new StepCurvature(objective, theta, step.scale(), step.shift()), stream);
  }

  /** tr Σ; unknown for a single example, and where examples have no gradients of their own. */
  private Uncertain noise(NetworkState state, float[] gradient, SplittableRandom stream) {
    boolean apart =
        !subject.spec().batchNorm() || subject.options().batchNorm() == BatchNormPolicy.FROZEN;
    return apart && subject.examples().count() > 1
        ? GradientNoise.trace(subject, state, gradient, noiseBatches, stream)
        : Look.UNKNOWN;
  }

  /**
   * The factor s of the clip by the global norm c, which sees the loss's gradient without the
   * penalty's: min(1, c / ‖g‖). A batch's norm is taken at its root mean square, √(‖g‖² + tr Σ (1/B
   * − 1/n)). NaN where elements are clipped.
   */
  private double clipping(float[] theta, float[] gradient, double noise) {
    ClippingOptions clip = subject.training().clipping();
    if (clip.elementwise() != null) {
      return Double.NaN;
    }
    if (clip.globalNorm() == null) {
      return 1;
    }
    double squares = 0;
    for (int i = 0; i < gradient.length; i++) {
      double penalty = rates.weight()[i] ? subject.options().l2() * theta[i] : 0;
      squares += (gradient[i] - penalty) * (gradient[i] - penalty);
    }
    BatchSize batch = subject.training().batchSize();
    if (!batch.isFull()) {
      int count = subject.examples().count();
      squares += noise * (1.0 / batch.resolve(count) - 1.0 / count);
    }
    return Math.min(1, clip.globalNorm() / Math.sqrt(squares));
  }
}
