package org.basin.train;

import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/** A network that trains alone. */
final class StackOfOne implements TrainableStack {
  private final TrainingTask task;
  private final TrainableNetwork network;
  private final float[] logits;

  StackOfOne(TrainingTask task, TrainableNetwork network) {
    this.task = task;
    this.network = network;
    Split data = task.data();
    int most =
        Math.max(data.train().count(), Math.max(data.validation().count(), data.test().count()));
    logits = new float[Math.multiplyExact(most, task.spec().outputs())];
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void step(int[][] orders, int from, int batch, double[][] learningRates, double[] norms) {
    norms[0] = network.step(orders[0], from, batch, learningRates[0]);
  }

  @Override
  public LossEvaluation[] evaluate(Subset subset, boolean smoothed) {
    Examples examples = subset.of(task.data());
    if (examples.count() > 0) {
      network.logits(examples, logits);
    }
    TrainingOptions options = task.options();
    double smoothing = smoothed ? options.labelSmoothing() : 0;
    return new LossEvaluation[] {
      LossEvaluation.of(options.loss(), logits, examples.labels(), examples.classes(), smoothing)
    };
  }

  @Override
  public NetworkState state(int r) {
    return network.state();
  }

  @Override
  public float @Nullable [] secondMoment(int r) {
    return network.secondMoment();
  }

  @Override
  public void restore(int r, NetworkState state) {
    network.restore(state);
  }

  @Override
  public void keep(int[] replicas) {
    throw new IllegalArgumentException("there is one replica, none to drop");
  }

  @Override
  public void close() {
    network.close();
  }
}
