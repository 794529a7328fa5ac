package org.basin.landscape.surface;

import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import org.basin.landscape.Retraining;
import org.basin.model.NetworkState;
import org.basin.train.TrainingSnapshot;

/**
 * A training whose every step is known.
 *
 * @param steps that were planned
 * @param end steps that were done
 * @param parameters θ after so many steps
 */
record PlantedTraining(long steps, long end, LongFunction<float[]> parameters)
    implements Retraining {

  @Override
  public long seed() {
    return 1;
  }

  @Override
  public void run(LongUnaryOperator next, Look look) throws InterruptedException {
    for (long step = next.applyAsLong(0); step <= end; step = next.applyAsLong(step + 1)) {
      NetworkState state = new NetworkState(parameters.apply(step), new float[0], new float[0]);
      look.at(new TrainingSnapshot(step, 0.1, state, null));
    }
  }
}
