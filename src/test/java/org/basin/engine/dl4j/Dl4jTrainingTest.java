package org.basin.engine.dl4j;

import org.basin.engine.TrainingContract;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;

class Dl4jTrainingTest extends TrainingContract {
  @Override
  protected TrainingOutcome train(TrainingTask task) throws InterruptedException {
    try (Dl4jNetwork network = new Dl4jNetwork(task)) {
      return TrainingLoop.run(task, network, TrainingProgress.NONE);
    }
  }
}
