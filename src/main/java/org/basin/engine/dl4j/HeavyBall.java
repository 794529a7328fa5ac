package org.basin.engine.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Heavy-ball momentum v ← μ v - η_t g, θ ← θ + v (Polyak 1964) as a DL4J updater; DL4J itself
 * brings only Nesterov's.
 *
 * @param rate η_t
 * @param momentum μ
 */
record HeavyBall(ISchedule rate, double momentum) implements IUpdater {
  private static final String VELOCITY = "V";

  @Override
  public long stateSize(long parameters) {
    return parameters;
  }

  @Override
  public GradientUpdater<?> instantiate(INDArray view, boolean initialize) {
    Velocity updater = new Velocity(this);
    updater.setStateViewArray(view, view.shape(), view.ordering(), initialize);
    return updater;
  }

  @Override
  public GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialize) {
    Velocity updater = new Velocity(this);
    updater.setState(state, initialize);
    return updater;
  }

  @Override
  public IUpdater clone() {
    return this;
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return rate.valueAt(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  @Override
  public void setLrAndSchedule(double learningRate, ISchedule schedule) {
    throw new IllegalStateException("the rate of a replica is set once, when it is configured");
  }

  /** The state of one block of parameters: DL4J subtracts what {@link #applyUpdater} leaves. */
  private static final class Velocity implements GradientUpdater<HeavyBall> {
    private final HeavyBall config;
    private INDArray velocity;

    Velocity(HeavyBall config) {
      this.config = config;
    }

    @Override
    public HeavyBall getConfig() {
      return config;
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialize) {
      velocity = state.get(VELOCITY);
      if (initialize) {
        velocity.assign(0);
      }
    }

    @Override
    public Map<String, INDArray> getState() {
      return Map.of(VELOCITY, velocity);
    }

    @Override
    public void setStateViewArray(INDArray view, long[] shape, char order, boolean initialize) {
      velocity = view;
      if (initialize) {
        velocity.assign(0);
      }
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      velocity.muli(config.momentum).subi(gradient.muli(config.getLearningRate(iteration, epoch)));
      gradient.assign(velocity).negi();
    }
  }
}
